import RiddleData

/// Rows by the oracle's pick (outer index) and the policy's (inner), ladder order.
public struct Confusion: Equatable, Sendable {
  /// Row counts, `candidates × candidates`.
  public let counts: [[Int]]

  /// Counts two arrays of ladder positions of the same length.
  public init(oraclePicks: [Int], picks: [Int], candidates: Int) {
    precondition(
      oraclePicks.count == picks.count, "\(oraclePicks.count) oracle picks, \(picks.count) picks")
    var counts = [[Int]](
      repeating: [Int](repeating: 0, count: candidates), count: candidates)
    for (right, pick) in zip(oraclePicks, picks) { counts[right][pick] += 1 }
    self.counts = counts
  }

  /// Of the rows sent to `k`, the share the oracle sends there: TP / (TP + FP); nil when none was sent.
  public func precision(_ k: Int) -> Double? {
    ratio(counts[k][k], counts.reduce(0) { $0 + $1[k] })
  }

  /// Of the rows the oracle sends to `k`, the share sent there: TP / (TP + FN); nil when there is none.
  public func recall(_ k: Int) -> Double? { ratio(counts[k][k], counts[k].reduce(0, +)) }

  /// 2 TP / (2 TP + FP + FN): the harmonic mean of precision and recall; nil when neither side has a row.
  public func f1(_ k: Int) -> Double? {
    ratio(2 * counts[k][k], counts[k].reduce(0, +) + counts.reduce(0) { $0 + $1[k] })
  }

  /// Unweighted mean of F1 over the candidates that either side uses, as scikit-learn's `average="macro"`.
  public var macroF1: Double? {
    let defined = counts.indices.compactMap(f1)
    return defined.isEmpty ? nil : defined.reduce(0, +) / Double(defined.count)
  }

  /// Mean of F1 weighted by the oracle's share of each candidate, as scikit-learn's `average="weighted"`.
  public var weightedF1: Double? {
    var sum = 0.0
    var total = 0
    for k in counts.indices {
      let support = counts[k].reduce(0, +)
      total += support
      sum += Double(support) * (f1(k) ?? 0)
    }
    return total > 0 ? sum / Double(total) : nil
  }

  private func ratio(_ a: Int, _ b: Int) -> Double? { b > 0 ? Double(a) / Double(b) : nil }
}

/// The two kinds of wrong turn, counted apart because they cost different things.
public struct Misroutes: Equatable, Sendable {
  /// Rows sent below the oracle's candidate.
  public var tooLow = 0
  /// Quality lost on those rows, summed.
  public var qualityLost = 0.0
  /// Rows sent above the oracle's candidate.
  public var tooHigh = 0
  /// Money spent needlessly on those rows; nil when one of their costs is missing.
  public var overspend: NanoDollars? = .zero

  /// The wrong turns of `picks` against the oracle's, one a row of `table`.
  public init(_ table: OutcomeTable, picks: [Int], oraclePicks: [Int]) {
    for (i, (pick, right)) in zip(picks, oraclePicks).enumerated() {
      if pick < right {
        tooLow += 1
        qualityLost += table.quality(i, right) - table.quality(i, pick)
      } else if pick > right {
        tooHigh += 1
        if let spent = table.cost(i, pick), let due = table.cost(i, right), let sum = overspend {
          overspend = sum + NanoDollars(spent - due)
        } else {
          overspend = nil
        }
      }
    }
  }
}
