import RiddleLinearAlgebra

/// Parts rows by the best splits of their histograms; the order in which nodes are split is the caller's.
///
/// Only the smaller child of a split is summed; the larger one's histogram is what remains of the parent's.
struct TreeGrower<Score: SplitScore>: Sendable {
  /// A node that has not been split.
  struct Node: Sendable {
    /// Its rows' places in ``TreeGrower/order``.
    var range: Range<Int>
    /// Sums over its rows.
    var sums: FixedPair
    /// Best split, nil when none is wanted or none gains.
    var split: Split?
    /// Where the histograms stand, nil when there are none.
    fileprivate var place: Int?
  }

  let bins: FeatureBins
  var score: Score
  private var blocks: [HistogramBlock]
  /// Rows of every node side by side, ascending within a node.
  private(set) var order: [UInt32] = []
  private var scratch: [UInt32] = []
  /// What a row adds to sums, one a row of the bins.
  private var values: [FixedPair]
  /// ``values`` of the rows that are being summed, in the order of ``order`` and at the same places.
  private var ordered: [FixedPair] = []
  private var freePlaces: [Int] = []
  private var placeCount = 0

  /// Nodes whose sums take fewer additions than this are done before a second thread would wake.
  private static var smallNode: Double { 20_000 }

  init(_ bins: FeatureBins, score: Score) {
    self.bins = bins
    self.score = score
    blocks = BinBlock.blocks(bins).map { HistogramBlock($0) }
    values = [FixedPair](repeating: .zero, count: bins.rowCount)
  }

  /// Sets what rows add to sums, shards of them possibly at the same time; trees begun before are void.
  mutating func update(_ body: @Sendable (Range<Int>, inout MutableSpan<FixedPair>) -> Void) {
    Shards.update(elementsOf: &values, body)
  }

  /// The root of a new tree over `rows`, ascending.
  ///
  /// - Parameter features: which features may be split, one a column.
  mutating func root(rows: [UInt32], features: [Bool]) -> Node {
    precondition(rows.allSatisfy { Int($0) < values.count }, "a row beyond the bins")
    order = rows
    if scratch.count < rows.count {
      scratch = rows
      ordered = [FixedPair](repeating: .zero, count: rows.count)
    }
    freePlaces = Array((0..<placeCount).reversed())
    var sums = FixedPair.zero
    for (i, row) in rows.enumerated() {
      ordered[i] = values[Int(row)]
      sums &+= ordered[i]
    }
    var node = Node(range: 0..<rows.count, sums: sums)
    if score.maySplit(sums) {
      let place = takePlace()
      node.place = place
      let (order, ordered, score, range, total) = (order, ordered, score, node.range, sums)
      forEachBlock(rows: rows.count) { block in
        block.allow(features, at: place)
        block.fill(place, order: order, range: range, values: ordered, total: total)
        block.search(place, total: total, score)
      }
      node.split = best(at: place, sums)
    }
    return node
  }

  /// Splits `node` and searches its children unless `isLast`.
  mutating func split(_ node: Node, isLast: Bool) -> (left: Node, right: Node) {
    guard let split = node.split, let place = node.place else {
      preconditionFailure("a node without a split")
    }
    let middle = partition(node.range, by: split)
    var left = Node(range: node.range.lowerBound..<middle, sums: split.left)
    var right = Node(range: middle..<node.range.upperBound, sums: node.sums &- split.left)
    let searchesLeft = !isLast && score.maySplit(left.sums)
    let searchesRight = !isLast && score.maySplit(right.sums)
    if !searchesLeft && !searchesRight {
      freePlaces.append(place)
      return (left, right)
    }
    let leftIsSmall = left.range.count <= right.range.count
    let small = leftIsSmall ? left : right
    let large = leftIsSmall ? right : left
    let searchesSmall = leftIsSmall ? searchesLeft : searchesRight
    let searchesLarge = leftIsSmall ? searchesRight : searchesLeft
    let smallPlace = takePlace()
    gather(small.range)
    let (order, ordered, score) = (order, ordered, score)
    forEachBlock(rows: small.range.count) { block in
      block.inherit(from: place, to: smallPlace)
      block.fill(smallPlace, order: order, range: small.range, values: ordered, total: small.sums)
      if searchesSmall { block.search(smallPlace, total: small.sums, score) }
      if searchesLarge {
        block.subtract(smallPlace, from: place)
        block.search(place, total: large.sums, score)
      }
    }
    let smallSplit = searchesSmall ? best(at: smallPlace, small.sums) : nil
    let largeSplit = searchesLarge ? best(at: place, large.sums) : nil
    if smallSplit == nil { freePlaces.append(smallPlace) }
    if largeSplit == nil { freePlaces.append(place) }
    (left.split, left.place) = leftIsSmall ? (smallSplit, smallPlace) : (largeSplit, place)
    (right.split, right.place) = leftIsSmall ? (largeSplit, place) : (smallSplit, smallPlace)
    return (left, right)
  }

  /// Forgets the histograms of a node that will not be split, so that another can use their place.
  mutating func close(_ node: Node) {
    if node.split != nil, let place = node.place { freePlaces.append(place) }
  }

  /// Rows of `node`.
  func rows(_ node: Node) -> ArraySlice<UInt32> { order[node.range] }

  /// Copies the values of the rows at `range` side by side, once for all blocks.
  private mutating func gather(_ range: Range<Int>) {
    precondition(range.upperBound <= ordered.count, "rows missing")
    let (order, values) = (order, values)
    let (from, source) = (order.span, values.span)
    var target = ordered.mutableSpan
    for i in range {
      // In bounds by the precondition; `root` checked that rows are below `values.count`.
      unsafe target[unchecked: i] = source[unchecked: Int(from[unchecked: i])]
    }
  }

  private mutating func takePlace() -> Int {
    if let place = freePlaces.popLast() { return place }
    placeCount += 1
    return placeCount - 1
  }

  private mutating func forEachBlock(
    rows: Int, _ body: @Sendable (inout HistogramBlock) -> Void
  ) {
    let count = placeCount
    let work = Double(rows * bins.featureCount)
    if work < Self.smallNode {
      for i in blocks.indices {
        blocks[i].reserve(places: count)
        body(&blocks[i])
      }
    } else {
      Shards.update(&blocks) { _, block in
        block.reserve(places: count)
        body(&block)
      }
    }
  }

  /// The best split over all blocks, for a node of these sums.
  private func best(at place: Int, _ sums: FixedPair) -> Split? {
    let slack = score.slack(sums)
    var winner: Split?
    for block in blocks {
      guard let split = block.best(at: place) else { continue }
      guard let present = winner else {
        winner = split
        continue
      }
      if split.gain > present.gain + slack
        || split.gain >= present.gain - slack && split.feature < present.feature
      {
        winner = split
      }
    }
    return winner
  }

  /// Parts the rows of `range` in place; returns where the right side begins.
  private mutating func partition(_ range: Range<Int>, by split: Split) -> Int {
    let bins = bins
    return Self.partition(&order, &scratch, range, by: split, bins)
  }

  /// Moves the rows that go left to the front of `range`, each side in its present order.
  private static func partition(
    _ order: inout [UInt32], _ scratch: inout [UInt32], _ range: Range<Int>, by split: Split,
    _ bins: FeatureBins
  ) -> Int {
    let column = (split.feature * bins.rowCount)..<((split.feature + 1) * bins.rowCount)
    let codes = bins.codes.span.extracting(column)
    let bin = UInt8(split.bin)
    var order = order.mutableSpan
    var scratch = scratch.mutableSpan
    var left = range.lowerBound
    var right = 0
    precondition(range.upperBound <= order.count && range.count <= scratch.count, "rows missing")
    for i in range {
      // In bounds: `range` by the precondition; rows are below `codes.count`; left ≤ i, right < range.count.
      // Both sides are written and one of them advances, because a branch here is a coin toss.
      let row = unsafe order[unchecked: i]
      let goesLeft = unsafe codes[unchecked: Int(row)] <= bin ? 1 : 0
      unsafe order[unchecked: left] = row
      unsafe scratch[unchecked: right] = row
      left &+= goesLeft
      right &+= 1 &- goesLeft
    }
    for i in 0..<right { order[left + i] = scratch[i] }
    return left
  }
}
