/// Every figure of one policy: a router or a baseline. Definitions: see the metric functions of this target.
public struct PolicyFigures: Equatable, Sendable, Codable {
  /// The policy's name, for example `support-desk` or `always-strongest`.
  public var name: String
  /// What kind of policy it is, in a few words.
  public var kind: String
  /// Area under the ROC curve of the score for "strong needed".
  public var auc: Figure
  /// Average precision of the score.
  public var averagePrecision: Figure
  /// Mean negative log likelihood of the calibrated probability, in nats.
  public var logLoss: Figure
  /// Mean squared error of the calibrated probability.
  public var brier: Figure
  /// Reliability part of the Brier score over 15 equal-mass bins: 0 when every bin keeps its word (Murphy, 1973).
  public var brierReliability: Figure
  /// Resolution part: how far the bins' outcomes lie from the overall share.
  public var brierResolution: Figure
  /// Expected calibration error, 15 equal-mass bins.
  public var ece: Figure
  /// Expected calibration error, 15 bins of equal width.
  public var eceEqualWidth: Figure
  /// Routing accuracy in three definitions.
  public var accuracy: Accuracy
  /// Gap recovered at the operating point: (Q − W) / (S − W).
  public var pgr: Figure
  /// Average gap recovered: exact area over all operating points.
  public var apgr: Figure
  /// Average gap recovered by RouteLLM's 11-point procedure.
  public var apgrRouteLLM: Figure
  /// Smallest strong share that recovers 50 % of the gap.
  public var cpt50: Figure
  /// Smallest strong share that recovers 80 % of the gap.
  public var cpt80: Figure
  /// RouteLLM's interpolated CPT 50.
  public var cpt50RouteLLM: Figure
  /// RouteLLM's interpolated CPT 80.
  public var cpt80RouteLLM: Figure
  /// 1 − cost / cost of always-strongest; signed.
  public var savings: Figure
  /// Mean quality / mean quality of always-strongest.
  public var retention: Figure
  /// Share of rows on which more than one candidate was paid for.
  public var escalation: Figure
  /// Share of rows sent to the strongest candidate.
  public var shareStrong: Figure
  /// Rows sent below the oracle's candidate (complex sent cheap), and what that cost in quality per query.
  public var tooLowShare: Figure
  /// Quality lost per query by rows sent too low.
  public var qualityLost: Figure
  /// Rows sent above the oracle's candidate (simple sent dear).
  public var tooHighShare: Figure
  /// Dollars per query spent needlessly by rows sent too high.
  public var overspendDollars: Figure
  /// Mean of the candidates' F1.
  public var macroF1: Figure
  /// Mean of the candidates' F1 weighted by the oracle's shares.
  public var weightedF1: Figure
  /// RouterArena's score of mean quality and cost.
  public var arenaScore: Figure
  /// RouterArena's Opt.Sel, Opt.Acc and Opt.Cost.
  public var optSelection: Figure
  /// Of the rows some candidate answers rightly, the share the policy answers rightly.
  public var optAccuracy: Figure
  /// Cost of the cheapest right candidate over the cost paid, where the policy is right.
  public var optCost: Figure
  /// Area under the hull of the curve per dollar of its range (RouterBench's AIQ).
  public var aiq: Figure
  /// AIQ as RouterBench's code divides it.
  public var aiqRouterBench: Figure
  /// Area that the operating points themselves dominate, above always-cheapest, per dollar of the range.
  public var hypervolume: Figure
  /// Quality of the oracle minus quality of the policy.
  public var gapAtOracle: Figure
  /// Quality above that of the best single candidate.
  public var gainOverBestSingle: Figure
  /// Quality above that of the random mix that costs the same.
  public var gainOverRandom: Figure
  /// Mean of (best utility − utility of the pick) per query.
  public var regret: Figure
  /// Mean quality at the operating point.
  public var quality: Figure
  /// Mean cost per query at the operating point, in dollars.
  public var costDollars: Figure
  /// Share of rows sent to each candidate, ladder order.
  public var shares: [Figure]
  /// Rows by oracle's pick (outer) and policy's pick (inner), ladder order.
  public var confusion: [[Int]]
  /// Precision, recall and F1 of each candidate against the oracle, ladder order.
  public var perTier: [TierFigures]
  /// Points of the cost-quality curve over all thresholds, thinned to at most 200; empty for a policy without a score.
  public var curve: [CurvePoint]
  /// Bins of the reliability diagram; empty without a probability.
  public var reliability: [ReliabilityBin]
  /// Rows by probability (or margin) and outcome; empty for a policy without a score.
  public var histogram: [HistogramBin]
  /// What limits these figures, for example `cpt80 undefined: no operating point reaches it`.
  public var notes: [String]

  /// Figures of a policy, all undefined until set.
  public init(name: String, kind: String) {
    self.name = name
    self.kind = kind
    auc = .undefined
    averagePrecision = .undefined
    logLoss = .undefined
    brier = .undefined
    brierReliability = .undefined
    brierResolution = .undefined
    ece = .undefined
    eceEqualWidth = .undefined
    accuracy = Accuracy()
    pgr = .undefined
    apgr = .undefined
    apgrRouteLLM = .undefined
    cpt50 = .undefined
    cpt80 = .undefined
    cpt50RouteLLM = .undefined
    cpt80RouteLLM = .undefined
    savings = .undefined
    retention = .undefined
    escalation = .undefined
    shareStrong = .undefined
    tooLowShare = .undefined
    qualityLost = .undefined
    tooHighShare = .undefined
    overspendDollars = .undefined
    macroF1 = .undefined
    weightedF1 = .undefined
    arenaScore = .undefined
    optSelection = .undefined
    optAccuracy = .undefined
    optCost = .undefined
    aiq = .undefined
    aiqRouterBench = .undefined
    hypervolume = .undefined
    gapAtOracle = .undefined
    gainOverBestSingle = .undefined
    gainOverRandom = .undefined
    regret = .undefined
    quality = .undefined
    costDollars = .undefined
    shares = []
    confusion = []
    perTier = []
    curve = []
    reliability = []
    histogram = []
    notes = []
  }

  private enum CodingKeys: String, CodingKey {
    case name, kind, auc, brier, ece, accuracy, pgr, apgr, cpt50, cpt80, savings, retention, regret
    case quality, shares, confusion, curve, reliability, histogram, notes, escalation, aiq
    case hypervolume
    case brierReliability = "brier_reliability"
    case brierResolution = "brier_resolution"
    case eceEqualWidth = "ece_equal_width"
    case tooLowShare = "too_low_share"
    case qualityLost = "quality_lost"
    case tooHighShare = "too_high_share"
    case overspendDollars = "overspend_usd"
    case macroF1 = "macro_f1"
    case weightedF1 = "weighted_f1"
    case arenaScore = "arena_score"
    case optSelection = "opt_sel"
    case optAccuracy = "opt_acc"
    case optCost = "opt_cost"
    case aiqRouterBench = "aiq_routerbench"
    case gapAtOracle = "gap_at_oracle"
    case gainOverBestSingle = "gain_over_best_single"
    case gainOverRandom = "gain_over_random"
    case averagePrecision = "average_precision"
    case logLoss = "log_loss"
    case apgrRouteLLM = "apgr_routellm"
    case cpt50RouteLLM = "cpt50_routellm"
    case cpt80RouteLLM = "cpt80_routellm"
    case shareStrong = "share_strong"
    case costDollars = "cost_usd"
    case perTier = "per_tier"
  }

  /// Routing accuracy; ties decide its value, so read it with the tie share.
  public struct Accuracy: Equatable, Sendable, Codable {
    /// Pick equals the oracle's pick.
    public var labelMatch = Figure.undefined
    /// Quality of the pick is within ε of the best on that row.
    public var acceptableSet = Figure.undefined
    /// As `acceptableSet`, and no cheaper candidate is acceptable.
    public var acceptableSetStrict = Figure.undefined
    /// Label match over rows whose candidates differ in quality.
    public var decisiveOnly = Figure.undefined
    /// Undefined until set.
    public init() {}

    private enum CodingKeys: String, CodingKey {
      case labelMatch = "label_match"
      case acceptableSet = "acceptable_set"
      case acceptableSetStrict = "acceptable_set_strict"
      case decisiveOnly = "decisive_only"
    }
  }

  /// Precision, recall and F1 of one candidate against the oracle.
  public struct TierFigures: Equatable, Sendable, Codable {
    /// Candidate's name.
    public var candidate: String
    /// Of the rows sent here, the share the oracle sends here; undefined when none was sent.
    public var precision: Figure
    /// Of the rows the oracle sends here, the share sent here; undefined when there is none.
    public var recall: Figure
    /// Harmonic mean of both.
    public var f1: Figure

    /// One candidate's figures.
    public init(candidate: String, precision: Figure, recall: Figure, f1: Figure) {
      self.candidate = candidate
      self.precision = precision
      self.recall = recall
      self.f1 = f1
    }
  }

  /// One operating point of a cost-quality curve.
  public struct CurvePoint: Equatable, Sendable, Codable {
    /// Share of rows sent to the strongest candidate (pair), or position between always-cheapest and
    /// always-strongest spend (ladder).
    public var share: Double
    /// Mean cost per query in dollars; nil where costs are missing.
    public var costDollars: Double?
    /// Mean quality.
    public var quality: Double
    /// Lower end of the pointwise interval of quality.
    public var low: Double?
    /// Upper end of the pointwise interval of quality.
    public var high: Double?

    /// A point.
    public init(
      share: Double, costDollars: Double?, quality: Double, low: Double? = nil, high: Double? = nil
    ) {
      self.share = share
      self.costDollars = costDollars
      self.quality = quality
      self.low = low
      self.high = high
    }

    private enum CodingKeys: String, CodingKey {
      case share, quality, low, high
      case costDollars = "cost_usd"
    }
  }

  /// One bin of the score's histogram.
  public struct HistogramBin: Equatable, Sendable, Codable {
    /// Lower end of the bin, included.
    public var low: Double
    /// Upper end, excluded but for the last bin.
    public var high: Double
    /// Rows by outcome, in the order of ``EvaluationReport/Headroom/outcomeCounts``.
    public var counts: [Int]

    /// A bin.
    public init(low: Double, high: Double, counts: [Int]) {
      self.low = low
      self.high = high
      self.counts = counts
    }
  }

  /// One bin of a reliability diagram.
  public struct ReliabilityBin: Equatable, Sendable, Codable {
    /// Rows in the bin.
    public var count: Int
    /// Mean predicted probability.
    public var predicted: Double
    /// Observed share of "strong needed".
    public var observed: Double

    /// A bin.
    public init(count: Int, predicted: Double, observed: Double) {
      self.count = count
      self.predicted = predicted
      self.observed = observed
    }
  }
}
