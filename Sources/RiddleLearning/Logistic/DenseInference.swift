import Glibc
import RiddleLinearAlgebra

/// How well the data determine one dense weight of a logistic regression, and what it does to the odds.
///
/// The standard error is the root of the diagonal of (∇²f)⁻¹, f with its penalties: the curvature of the
/// posterior when the penalty is read as a normal prior, and the usual covariance of maximum likelihood as λ → 0. A
/// penalised weight is drawn towards 0, so its interval covers the penalised target rather than the unpenalised
/// truth. Row weights count as repetitions.
public struct DenseInference: Equatable, Sendable, Codable {
  /// Column of the dense features.
  public var column: Int
  /// Weight by raw unit of the feature.
  public var weight: Double
  /// Weighted standard deviation of the feature.
  public var deviation: Double
  /// Standard error of ``weight``.
  public var standardError: Double
  /// e^weight: factor on the odds by one raw unit.
  public var oddsRatio: Double
  /// Lower end of the odds ratio's interval.
  public var low: Double
  /// Upper end of the odds ratio's interval.
  public var high: Double
  /// Weight by standard deviation of the feature.
  public var weightPerDeviation: Double

  private enum CodingKeys: String, CodingKey {
    case column, weight, deviation, low, high
    case standardError = "standard_error"
    case oddsRatio = "odds_ratio"
    case weightPerDeviation = "weight_per_deviation"
  }

  /// The 97.5 % point of the standard normal distribution, for intervals of 95 %.
  static let normalQuantile = 1.959963984540054

  init(column: Int, weight: Double, deviation: Double, standardError: Double) {
    let margin = Self.normalQuantile * standardError
    self.column = column
    self.weight = weight
    self.deviation = deviation
    self.standardError = standardError
    oddsRatio = exp(weight)
    low = exp(weight - margin)
    high = exp(weight + margin)
    weightPerDeviation = weight * deviation
  }

  /// Factor on the odds by one standard deviation, with its interval of 95 %.
  public var perDeviation: (oddsRatio: Double, low: Double, high: Double) {
    let margin = Self.normalQuantile * standardError * deviation
    return (
      exp(weightPerDeviation), exp(weightPerDeviation - margin), exp(weightPerDeviation + margin)
    )
  }
}

extension LogisticRegression {
  /// Standard errors and odds ratios with intervals of 95 % for the dense weights of a model fitted by these
  /// settings to `data`; columns that do not vary are absent.
  ///
  /// Hashed weights are nuisance parameters: by default their uncertainty is accounted for (Schur complement, by
  /// conjugate gradients to about three digits); otherwise they are held fixed, which is fast and understates
  /// the errors.
  ///
  /// - Throws: what `fit` throws, `.countMismatch` for a model with other columns, `.invalidSetting` with an L1
  ///   part (selection invalidates these intervals), `.singularCurvature` when the errors are not defined.
  /// - Complexity: O(n k² + k³) and, with hashed features, about 20 k products with them.
  public func inference(
    of model: LogisticCoefficients, on data: TrainingSet, accountingForHashed: Bool = true
  ) throws(LearningError) -> [DenseInference] {
    if l1Ratio > 0 {
      throw .invalidSetting(name: "l1Ratio", value: l1Ratio, expected: "0 for standard errors")
    }
    if model.dense.count != data.dense.columnCount {
      throw .countMismatch(
        what: "dense weights", expected: data.dense.columnCount, found: model.dense.count)
    }
    let buckets = data.hashed?.bucketCount ?? 0
    if model.hashed.count != buckets {
      throw .countMismatch(what: "hashed weights", expected: buckets, found: model.hashed.count)
    }
    let problem = try LogisticProblem(data, settings: self)
    return try problem.inference(of: model, self, accountingForHashed: accountingForHashed)
  }
}

extension LogisticProblem {
  fileprivate func inference(
    of model: LogisticCoefficients, _ settings: LogisticRegression, accountingForHashed: Bool
  ) throws(LearningError) -> [DenseInference] {
    let objective = flatObjective(settings)
    let k = design.columnCount
    let margins = model.margins(dense: design.raw, hashed: rows)
    let d = objective.curvature(margins: margins)
    var hessian = design.gramian(d)
    for j in 0..<k { hessian[j, j] += objective.penalty[j] }
    if columns != nil && accountingForHashed {
      let correction = hashedCorrection(objective, curvature: d)
      BLAS.add(-1, correction.values, to: &hessian.values)
    }
    let factor: Cholesky
    do {
      factor = try Cholesky(hessian)
    } catch {
      switch error {
      case .notPositiveDefinite(let order, let size):
        throw .singularCurvature(order: order, size: size)
      }
    }
    let deviations = design.raw.moments(weights: weights).variances
    return design.columns.indices.map { position in
      var unit = [Double](repeating: 0, count: k)
      unit[position] = 1
      let column = design.columns[position]
      let variance = factor.solve(unit)[position]
      return DenseInference(
        column: column, weight: model.dense[column], deviation: deviations[column].squareRoot(),
        standardError: variance.squareRoot() / design.spreads[position])
    }
  }

  /// H_dh (H_hh)⁻¹ H_hd, `k × k`, with the penalties in H_hh.
  private func hashedCorrection(_ objective: BinaryObjective, curvature d: [Double]) -> Matrix {
    let k = design.columnCount
    let state = BinaryObjective.State(gradient: [], curvature: d)
    guard let columns else { return Matrix(rowCount: k, columnCount: k) }
    var diagonal = columns.diagonal(d)
    for r in diagonal.indices { diagonal[r] = max(diagonal[r] + objective.penalty[k + r], 1e-12) }
    let jacobi = diagonal
    let solved = Shards.map(count: k) { j -> [Double] in
      var unit = [Double](repeating: 0, count: objective.map.weightCount)
      unit[j] = 1
      // Hashed rows of the Hessian's column j: the right-hand side.
      var r = Array(objective.hessianProduct(state, unit)[k...])
      var p = r.indices.map { r[$0] / jacobi[$0] }
      var rz = BLAS.dot(r, p)
      let goal = 1e-8 * rz
      var dense = [Double](repeating: 0, count: k)  // H_dh x
      for _ in 0..<TruncatedNewton.maximumProducts where rz > goal {
        let product = objective.hessianProduct(
          state, [Double](repeating: 0, count: k) + p)
        let hp = Array(product[k...])
        let alpha = rz / BLAS.dot(p, hp)
        BLAS.add(alpha, Array(product[..<k]), to: &dense)
        BLAS.add(-alpha, hp, to: &r)
        let z = r.indices.map { r[$0] / jacobi[$0] }
        let next = BLAS.dot(r, z)
        BLAS.scale(&p, by: next / rz)
        BLAS.add(1, z, to: &p)
        rz = next
      }
      return dense
    }
    var correction = Matrix(rowCount: k, columnCount: k)
    for i in 0..<k {
      for j in 0..<k { correction[i, j] = 0.5 * (solved[i][j] + solved[j][i]) }
    }
    return correction
  }
}
