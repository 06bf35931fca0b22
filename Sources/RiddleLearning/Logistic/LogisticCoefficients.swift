import RiddleLinearAlgebra

/// What a logistic regression learned, in units of the raw features: nothing is left to standardise.
///
/// margin = intercept + Σ_j dense_j · x_j + Σ_keys ±scale · hashed[bucket].
public struct LogisticCoefficients: Equatable, Sendable {
  /// Margin of a query whose features are all 0.
  public var intercept: Double
  /// One weight per dense feature.
  public var dense: [Double]
  /// One weight per bucket; empty without hashed features.
  public var hashed: [Double]

  /// Coefficients.
  public init(intercept: Double, dense: [Double], hashed: [Double] = []) {
    self.intercept = intercept
    self.dense = dense
    self.hashed = hashed
  }

  /// Margins (log-odds) of the rows of a data set with the same columns.
  public func margins(of data: TrainingSet) -> [Double] {
    margins(dense: data.dense, hashed: data.hashed)
  }

  /// Margins (log-odds) of rows given as features; `hashed` is read when there are hashed weights.
  public func margins(dense features: Matrix, hashed rows: SignedBinaryRows?) -> [Double] {
    var margins = [Double](repeating: intercept, count: features.rowCount)
    BLAS.multiply(features, dense, beta: 1, into: &margins)
    if let rows, !hashed.isEmpty { rows.addProduct(hashed, to: &margins) }
    return margins
  }
}
