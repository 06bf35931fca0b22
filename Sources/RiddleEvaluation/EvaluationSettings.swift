import RiddleData

/// What "right" means, and how intervals are made.
public struct EvaluationSettings: Equatable, Sendable {
  /// Names the right candidate of each row for accuracy, confusion and the oracle baseline.
  public var oracle: Oracle
  /// Labels that a router's head 0 is scored against (AUC, log loss, …).
  public var target: LabelTarget
  /// Quality from which an answer is adequate, for `target` and the outcome counts.
  public var qualityThreshold: Double
  /// ε of the acceptable set: a pick is acceptable within ε of the row's best quality. At least 0.
  public var tolerance: Double
  /// λ of utility = quality − λ · cost in dollars, used by regret and best-single. 0 (default) makes regret a
  /// loss of quality. At least 0; above 0 it needs every cost.
  public var pricePerQuality: Double
  /// λ of the segment table. Nil (default) takes the break-even price of the table's own training rows,
  /// (S − W) / (cost of strongest − cost of cheapest): the price at which the two ends of the ladder are worth
  /// the same overall, so that a segment goes up exactly when it gains more per dollar than the average row.
  /// With λ = 0 nearly every segment would pick the strongest candidate and the table would say nothing.
  public var segmentPricePerQuality: Double?
  /// Whether the keyword baseline sends borderline queries to the strongest candidate.
  public var sendsBorderlineUp: Bool
  /// Bootstrap replicates, at least 2 for intervals; 0 leaves all intervals undefined.
  public var replicates: Int
  /// Coverage of the intervals, in (0, 1).
  public var confidence: Double
  /// Percentile or BCa.
  public var intervalMethod: IntervalMethod
  /// Seed of the replicates.
  public var seed: UInt64
  /// Threads to use, at least 1. The report does not depend on it.
  public var threads: Int
  /// What is required of the routers.
  public var gates: [RequestedGate] = []
  /// Whether outcomes include failed calls of a replay, which are worth and cost nothing: no sign of a careless log then.
  public var hasInjectedFailures = false
  /// How the evaluated rows were chosen; nil says "all rows".
  public var rows: EvaluationReport.RowSelection?
  /// Warnings the caller already has, for example that rows are not proven unseen. Printed first.
  public var warnings: [String]
  /// Files that were read, for the report.
  public var inputs: [EvaluationReport.Input]

  /// The documented defaults.
  public init(
    oracle: Oracle = .cheapestAdequate(qualityThreshold: 0.5), target: LabelTarget = .weakFails,
    qualityThreshold: Double = 0.5, tolerance: Double = 0, pricePerQuality: Double = 0,
    segmentPricePerQuality: Double? = nil, sendsBorderlineUp: Bool = false,
    replicates: Int = 2000, confidence: Double = 0.95,
    intervalMethod: IntervalMethod = .percentile, seed: UInt64 = 1, threads: Int = 2,
    rows: EvaluationReport.RowSelection? = nil, warnings: [String] = [],
    inputs: [EvaluationReport.Input] = []
  ) {
    self.oracle = oracle
    self.target = target
    self.qualityThreshold = qualityThreshold
    self.tolerance = tolerance
    self.pricePerQuality = pricePerQuality
    self.segmentPricePerQuality = segmentPricePerQuality
    self.sendsBorderlineUp = sendsBorderlineUp
    self.replicates = replicates
    self.confidence = confidence
    self.intervalMethod = intervalMethod
    self.seed = seed
    self.threads = threads
    self.rows = rows
    self.warnings = warnings
    self.inputs = inputs
  }

  func validate() throws(EvaluationError) {
    func check(_ holds: Bool, _ name: String, _ value: String, _ expected: String)
      throws(EvaluationError)
    {
      guard holds else {
        throw .badSetting(name: name, value: value, expected: expected)
      }
    }
    try check(
      qualityThreshold.isFinite, "qualityThreshold", "\(qualityThreshold)", "a finite number")
    try check(tolerance >= 0 && tolerance.isFinite, "tolerance", "\(tolerance)", "at least 0")
    try check(
      pricePerQuality >= 0 && pricePerQuality.isFinite, "pricePerQuality", "\(pricePerQuality)",
      "at least 0")
    if let price = segmentPricePerQuality {
      try check(
        price >= 0 && price.isFinite, "segmentPricePerQuality", "\(price)", "at least 0 or nil")
    }
    try check(replicates >= 0, "replicates", "\(replicates)", "at least 0")
    try check(
      confidence > 0 && confidence < 1, "confidence", "\(confidence)", "a share between 0 and 1")
    try check(threads >= 1, "threads", "\(threads)", "at least 1")
  }
}
