import RiddleLinearAlgebra

/// Rows to learn from as the featurizer stores them: nothing widened, nothing copied. Validated.
///
/// ``TrainingSet`` holds the same rows with dense features widened to `Double`, which doubles their memory; the
/// learners of this folder read these.
public struct CompactRows: Equatable, Sendable {
  /// Number of dense features of a row.
  public let denseCount: Int
  /// Dense features, rows × ``denseCount``, row-major; all finite.
  public let dense: [Float]
  /// Hashed text features of the same rows, if the schema has them.
  public let hashed: SignedBinaryRows?
  /// One target a row, in [0, 1]; 1 means climb.
  public let targets: [Double]
  /// One weight a row, finite, at least 0; nil weighs every row 1.
  public let weights: [Double]?

  /// Number of rows.
  public var count: Int { targets.count }

  /// Checks and keeps the columns.
  ///
  /// - Parameters:
  ///   - denseCount: dense features of a row; may be 0 when there are hashed features.
  ///   - dense: `targets.count × denseCount` values.
  ///   - hashed: one row a target, or nil.
  ///   - targets: values in [0, 1].
  ///   - weights: one finite value of at least 0 a row; nil weighs every row 1.
  /// - Throws: `LearningError.countMismatch`, `.nonFiniteFeature`, `.targetOutOfRange`, `.invalidWeight`; the
  ///   first offending row and column are named.
  public init(
    denseCount: Int, dense: [Float], hashed: SignedBinaryRows? = nil, targets: [Double],
    weights: [Double]? = nil
  ) throws(LearningError) {
    let n = targets.count
    if dense.count != n * denseCount {
      throw .countMismatch(what: "dense features", expected: n * denseCount, found: dense.count)
    }
    if let hashed, hashed.rowCount != n {
      throw .countMismatch(what: "hashed features", expected: n, found: hashed.rowCount)
    }
    if let weights, weights.count != n {
      throw .countMismatch(what: "weights", expected: n, found: weights.count)
    }
    if let bad = dense.firstIndex(where: { !$0.isFinite }) {
      throw .nonFiniteFeature(row: bad / denseCount, column: bad % denseCount)
    }
    if let row = targets.firstIndex(where: { !(0...1).contains($0) }) {
      throw .targetOutOfRange(row: row, value: targets[row])
    }
    if let row = weights?.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) {
      throw .invalidWeight(row: row, value: weights?[row] ?? .nan)
    }
    self.denseCount = denseCount
    self.dense = dense
    self.hashed = hashed
    self.targets = targets
    self.weights = weights
  }

  /// Weight of row `i`.
  @inline(__always)
  func weight(_ i: Int) -> Double { weights.map { $0[i] } ?? 1 }

  /// Σc, Σct, rows of positive weight, and those of them whose target exceeds ½.
  var totals: (weight: Double, positive: Double, rows: Int, positives: Int) {
    var (weight, positive, rows, positives) = (0.0, 0.0, 0, 0)
    for i in targets.indices {
      let c = self.weight(i)
      weight += c
      positive += c * targets[i]
      if c > 0 { rows += 1 }
      if c > 0 && targets[i] > 0.5 { positives += 1 }
    }
    return (weight, positive, rows, positives)
  }
}

extension LogisticCoefficients {
  /// Margins (log-odds) of rows kept as the featurizer stores them.
  public func margins(of rows: CompactRows) -> [Double] {
    let d = rows.denseCount
    var margins = [Double](repeating: intercept, count: rows.count)
    for i in 0..<rows.count {
      for j in 0..<d { margins[i] += dense[j] * Double(rows.dense[i * d + j]) }
    }
    if let hashedRows = rows.hashed, !hashed.isEmpty { hashedRows.addProduct(hashed, to: &margins) }
    return margins
  }
}
