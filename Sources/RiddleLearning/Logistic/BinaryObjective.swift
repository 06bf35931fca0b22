import RiddleLinearAlgebra

/// The function of ``LogisticObjective`` with L2 penalties, over flat weights (k dense, then R ranked hashed) and
/// without a copy of the dense design.
struct BinaryObjective: SmoothObjective {
  let map: LinearMap
  /// n targets in [0, 1].
  let targets: [Double]
  /// n weights.
  let weights: [Double]
  /// λ of every weight, `map.weightCount`.
  let penalty: [Double]

  struct State: Sendable {
    /// ∇f.
    var gradient: [Double]
    /// d_i = c_i p_i (1 − p_i).
    var curvature: [Double]
  }

  /// Rows that a preconditioner reads: 8 192 or a multiple of the columns, so that its error stays below a fifth.
  static func preconditionerRows(_ columnCount: Int) -> Int { max(8192, 16 * columnCount) }

  func evaluate(_ x: [Double]) -> (value: Double, state: State) {
    let pass = map.pass(x, sumCount: 1, keepsMargins: true) { rows, block, sums in
      for i in rows {
        let m = block[i - rows.lowerBound]
        sums[0] += weights[i] * LogisticLoss.value(margin: m, target: targets[i])
        block[i - rows.lowerBound] = weights[i] * (LogisticLoss.probability(margin: m) - targets[i])
      }
    }
    var value = pass.sums[0]
    var gradient = pass.product
    for j in x.indices {
      value += 0.5 * penalty[j] * x[j] * x[j]
      gradient[j] += penalty[j] * x[j]
    }
    return (value, State(gradient: gradient, curvature: curvature(margins: pass.margins)))
  }

  /// c_i p_i (1 − p_i) of every row.
  func curvature(margins: [Double]) -> [Double] {
    margins.indices.map {
      weights[$0] * LogisticLoss.probabilityAndCurvature(margin: margins[$0]).curvature
    }
  }

  func gradient(_ state: State) -> [Double] { state.gradient }

  func hessianProduct(_ state: State, _ v: [Double]) -> [Double] {
    var product = map.pass(v) { rows, block, _ in
      for i in rows { block[i - rows.lowerBound] *= state.curvature[i] }
    }.product
    for j in v.indices { product[j] += penalty[j] * v[j] }
    return product
  }

  func preconditioner(_ state: State) throws(LearningError) -> BlockPreconditioner {
    let k = map.design.columnCount
    var block = map.design.gramian(
      state.curvature, rowLimit: Self.preconditionerRows(k))
    for j in 0..<k { block[j, j] += penalty[j] }
    var diagonal = penalty
    if let columns = map.columns {
      let hashed = columns.diagonal(state.curvature)
      for r in hashed.indices { diagonal[k + r] += hashed[r] }
    }
    for j in diagonal.indices { diagonal[j] = max(diagonal[j], 1e-12) }
    return BlockPreconditioner(
      diagonal: diagonal, blocks: [(offset: 0, factor: try block.factoredWithRidge().0)])
  }
}
