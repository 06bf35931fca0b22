import RiddleData

/// Sums of outcomes per segment, from which the segment table picks one candidate for each segment.
///
/// A cell's mean is shrunk towards the mean over all rows by `priorRows` pseudo-rows, so that a segment of three
/// rows does not follow its noise: shrunk = (sum + priorRows · overall mean) / (rows + priorRows).
public struct SegmentStatistics: Equatable, Sendable {
  /// Segments in the order they were first seen.
  public private(set) var names: [String]
  private var index: [String: Int]
  private var counts: [Double]
  private var quality: [Double]  // names × candidates, sums
  private var cost: [Double]  // names × candidates, sums in dollars; NaN once a cost is missing
  private let candidates: Int

  /// Pseudo-rows of the overall mean in every segment's mean.
  public static let priorRows = 10.0

  /// Statistics of `table`'s rows by segment.
  ///
  /// - Parameters:
  ///   - table: outcomes of the training rows, same ladder as the evaluation's.
  ///   - segments: one a row.
  public init(_ table: OutcomeTable, segments: [String]) {
    precondition(
      segments.count == table.rowCount,
      "\(segments.count) segments for \(table.rowCount) training rows")
    self.init(table, segments: segments, rows: Array(0..<table.rowCount))
  }

  init(_ table: OutcomeTable, segments: [String], rows: [Int]) {
    candidates = table.candidates.count
    names = []
    index = [:]
    counts = []
    quality = []
    cost = []
    for i in rows {
      let s: Int
      if let known = index[segments[i]] {
        s = known
      } else {
        s = names.count
        index[segments[i]] = s
        names.append(segments[i])
        counts.append(0)
        quality.append(contentsOf: repeatElement(0, count: candidates))
        cost.append(contentsOf: repeatElement(0, count: candidates))
      }
      counts[s] += 1
      for k in 0..<candidates {
        quality[s * candidates + k] += table.quality(i, k)
        cost[s * candidates + k] += table.cost(i, k).map { Double($0) / 1e9 } ?? .nan
      }
    }
  }

  /// Number of candidates of the ladder the statistics were made with.
  var candidateCount: Int { candidates }
  /// Number of rows behind the statistics.
  var rowCount: Double { counts.reduce(0, +) }

  /// Overall mean of each candidate's quality, and its cost (or its rung / (K − 1) where costs are missing).
  private func overall() -> (quality: [Double], cost: [Double], costsKnown: Bool) {
    var q = [Double](repeating: 0, count: candidates)
    var c = q
    for s in names.indices {
      for k in 0..<candidates {
        q[k] += quality[s * candidates + k]
        c[k] += cost[s * candidates + k]
      }
    }
    let n = max(rowCount, 1)
    let known = !c.contains { $0.isNaN }
    return (
      q.map { $0 / n },
      known ? c.map { $0 / n } : (0..<candidates).map { Double($0) / Double(candidates - 1) },
      known
    )
  }

  /// The table: for each segment the candidate of best shrunk utility, and for each the utility of the strongest
  /// minus the cheapest.
  ///
  /// - Parameter price: λ of utility = quality − λ · cost; nil takes the break-even price
  ///   (S − W) / (cost of strongest − cost of cheapest), or 0 where that is not positive.
  func picker(price: Double?) -> SegmentPicker {
    let (meanQuality, meanCost, costsKnown) = overall()
    let top = candidates - 1
    let rise = meanCost[top] - meanCost[0]
    let gap = meanQuality[top] - meanQuality[0]
    let price = price ?? (rise > 0 && gap > 0 ? gap / rise : 0)
    func decide(_ q: (Int) -> Double, _ c: (Int) -> Double) -> (pick: Int, lift: Double) {
      let utility = (0..<candidates).map { q($0) - price * c($0) }
      var best = 0
      for k in 1..<candidates where utility[k] > utility[best] + 1e-12 { best = k }
      return (best, utility[top] - utility[0])
    }
    var decisions: [String: (pick: Int, lift: Double)] = [:]
    for (s, name) in names.enumerated() {
      let weight = counts[s] + Self.priorRows
      decisions[name] = decide(
        { (quality[s * candidates + $0] + Self.priorRows * meanQuality[$0]) / weight },
        {
          costsKnown
            ? (cost[s * candidates + $0] + Self.priorRows * meanCost[$0]) / weight : meanCost[$0]
        })
    }
    return SegmentPicker(
      decisions: decisions, fallback: decide({ meanQuality[$0] }, { meanCost[$0] }))
  }
}

/// A segment's candidate and how much better the strongest candidate is there than the cheapest.
struct SegmentPicker {
  let decisions: [String: (pick: Int, lift: Double)]
  let fallback: (pick: Int, lift: Double)

  /// The decision for a segment; unknown segments get that of all rows together.
  func decision(_ segment: String) -> (pick: Int, lift: Double) {
    decisions[segment] ?? fallback
  }
}
