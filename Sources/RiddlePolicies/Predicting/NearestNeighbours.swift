import RiddleLinearAlgebra

/// Predicts what each candidate's answer is worth from the qualities of the most similar past queries, by the cosine of their
/// embeddings.
///
/// Similarities of a block of queries with a block of references are one `sgemm`; the k best of each query and a few more are kept
/// while the blocks go by, and compared again by products whose bits do not depend on the block. Of equal similarities the
/// earlier row comes first. Predictions are means over the k neighbours, pulled to the candidate's
/// mean over all references as ``ShrunkenMean`` says.
public struct NearestNeighbours: Equatable, Sendable {
  /// How neighbours count.
  public enum Weighting: Equatable, Sendable {
    /// All alike.
    case uniform
    /// In proportion to their cosine; those of 0 or below do not count.
    case cosine
  }

  /// A neighbour.
  public struct Neighbour: Equatable, Sendable {
    /// Row of the reference.
    public var row: Int
    /// Cosine of the two embeddings.
    public var similarity: Float
  }

  /// Values of one embedding.
  public let dimension: Int
  /// Candidates.
  public let candidateCount: Int
  /// References.
  public var count: Int { reference.count / dimension }
  /// k.
  public let neighbours: Int
  /// How neighbours count.
  public let weighting: Weighting
  /// As if this many more neighbours of average quality had been found.
  public let shrink: Double
  private let reference: [Float]
  private let qualities: [Double]
  private let means: [ShrunkenMean]

  /// Reference queries with known qualities.
  ///
  /// - Parameters:
  ///   - embeddings: n × `dimension`, row-major, finite; they are scaled to length 1. A row of zeros is similar to nothing (0).
  ///   - qualities: n × `candidateCount`, row-major, in [0, 1]; NaN where unknown.
  ///   - neighbours: k, at least 1; all rows when there are fewer.
  ///   - shrink: at least 0.
  public init(
    embeddings: [Float], dimension: Int, qualities: [Double], candidateCount: Int,
    neighbours: Int = 50, weighting: Weighting = .uniform, shrink: Double = 5
  ) {
    precondition(dimension >= 1 && candidateCount >= 1, "an embedding and a candidate are needed")
    let count = embeddings.count / dimension
    precondition(
      embeddings.count == count * dimension && qualities.count == count * candidateCount,
      "\(embeddings.count) values of \(dimension) and \(qualities.count) of \(candidateCount)")
    precondition(neighbours >= 1, "at least one neighbour is needed, got \(neighbours)")
    precondition(shrink >= 0 && shrink.isFinite, "shrinkage is at least 0, got \(shrink)")
    self.dimension = dimension
    self.candidateCount = candidateCount
    self.neighbours = neighbours
    self.weighting = weighting
    self.shrink = shrink
    self.qualities = qualities
    reference = Self.normalised(embeddings, dimension)
    means = (0..<candidateCount).map { k in
      ShrunkenMean(
        of: (0..<count).map { qualities[$0 * candidateCount + k] }, strength: shrink)
    }
  }

  /// The `neighbours` most similar references of each query, most similar first.
  ///
  /// - Parameter queries: m × ``dimension`` values, row-major, finite; any length.
  public func nearest(to queries: [Float]) -> [[Neighbour]] {
    let m = queries.count / dimension
    precondition(
      queries.count == m * dimension, "\(queries.count) values, \(dimension) a query")
    let scaled = Self.normalised(queries, dimension)
    // Blocks are independent and land by number: threads decide only when one is computed.
    let blocks = Shards.map(count: (m + Self.queryBlock - 1) / Self.queryBlock) { block in
      let first = block * Self.queryBlock
      return nearest(scaled, rows: first..<min(m, first + Self.queryBlock))
    }
    return blocks.flatMap { $0 }
  }

  /// The neighbours of some of the queries, whose length is 1.
  private func nearest(_ queries: [Float], rows: Range<Int>) -> [[Neighbour]] {
    let limit = min(neighbours + Self.spare, count)
    var best = [TopRows](repeating: TopRows(limit: limit), count: rows.count)
    var products = [Float](repeating: 0, count: rows.count * min(Self.referenceBlock, count))
    for start in stride(from: 0, to: count, by: Self.referenceBlock) {
      let references = start..<min(count, start + Self.referenceBlock)
      BLAS.products(
        queries, rows: rows, reference, rows: references, dimension: dimension, into: &products)
      for i in 0..<rows.count {
        best[i].add(products, from: i * references.count, count: references.count, row: start)
      }
    }
    return best.enumerated().map { i, top in
      var found = top.sorted.map { neighbour in
        Neighbour(
          row: neighbour.row,
          similarity: BLAS.dot(
            queries, row: rows.lowerBound + i, reference, row: neighbour.row, dimension: dimension))
      }
      found.sort { ($1.similarity, $0.row) < ($0.similarity, $1.row) }
      return Array(found.prefix(neighbours))
    }
  }

  /// One prediction per candidate for each query: m × ``candidateCount``, row-major.
  ///
  /// - Parameters:
  ///   - queries: m × ``dimension`` values, row-major, finite.
  ///   - leavingOut: for each query the reference row that is the query itself and must not be its neighbour; nil when none is.
  public func predictions(for queries: [Float], leavingOut: [Int]? = nil) -> [Prediction] {
    var wider = self
    if leavingOut != nil { wider = self.with(neighbours: neighbours + 1) }
    var result: [Prediction] = []
    for (index, found) in wider.nearest(to: queries).enumerated() {
      let own = leavingOut?[index]
      let near = found.lazy.filter { $0.row != own }.prefix(neighbours)
      for k in 0..<candidateCount {
        var (weights, sum, squares) = (0.0, 0.0, 0.0)
        for neighbour in near {
          let quality = qualities[neighbour.row * candidateCount + k]
          if !quality.isFinite { continue }
          let weight = weighting == .uniform ? 1 : max(0, Double(neighbour.similarity))
          weights += weight
          sum += weight * quality
          squares += weight * quality * quality
        }
        result.append(means[k].prediction(weight: weights, sum: sum, squares: squares))
      }
    }
    return result
  }

  private func with(neighbours: Int) -> NearestNeighbours { NearestNeighbours(self, neighbours) }

  private init(_ other: NearestNeighbours, _ neighbours: Int) {
    dimension = other.dimension
    candidateCount = other.candidateCount
    self.neighbours = neighbours
    weighting = other.weighting
    shrink = other.shrink
    reference = other.reference
    qualities = other.qualities
    means = other.means
  }

  /// Rows of queries and of references whose products are held at a time: 64 × 2048 floats, half a megabyte.
  private static let queryBlock = 64
  private static let referenceBlock = 2048
  /// Neighbours kept beyond k, because the last bits of `sgemm` may order equals wrongly.
  private static let spare = 8

  private static func normalised(_ values: [Float], _ dimension: Int) -> [Float] {
    var scaled = values
    for start in stride(from: 0, to: values.count, by: dimension) {
      var square = 0.0
      for i in start..<(start + dimension) { square += Double(values[i]) * Double(values[i]) }
      let scale = square > 0 ? 1 / square.squareRoot() : 0
      for i in start..<(start + dimension) { scaled[i] = Float(Double(values[i]) * scale) }
    }
    return scaled
  }
}

/// The most similar rows seen so far, most similar first, of equals the earlier.
private struct TopRows {
  let limit: Int
  private(set) var sorted: [NearestNeighbours.Neighbour] = []
  private var bar = -Float.infinity

  init(limit: Int) {
    self.limit = limit
    sorted.reserveCapacity(limit + 1)
  }

  /// Offers `count` similarities, of the rows from `row` on. Rows must come in ascending order.
  mutating func add(_ similarities: [Float], from: Int, count: Int, row: Int) {
    if limit == 0 { return }
    let span = similarities.span
    var bar = bar
    // Eight at a time: hardly any exceeds the bar once it stands, and the comparison of eight is one branch.
    var i = 0
    while i + 8 <= count {
      var isAny = false
      for j in 0..<8 { isAny = (span[from + i + j] > bar) || isAny }
      if isAny {
        for j in i..<(i + 8) where span[from + j] > bar {
          insert(.init(row: row + j, similarity: span[from + j]))
          bar = self.bar
        }
      }
      i += 8
    }
    while i < count {
      if span[from + i] > bar {
        insert(.init(row: row + i, similarity: span[from + i]))
        bar = self.bar
      }
      i += 1
    }
  }

  /// Keeps the order by insertion: of a random order, about k ln(n / k) of n rows get here.
  private mutating func insert(_ neighbour: NearestNeighbours.Neighbour) {
    if sorted.count == limit { sorted.removeLast() }
    var place = sorted.count
    sorted.append(neighbour)
    while place > 0 && sorted[place - 1].similarity < neighbour.similarity {
      sorted[place] = sorted[place - 1]
      place -= 1
    }
    sorted[place] = neighbour
    if sorted.count == limit { bar = sorted[limit - 1].similarity }
  }
}
