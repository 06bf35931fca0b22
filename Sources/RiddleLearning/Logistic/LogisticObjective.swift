import RiddleLinearAlgebra

/// The function that every logistic solver minimises:
///
/// f(w, v) = Σ_i c_i ℓ(m_i, t_i) + ½ Σ_j λ_j w_j² + ½ λ Σ_b φ_b v_b², with m = Zw + Xv.
///
/// Z is the dense design with a last column of ones, whose λ_j is 0; X holds the hashed rows. The solvers use
/// margins directly where that is faster; this plain form defines what they solve, and tests hold them to it.
struct LogisticObjective: Sendable {
  /// Dense design, `n × k`, ones last.
  let design: Matrix
  /// Hashed rows, or nil.
  let hashed: SignedBinaryRows?
  /// n targets in [0, 1].
  let targets: [Double]
  /// n weights, class weights included.
  let weights: [Double]
  /// k penalties of the dense weights; the last, the intercept's, is 0.
  let densePenalty: [Double]
  /// Penalty λ of the hashed weights.
  let hashedPenalty: Double
  /// φ: multiples of λ, one per bucket; nil means 1 for all.
  let hashedFactors: [Double]?

  /// A point: k dense weights, intercept last, and one weight per bucket (or none).
  struct Point: Equatable, Sendable {
    var dense: [Double]
    var hashed: [Double]
  }

  /// Margins of all rows at `point`.
  func margins(at point: Point) -> [Double] {
    var m = [Double](repeating: 0, count: design.rowCount)
    BLAS.multiply(design, point.dense, into: &m)
    hashed?.addProduct(point.hashed, to: &m)
    return m
  }

  /// f at `point`.
  func value(at point: Point) -> Double {
    value(at: point, margins: margins(at: point))
  }

  /// f at `point`, whose margins are known.
  func value(at point: Point, margins m: [Double]) -> Double {
    var sum = 0.0
    for i in m.indices {
      sum += weights[i] * LogisticLoss.value(margin: m[i], target: targets[i])
    }
    var penalty = 0.0
    for j in point.dense.indices { penalty += densePenalty[j] * point.dense[j] * point.dense[j] }
    if !point.hashed.isEmpty {
      penalty += hashedPenalty * BLAS.dot(point.hashed, penalised(point.hashed))
    }
    return sum + 0.5 * penalty
  }

  /// φ_b v_b.
  private func penalised(_ v: [Double]) -> [Double] {
    guard let hashedFactors else { return v }
    return v.indices.map { hashedFactors[$0] * v[$0] }
  }

  /// c_i (p_i − t_i): the derivative of the loss by each margin.
  func residuals(margins m: [Double]) -> [Double] {
    m.indices.map { weights[$0] * (LogisticLoss.probability(margin: m[$0]) - targets[$0]) }
  }

  /// ∇f at `point`: Zᵀr + λw and Xᵀr + λv.
  func gradient(at point: Point) -> Point {
    let r = residuals(margins: margins(at: point))
    var dense = [Double](repeating: 0, count: design.columnCount)
    BLAS.multiply(design, transposed: true, r, into: &dense)
    for j in dense.indices { dense[j] += densePenalty[j] * point.dense[j] }
    guard let hashed else { return Point(dense: dense, hashed: []) }
    let columns = SignedBinaryColumns(hashed)
    var sparse = columns.byBucket(columns.transposedProduct(r))
    BLAS.add(hashedPenalty, penalised(point.hashed), to: &sparse)
    return Point(dense: dense, hashed: sparse)
  }

  /// ZᵀDZ + diag(λ) with d_i = c_i p_i (1 − p_i): the dense block of ∇²f, `k × k`, by one rank-k update.
  func denseHessian(margins m: [Double]) -> Matrix {
    let k = design.columnCount
    var scaled = design
    for i in m.indices {
      let d = weights[i] * LogisticLoss.probabilityAndCurvature(margin: m[i]).curvature
      let root = d.squareRoot()
      for j in (i * k)..<((i + 1) * k) { scaled.values[j] *= root }
    }
    var hessian = BLAS.gramian(of: scaled)
    for j in 0..<k { hessian[j, j] += densePenalty[j] }
    return hessian
  }
}
