/// What replaying policies over a log showed: the evaluation with its wall, and what only a replay can tell. Aggregates only.
public struct SimulationReport: Equatable, Sendable, Codable {
  /// Names this layout and its version.
  public var format = "riddle-simulation/1"
  /// Quality, cost, accuracy, wall and comparisons of the policies.
  public var evaluation: EvaluationReport
  /// What only the replay knows, in the order of the evaluation's routers.
  public var policies: [PolicyReplay]
  /// Every candidate alone, in the same world; empty where there are more than eight.
  public var fixed: [FixedCandidate] = []
  /// Policies and constant baselines that no other one beats in both mean cost and mean quality, cheapest first.
  public var frontier: [String]
  /// Curves over one setting each.
  public var sweeps: [SettingSweep] = []
  /// How far the confidence signals that the policies read can be trusted.
  public var confidence: [ConfidenceReport] = []
  /// Latency and availability of each candidate in this replay.
  public var speeds: [CandidateReport] = []

  /// A report.
  public init(evaluation: EvaluationReport, policies: [PolicyReplay], frontier: [String]) {
    self.evaluation = evaluation
    self.policies = policies
    self.frontier = frontier
  }

  /// One candidate asked always.
  public struct FixedCandidate: Equatable, Sendable, Codable {
    /// What only the replay knows.
    public var replay: PolicyReplay
    /// Its quality and cost.
    public var point: SweepPoint

    /// A candidate alone.
    public init(replay: PolicyReplay, point: SweepPoint) {
      self.replay = replay
      self.point = point
    }
  }

  /// One policy's replay.
  public struct PolicyReplay: Equatable, Sendable, Codable {
    /// The policy's name.
    public var name: String
    /// Its stages and guards in a few words.
    public var stages: String
    /// How the user waited.
    public var latency: LatencyFigures
    /// Share of queries for which more than one candidate was paid.
    public var escalated: Figure
    /// Share of queries on which the user got an error.
    public var failed: Figure
    /// Share of decisions that somebody should look at.
    public var flagged: Figure
    /// Calls per query.
    public var calls: Figure
    /// Dollars per query for the decisions themselves: router, judges, pre-checks.
    public var feesDollars: Figure
    /// 1 − cost / cost of the cheapest random mix of fixed candidates that is exactly as good; above 0 the policy knows something.
    public var savedAtEqualQuality: Figure
    /// Answers by candidate, ladder order.
    public var shares: [NamedShare]
    /// Answers by the stage that had the last word, most frequent first.
    public var decided: [NamedShare]
    /// First calls by the stage that chose them, most frequent first.
    public var started: [NamedShare]
    /// Whether it was replayed in order of time because it learns.
    public var learns: Bool
    /// What a bandit gave away; nil for policies that do not learn from rewards.
    public var regret: BanditRegret?

    private enum CodingKeys: String, CodingKey {
      case name, stages, escalated, failed, flagged, calls, shares, decided, started, learns, regret
      case savedAtEqualQuality = "saved_at_equal_quality"
      case latency = "latency_ms"
      case feesDollars = "fees_usd"
    }
  }

  /// Milliseconds that the user waited.
  public struct LatencyFigures: Equatable, Sendable, Codable {
    /// Mean.
    public var mean: Figure
    /// Median.
    public var p50: Figure
    /// 95th percentile.
    public var p95: Figure
    /// 99th percentile.
    public var p99: Figure
    /// Rows whose latency is not known; they are left out.
    public var unknown: Int
  }

  /// A share with a name.
  public struct NamedShare: Equatable, Sendable, Codable {
    /// Candidate or stage.
    public var name: String
    /// Share of queries.
    public var share: Figure
  }

  /// One policy over the values of one setting. Intervals are cluster-robust and normal, not resampled.
  public struct SettingSweep: Equatable, Sendable, Codable {
    /// The policy's name.
    public var policy: String
    /// The setting, for example `threshold`.
    public var setting: String
    /// One point a value, in the order given.
    public var points: [SweepPoint]

    /// A sweep.
    public init(policy: String, setting: String, points: [SweepPoint]) {
      self.policy = policy
      self.setting = setting
      self.points = points
    }
  }

  /// A policy's figures at one value of a setting.
  public struct SweepPoint: Equatable, Sendable, Codable {
    /// The setting's value.
    public var value: Double
    /// Mean quality.
    public var quality: Figure
    /// Dollars per query.
    public var costDollars: Figure
    /// 95th percentile of the wait in milliseconds.
    public var p95: Figure
    /// Share of queries for which more than one candidate was paid.
    public var escalated: Figure
    /// Share of queries on which the user got an error.
    public var failed: Figure

    private enum CodingKeys: String, CodingKey {
      case value, quality, escalated, failed
      case costDollars = "cost_usd"
      case p95 = "p95_ms"
    }
  }

  /// A candidate's speed in the replay.
  public struct CandidateReport: Equatable, Sendable, Codable {
    /// The candidate.
    public var name: String
    /// Its latencies and availability.
    public var profile: LatencyProfile

    /// A candidate.
    public init(name: String, profile: LatencyProfile) {
      self.name = name
      self.profile = profile
    }
  }
}
