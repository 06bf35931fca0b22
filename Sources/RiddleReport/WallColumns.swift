import RiddleEvaluation

/// One figure of the wall: how it is called, printed and found. HTML, terminal and Markdown share these.
struct WallColumn: Sendable {
  /// Name in JSON, by which notes refer to the figure.
  let key: String
  /// Column heading.
  let title: String
  /// One sentence for readers who meet it for the first time.
  let meaning: String
  let format: FigureFormat
  /// Whether the figure needs a score, which constant policies do not have.
  let needsScore: Bool
  let figure: @Sendable (PolicyFigures) -> Figure

  init(
    _ key: String, _ title: String, _ format: FigureFormat = .plain, needsScore: Bool = false,
    meaning: String, _ figure: @escaping @Sendable (PolicyFigures) -> Figure
  ) {
    self.key = key
    self.title = title
    self.meaning = meaning
    self.format = format
    self.needsScore = needsScore
    self.figure = figure
  }

  // MARK: the columns

  static let quality = WallColumn(
    "quality", "Quality", meaning: "Mean quality of the accepted answers."
  ) { $0.quality }
  static let cost = WallColumn(
    "cost_usd", "$ / 1,000 queries", .dollarsPerThousand, meaning: "Mean cost of 1,000 queries."
  ) { $0.costDollars }
  static let savings = WallColumn(
    "savings", "Savings", .percent, meaning: "1 − cost / cost of always-strongest; signed."
  ) { $0.savings }
  static let retention = WallColumn(
    "retention", "Retention", .percent, meaning: "Quality / quality of always-strongest."
  ) { $0.retention }
  static let shareStrong = WallColumn(
    "share_strong", "Strong share", .percent, meaning: "Queries sent to the strongest candidate."
  ) { $0.shareStrong }
  static let pgr = WallColumn(
    "pgr", "PGR", meaning: "Quality gap between weakest and strongest recovered."
  ) { $0.pgr }
  static let regret = WallColumn(
    "regret", "Regret", meaning: "Mean utility lost against the best pick of each query."
  ) { $0.regret }
  static let apgr = WallColumn(
    "apgr", "APGR", needsScore: true, meaning: "Gap recovered, averaged over all strong shares."
  ) { $0.apgr }
  static let auc = WallColumn(
    "auc", "AUC", needsScore: true, meaning: "Chance that a query needing strong scores higher."
  ) { $0.auc }
  static let cpt50 = WallColumn(
    "cpt50", "CPT 50", .percent, needsScore: true,
    meaning: "Smallest strong share that recovers half of the gap."
  ) { $0.cpt50 }
  static let cpt80 = WallColumn(
    "cpt80", "CPT 80", .percent, needsScore: true,
    meaning: "Smallest strong share that recovers four fifths of the gap."
  ) { $0.cpt80 }
  static let averagePrecision = WallColumn(
    "average_precision", "Avg. precision", needsScore: true,
    meaning: "Area under precision over recall."
  ) { $0.averagePrecision }
  static let logLoss = WallColumn(
    "log_loss", "Log loss", needsScore: true, meaning: "Of the probability, in nats."
  ) { $0.logLoss }
  static let brier = WallColumn(
    "brier", "Brier", needsScore: true, meaning: "Mean squared error of the probability."
  ) { $0.brier }
  static let ece = WallColumn(
    "ece", "ECE", needsScore: true, meaning: "Expected calibration error, 15 equal-mass bins."
  ) { $0.ece }
  static let apgrRouteLLM = WallColumn(
    "apgr_routellm", "APGR (RouteLLM)", needsScore: true,
    meaning: "By RouteLLM's 11-point procedure, for comparison with published tables."
  ) { $0.apgrRouteLLM }
  static let cpt50RouteLLM = WallColumn(
    "cpt50_routellm", "CPT 50 (RouteLLM)", .percent, needsScore: true,
    meaning: "RouteLLM's interpolated CPT 50."
  ) { $0.cpt50RouteLLM }
  static let cpt80RouteLLM = WallColumn(
    "cpt80_routellm", "CPT 80 (RouteLLM)", .percent, needsScore: true,
    meaning: "RouteLLM's interpolated CPT 80."
  ) { $0.cpt80RouteLLM }

  static let escalation = WallColumn(
    "escalation", "Escalated", .percent,
    meaning: "Queries that paid for more than one candidate."
  ) { $0.escalation }
  static let gainOverRandom = WallColumn(
    "gain_over_random", "Gain over random",
    meaning: "Quality above that of the random mix that costs the same."
  ) { $0.gainOverRandom }
  static let gainOverBestSingle = WallColumn(
    "gain_over_best_single", "Gain over best single",
    meaning: "Quality above that of the best candidate asked every time."
  ) { $0.gainOverBestSingle }
  static let gapAtOracle = WallColumn(
    "gap_at_oracle", "Gap to oracle", meaning: "Quality of the oracle minus quality of the policy."
  ) { $0.gapAtOracle }
  static let aiq = WallColumn(
    "aiq", "AIQ", needsScore: true,
    meaning: "Mean height of the hull of the cost-quality curve up to the dearest candidate."
  ) { $0.aiq }
  static let hypervolume = WallColumn(
    "hypervolume", "Hypervolume", needsScore: true,
    meaning: "The same without mixing thresholds, above always-cheapest."
  ) { $0.hypervolume }
  static let brierReliability = WallColumn(
    "brier_reliability", "Brier reliability", needsScore: true,
    meaning: "Miscalibration part of the Brier score, 15 equal-mass bins; 0 is best."
  ) { $0.brierReliability }
  static let brierResolution = WallColumn(
    "brier_resolution", "Brier resolution", needsScore: true,
    meaning: "How far the bins' outcomes lie from the average; more is better."
  ) { $0.brierResolution }
  static let eceEqualWidth = WallColumn(
    "ece_equal_width", "ECE (equal width)", needsScore: true,
    meaning: "Expected calibration error, 15 bins of equal width."
  ) { $0.eceEqualWidth }
  static let arenaScore = WallColumn(
    "arena_score", "Arena score", meaning: "RouterArena's score of mean quality and cost."
  ) { $0.arenaScore }
  static let optSelection = WallColumn(
    "opt_sel", "Opt.Sel", .percent,
    meaning: "Of the solvable queries, those sent to the cheapest right candidate."
  ) { $0.optSelection }
  static let optAccuracy = WallColumn(
    "opt_acc", "Opt.Acc", .percent, meaning: "Of the solvable queries, those answered rightly."
  ) { $0.optAccuracy }
  static let optCost = WallColumn(
    "opt_cost", "Opt.Cost", .percent,
    meaning: "Cheapest right cost over cost paid, where the answer is right."
  ) { $0.optCost }
  static let aiqRouterBench = WallColumn(
    "aiq_routerbench", "AIQ (RouterBench)", needsScore: true,
    meaning: "AIQ as RouterBench's code divides it."
  ) { $0.aiqRouterBench }
  static let tooLow = WallColumn(
    "too_low_share", "Sent too low", .percent, meaning: "Queries sent below the oracle's candidate."
  ) { $0.tooLowShare }
  static let qualityLost = WallColumn(
    "quality_lost", "Quality lost", meaning: "By those, per query of all."
  ) { $0.qualityLost }
  static let tooHigh = WallColumn(
    "too_high_share", "Sent too high", .percent,
    meaning: "Queries sent above the oracle's candidate."
  ) { $0.tooHighShare }
  static let overspend = WallColumn(
    "overspend_usd", "$ too much / 1,000", .dollarsPerThousand,
    meaning: "Spent needlessly by those, per 1,000 queries of all."
  ) { $0.overspendDollars }
  static let macroF1 = WallColumn(
    "macro_f1", "Macro F1", meaning: "Mean of the candidates' F1 against the oracle."
  ) { $0.macroF1 }
  static let weightedF1 = WallColumn(
    "weighted_f1", "Weighted F1", meaning: "The same weighted by the oracle's shares."
  ) { $0.weightedF1 }

  /// What a policy earns and costs at its operating point.
  static let money = [quality, cost, savings, retention, shareStrong, pgr, regret, escalation]
  /// How far from luck, from no router at all, and from the best.
  static let gains = [gainOverRandom, gainOverBestSingle, gapAtOracle]
  /// Wrong turns and what they cost.
  static let misroutes = [tooLow, qualityLost, tooHigh, overspend, macroF1, weightedF1]
  /// How well a score ranks queries, and what its probabilities are worth.
  static let ranking = [apgr, cpt50, cpt80, auc, averagePrecision, aiq, hypervolume]
  static let probability = [logLoss, brier, brierReliability, brierResolution, ece, eceEqualWidth]
  /// Figures as published tables define them.
  static let compatible = [
    apgrRouteLLM, cpt50RouteLLM, cpt80RouteLLM, aiqRouterBench, arenaScore, optSelection,
    optAccuracy, optCost,
  ]
  /// What fits a terminal and a pull request.
  static let short = [quality, cost, savings, retention, shareStrong, apgr, auc]

  static let labelMatch = WallColumn(
    "label_match", "Label match", .percent, meaning: "The pick is the oracle's pick."
  ) { $0.accuracy.labelMatch }
  static let acceptableSet = WallColumn(
    "acceptable_set", "Acceptable set", .percent,
    meaning: "The pick is as good as the best on that query."
  ) { $0.accuracy.acceptableSet }
  static let acceptableSetStrict = WallColumn(
    "acceptable_set_strict", "Acceptable, strict", .percent,
    meaning: "As before, and no cheaper candidate is acceptable."
  ) { $0.accuracy.acceptableSetStrict }
  static let decisiveOnly = WallColumn(
    "decisive_only", "Decisive only", .percent,
    meaning: "Label match over queries whose candidates differ in quality."
  ) { $0.accuracy.decisiveOnly }
  /// Routing accuracy in its definitions.
  static let accuracy = [labelMatch, acceptableSet, acceptableSetStrict, decisiveOnly]
}

/// Why a figure is undefined, as far as the report knows.
enum UndefinedReason {
  /// Said of a policy that ranks nothing.
  static let noScore = "no score: it ranks no queries, so there is nothing to measure"
  /// Said when the report gives no reason.
  static let unstated = "undefined on these data"

  /// The reason, from the policy's notes when one of them speaks of the figure.
  ///
  /// A note speaks of a figure when its first words before the colon hold the figure's name in JSON,
  /// as in `cpt80 undefined: no operating point reaches it`.
  static func of(_ column: WallColumn, in policy: PolicyFigures) -> String {
    for note in policy.notes {
      guard let colon = note.firstIndex(of: ":") else { continue }
      let head = note[..<colon]
      let words = head.split { !($0.isLetter || $0.isNumber || $0 == "_") }
      guard words.contains(where: { $0 == column.key }) else { continue }
      let reason = note[note.index(after: colon)...].drop { $0 == " " }
      if !reason.isEmpty { return String(reason) }
    }
    return column.needsScore && policy.curve.isEmpty ? noScore : unstated
  }
}
