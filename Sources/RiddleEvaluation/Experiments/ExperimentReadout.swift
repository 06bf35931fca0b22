/// What an A/B test came to.
public struct ExperimentReadout: Equatable, Sendable, Encodable {
  /// What is compared, in order of importance.
  public enum Measure: String, CaseIterable, Equatable, Sendable, Codable {
    /// Worth of the answer in [0, 1].
    case quality
    /// Any other measure of worth.
    case reward
    /// Dollars per request.
    case cost = "cost_usd"
    /// Milliseconds per request.
    case latency = "latency_ms"

    /// Whether less is better.
    public var lessIsBetter: Bool { self == .cost || self == .latency }
  }

  /// One measure of one arm.
  public struct Mean: Equatable, Sendable, Encodable {
    /// What is measured.
    public var measure: Measure
    /// Requests that have it.
    public var count: Int
    /// The mean.
    public var mean: Figure
  }

  /// One arm.
  public struct Arm: Equatable, Sendable, Encodable {
    /// Its name.
    public var name: String
    /// Its requests.
    public var requests: Int
    /// Its users, conversations or requests.
    public var units: Int
    /// Its measures.
    public var means: [Mean]

    /// The mean of `measure`, if the arm has it.
    public func mean(_ measure: Measure) -> Figure? {
      means.first { $0.measure == measure }?.mean
    }
  }

  /// What an interval says.
  public enum Verdict: String, Equatable, Sendable, Codable {
    /// The treatment is better.
    case better
    /// The treatment is worse.
    case worse
    /// The data do not say.
    case undecided
  }

  /// A treatment against the control in one measure.
  public struct Comparison: Equatable, Sendable, Encodable {
    /// The arm.
    public var treatment: String
    /// What is compared.
    public var measure: Measure
    /// How.
    public var method: String
    /// treatment − control with its interval, an always-valid one when the test is sequential.
    public var difference: Figure
    /// Its standard error.
    public var standardError: Double?
    /// Two-sided p of no difference, always valid when the test is sequential.
    public var p: Double?
    /// The same, corrected over several treatments (Holm); nil for one.
    public var pHolm: Double?
    /// For costs, 1 − treatment / control; undefined unless both means are above 0.
    public var saving: Figure?
    /// What the interval says; undecided also when ``ExperimentReadout/sampleRatio`` does not hold.
    public var verdict: Verdict
    /// Why nothing is decided although the interval might say so.
    public var reason: String?
    /// Smallest difference that so many requests show with ``ExperimentSettings/power``; where undecided.
    public var detectable: Double?

    private enum CodingKeys: String, CodingKey {
      case treatment, measure, method, difference, p, saving, verdict, reason
      case standardError = "standard_error"
      case pHolm = "p_holm"
      case detectable = "detectable_effect"
    }
  }

  /// What was dealt as a whole.
  public var unit: ExperimentSettings.Unit
  /// Whether both arms answered the same queries.
  public var isPaired: Bool
  /// Whether intervals and p-values hold at every look.
  public var isSequential: Bool
  /// Coverage of the intervals.
  public var confidence: Double
  /// Power of ``Comparison/detectable``.
  public var power: Double
  /// The control first, the others by name.
  public var arms: [Arm]
  /// Whether the arms received their shares; nil in a paired test.
  public var sampleRatio: SampleRatio?
  /// Every treatment in every measure that it and the control have.
  public var comparisons: [Comparison]
  /// First and last arrival in microseconds since 1970, where requests have times.
  public var firstTime: Int64?
  /// See ``firstTime``.
  public var lastTime: Int64?
  /// What to know before believing it.
  public var warnings: [String]

  private enum CodingKeys: String, CodingKey {
    case unit, confidence, power, arms, comparisons, warnings
    case isPaired = "paired"
    case isSequential = "sequential"
    case sampleRatio = "sample_ratio"
    case firstTime = "first_time_us"
    case lastTime = "last_time_us"
  }
}
