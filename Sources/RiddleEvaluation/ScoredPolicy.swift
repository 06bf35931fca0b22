import RiddleData
import RiddlePolicies

/// A policy's decisions on the evaluated rows: scores with thresholds, or plain picks.
public struct ScoredPolicy: Equatable, Sendable {
  /// Name in the report; distinct from every other policy's.
  public var name: String
  /// What kind of policy it is, in a few words.
  public var kind: String
  /// Head margins, row-major `rows × (K − 1)`; empty for a policy without a score.
  public var margins: [Double]
  /// One threshold a head; empty for a policy without a score.
  public var thresholds: [Double]
  /// Position on the ladder for each row. With margins: by ``Ladder`` unless given.
  public var picks: [Int]
  /// Calibrated probability of head 0 ("must leave the cheapest candidate") for each row, if there is one.
  public var probabilities: [Double]?
  /// Price of one decision, added to every row's cost.
  public var decisionCost: NanoDollars
  /// Nano-dollars paid for each row's candidates in all, failed steps included, where that is not the picked candidate's
  /// cost; ``OutcomeTable/missingCost`` where unknown. Nil for policies that ask once.
  public var paid: [Int64]?
  /// How many candidates were paid for on each row; nil means one.
  public var attempts: [Int]?
  /// Rows on which the user got an error instead of an answer, worth 0; nil means none.
  public var failed: [Bool]?
  /// What the user got on each row, where that is not the picked candidate's quality in the judged table: in a replay with failures a
  /// retry may have brought what the first call did not. Nil takes the table's.
  public var qualities: [Double]?

  /// A policy with a score: climbs past candidate `k` while `margin[k] >= threshold[k]`.
  ///
  /// - Parameters:
  ///   - margins: row-major `rows × thresholds.count` finite values.
  ///   - thresholds: one a head, `K − 1` of them; infinite values always or never climb.
  ///   - probabilities: one a row in [0, 1], for head 0.
  public init(
    name: String, kind: String, margins: [Double], thresholds: [Double],
    probabilities: [Double]? = nil, decisionCost: NanoDollars = .zero
  ) {
    self.name = name
    self.kind = kind
    self.margins = margins
    self.thresholds = thresholds
    self.picks =
      thresholds.isEmpty || margins.count % thresholds.count != 0
        || thresholds.contains { $0.isNaN }
      ? [] : Ladder(thresholds: thresholds).picks(margins: margins)
    self.probabilities = probabilities
    self.decisionCost = decisionCost
  }

  /// Nano-dollars that row `i` costs, the decision included; NaN when the log does not say.
  func paid(_ i: Int, _ table: OutcomeTable) -> Double {
    let fee = Double(decisionCost.count)
    if let paid { return paid[i] == OutcomeTable.missingCost ? .nan : Double(paid[i]) + fee }
    return table.cost(i, picks[i]).map { Double($0) + fee } ?? .nan
  }

  /// Quality of what the user got on row `i`: 0 for an error.
  func quality(_ i: Int, _ table: OutcomeTable) -> Double {
    failed.map { $0[i] } ?? false ? 0 : qualities?[i] ?? table.quality(i, picks[i])
  }

  /// A policy known by its picks alone, positions on the ladder, one a row.
  public init(
    name: String, kind: String, picks: [Int], decisionCost: NanoDollars = .zero
  ) {
    self.name = name
    self.kind = kind
    self.margins = []
    self.thresholds = []
    self.picks = picks
    self.probabilities = nil
    self.decisionCost = decisionCost
  }

  /// Whether a threshold can be swept over the policy's score.
  public var hasScore: Bool { !thresholds.isEmpty }

  func validate(rows: Int, candidates: Int) throws(EvaluationError) {
    if hasScore {
      guard thresholds.count == candidates - 1 else {
        throw .columnLength(
          column: "thresholds of policy '\(name)'", expected: candidates - 1,
          actual: thresholds.count)
      }
      guard margins.count == rows * thresholds.count else {
        throw .columnLength(
          column: "margins of policy '\(name)'", expected: rows * thresholds.count,
          actual: margins.count)
      }
      for (head, threshold) in thresholds.enumerated() where threshold.isNaN {
        throw .nonFiniteScore(policy: name, row: 0, head: head)
      }
      for (index, margin) in margins.enumerated() where !margin.isFinite {
        throw .nonFiniteScore(
          policy: name, row: index / thresholds.count, head: index % thresholds.count)
      }
    }
    guard picks.count == rows else {
      throw .columnLength(column: "picks of policy '\(name)'", expected: rows, actual: picks.count)
    }
    if let paid, paid.count != rows {
      throw .columnLength(column: "paid of policy '\(name)'", expected: rows, actual: paid.count)
    }
    if let attempts, attempts.count != rows {
      throw .columnLength(
        column: "attempts of policy '\(name)'", expected: rows, actual: attempts.count)
    }
    if let failed, failed.count != rows {
      throw .columnLength(
        column: "failures of policy '\(name)'", expected: rows, actual: failed.count)
    }
    if let qualities, qualities.count != rows {
      throw .columnLength(
        column: "qualities of policy '\(name)'", expected: rows, actual: qualities.count)
    }
    for (row, pick) in picks.enumerated() where pick < 0 || pick >= candidates {
      throw .badPick(policy: name, row: row, pick: pick, candidates: candidates)
    }
    if let probabilities {
      guard probabilities.count == rows else {
        throw .columnLength(
          column: "probabilities of policy '\(name)'", expected: rows,
          actual: probabilities.count)
      }
      for (row, p) in probabilities.enumerated() where !(p >= 0 && p <= 1) {
        throw .badProbability(policy: name, row: row)
      }
    }
  }

  /// The policy on the rows at `indices`, in that order.
  func rows(_ indices: [Int]) -> ScoredPolicy {
    var copy = self
    let heads = thresholds.count
    copy.picks = indices.map { picks[$0] }
    copy.probabilities = probabilities.map { p in indices.map { p[$0] } }
    copy.paid = paid.map { p in indices.map { p[$0] } }
    copy.qualities = qualities.map { q in indices.map { q[$0] } }
    copy.failed = failed.map { f in indices.map { f[$0] } }
    copy.attempts = attempts.map { a in indices.map { a[$0] } }
    if hasScore {
      copy.margins = []
      copy.margins.reserveCapacity(margins.count)
      for i in indices { copy.margins.append(contentsOf: margins[(i * heads)..<((i + 1) * heads)]) }
    }
    return copy
  }
}
