import RiddleData

/// Per-row quantities of one policy whose weighted sums give every figure of its operating point.
enum Column: Int, CaseIterable {
  /// Quality of the picked answer.
  case quality
  /// Nano-dollars paid, the decision included; NaN when the log does not say. Whole numbers, so sums are exact.
  case nanoDollars
  /// 1 when the pick is the oracle's.
  case match
  /// 1 when the pick is acceptable.
  case acceptable
  /// 1 when the pick is the cheapest acceptable.
  case strictlyAcceptable
  /// 1 when the pick is the oracle's and the row is decisive.
  case decisiveMatch
  /// Utility lost against the row's best.
  case regret
  /// Log loss of the probability; NaN without one.
  case logLoss
  /// Brier score of the probability; NaN without one.
  case brier
  /// Position between cheapest and strongest: see ``Judged/axis``.
  case axis

  /// Columns before the K shares.
  static let shares = allCases.count
}

/// One policy of the evaluation: its decisions and what can be swept over its score.
struct JudgedPolicy: Sendable {
  var policy: ScoredPolicy
  /// Whether the score predicts the label, so that AUC means something: not for the oracle's.
  var isPredictor = true
  /// Whether this is the mix of always-cheapest and always-strongest at the first router's cost.
  var isMix = false
  /// The curve; nil for a policy without a score.
  var sweep: Sweep?
  /// Head-0 score against the labels.
  var ranked: RankedLabels?
  /// Probabilities against the labels.
  var bins: EqualMassBins?
  /// What limits the figures.
  var notes: [String] = []

  /// A policy with the sweep of its own margins.
  init(_ policy: ScoredPolicy, judged: Judged) {
    self.policy = policy
    if policy.hasScore {
      let heads = policy.thresholds.count
      let head0 = stride(from: 0, to: policy.margins.count, by: heads).map { policy.margins[$0] }
      ranked = RankedLabels(order: RankOrder(descending: head0), labels: judged.labels)
      sweep =
        judged.isPair
        ? Sweep(pairScores: policy.margins, gains: judged.gains)
        : Sweep(
          ladderMargins: policy.margins, thresholds: policy.thresholds,
          quality: judged.table.quality, axis: judged.axis)
    }
    if let p = policy.probabilities {
      bins = EqualMassBins(probabilities: p, labels: judged.labels)
    }
  }

  /// The columns, one after the other, each summed over the rows of a cluster: `(Column.shares + K) × clusters`.
  func columns(_ judged: Judged) -> [Double] {
    let clusters = judged.clusters.count
    let width = judged.candidateCount
    let fee = Double(policy.decisionCost.count)
    let price = judged.settings.pricePerQuality
    var out = [Double](repeating: 0, count: (Column.shares + width) * clusters)
    var qualities = [Double](repeating: 0, count: width)
    var dollars = qualities
    for i in 0..<judged.rowCount {
      let c = Int(judged.clusters.ofRow[i])
      let pick = policy.picks[i]
      let row = judged.judgements[i]
      func add(_ column: Column, _ value: Double) { out[column.rawValue * clusters + c] += value }
      for k in 0..<width {
        qualities[k] = judged.table.quality(i, k)
        dollars[k] = judged.dollars(i, k)
      }
      add(.quality, qualities[pick])
      add(.nanoDollars, judged.table.cost(i, pick).map { Double($0) + fee } ?? .nan)
      add(.match, row.matches(pick))
      add(.acceptable, row.isAcceptable(pick, in: judged.table, row: i))
      add(.strictlyAcceptable, row.isStrictlyAcceptable(pick))
      add(.decisiveMatch, row.isDecisive ? row.matches(pick) : 0)
      add(
        .regret,
        RiddleEvaluation.regret(quality: qualities, dollars: dollars, pick: pick, price: price))
      if let p = policy.probabilities?[i] {
        add(.logLoss, RiddleEvaluation.logLoss(probability: p, label: judged.labels[i]))
        add(.brier, brierScore(probability: p, label: judged.labels[i]))
      } else {
        add(.logLoss, .nan)
        add(.brier, .nan)
      }
      add(
        .axis,
        judged.axis[i * width + pick] + (judged.axisIsCost ? fee / 1e9 : 0))
      out[(Column.shares + pick) * clusters + c] += 1
    }
    return out
  }
}
