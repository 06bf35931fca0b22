/// Everything one evaluation found: the hand-over to the HTML page, the terminal tables and other tools.
///
/// Aggregates only: no query text, no per-row value, so its size does not depend on the number of rows.
public struct EvaluationReport: Equatable, Sendable, Codable {
  /// Names this layout and its version.
  public var format = "riddle-evaluation/1"
  /// Number of evaluated queries.
  public var queries: Int
  /// Candidates from cheapest (weak) to dearest (strong).
  public var candidates: [String]
  /// How the evaluated rows were chosen and what was left out.
  public var rows: RowSelection
  /// What the labels mean.
  public var labelling: Labelling
  /// What a perfect router could gain on these rows.
  public var headroom: Headroom
  /// Interval that 95 % of random routers' APGR fall into at this number of rows.
  public var randomBand: Figure
  /// The judged routers, in the order given.
  public var routers: [PolicyFigures]
  /// The baseline wall, always complete.
  public var baselines: [PolicyFigures]
  /// Paired differences of every router against every baseline.
  public var comparisons: [Comparison]
  /// Results per segment (task type, domain or group), largest first; at most 60.
  public var segments: [Segment]
  /// The same for every further router.
  public var moreSegments: [SegmentTable] = []
  /// Rows on which the first router did worst: at most ten too low, then ten too high.
  public var misroutes: [Misroute] = []
  /// Requirements and what came of them.
  public var gates: [GateResult] = []
  /// Field the segments come from, for example `task_type`; nil when the log has none.
  public var segmentField: String?
  /// What a sceptical reader must know before believing a figure.
  public var warnings: [String]
  /// How the intervals were made.
  public var intervals: IntervalSettings
  /// Names and SHA-256 of what was read: data files, weight files.
  public var inputs: [Input]

  /// A report from its parts.
  public init(
    queries: Int, candidates: [String], rows: RowSelection, labelling: Labelling,
    headroom: Headroom, randomBand: Figure, routers: [PolicyFigures], baselines: [PolicyFigures],
    comparisons: [Comparison], segments: [Segment], segmentField: String?, warnings: [String],
    intervals: IntervalSettings, inputs: [Input] = []
  ) {
    self.queries = queries
    self.candidates = candidates
    self.rows = rows
    self.labelling = labelling
    self.headroom = headroom
    self.randomBand = randomBand
    self.routers = routers
    self.baselines = baselines
    self.comparisons = comparisons
    self.segments = segments
    self.segmentField = segmentField
    self.warnings = warnings
    self.intervals = intervals
    self.inputs = inputs
  }

  private enum CodingKeys: String, CodingKey {
    case format, queries, candidates, rows, labelling, headroom, routers, baselines, comparisons
    case segments, warnings, intervals, inputs, misroutes, gates
    case moreSegments = "more_segments"
    case randomBand = "random_band"
    case segmentField = "segment_field"
  }

  /// How the evaluated rows were chosen.
  public struct RowSelection: Equatable, Sendable, Codable {
    /// One sentence: `held-out rows of the training data`, `all rows`, …
    public var description: String
    /// Rows in the input.
    public var total: Int
    /// Rows left out because the router saw them in training.
    public var seenInTraining: Int
    /// Rows left out because text, a candidate or a judgement is missing.
    public var incomplete: Int

    /// A row selection.
    public init(description: String, total: Int, seenInTraining: Int, incomplete: Int) {
      self.description = description
      self.total = total
      self.seenInTraining = seenInTraining
      self.incomplete = incomplete
    }

    private enum CodingKeys: String, CodingKey {
      case description, total, incomplete
      case seenInTraining = "seen_in_training"
    }
  }

  /// What "right" means in this evaluation.
  public struct Labelling: Equatable, Sendable, Codable {
    /// Oracle rule, for example `cheapest-adequate`.
    public var oracle: String
    /// Label target, for example `weak-fails`.
    public var target: String
    /// Quality from which an answer is adequate.
    public var qualityThreshold: Double
    /// Share of rows on which all candidates have the same quality: they decide nothing but cost.
    public var tieShare: Double
    /// Share of rows labelled "strong needed" (leave the cheapest candidate).
    public var positiveShare: Double

    /// A labelling.
    public init(
      oracle: String, target: String, qualityThreshold: Double, tieShare: Double,
      positiveShare: Double
    ) {
      self.oracle = oracle
      self.target = target
      self.qualityThreshold = qualityThreshold
      self.tieShare = tieShare
      self.positiveShare = positiveShare
    }

    private enum CodingKeys: String, CodingKey {
      case oracle, target
      case qualityThreshold = "quality_threshold"
      case tieShare = "tie_share"
      case positiveShare = "positive_share"
    }
  }

  /// What a perfect router would gain.
  public struct Headroom: Equatable, Sendable, Codable {
    /// Mean quality of each candidate alone, ladder order.
    public var meanQuality: [Double]
    /// Mean cost of each candidate alone in dollars, ladder order; nil where costs are missing.
    public var meanCostDollars: [Double?]
    /// For a pair: rows where both, only strong, only weak, neither are adequate. For a ladder: row counts
    /// by oracle pick, ladder order.
    public var outcomeCounts: [Int]
    /// Mean quality of the oracle.
    public var oracleQuality: Double
    /// Mean cost of the oracle in dollars.
    public var oracleCostDollars: Double?
    /// 1 − oracle cost / cost of always-strongest.
    public var oracleSavings: Double?

    /// Headroom figures.
    public init(
      meanQuality: [Double], meanCostDollars: [Double?], outcomeCounts: [Int],
      oracleQuality: Double, oracleCostDollars: Double?, oracleSavings: Double?
    ) {
      self.meanQuality = meanQuality
      self.meanCostDollars = meanCostDollars
      self.outcomeCounts = outcomeCounts
      self.oracleQuality = oracleQuality
      self.oracleCostDollars = oracleCostDollars
      self.oracleSavings = oracleSavings
    }

    private enum CodingKeys: String, CodingKey {
      case meanQuality = "mean_quality"
      case meanCostDollars = "mean_cost_usd"
      case outcomeCounts = "outcome_counts"
      case oracleQuality = "oracle_quality"
      case oracleCostDollars = "oracle_cost_usd"
      case oracleSavings = "oracle_savings"
    }
  }

  /// A paired difference `router − baseline` and what it allows one to say.
  public struct Comparison: Equatable, Sendable, Codable {
    /// Router's name.
    public var router: String
    /// Baseline's name.
    public var baseline: String
    /// What was compared, for example `utility`, `quality`, `apgr`.
    public var metric: String
    /// Router minus baseline, paired by query.
    public var difference: Figure
    /// `better`, `worse` or `undecided`: only an interval that excludes 0 decides, and between routers only a
    /// corrected p below 1 − confidence.
    public var verdict: String
    /// Two-sided p of the difference, between routers.
    public var p: Double?
    /// `p` after Holm's correction over all pairs of routers compared in this metric.
    public var pHolm: Double?
    /// Where `p` comes from: `bootstrap`, `McNemar` or `DeLong`.
    public var test: String?

    /// A comparison.
    public init(
      router: String, baseline: String, metric: String, difference: Figure, verdict: String,
      p: Double? = nil, pHolm: Double? = nil, test: String? = nil
    ) {
      self.router = router
      self.baseline = baseline
      self.metric = metric
      self.difference = difference
      self.verdict = verdict
      self.p = p
      self.pHolm = pHolm
      self.test = test
    }

    private enum CodingKeys: String, CodingKey {
      case router, baseline, metric, difference, verdict, p, test
      case pHolm = "p_holm"
    }
  }

  /// The first router's results on the rows of one segment.
  public struct Segment: Equatable, Sendable, Codable {
    /// Segment's value, for example `billing`.
    public var name: String
    /// Rows of the segment.
    public var queries: Int
    /// Mean quality of always-cheapest.
    public var weakQuality: Double
    /// Mean quality of always-strongest.
    public var strongQuality: Double
    /// Mean quality of the router.
    public var routerQuality: Figure
    /// Share of rows sent to the strongest candidate.
    public var shareStrong: Double
    /// Savings against always-strongest.
    public var savings: Double?
    /// Share of rows whose pick is as good as the best.
    public var acceptable: Figure
    /// Quality lost per query against the oracle, on rows sent too low.
    public var qualityLost: Double

    /// A segment's figures.
    public init(
      name: String, queries: Int, weakQuality: Double, strongQuality: Double,
      routerQuality: Figure, shareStrong: Double, savings: Double?,
      acceptable: Figure = .undefined, qualityLost: Double = 0
    ) {
      self.name = name
      self.queries = queries
      self.weakQuality = weakQuality
      self.strongQuality = strongQuality
      self.routerQuality = routerQuality
      self.shareStrong = shareStrong
      self.savings = savings
      self.acceptable = acceptable
      self.qualityLost = qualityLost
    }

    private enum CodingKeys: String, CodingKey {
      case name, queries, savings, acceptable
      case qualityLost = "quality_lost"
      case weakQuality = "weak_quality"
      case strongQuality = "strong_quality"
      case routerQuality = "router_quality"
      case shareStrong = "share_strong"
    }
  }

  /// Segments of a router other than the first.
  public struct SegmentTable: Equatable, Sendable, Codable {
    /// Router's name.
    public var router: String
    /// Its segments.
    public var segments: [Segment]
  }

  /// A row on which the first router went wrong against the oracle; identifiers only, never text.
  public struct Misroute: Equatable, Sendable, Codable {
    /// Identifier in the log.
    public var id: String
    /// Segment, when the log has them.
    public var segment: String?
    /// The candidate picked.
    public var pick: String
    /// The oracle's candidate.
    public var oracle: String
    /// Quality lost; 0 where the pick was too dear.
    public var qualityLost: Double
    /// Dollars spent needlessly; nil where unknown, 0 where the pick was too cheap.
    public var overspendDollars: Double?

    private enum CodingKeys: String, CodingKey {
      case id, segment, pick, oracle
      case qualityLost = "quality_lost"
      case overspendDollars = "overspend_usd"
    }
  }

  /// How the intervals were made.
  public struct IntervalSettings: Equatable, Sendable, Codable {
    /// `percentile bootstrap, paired, clustered by conversation`, for example.
    public var method: String
    /// Bootstrap replicates.
    public var replicates: Int
    /// Coverage, for example 0.95.
    public var confidence: Double
    /// Seed of the replicates.
    public var seed: UInt64
    /// Number of resampled clusters.
    public var clusters: Int

    /// Interval settings.
    public init(
      method: String, replicates: Int, confidence: Double, seed: UInt64, clusters: Int
    ) {
      self.method = method
      self.replicates = replicates
      self.confidence = confidence
      self.seed = seed
      self.clusters = clusters
    }
  }

  /// A file that was read.
  public struct Input: Equatable, Sendable, Codable {
    /// What it is: `data`, `router`.
    public var role: String
    /// File name without its folder.
    public var name: String
    /// SHA-256 of its bytes, hexadecimal.
    public var sha256: String

    /// An input.
    public init(role: String, name: String, sha256: String) {
      self.role = role
      self.name = name
      self.sha256 = sha256
    }
  }
}
