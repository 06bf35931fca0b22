import RiddleData
import RiddleEvaluation

/// What a new threshold shall achieve.
public enum ThresholdGoal: Equatable, Sendable, CustomStringConvertible {
  /// The cheapest threshold that keeps a promise.
  case promise(PromiseTerms)
  /// A rule on the rows at hand; nothing is promised.
  case observed(OffsetRule)
  /// The Bayes threshold of asymmetric error costs, as ``ThresholdRule/errorCosts(failure:overspend:)``.
  case errorCosts(failure: Double, overspend: Double)

  /// As it is kept in a weight file, for example `max-quality-loss=0.02 confidence=0.95 method=wsr`.
  public var description: String {
    switch self {
    case .promise(let terms):
      "max-quality-loss=\(terms.maximumLoss) confidence=\(terms.confidence) method=\(terms.method.rawValue)"
    case .observed(.strongShare(let share)): "strong-share=\(share)"
    case .observed(.budget(let dollars)): "budget=\(rounded(dollars * 1000))"
    case .observed(.retention(let share)): "retention=\(share)"
    case .errorCosts(let failure, let overspend): "costs=\(failure):\(overspend)"
    }
  }
}

/// How a threshold is chosen.
public struct ThresholdPlan: Sendable {
  /// What it shall achieve.
  public var goal: ThresholdGoal
  /// Which rows may be used.
  public var rows: RowChoice
  /// Share of those rows, by a stable hash of their unit, that is used; the others stay unseen for an evaluation.
  public var share: Double
  /// Bootstrap replicates of the intervals; 0 for none.
  public var replicates: Int
  /// Coverage of the intervals.
  public var coverage: Double
  /// Seed of the replicates and of the share.
  public var seed: UInt64

  /// A plan.
  public init(
    goal: ThresholdGoal, rows: RowChoice = .heldOut, share: Double = 1, replicates: Int = 2000,
    coverage: Double = 0.95, seed: UInt64 = 1
  ) {
    self.goal = goal
    self.rows = rows
    self.share = share
    self.replicates = replicates
    self.coverage = coverage
    self.seed = seed
  }
}

/// A threshold, what it does on the rows it was chosen on, and what is promised about it.
public struct ThresholdReport: Equatable, Sendable, Codable {
  /// One possible choice.
  public struct Option: Equatable, Sendable, Codable {
    /// One threshold a step, on the step's margin.
    public var thresholds: [Double]
    /// The same as calibrated probabilities.
    public var probabilities: [Double]
    /// On the rows at hand.
    public var figures: ThresholdFigures
  }

  /// The promise, or the attempt at one.
  public struct Promise: Equatable, Sendable, Codable {
    /// Limit, confidence and method.
    public var terms: PromiseTerms
    /// The promise as a sentence.
    public var sentence: String
    /// Whether a threshold keeps it.
    public var isMade: Bool
    /// Whether it holds at any number of units.
    public var isFiniteSample: Bool
    /// What losses are averaged over: query, conversation or group.
    public var unit: String
    /// Number of units.
    public var units: Int
    /// The policy that losses are counted against.
    public var relativeTo: String
    /// Size of the grid that was fixed in advance.
    public var grid: Int
    /// How many of its thresholds were certified, from always-strongest on.
    public var certified: Int
    /// p-value of the chosen threshold, or of the first one tested when none was certified.
    public var pValue: Double
    /// p-value of the first threshold that was refused.
    public var refusedPValue: Double?
    /// Units without any loss that this method needs to certify anything.
    public var unitsNeeded: Int

    private enum CodingKeys: String, CodingKey {
      case terms
      case sentence
      case isMade = "is_made"
      case isFiniteSample = "is_finite_sample"
      case unit
      case units
      case relativeTo = "relative_to"
      case grid
      case certified
      case pValue = "p_value"
      case refusedPValue = "refused_p_value"
      case unitsNeeded = "units_needed"
    }
  }

  /// The router's name.
  public var router: String
  /// Ladder, cheapest first.
  public var candidates: [String]
  /// ``ThresholdGoal/description``.
  public var goal: String
  /// The choice; nil when nothing qualifies.
  public var chosen: Option?
  /// What the promise is, for goals that ask for one.
  public var promise: Promise?
  /// The cheapest threshold of the same grid whose observed loss stays below the limit: what picking on validation data
  /// would have chosen. Nothing is promised about it.
  public var bestOnValidation: Option?
  /// The thresholds that the weight file has now.
  public var stored: Option
  /// Which rows were used, in words.
  public var rows: String
  /// Rows used.
  public var rowsUsed: Int
  /// Usable rows that ``ThresholdPlan/share`` kept back: an evaluation may use them.
  public var rowsKeptUnseen: Int
  /// Rows left out because training saw them.
  public var rowsSeen: Int
  /// Whether all used rows are proven unseen in training.
  public var isProvenUnseen: Bool
  /// What a reader must know.
  public var warnings: [String]

  private enum CodingKeys: String, CodingKey {
    case router
    case candidates
    case goal
    case chosen
    case promise
    case bestOnValidation = "best_on_validation"
    case stored
    case rows
    case rowsUsed = "rows_used"
    case rowsKeptUnseen = "rows_kept_unseen"
    case rowsSeen = "rows_seen"
    case isProvenUnseen = "is_proven_unseen"
    case warnings
  }
}

/// `x` without the noise of a product, for text.
func rounded(_ x: Double) -> Double { (x * 1e9).rounded() / 1e9 }
