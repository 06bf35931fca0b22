import RiddleData

/// Per-row quantities of one policy whose weighted sums give every figure of its operating point.
enum Column: Int, CaseIterable {
  /// Quality of the accepted answer.
  case quality
  /// Nano-dollars paid, the decision and failed attempts included; NaN when the log does not say. Whole numbers, so
  /// sums are exact.
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
  /// Log loss of the probability; 0 without one.
  case logLoss
  /// Brier score of the probability; 0 without one.
  case brier
  /// Position between cheapest and strongest: see ``Judged/axis``.
  case axis
  /// 1 when more than one candidate was paid for.
  case escalated
  /// 1 when the pick is below the oracle's.
  case tooLow
  /// Quality lost on such rows.
  case qualityLost
  /// 1 when the pick is above the oracle's.
  case tooHigh
  /// Nano-dollars paid beyond the oracle's candidate on such rows; NaN when one of their costs is missing.
  case overspend
  /// 1 when some candidate is right and the pick is the cheapest right one (RouterArena's Opt.Sel).
  case selectedRight
  /// 1 when the pick is right (Opt.Acc).
  case right
  /// Nano-dollars of the cheapest right candidate, on rows where the pick is right (Opt.Cost).
  case dueWhenRight
  /// Nano-dollars paid on rows where the pick is right.
  case paidWhenRight

  /// Columns before the K shares and the K matches per candidate.
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
      let order = RankOrder(descending: headMargins)
      ranked = RankedLabels(order: order, labels: judged.labels)
      sweep =
        judged.isPair
        ? Sweep(pairScores: policy.margins, order: order, gains: judged.gains)
        : Sweep(
          ladderMargins: policy.margins, thresholds: policy.thresholds,
          quality: judged.table.quality, axis: judged.axis)
    }
    if let p = policy.probabilities {
      bins = EqualMassBins(probabilities: p, labels: judged.labels)
    }
  }

  /// Margins of head 0, one a row; empty without a score.
  var headMargins: [Double] {
    let heads = policy.thresholds.count
    return heads == 1
      ? policy.margins
      : stride(from: 0, to: policy.margins.count, by: max(1, heads)).map { policy.margins[$0] }
  }

  /// Whether the policy gives probabilities, so that log loss and Brier score are defined.
  var hasProbabilities: Bool { policy.probabilities != nil }

  /// The columns, one after the other, each summed over the rows of a unit: `(Column.shares + 2 K) × units`.
  func columns(_ judged: Judged) -> [Double] {
    let units = judged.units.count
    let width = judged.candidateCount
    let price = judged.settings.pricePerQuality
    var out = [Double](repeating: 0, count: (Column.shares + 2 * width) * units)
    var qualities = [Double](repeating: 0, count: width)
    var dollars = qualities
    for i in 0..<judged.rowCount {
      let c = Int(judged.units.ofRow[i])
      let pick = policy.picks[i]
      let row = judged.judgements[i]
      func add(_ column: Column, _ value: Double) { out[column.rawValue * units + c] += value }
      for k in 0..<width {
        qualities[k] = judged.table.quality(i, k)
        dollars[k] = judged.dollars(i, k)
      }
      let isAnswered = !(policy.failed.map { $0[i] } ?? false)
      let quality = policy.quality(i, judged.table)
      let paid = policy.paid(i, judged.table)
      add(.quality, quality)
      add(.nanoDollars, paid)
      if isAnswered {
        add(.match, row.matches(pick))
        add(.acceptable, row.isAcceptable(pick, in: judged.table, row: i))
        add(.strictlyAcceptable, row.isStrictlyAcceptable(pick))
        add(.decisiveMatch, row.isDecisive ? row.matches(pick) : 0)
      }
      let best = RiddleEvaluation.regret(
        quality: qualities, dollars: dollars, pick: pick, price: price)
      // What was paid beyond the accepted answer, and the answer that never came, are regretted too.
      let extra = price == 0 ? 0 : price * (paid / 1e9 - dollars[pick])
      add(.regret, best + (qualities[pick] - quality) + extra)
      if let p = policy.probabilities?[i] {
        add(.logLoss, RiddleEvaluation.logLoss(probability: p, label: judged.labels[i]))
        add(.brier, brierScore(probability: p, label: judged.labels[i]))
      }
      add(.axis, judged.axisPosition(i, pick, paid: paid))
      if policy.attempts.map({ $0[i] > 1 }) ?? false { add(.escalated, 1) }
      let oracle = row.oraclePick
      if pick < oracle {
        add(.tooLow, 1)
        add(.qualityLost, qualities[oracle] - quality)
      } else if pick > oracle {
        add(.tooHigh, 1)
        add(.overspend, paid - (dollars[oracle] * 1e9).rounded())
      }
      if isAnswered, let due = row.cheapestRight, quality >= judged.settings.qualityThreshold {
        add(.selectedRight, pick == due ? 1 : 0)
        add(.right, 1)
        add(.dueWhenRight, (dollars[due] * 1e9).rounded())
        add(.paidWhenRight, paid)
      }
      out[(Column.shares + pick) * units + c] += 1
      if isAnswered && pick == oracle { out[(Column.shares + width + pick) * units + c] += 1 }
    }
    return out
  }
}
