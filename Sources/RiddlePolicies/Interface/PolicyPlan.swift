import RiddleData
import RiddleRuntime

/// What a policy file says, before anything is measured: settings, and how to build each stage once prices, speeds and calibration maps
/// are known. A plan cannot decide; ``policy(_:)`` makes what can.
public struct PolicyPlan: Sendable {
  /// A stage or guard with its place in the file.
  public struct Part<Value: Sendable>: Sendable {
    /// Its key in the file, for example `cascade`.
    public var kind: String
    /// Line of the file, from 1.
    public var line: Int
    /// What it needs to be measured.
    public var needs: PolicyNeeds
    /// Builds it.
    public var make: @Sendable (PolicyFacts) -> Value

    /// A part.
    public init(
      kind: String, line: Int, needs: PolicyNeeds = PolicyNeeds(),
      make: @escaping @Sendable (PolicyFacts) -> Value
    ) {
      self.kind = kind
      self.line = line
      self.needs = needs
      self.make = make
    }
  }

  /// Where predictions of each candidate's quality come from.
  public enum Predictor: Equatable, Sendable {
    /// Means per value of a field, shrunk to the mean of all rows by `shrink` imaginary rows; nil shrinks by empirical Bayes.
    case segments(field: String, shrink: Double?)
    /// The nearest rows by embedding.
    case neighbours(count: Int)
    /// The router's own heads, when it has one per candidate.
    case router
  }

  /// The name in tables.
  public var name: String
  /// The stages, first one first.
  public var stages: [Part<any Policy>] = []
  /// The guards, first one first.
  public var guards: [Part<any Guard>] = []
  /// Position for what no stage claims; nil when the file names none, which means the strongest.
  public var fallback: Int?
  /// Nano-dollars of one decision.
  public var decisionPrice: Int64 = 0
  /// Microseconds of one decision.
  public var decisionTime: Int64 = 0
  /// Where predictions come from; nil for none.
  public var predictor: Predictor?
  /// Error rate of a judge that a replay simulates; nil uses the log's gate scores.
  public var judgeErrorRate: Double?
  /// Error rate of a pre-check that a replay simulates; nil uses the log's verdicts.
  public var preCheckErrorRate: Double?

  /// An empty plan.
  public init(name: String) { self.name = name }

  /// What all parts need together.
  public var needs: PolicyNeeds {
    (stages.map(\.needs) + guards.map(\.needs)).reduce(PolicyNeeds()) { $0.union($1) }
  }

  /// The policy, with what was measured.
  public func policy(_ facts: PolicyFacts) -> StagedPolicy {
    var policy = StagedPolicy(
      name: name, stages: stages.map { $0.make(facts) }, guards: guards.map { $0.make(facts) },
      fallback: fallback ?? facts.candidates.count - 1, decisionPrice: decisionPrice,
      decisionTime: decisionTime)
    policy.partNames = stages.map(\.kind) + guards.map(\.kind)
    return policy
  }

  /// The kinds of its parts in a few words, for tables.
  public var summary: String {
    let parts = stages.map(\.kind).joined(separator: " → ")
    let after = guards.isEmpty ? "" : " | " + guards.map(\.kind).joined(separator: ", ")
    return parts.isEmpty && after.isEmpty ? "default" : parts + after
  }
}

/// What must be there before a part can be built or can decide.
public struct PolicyNeeds: Equatable, Sendable {
  /// A router's score.
  public var router = false
  /// Latencies of the candidates.
  public var speeds = false
  /// Costs of the candidates.
  public var prices = false
  /// Predictions of quality.
  public var predictions = false
  /// Confidence signals that are read, and whether each is calibrated first.
  public var signals: [ConfidenceSignal.Source: Bool] = [:]
  /// Texts.
  public var text = false

  /// Nothing.
  public init() {}

  /// Both.
  public func union(_ other: PolicyNeeds) -> PolicyNeeds {
    var all = self
    all.router = router || other.router
    all.speeds = speeds || other.speeds
    all.prices = prices || other.prices
    all.predictions = predictions || other.predictions
    all.text = text || other.text
    all.signals.merge(other.signals) { $0 || $1 }
    return all
  }
}

/// What was measured on a log: the numbers that parts of a policy are built from.
public struct PolicyFacts: Equatable, Sendable {
  /// The ladder, cheapest first.
  public var candidates: [String]
  /// Mean nano-dollars of each candidate; 0 when unknown.
  public var prices: [Int64]
  /// Mean quality of each candidate.
  public var qualities: [Double]
  /// Latency and availability of each candidate.
  public var speeds: [CandidateSpeed]
  /// The router's step thresholds; empty without a router.
  public var thresholds: [Double] = []
  /// Calibration maps by signal: one list a fold, one map a candidate.
  public var confidenceMaps: [ConfidenceSignal.Source: [[CalibrationMap]]] = [:]

  /// Facts about `candidates`.
  public init(
    candidates: [String], prices: [Int64], qualities: [Double], speeds: [CandidateSpeed]
  ) {
    self.candidates = candidates
    self.prices = prices
    self.qualities = qualities
    self.speeds = speeds
  }

  /// Nothing measured: what a file can be checked with before it meets data.
  public static func unknown(candidates: [String]) -> PolicyFacts {
    PolicyFacts(
      candidates: candidates, prices: candidates.map { _ in 0 },
      qualities: candidates.map { _ in 0 },
      speeds: candidates.map { _ in CandidateSpeed(p50: nil, p95: nil) })
  }
}
