/// The figures of one policy under one weighting of the rows, as a flat array; NaN where undefined.
enum Slot: Int, CaseIterable {
  case quality, cost, match, acceptable, strictlyAcceptable, decisive, regret, utility
  case logLoss, brier, brierReliability, brierResolution, ece, eceEqualWidth
  case auc, averagePrecision
  case pgr, apgr, apgrRouteLLM, cpt50, cpt80, cpt50RouteLLM, cpt80RouteLLM
  case savings, retention, escalation
  /// Quality above that of the random mix of cheapest and strongest that costs the same.
  case lift
  case tooLow, qualityLost, tooHigh, overspend
  case macroF1, weightedF1
  case arena, optimalSelection, optimalAccuracy, optimalCost
  case aiq, aiqRouterBench, hypervolume

  /// Slots before the K shares, precisions, recalls and F1s.
  static let shares = allCases.count
  /// Slots of a policy on a ladder of `width` candidates.
  static func count(_ width: Int) -> Int { shares + 4 * width }

  /// Name in JSON and in notes.
  var label: String {
    switch self {
    case .cost: "cost_usd"
    case .match: "label_match"
    case .acceptable: "acceptable_set"
    case .strictlyAcceptable: "acceptable_set_strict"
    case .decisive: "decisive_only"
    case .logLoss: "log_loss"
    case .brierReliability: "brier_reliability"
    case .brierResolution: "brier_resolution"
    case .eceEqualWidth: "ece_equal_width"
    case .averagePrecision: "average_precision"
    case .apgrRouteLLM: "apgr_routellm"
    case .cpt50RouteLLM: "cpt50_routellm"
    case .cpt80RouteLLM: "cpt80_routellm"
    case .lift: "gain_over_random"
    case .tooLow: "too_low_share"
    case .qualityLost: "quality_lost"
    case .tooHigh: "too_high_share"
    case .overspend: "overspend_usd"
    case .macroF1: "macro_f1"
    case .weightedF1: "weighted_f1"
    case .arena: "arena_score"
    case .optimalSelection: "opt_sel"
    case .optimalAccuracy: "opt_acc"
    case .optimalCost: "opt_cost"
    case .aiqRouterBench: "aiq_routerbench"
    default: "\(self)"
    }
  }
}

/// Sums of one policy's columns under one weighting.
struct Sums {
  /// `Column.shares + 2 K` sums.
  var values: [Double]

  subscript(_ column: Column) -> Double { values[column.rawValue] }
  /// Number of candidates.
  var width: Int { (values.count - Column.shares) / 2 }
  /// Weight of the rows sent to candidate `k`.
  func share(_ k: Int) -> Double { values[Column.shares + k] }
  /// Weight of the rows that both the policy and the oracle send to `k`.
  func matches(_ k: Int) -> Double { values[Column.shares + width + k] }

  /// (1 − share) · self + share · other: a policy that tosses a coin on every row.
  func mixed(with other: Sums, share: Double) -> Sums {
    Sums(values: zip(values, other.values).map { (1 - share) * $0 + share * $1 })
  }
}

/// What all policies are measured against, under one weighting.
struct Yardstick {
  /// Sum of the weights.
  let rows: Double
  /// Weight of the decisive rows.
  let decisive: Double
  /// Weight of the rows that some candidate answers rightly.
  let solvable: Double
  /// Weight of the rows that the oracle sends to each candidate.
  let oracleShares: [Double]
  /// Always-cheapest.
  let cheapest: Sums
  /// Always-strongest.
  let strongest: Sums
  /// Largest mean cost of a candidate asked every time, in dollars; NaN where costs are missing.
  let maximalCost: Double

  /// Σ (strong − weak).
  var gap: Double { strongest[.quality] - cheapest[.quality] }
  /// Distance from cheapest to strongest on the axis.
  var reach: Double { strongest[.axis] - cheapest[.axis] }

  /// Share of the strongest candidate in the mix that costs as much as `sums`, clamped to [0, 1]; NaN without a reach.
  func mixShare(of sums: Sums) -> Double {
    let share = (sums[.axis] - cheapest[.axis]) / reach
    return share.isFinite ? min(max(share, 0), 1) : .nan
  }

  /// Writes the operating-point figures that follow from `sums` into `out` from index `at`.
  ///
  /// - Parameter hasProbabilities: whether log loss and Brier score are defined.
  func write(
    _ sums: Sums, price: Double, hasProbabilities: Bool, into out: inout [Double], at: Int
  ) {
    func set(_ slot: Slot, _ value: Double) {
      out[at + slot.rawValue] = value.isFinite ? value : .nan
    }
    let dollars = sums[.nanoDollars] / rows / 1e9
    let quality = sums[.quality] / rows
    set(.quality, quality)
    set(.cost, dollars)
    set(.match, sums[.match] / rows)
    set(.acceptable, sums[.acceptable] / rows)
    set(.strictlyAcceptable, sums[.strictlyAcceptable] / rows)
    set(.decisive, sums[.decisiveMatch] / decisive)
    set(.regret, sums[.regret] / rows)
    set(.utility, price == 0 ? quality : quality - price * dollars)
    if hasProbabilities {
      set(.logLoss, sums[.logLoss] / rows)
      set(.brier, sums[.brier] / rows)
    }
    set(
      .pgr,
      performanceGapRecovered(
        quality: sums[.quality], weak: cheapest[.quality], strong: strongest[.quality]) ?? .nan)
    set(
      .savings,
      RiddleEvaluation.savings(
        cost: sums[.nanoDollars], strongest: strongest[.nanoDollars]) ?? .nan)
    set(
      .retention,
      RiddleEvaluation.retention(
        quality: sums[.quality], strongest: strongest[.quality]) ?? .nan)
    set(.escalation, sums[.escalated] / rows)
    // The mix's own lift is 0 by construction; what rounding leaves of it is no lift.
    let lift = (sums[.quality] - cheapest[.quality] - mixShare(of: sums) * gap) / rows
    set(.lift, abs(lift) < 1e-12 ? 0 : lift)
    set(.tooLow, sums[.tooLow] / rows)
    set(.qualityLost, sums[.qualityLost] / rows)
    set(.tooHigh, sums[.tooHigh] / rows)
    set(.overspend, sums[.overspend] / rows / 1e9)
    set(.arena, arenaScore(accuracy: quality, dollarsPerThousand: dollars * 1000) ?? .nan)
    set(.optimalSelection, sums[.selectedRight] / solvable)
    set(.optimalAccuracy, sums[.right] / solvable)
    set(.optimalCost, sums[.dueWhenRight] / sums[.paidWhenRight])
    writeTiers(sums, into: &out, at: at)
  }

  /// Shares, precision TP / sent, recall TP / due, F1 2 TP / (sent + due) per candidate, and the means of F1: over the
  /// candidates that either side uses (macro), and weighted by the oracle's shares.
  private func writeTiers(_ sums: Sums, into out: inout [Double], at: Int) {
    let width = sums.width
    var (macro, used, weighted) = (0.0, 0.0, 0.0)
    for k in 0..<width {
      let (sent, due, both) = (sums.share(k), oracleShares[k], sums.matches(k))
      let base = at + Slot.shares + k
      out[base] = sent / rows
      out[base + width] = sent > 0 ? both / sent : .nan
      out[base + 2 * width] = due > 0 ? both / due : .nan
      guard sent + due > 0 else { continue }
      let f1 = 2 * both / (sent + due)
      out[base + 3 * width] = f1
      macro += f1
      used += 1
      weighted += f1 * due
    }
    out[at + Slot.macroF1.rawValue] = used > 0 ? macro / used : .nan
    out[at + Slot.weightedF1.rawValue] = rows > 0 ? weighted / rows : .nan
  }
}
