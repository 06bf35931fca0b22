/// A requirement that a figure must meet, decided by its interval and not by its point.
///
/// `retention >= 0.98` passes when the whole interval meets it, fails when the whole interval misses it, and is undecided
/// in between: more rows would tell. A figure without an interval decides by its value when it has one.
public struct Gate: Equatable, Sendable, CustomStringConvertible {
  /// How a figure is compared with the bound.
  public enum Comparison: String, CaseIterable, Equatable, Sendable {
    /// At least.
    case atLeast = ">="
    /// More than.
    case above = ">"
    /// At most.
    case atMost = "<="
    /// Less than.
    case below = "<"
  }

  /// Name of the figure in JSON, for example `retention`.
  public let metric: String
  /// How it is compared.
  public let comparison: Comparison
  /// The bound, as a number: 0.98, not 98.
  public let bound: Double

  /// A requirement.
  public init(metric: String, comparison: Comparison, bound: Double) {
    self.metric = metric
    self.comparison = comparison
    self.bound = bound
  }

  /// Parses `retention >= 0.98`, `savings>50%`; nil for anything else, also for figures that do not exist.
  public init?(parsing text: String) {
    for comparison in [Comparison.atLeast, .atMost, .above, .below] {
      guard let range = text.firstRange(of: comparison.rawValue) else { continue }
      let name = Self.trimmed(text[..<range.lowerBound])
      var number = Self.trimmed(text[range.upperBound...])
      var scale = 1.0
      if number.hasSuffix("%") {
        number = Self.trimmed(number.dropLast())
        scale = 100
      }
      guard Self.metrics.contains(where: { $0.name == name }), let bound = Double(number),
        bound.isFinite, Self.isUnbounded(name) || abs(bound / scale) <= 1.5
      else { return nil }
      self.init(metric: name, comparison: comparison, bound: bound / scale)
      return
    }
    return nil
  }

  /// Whether values above 1.5 make sense: amounts, not shares and ratios. `retention > 98` would pass or fail whatever
  /// happens.
  private static func isUnbounded(_ metric: String) -> Bool {
    ["cost_usd", "overspend_usd", "regret", "log_loss"].contains(metric)
  }

  /// Shares of rows, whose interval is binomial where resampling finds no variation.
  private static let shares: Set<String> = [
    "share_strong", "escalation", "label_match", "acceptable_set", "acceptable_set_strict",
    "decisive_only", "too_low_share", "too_high_share", "opt_sel", "opt_acc", "recall",
  ]

  private static func trimmed(_ text: some StringProtocol) -> String {
    String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }

  /// The form that ``init(parsing:)`` reads.
  public var description: String { "\(metric) \(comparison.rawValue) \(short(bound))" }

  /// Names of all figures that can be required.
  public static var metricNames: [String] { metrics.map(\.name) }

  /// What the interval of `figure` says; undecided without one.
  ///
  /// - Parameter trials: independent rows behind a share. Where all of them agree, resampling shows no variation, and the
  ///   exact binomial interval stands in (Clopper & Pearson, 1934): 25 right answers of 25 are no proof of 90 %.
  public func verdict(_ figure: Figure, trials: Int? = nil) -> GateVerdict {
    guard let value = figure.value, var low = figure.low, var high = figure.high else {
      return .undecided
    }
    if low == high, let trials, trials > 0, Self.shares.contains(metric), value == 0 || value == 1 {
      let exact = clopperPearsonInterval(successes: value == 1 ? trials : 0, trials: trials)
      (low, high) = (exact.low ?? low, exact.high ?? high)
    }
    let meets: (Double) -> Bool =
      switch comparison {
      case .atLeast: { $0 >= bound }
      case .above: { $0 > bound }
      case .atMost: { $0 <= bound }
      case .below: { $0 < bound }
      }
    if meets(low) && meets(high) { return .pass }
    if !meets(low) && !meets(high) { return .fail }
    return .undecided
  }

  /// The required figure of a policy.
  public func figure(of policy: PolicyFigures) -> Figure {
    Self.metrics.first { $0.name == metric }.map { policy[keyPath: $0.path] } ?? .undefined
  }

  private static var metrics: [(name: String, path: KeyPath<PolicyFigures, Figure>)] {
    [
      ("quality", \.quality), ("cost_usd", \.costDollars), ("savings", \.savings),
      ("retention", \.retention), ("share_strong", \.shareStrong), ("escalation", \.escalation),
      ("regret", \.regret), ("pgr", \.pgr), ("apgr", \.apgr), ("cpt50", \.cpt50),
      ("cpt80", \.cpt80), ("auc", \.auc), ("average_precision", \.averagePrecision),
      ("log_loss", \.logLoss), ("brier", \.brier), ("ece", \.ece),
      ("label_match", \.accuracy.labelMatch), ("acceptable_set", \.accuracy.acceptableSet),
      ("acceptable_set_strict", \.accuracy.acceptableSetStrict),
      ("decisive_only", \.accuracy.decisiveOnly), ("macro_f1", \.macroF1),
      ("weighted_f1", \.weightedF1), ("too_low_share", \.tooLowShare),
      ("too_high_share", \.tooHighShare), ("quality_lost", \.qualityLost),
      ("overspend_usd", \.overspendDollars), ("arena_score", \.arenaScore),
      ("opt_sel", \.optSelection), ("opt_acc", \.optAccuracy), ("opt_cost", \.optCost),
      ("aiq", \.aiq), ("hypervolume", \.hypervolume), ("gap_at_oracle", \.gapAtOracle),
      ("gain_over_best_single", \.gainOverBestSingle), ("gain_over_random", \.gainOverRandom),
    ]
  }
}

/// What an interval allows one to say of a requirement.
public enum GateVerdict: String, Equatable, Sendable, Codable {
  /// The whole interval meets it.
  case pass = "PASS"
  /// The whole interval misses it.
  case fail = "FAIL"
  /// The interval holds both.
  case undecided = "UNDECIDED"

  /// All of several: one failure fails, else one undecided leaves it undecided.
  public static func all(_ verdicts: some Sequence<GateVerdict>) -> GateVerdict {
    var result = GateVerdict.pass
    for verdict in verdicts {
      if verdict == .fail { return .fail }
      if verdict == .undecided { result = .undecided }
    }
    return result
  }
}
