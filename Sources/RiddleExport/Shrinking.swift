public import RiddleRuntime

/// One way to store a router's hashed weights.
public struct StoredForm: Equatable, Sendable {
  /// Precision of the weights.
  public let precision: StoredPrecision
  /// Number of buckets that are stored, out of all.
  public let keptBuckets: Int
  /// The router in this form, with probes to match.
  public let router: Router
  /// Its weight file.
  public let bytes: [UInt8]
}

/// Makes a router smaller by storing its hashed weights less precisely and its lightest buckets not at all.
///
/// The buckets that go first are those whose weights are smallest: the largest magnitude over the heads decides, ties go
/// to the higher bucket. A dropped bucket has weight 0, so a margin moves by at most the sum of what was dropped times the
/// blocks' scales.
public struct RouterShrinking {
  private let router: Router
  private let weights: [Double]
  /// Buckets, heaviest first.
  private let heaviestFirst: [UInt32]

  /// Prepares `router`; nil when it hashes nothing, so that there is nothing to shrink.
  public init?(_ router: Router) {
    guard let linear = Self.linear(router.model), linear.hashed.headCount > 0 else { return nil }
    self.router = router
    let hashed = linear.hashed
    let heads = hashed.headCount
    let weights = (0..<hashed.count).map { Double(hashed.weight(at: $0)) }
    let magnitudes = (0..<(1 << hashed.bucketBits)).map { bucket in
      (0..<heads).reduce(0.0) { max($0, abs(weights[bucket * heads + $1])) }
    }
    self.weights = weights
    heaviestFirst = magnitudes.indices.sorted {
      magnitudes[$0] != magnitudes[$1] ? magnitudes[$0] > magnitudes[$1] : $0 < $1
    }.filter { magnitudes[$0] > 0 }.map { UInt32($0) }
  }

  /// Number of buckets that hold a weight at all.
  public var usedBuckets: Int { heaviestFirst.count }

  /// The router with the `count` heaviest buckets in `precision`.
  public func form(_ precision: StoredPrecision, keeping count: Int) throws(ExportError)
    -> StoredForm
  {
    guard let linear = Self.linear(router.model) else { throw .decodesDifferently }
    let bits = linear.hashed.bucketBits
    let kept = heaviestFirst.prefix(count).sorted()
    let table = HashedWeights(
      rounding: weights, bucketBits: bits, headCount: linear.hashed.headCount, to: precision,
      keptBuckets: kept.count == 1 << bits ? nil : kept)
    let smaller = LinearModel(
      headCount: linear.headCount, intercepts: linear.intercepts, dense: linear.dense,
      hashed: table)
    let model: RouterModel =
      if case .stack(_, let forest) = router.model { .stack(smaller, forest) } else {
        .linear(smaller)
      }
    let changed = router.replacing(model: model)
    let finished = changed.replacing(probes: ProbeSet.probes(for: changed))
    return StoredForm(
      precision: precision, keptBuckets: kept.count, router: finished,
      bytes: try encodeWeightFile(finished))
  }

  /// The form in `precision` that keeps most buckets within `limit` bytes; nil when not even one without buckets fits.
  ///
  /// Halving: a file with more buckets is never smaller but for the few bytes by which a bitmap may undercut gaps.
  public func largestForm(_ precision: StoredPrecision, within limit: Int) throws(ExportError)
    -> StoredForm?
  {
    var best = try form(precision, keeping: 0)
    if best.bytes.count > limit { return nil }
    var low = 0
    var high = usedBuckets
    while low < high {
      let middle = (low + high + 1) / 2
      let candidate = try form(precision, keeping: middle)
      if candidate.bytes.count <= limit {
        best = candidate
        low = middle
      } else {
        high = middle - 1
      }
    }
    return best
  }

  private static func linear(_ model: RouterModel) -> LinearModel? {
    switch model {
    case .linear(let linear), .stack(let linear, _): linear
    case .tree, .forest: nil
    }
  }
}
