/// The histograms of the open nodes of a growing tree over one block of features.
struct HistogramBlock: Sendable {
  let block: BinBlock
  /// Histogram of place p at `p * slotCount`: sums of the rows in each bin of each feature.
  private var pool: [FixedPair] = []
  /// Features worth searching, one bit each, by place. A feature that no cut parts into two leaves in a node
  /// parts none of the node's descendants either.
  private var live: [UInt64] = []
  /// Best split last found at each place.
  private var found: [Split?] = []

  init(_ block: BinBlock) { self.block = block }

  /// Makes room for places below `count`.
  mutating func reserve(places count: Int) {
    if live.count >= count { return }
    pool.append(
      contentsOf: repeatElement(.zero, count: (count - live.count) * block.slotCount))
    live.append(contentsOf: repeatElement(0, count: count - live.count))
    found.append(contentsOf: repeatElement(nil, count: count - found.count))
  }

  /// Searches only `features` at `place` and below.
  mutating func allow(_ features: [Bool], at place: Int) {
    live[place] = 0
    for (k, j) in block.features.enumerated() where features[j] {
      live[place] |= 1 << UInt64(k)
    }
  }

  /// Lets `place` search what `other` may.
  mutating func inherit(from other: Int, to place: Int) { live[place] = live[other] }

  /// The best split found at `place`.
  func best(at place: Int) -> Split? { found[place] }

  /// Sums `values[range]`, those of the rows `order[range]`, into the histogram at `place`; `total` is their sum.
  mutating func fill(
    _ place: Int, order: [UInt32], range: Range<Int>, values: [FixedPair], total: FixedPair
  ) {
    let block = block
    let base = place * block.slotCount
    let order = order.span
    let values = values.span
    let slots = block.slots.span
    var sums = pool.mutableSpan
    for s in base..<(base + block.slotCount) { sums[s] = .zero }
    // In bounds, checked once instead of at every access: `range` lies in `order` and `values` (precondition),
    // `order` holds rows of the bins, a row's slots end by `slots.count` and lie below `slotCount` (``BinBlock``).
    precondition(
      range.lowerBound >= 0 && range.upperBound <= order.count && range.upperBound <= values.count,
      "rows out of order")
    let width = block.features.count
    if block.dominantSlots.isEmpty {
      for i in range {
        let row = Int(unsafe order[unchecked: i])
        let value = unsafe values[unchecked: i]
        let first = row &* width
        for p in first..<(first &+ width) {
          let s = base &+ Int(unsafe slots[unchecked: p])
          unsafe sums[unchecked: s] &+= value
        }
      }
      return
    }
    let starts = block.starts.span
    for i in range {
      let row = Int(unsafe order[unchecked: i])
      let value = unsafe values[unchecked: i]
      let first = Int(unsafe starts[unchecked: row])
      let end = Int(unsafe starts[unchecked: row &+ 1])
      for p in first..<end {
        let s = base &+ Int(unsafe slots[unchecked: p])
        unsafe sums[unchecked: s] &+= value
      }
    }
    for k in 0..<width {
      var rest = total
      for s in block.firstSlots[k]..<block.firstSlots[k + 1] { rest &-= sums[base + s] }
      sums[base + block.dominantSlots[k]] = rest
    }
  }

  /// Takes the histogram at `child` from the one at `parent`, leaving the sibling's.
  mutating func subtract(_ child: Int, from parent: Int) {
    let count = block.slotCount
    let a = parent * count
    let b = child * count
    precondition(a + count <= pool.count && b + count <= pool.count, "no such place")
    var sums = pool.mutableSpan
    for s in 0..<count {
      // In bounds by the precondition.
      let taken = unsafe sums[unchecked: b &+ s]
      unsafe sums[unchecked: a &+ s] &-= taken
    }
  }

  /// Finds the best split at `place` of rows that sum to `total`; ties go to the lowest feature, then lowest cut.
  mutating func search(_ place: Int, total: FixedPair, _ score: some SplitScore) {
    let best = best(place, total: total, score)
    live[place] = best.live
    found[place] = best.split
  }

  private func best(
    _ place: Int, total: FixedPair, _ score: some SplitScore
  ) -> (split: Split?, live: UInt64) {
    let sums = pool.span
    var live = live[place]
    let whole = score.score(total)
    let slack = score.slack(total)
    var best: Split?
    var bar = slack
    for k in block.features.indices where live >> UInt64(k) & 1 == 1 {
      let first = place * block.slotCount + block.firstSlots[k]
      let last = place * block.slotCount + block.firstSlots[k + 1] - 1
      precondition(first >= 0 && last < sums.count, "no such place")
      var left = FixedPair.zero
      var isLive = false
      for s in first..<last {
        // In bounds by the precondition.
        let bin = unsafe sums[unchecked: s]
        if bin.y == 0 { continue }  // no rows: the same cut again
        left &+= bin
        if !score.mayBeLeaf(left) { continue }
        let right = total &- left
        if !score.mayBeLeaf(right) { break }
        isLive = true
        let gain = score.score(left) + score.score(right) - whole
        if gain > bar {
          bar = gain + slack
          best = Split(feature: block.features[k], bin: s - first, gain: gain, left: left)
        }
      }
      if !isLive { live &= ~(1 << UInt64(k)) }
    }
    return (best, live)
  }
}
