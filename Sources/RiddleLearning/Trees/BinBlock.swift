import RiddleLinearAlgebra

/// The bins of a few features, row by row, as slots of one histogram.
///
/// Features with a dominant bin form sparse blocks: their rows list only the other bins, and the dominant bin's
/// sums are what the node's total leaves. Sums are whole numbers (``FixedPoint``), so that difference is exact.
struct BinBlock: Sendable {
  /// The block's features, ascending; at most ``maximumFeatures``.
  let features: [Int]
  /// First slot of each feature, and the number of slots at the end.
  let firstSlots: [Int]
  /// Slot of each feature's dominant bin; empty in a dense block.
  let dominantSlots: [Int]
  /// Where each row's slots begin, and the end; empty in a dense block, whose rows all have `features.count`.
  let starts: [UInt32]
  /// Slots row after row.
  let slots: [UInt16]

  /// One bit a feature in a word.
  static let maximumFeatures = 64
  /// A bin with more than this share of the rows dominates.
  static let dominance = 0.5

  /// Number of slots of a histogram.
  var slotCount: Int { firstSlots[features.count] }
  /// Mean slots a row: the cost of a row in a histogram.
  func width(rowCount: Int) -> Double { Double(slots.count) / Double(max(rowCount, 1)) }

  /// Blocks that cover every feature that can be split: about equal work, at most 64 features each.
  static func blocks(_ bins: FeatureBins) -> [BinBlock] {
    let n = bins.rowCount
    let found = Shards.map(count: bins.featureCount) { j in Dominant(bins, feature: j) }
    var dense: [Int] = []
    var sparse: [Int] = []
    for j in 0..<bins.featureCount where !bins.cuts[j].isEmpty {
      if Double(found[j].rows) > dominance * Double(n) { sparse.append(j) } else { dense.append(j) }
    }
    // Dense blocks small enough that a histogram stays in the first-level cache; each kind at least in two, so
    // that two threads share them.
    var groups: [(features: [Int], isSparse: Bool)] = []
    for (features, isSparse, width) in [(dense, false, 24), (sparse, true, 48)]
    where !features.isEmpty {
      let parts = min(features.count, 2 * ((features.count + 2 * width - 1) / (2 * width)))
      for range in Shards.ranges(of: features.count, shards: parts) {
        groups.append((Array(features[range]), isSparse))
      }
    }
    let plan = groups
    return Shards.map(count: plan.count) { i in
      BinBlock(bins, plan[i].features, dominant: plan[i].isSparse ? found.map(\.bin) : nil)
    }
  }

  private init(_ bins: FeatureBins, _ features: [Int], dominant: [Int]?) {
    self.features = features
    var first = [0]
    for j in features { first.append(first[first.count - 1] + bins.cuts[j].count + 1) }
    firstSlots = first
    let n = bins.rowCount
    let codes = bins.codes.span
    var slots: [UInt16] = []
    guard let dominant else {
      dominantSlots = []
      starts = []
      slots = [UInt16](repeating: 0, count: n * features.count)
      var target = slots.mutableSpan
      let width = features.count
      for (k, j) in features.enumerated() {
        let base = UInt16(first[k])
        for i in 0..<n { target[i * width + k] = base + UInt16(codes[j * n + i]) }
      }
      self.slots = slots
      return
    }
    dominantSlots = features.indices.map { first[$0] + dominant[features[$0]] }
    // Two passes: count each row's slots, then place them.
    var ends = [UInt32](repeating: 0, count: n + 1)
    for j in features {
      let skipped = UInt8(dominant[j])
      var counts = ends.mutableSpan
      for i in 0..<n where codes[j * n + i] != skipped { counts[i + 1] += 1 }
    }
    for i in 0..<n { ends[i + 1] += ends[i] }
    starts = ends
    slots = [UInt16](repeating: 0, count: Int(ends[n]))
    var target = slots.mutableSpan
    var places = ends.mutableSpan
    for (k, j) in features.enumerated() {
      let skipped = UInt8(dominant[j])
      for i in 0..<n where codes[j * n + i] != skipped {
        target[Int(places[i])] = UInt16(first[k]) + UInt16(codes[j * n + i])
        places[i] += 1
      }
    }
    self.slots = slots
  }
}

/// The bin of a feature that most rows share.
private struct Dominant: Sendable {
  var bin = 0
  var rows = 0

  init(_ bins: FeatureBins, feature: Int) {
    var counts = [Int](repeating: 0, count: 256)
    let codes = bins.codes.span
    let base = feature * bins.rowCount
    for i in 0..<bins.rowCount { counts[Int(codes[base + i])] += 1 }
    for (bin, count) in counts.enumerated() where count > rows { (self.bin, rows) = (bin, count) }
  }
}
