/// The figures of one policy under one weighting of the rows, as a flat array; NaN where undefined.
enum Slot: Int, CaseIterable {
  case quality, cost, match, acceptable, strictlyAcceptable, decisive, regret, utility
  case logLoss, brier, ece, auc, averagePrecision
  case pgr, apgr, apgrRouteLLM, cpt50, cpt80, cpt50RouteLLM, cpt80RouteLLM
  case savings, retention
  /// Quality above that of the random mix of cheapest and strongest that costs the same.
  case lift

  /// Slots before the K shares.
  static let shares = allCases.count

  /// Name in notes.
  var label: String {
    switch self {
    case .apgrRouteLLM: "apgr_routellm"
    case .cpt50RouteLLM: "cpt50_routellm"
    case .cpt80RouteLLM: "cpt80_routellm"
    case .averagePrecision: "average_precision"
    case .decisive: "decisive_only"
    default: "\(self)"
    }
  }
}

/// Sums of one policy's columns under one weighting.
struct Sums {
  /// `Column.shares + K` sums.
  var values: [Double]

  subscript(_ column: Column) -> Double { values[column.rawValue] }

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
  /// Always-cheapest.
  let cheapest: Sums
  /// Always-strongest.
  let strongest: Sums

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
  func write(_ sums: Sums, price: Double, into out: inout [Double], at: Int) {
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
    set(.logLoss, sums[.logLoss] / rows)
    set(.brier, sums[.brier] / rows)
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
    // The mix's own lift is 0 by construction; what rounding leaves of it is no lift.
    let lift = (sums[.quality] - cheapest[.quality] - mixShare(of: sums) * gap) / rows
    set(.lift, abs(lift) < 1e-12 ? 0 : lift)
    for k in 0..<(sums.values.count - Column.shares) {
      out[at + Slot.shares + k] = sums.values[Column.shares + k] / rows
    }
  }
}
