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
  /// Slots row after row; in a sparse block one more that belongs to none.
  let slots: [UInt16]

  /// One bit a feature in a word.
  static let maximumFeatures = 64
  /// A bin with more than this share of the rows dominates.
  static let dominance = 0.5

  /// Number of slots of a histogram.
  var slotCount: Int { firstSlots[features.count] }

  /// Blocks that cover every feature that can be split: about equal work, at most 64 features each.
  static func blocks(_ bins: FeatureBins) -> [BinBlock] {
    let n = bins.rowCount
    var dense: [Int] = []
    var sparse: [Int] = []
    for j in 0..<bins.featureCount where !bins.cuts[j].isEmpty {
      if Double(bins.dominant[j].rows) > dominance * Double(n) {
        sparse.append(j)
      } else {
        dense.append(j)
      }
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
      BinBlock(bins, plan[i].features, isSparse: plan[i].isSparse)
    }
  }

  private init(_ bins: FeatureBins, _ features: [Int], isSparse: Bool) {
    self.features = features
    var first = [0]
    for j in features { first.append(first[first.count - 1] + bins.cuts[j].count + 1) }
    firstSlots = first
    let n = bins.rowCount
    let codes = bins.codes.span
    var slots: [UInt16] = []
    guard isSparse else {
      dominantSlots = []
      starts = []
      slots = [UInt16](repeating: 0, count: n * features.count)
      var target = slots.mutableSpan
      let width = features.count
      // Tiles of rows that stay in the cache while every feature writes its slots.
      for start in stride(from: 0, to: n, by: 256) {
        let tile = start..<min(n, start + 256)
        for (k, j) in features.enumerated() {
          let base = UInt16(first[k])
          for i in tile {
            // In bounds: i < n, k < width, j a feature of the bins.
            unsafe target[unchecked: i &* width &+ k] =
              base &+ UInt16(codes[unchecked: j &* n &+ i])
          }
        }
      }
      self.slots = slots
      return
    }
    let dominant = features.indices.map { first[$0] + bins.dominant[features[$0]].bin }
    dominantSlots = dominant
    // Every row's bins are written one after the other and the dominant ones written over: no branch to mispredict.
    let total = features.reduce(0) { $0 + n - bins.dominant[$1].rows }
    let columns = features.indices.map {
      (first: features[$0] * n, slot: UInt16(first[$0]), skipped: UInt16(dominant[$0]))
    }
    var starts = [UInt32](repeating: 0, count: n + 1)
    slots = [UInt16](repeating: 0, count: total + 1)
    var places = starts.mutableSpan
    var target = slots.mutableSpan
    let plan = columns.span
    var place = 0
    for i in 0..<n {
      places[i] = UInt32(place)
      for k in 0..<plan.count {
        let column = plan[k]
        // In bounds: codes hold n rows of every feature.
        let slot = unsafe column.slot &+ UInt16(codes[unchecked: column.first &+ i])
        target[place] = slot
        place &+= slot == column.skipped ? 0 : 1
      }
    }
    places[n] = UInt32(place)
    self.starts = starts
    self.slots = slots
  }
}
