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
  /// Key of the metadata that say which file a form was made from: its SHA-256.
  public static let originKey = "exported_from"
  /// Key of the metadata that say how a form's hashed weights are stored.
  public static let precisionKey = "exported_precision"
  /// Key of the metadata that say how many buckets a form keeps, "4096 of 65536".
  public static let bucketsKey = "exported_buckets"

  private let router: Router
  private let origin: String?
  private let weights: [Double]
  private let bucketCount: Int
  /// Buckets, heaviest first.
  private let heaviestFirst: [UInt32]

  /// Prepares `router`; nil when it hashes nothing, so that there is nothing to shrink.
  ///
  /// - Parameter origin: SHA-256 of the router's file. With it, every form says in its metadata what it was made from.
  public init?(_ router: Router, origin: String? = nil) {
    guard let linear = Self.linear(router.model), linear.hashed.headCount > 0 else { return nil }
    self.router = router
    self.origin = origin
    let hashed = linear.hashed
    bucketCount = 1 << hashed.bucketBits
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

  /// Number of buckets, used or not.
  public var allBuckets: Int { bucketCount }

  /// Whether a reader takes a pruned table of this size: it unpacks the whole of it.
  public var canPrune: Bool { weights.count <= WeightFileLayout.maximumUnpackedWeights }

  /// The router with the `count` heaviest buckets in `precision`; with all of them, as one table, when `count` is nil.
  public func form(_ precision: StoredPrecision, keeping count: Int?) throws(ExportError)
    -> StoredForm
  {
    guard let linear = Self.linear(router.model) else { throw .decodesDifferently }
    var kept = count.map { heaviestFirst.prefix($0).sorted() }
    if kept?.count == bucketCount { kept = nil }
    let table = HashedWeights(
      rounding: weights, bucketBits: linear.hashed.bucketBits, headCount: linear.hashed.headCount,
      to: precision, keptBuckets: kept)
    let smaller = LinearModel(
      headCount: linear.headCount, intercepts: linear.intercepts, dense: linear.dense,
      hashed: table)
    let model: RouterModel =
      if case .stack(_, let forest) = router.model { .stack(smaller, forest) } else {
        .linear(smaller)
      }
    let changed = router.replacing(
      model: model, metadata: metadata(precision, keptBuckets: kept?.count))
    let finished = changed.replacing(probes: ProbeSet.probes(for: changed))
    return StoredForm(
      precision: precision, keptBuckets: kept?.count ?? bucketCount, router: finished,
      bytes: try encodeWeightFile(finished))
  }

  /// The form in `precision` that loses no bucket with a weight, in the shorter of its two ways.
  public func smallestWhole(_ precision: StoredPrecision) throws(ExportError) -> StoredForm {
    let table = try form(precision, keeping: nil)
    if !canPrune || usedBuckets == bucketCount { return table }
    let listed = try form(precision, keeping: usedBuckets)
    return listed.bytes.count < table.bytes.count ? listed : table
  }

  /// The form in `precision` that keeps most buckets within `limit` bytes; nil when not even one without buckets fits.
  ///
  /// Halving: a file with more buckets is never smaller but for the few bytes by which a bitmap may undercut gaps.
  public func largestForm(_ precision: StoredPrecision, within limit: Int) throws(ExportError)
    -> StoredForm?
  {
    if !canPrune {
      let whole = try form(precision, keeping: nil)
      return whole.bytes.count <= limit ? whole : nil
    }
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

  /// Forms of at most `limit` bytes: in every precision the one that loses no bucket, and the largest ones whose buckets
  /// take all, three quarters, a half and a quarter of the room that is left for them. Largest file first; no form twice.
  public func forms(_ precisions: [StoredPrecision], within limit: Int) throws(ExportError)
    -> [StoredForm]
  {
    var found: [StoredForm] = []
    for precision in precisions {
      var these: [StoredForm] = []
      let whole = try smallestWhole(precision)
      if whole.bytes.count <= limit { these.append(whole) }
      let fixed = canPrune ? try form(precision, keeping: 0).bytes.count : limit
      for quarters in [4, 3, 2, 1] where fixed <= limit {
        let room = fixed + (limit - fixed) * quarters / 4
        guard let form = try largestForm(precision, within: room) else { break }
        // Every used bucket again is the whole once more, in its longer way.
        if form.keptBuckets >= usedBuckets && !these.isEmpty { continue }
        if !these.contains(where: { $0.keptBuckets == form.keptBuckets }) { these.append(form) }
      }
      found += these
    }
    return found.enumerated().sorted {
      $0.element.bytes.count != $1.element.bytes.count
        ? $0.element.bytes.count > $1.element.bytes.count : $0.offset < $1.offset
    }.map(\.element)
  }

  /// Bytes of the smallest form there is: no bucket kept, or the shortest whole table where none can be left out.
  public func smallestPossible() throws(ExportError) -> Int {
    canPrune
      ? try form(.int8, keeping: 0).bytes.count : try form(.int8, keeping: nil).bytes.count
  }

  private func metadata(_ precision: StoredPrecision, keptBuckets: Int?) -> [Router.MetadataEntry] {
    guard let origin else { return router.metadata }
    let own = [
      (Self.originKey, origin), (Self.precisionKey, precision.rawValue),
      (Self.bucketsKey, "\(keptBuckets ?? bucketCount) of \(bucketCount)"),
    ].map { Router.MetadataEntry(key: Array($0.0.utf8), value: Array($0.1.utf8)) }
    let others = router.metadata.filter { entry in !own.contains { $0.key == entry.key } }
    return (others + own).sorted { $0.key.lexicographicallyPrecedes($1.key) }
  }

  private static func linear(_ model: RouterModel) -> LinearModel? {
    switch model {
    case .linear(let linear), .stack(let linear, _): linear
    case .tree, .forest: nil
    }
  }
}
