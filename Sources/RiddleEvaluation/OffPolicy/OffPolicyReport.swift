/// How an off-policy evaluation is run.
public struct OffPolicySettings: Equatable, Sendable {
  /// Largest weight that clipped IPS and clipped DR let through.
  public var clip = 10.0
  /// Weight above which switch-DR trusts the model alone.
  public var threshold = 10.0
  /// λ of DR with optimistic shrinkage: weights beyond √λ count less the larger they are.
  public var lambda = 100.0
  /// Bootstrap replicates; 0 gives no intervals.
  public var replicates = 2000
  /// Coverage of the intervals.
  public var confidence = 0.95
  /// Seed of the replicates and of the folds.
  public var seed: UInt64 = 1
  /// How an interval is read off the replicates.
  public var method = IntervalMethod.percentile
  /// Whether to estimate what the log hardly supports.
  public var allowsWeakSupport = false
  /// Threads; no result depends on it.
  public var threads = 1

  /// Fewest effective decisions.
  public static let leastEffectiveSample = 100.0
  /// Largest weight.
  public static let mostWeight = 50.0
  /// Largest mass of a target outside the log's support.
  public static let mostUnsupportedMass = 0.01

  /// The documented defaults.
  public init() {}

  /// The estimators, in the order of the report.
  public var estimators: [OffPolicyEstimator] {
    [
      .ips, .snips, .clippedIPS(most: clip), .directMethod, .doublyRobust,
      .clippedDoublyRobust(most: clip), .switchDoublyRobust(threshold: threshold),
      .shrunkDoublyRobust(lambda: lambda),
    ]
  }

  func check() throws(OffPolicyError) {
    for (name, value) in [("clip", clip), ("tau", threshold)] where !(value > 0 && value.isFinite) {
      throw .badSetting(name: name, value: "\(value)", expected: "a number above 0")
    }
    guard lambda >= 0, lambda.isFinite else {
      throw .badSetting(name: "lambda", value: "\(lambda)", expected: "a number of 0 or more")
    }
    guard replicates == 0 || replicates >= 2 else {
      throw .badSetting(name: "replicates", value: "\(replicates)", expected: "0, or 2 or more")
    }
    guard confidence > 0, confidence < 1 else {
      throw .badSetting(name: "confidence", value: "\(confidence)", expected: "between 0 and 1")
    }
  }
}

/// What policies would have earned on a log, and how far the log can say so.
public struct OffPolicyReport: Equatable, Sendable, Codable {
  /// Decisions that the estimates read.
  public var decisions: Int
  /// Resampling units.
  public var clusters: Int
  /// Field that the units come from.
  public var clusterField: String
  /// Candidates.
  public var candidates: [String]
  /// Decisions left out for want of the reward.
  public var withoutReward: Int
  /// Where propensities come from.
  public var propensities: Propensities
  /// What the logging policy itself earned a decision.
  public var logged: Figure
  /// Least and greatest reward in the log.
  public var rewardRange: [Double]
  /// The reward model in words.
  public var rewardModel: String
  /// Settings that the numbers depend on.
  public var settings: Settings
  /// The targets, in the order given.
  public var targets: [Target]
  /// What else the reader must know.
  public var warnings: [String]

  /// Where propensities come from.
  public struct Propensities: Equatable, Sendable, Codable {
    /// `logged`, `assumed`, or `mixed`.
    public var source: String
    /// What was assumed; nil when nothing was.
    public var assumption: AssumedPropensities?
    /// Decisions whose propensity was assumed.
    public var assumedDecisions: Int
    /// Least and greatest propensity of a logged choice.
    public var range: [Double]
  }

  /// Settings that the numbers depend on.
  public struct Settings: Equatable, Sendable, Codable {
    /// Largest weight of the clipped estimators.
    public var clip: Double
    /// Threshold of switch-DR.
    public var tau: Double
    /// λ of DR with shrinkage.
    public var lambda: Double
    /// Bootstrap replicates.
    public var replicates: Int
    /// Coverage.
    public var confidence: Double
    /// Seed.
    public var seed: UInt64
    /// `percentile` or `bca`.
    public var method: IntervalMethod
    /// Whether weak support was allowed.
    public var allowsWeakSupport: Bool
  }

  /// One policy asked about.
  public struct Target: Equatable, Sendable, Codable {
    /// Its name.
    public var name: String
    /// Why nothing is estimated; empty when something is. Each ends with the flag that overrides it.
    public var refusals: [String]
    /// Estimates; empty when refused.
    public var estimates: [Estimate]
    /// How the log covers it.
    public var overlap: Overlap
    /// What the reader must know about this target.
    public var warnings: [String]
  }

  /// One estimator's answer.
  public struct Estimate: Equatable, Sendable, Codable {
    /// Name of the estimator.
    public var estimator: String
    /// Mean reward of the target.
    public var value: Figure
    /// Paired difference from the logging policy's own mean reward: both from the same replicates.
    public var difference: Figure
  }
}
