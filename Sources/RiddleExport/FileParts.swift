public import RiddleRuntime

/// What takes the room in a weight file.
public struct FileParts: Equatable, Sendable {
  /// A part of the file.
  public struct Part: Equatable, Sendable {
    /// What it holds.
    public let name: String
    /// Its length.
    public let bytes: Int
  }

  /// The parts that are not empty, largest first; together the whole file.
  public let parts: [Part]

  /// The parts of `router`'s file.
  ///
  /// - Parameter key: metadata that are counted apart, such as strings behind buckets.
  public init(_ router: Router, metadataApart key: String? = nil) {
    let whole = WeightFileWriter.encode(router)
    var (dense, trees) = (0, 0)
    func add(_ linear: LinearModel) { dense += 4 * linear.dense.count + 8 * linear.headCount }
    func add(_ nodes: Int) { trees += WeightFileLayout.nodeLength * nodes }
    switch router.model {
    case .linear(let linear): add(linear)
    case .tree(let tree): add(tree.nodes.count)
    case .forest(let forest): add(forest.nodes.count)
    case .stack(let linear, let forest):
      add(linear)
      add(forest.nodes.count)
    }
    func length(_ other: Router) -> Int { WeightFileWriter.encode(other).count }
    let apart = router.metadata.filter { entry in key.map { entry.key == Array($0.utf8) } ?? false }
    let others = router.metadata.filter { !apart.contains($0) }
    let bare = length(router.replacing(policy: [], probes: [], metadata: []))
    let strings = whole.count - length(router.replacing(metadata: others))
    let card = length(router.replacing(metadata: others)) - length(router.replacing(metadata: []))
    let probes = whole.count - length(router.replacing(probes: []))
    let policy = whole.count - length(router.replacing(policy: []))
    var hashed = 0
    if let table = Self.withoutTable(router) {
      hashed = bare - length(table.replacing(policy: [], probes: [], metadata: []))
    }
    let named = [
      ("hashed n-grams", hashed), ("dense weights", dense), ("trees", trees), ("probes", probes),
      ("policy", policy), ("metadata", card), ("strings behind n-grams", strings),
    ]
    let rest = whole.count - named.reduce(0) { $0 + $1.1 }
    parts =
      (named + [("schema, calibration, thresholds, candidates and frame", rest)])
      .filter { $0.1 > 0 }.map { Part(name: $0.0, bytes: $0.1) }
      .sorted { $0.bytes != $1.bytes ? $0.bytes > $1.bytes : $0.name < $1.name }
  }

  /// The router with an empty pruned table; only for its length. Nil without a table.
  private static func withoutTable(_ router: Router) -> Router? {
    func emptied(_ linear: LinearModel) -> LinearModel {
      LinearModel(
        headCount: linear.headCount, intercepts: linear.intercepts, dense: linear.dense,
        hashed: HashedWeights(
          bucketBits: linear.hashed.bucketBits, headCount: linear.hashed.headCount,
          storage: .float32([]), keptBuckets: []))
    }
    switch router.model {
    case .linear(let linear) where linear.hashed.headCount > 0:
      return router.replacing(model: .linear(emptied(linear)))
    case .stack(let linear, let forest) where linear.hashed.headCount > 0:
      return router.replacing(model: .stack(emptied(linear), forest))
    default: return nil
    }
  }
}
