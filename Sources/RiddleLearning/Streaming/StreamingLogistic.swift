import RiddleLinearAlgebra

/// Logistic regression in one pass over rows that need not fit in memory.
///
/// Per-coordinate adaptive steps: coordinate j moves by ρx_j / D_j with D_j = λ + (β + √Σg²)/α, which is
/// FTRL-proximal without its L1 term (McMahan et al., 2013, doi:10.1145/2487575.2488200). The step is implicit: ρ is
/// the residual after the step (Kulis & Bartlett, 2010), so no row overshoots and no rate needs tuning by data.
/// Dense columns are standardised with the moments of everything seen so far, the running normalisation of
/// Ross, Mineiro & Langford (2013, arXiv:1305.6646), and folded back into raw units at the end.
///
/// The loss of every row is taken before the row is learned; its mean is ``progressiveLoss``, an honest estimate
/// for rows to come (Blum, Kalai & Langford, 1999). Memory: 8 bytes a bucket and 50 a dense column, at
/// any number of rows. Batches arrive in order and are learned in order, so the same rows in the same batches give the
/// same bits.
public struct StreamingLogistic: Sendable {
  /// What steers the learning.
  public struct Settings: Equatable, Sendable {
    /// α of hashed weights: how far a coordinate moves for its accumulated gradient.
    public var hashedRate = 0.5
    /// α of standardised dense weights and of the intercept, all k of them together: each has α/√k, since they
    /// move the margin together.
    public var denseRate = 0.2
    /// β: steadies the first steps of a coordinate.
    public var smoothing = 1.0
    /// λ of hashed weights, a prior precision: it holds rare n-grams back.
    public var l2Penalty = 1.0

    /// The documented defaults.
    public init() {}
  }

  /// The settings.
  public let settings: Settings
  /// Dense features of a row.
  public let denseCount: Int
  /// Hash buckets as a power of two; 0 without hashed features.
  public let bucketBits: Int
  /// Rows of positive weight learned so far.
  public internal(set) var rowCount = 0
  /// Those whose target exceeds ½.
  public internal(set) var positiveCount = 0
  /// Sum of weight × loss before learning, and of weights.
  var lossSum = 0.0
  var weightSum = 0.0
  var targetSum = 0.0
  var moments: ColumnMoments
  /// (weight, Σg²) of every bucket. `Float` storage: beyond 2²⁴ rows a bucket's Σg² may stop growing, which merely
  /// keeps its step from shrinking further.
  var cells: [SIMD2<Float>]
  /// Standardised columns and, last, the intercept: all weights, then all Σg², then room for a row's features and 1/D.
  var denseState: [Double]
  /// Scratch: 1/D of a row's keys.
  var keyRates: [Float] = []

  /// A learner that has seen nothing.
  ///
  /// - Throws: `LearningError.invalidSetting`.
  public init(
    denseCount: Int, bucketBits: Int, settings: Settings = Settings()
  ) throws(LearningError) {
    precondition(
      denseCount >= 0 && (0...30).contains(bucketBits),
      "0 to 30 bucket bits and dense columns of at least 0, got \(bucketBits) and \(denseCount)")
    for (name, value) in [
      ("hashedRate", settings.hashedRate), ("denseRate", settings.denseRate),
      ("smoothing", settings.smoothing),
    ] where !(value > 0 && value.isFinite) {
      throw .invalidSetting(name: name, value: value, expected: "a finite number above 0")
    }
    if !(settings.l2Penalty >= 0 && settings.l2Penalty.isFinite) {
      throw .invalidSetting(
        name: "l2Penalty", value: settings.l2Penalty, expected: "a finite number of at least 0")
    }
    self.settings = settings
    self.denseCount = denseCount
    self.bucketBits = bucketBits
    moments = ColumnMoments(columns: denseCount)
    cells = [SIMD2<Float>](repeating: .zero, count: bucketBits == 0 ? 0 : 1 << bucketBits)
    denseState = [Double](repeating: 0, count: 4 * (denseCount + 1))
  }

  /// Mean loss in nats of every row before it was learned; NaN before the first row.
  public var progressiveLoss: Double { lossSum / weightSum }

  /// Mean of every raw dense column so far.
  public var columnMeans: [Double] { moments.means }

  /// Learns a batch, row after row. Batches of a few hundred rows or more give steady first moments.
  ///
  /// - Throws: `LearningError.countMismatch` when the rows have other columns than the learner.
  public mutating func learn(_ rows: CompactRows) throws(LearningError) {
    if rows.denseCount != denseCount {
      throw .countMismatch(
        what: "dense columns of a batch", expected: denseCount, found: rows.denseCount)
    }
    let bits = rows.hashed?.bucketBits ?? 0
    if bits != bucketBits {
      throw .countMismatch(what: "bucket bits of a batch", expected: bucketBits, found: bits)
    }
    moments.add(rows)
    learnRows(rows)
  }

  /// What was learned so far, in raw units.
  ///
  /// - Throws: `LearningError.tooFewRows` or `.singleClass`.
  public func finished() throws(LearningError) -> Fitted<LogisticCoefficients> {
    if rowCount < 2 { throw .tooFewRows(found: rowCount, needed: 2) }
    if targetSum == 0 || targetSum == weightSum {
      throw .singleClass(positive: targetSum > 0, rows: rowCount)
    }
    var intercept = denseState[denseCount]
    var dense = [Double](repeating: 0, count: denseCount)
    for j in 0..<denseCount {
      dense[j] = denseState[j] * moments.inverseSpread(j)
      intercept -= dense[j] * moments.means[j]
    }
    let model = LogisticCoefficients(
      intercept: intercept, dense: dense, hashed: cells.map { Double($0.x) })
    let report = FitReport(
      solver: "streaming-implicit-adagrad", iterations: 1, converged: true, gradientNorm: 0,
      tolerance: 0, objective: lossSum, rows: rowCount, positives: positiveCount)
    return Fitted(model: model, report: report)
  }
}
