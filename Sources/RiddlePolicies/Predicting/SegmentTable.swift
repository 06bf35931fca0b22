/// What each candidate's answers are worth in each segment of the queries (ROUTING-SYSTEMS A19): means of past quality, those
/// of small segments pulled towards the candidate's mean over all.
public struct SegmentTable: Equatable, Sendable {
  /// How strongly segments are pulled.
  public enum Shrinkage: Equatable, Sendable {
    /// As if each segment had this many more queries of average quality; at least 0.
    case fixed(Double)
    /// As strongly as the data say, for each candidate by itself: m = σ² / τ² with the variances within and between segments
    /// estimated by moments (one-way analysis of variance: Searle, Casella & McCulloch, *Variance Components*, 1992,
    /// doi:10.1002/9780470316856, 3.6). With N qualities in S segments of n_s,
    ///
    ///     σ² = MSW = Σ_s Σ_i (q − q̄_s)² / (N − S)
    ///     τ² = max(0, (MSB − MSW) / n₀),  MSB = Σ_s n_s (q̄_s − q̄)² / (S − 1),  n₀ = (N − Σ n_s² / N) / (S − 1)
    ///
    /// τ² = 0, segments that differ by no more than chance, gives every segment the mean over all. ``standard`` where the data
    /// allow no estimate: one segment, or no segment with two queries.
    case estimated

    /// Twenty queries.
    public static let standard = 20.0
  }

  /// Segments by name with one prediction per candidate, names ascending.
  public let segments: [Segment]
  /// The prediction for a segment that is not in the table: one per candidate.
  public let overall: [Prediction]
  /// m of each candidate; infinity when every segment has the mean over all. Empty for a table that was not fitted.
  public let strengths: [Double]

  /// One segment of the table.
  public struct Segment: Equatable, Sendable {
    /// The segment's name.
    public var name: String
    /// Queries it was fitted to; 0 for a table that was not fitted.
    public var count: Int
    /// One prediction per candidate, ladder order.
    public var predictions: [Prediction]

    /// A segment.
    public init(name: String, count: Int = 0, predictions: [Prediction]) {
      self.name = name
      self.count = count
      self.predictions = predictions
    }
  }

  /// A table made by hand. Names are distinct and every segment has as many predictions as `overall`.
  public init(segments: [Segment], overall: [Prediction]) {
    self.init(segments: segments, overall: overall, strengths: [])
  }

  private init(segments: [Segment], overall: [Prediction], strengths: [Double]) {
    precondition(
      segments.allSatisfy { $0.predictions.count == overall.count },
      "every segment needs \(overall.count) predictions")
    let sorted = segments.sorted { $0.name < $1.name }
    precondition(
      zip(sorted, sorted.dropFirst()).allSatisfy { $0.name != $1.name }, "a segment is given twice")
    self.segments = sorted
    self.overall = overall
    self.strengths = strengths
  }

  /// Means of `qualities` per segment.
  ///
  /// - Parameters:
  ///   - segments: the segment of each of n queries.
  ///   - qualities: n × `candidateCount`, row-major, in [0, 1]; NaN where unknown.
  ///   - candidateCount: at least 1.
  ///   - shrink: how strongly small segments are pulled to the mean over all.
  public static func fit(
    segments: [String], qualities: [Double], candidateCount: Int,
    shrink: Shrinkage = .fixed(Shrinkage.standard)
  ) -> SegmentTable {
    precondition(candidateCount >= 1, "a table needs a candidate, got \(candidateCount)")
    precondition(
      qualities.count == segments.count * candidateCount,
      "\(qualities.count) qualities of \(candidateCount) candidates for \(segments.count) queries")
    if case .fixed(let strength) = shrink {
      precondition(strength >= 0, "shrinkage is at least 0, got \(strength)")
    }
    let names = Set(segments).sorted()
    var numbers: [String: Int] = [:]
    for (number, name) in names.enumerated() { numbers[name] = number }
    let rows = segments.map { numbers[$0] ?? 0 }
    var counts = [Int](repeating: 0, count: names.count)
    for segment in rows { counts[segment] += 1 }
    var predictions = [[Prediction]](repeating: [], count: names.count)
    var overall: [Prediction] = []
    var strengths: [Double] = []
    for k in 0..<candidateCount {
      let own = rows.indices.map { qualities[$0 * candidateCount + k] }
      let sums = SegmentSums(rows: rows, count: names.count, qualities: own)
      let strength: Double
      switch shrink {
      case .fixed(let fixed): strength = fixed
      case .estimated: strength = sums.estimatedStrength() ?? Shrinkage.standard
      }
      let mean = ShrunkenMean(of: own, strength: strength)
      for s in names.indices {
        predictions[s].append(
          mean.prediction(weight: sums.counts[s], sum: sums.sums[s], squares: sums.squares[s]))
      }
      overall.append(mean.prediction(weight: 0, sum: 0, squares: 0))
      strengths.append(strength)
    }
    return SegmentTable(
      segments: names.indices.map {
        Segment(name: names[$0], count: counts[$0], predictions: predictions[$0])
      }, overall: overall, strengths: strengths)
  }

  /// One prediction per candidate; those over all for nil and for a segment that is not in the table.
  public func predictions(for segment: String?) -> [Prediction] {
    guard let segment else { return overall }
    var (low, high) = (0, segments.count)
    while low < high {
      let middle = (low + high) / 2
      if segments[middle].name < segment { low = middle + 1 } else { high = middle }
    }
    return low < segments.count && segments[low].name == segment
      ? segments[low].predictions : overall
  }
}

/// Sums of one candidate's known qualities by segment.
private struct SegmentSums {
  var counts: [Double]
  var sums: [Double]
  var squares: [Double]
  /// Σ (q − q̄_s)² over all segments, in two passes.
  var within = 0.0

  init(rows: [Int], count: Int, qualities: [Double]) {
    counts = [Double](repeating: 0, count: count)
    sums = counts
    squares = counts
    for (segment, quality) in zip(rows, qualities) where quality.isFinite {
      counts[segment] += 1
      sums[segment] += quality
      squares[segment] += quality * quality
    }
    for (segment, quality) in zip(rows, qualities) where quality.isFinite {
      let difference = quality - sums[segment] / counts[segment]
      within += difference * difference
    }
  }

  /// σ² / τ², infinity for τ² = 0; nil when the data allow no estimate.
  func estimatedStrength() -> Double? {
    let used = counts.indices.filter { counts[$0] > 0 }
    let total = used.reduce(0) { $0 + counts[$1] }
    let groups = Double(used.count)
    guard groups >= 2, total > groups else { return nil }
    let mean = used.reduce(0) { $0 + sums[$1] } / total
    var (between, squaredCounts) = (0.0, 0.0)
    for s in used {
      let difference = sums[s] / counts[s] - mean
      between += counts[s] * difference * difference
      squaredCounts += counts[s] * counts[s]
    }
    let meanWithin = within / (total - groups)
    let meanBetween = between / (groups - 1)
    let size = (total - squaredCounts / total) / (groups - 1)
    let variance = (meanBetween - meanWithin) / size
    return variance > 0 ? meanWithin / variance : .infinity
  }
}
