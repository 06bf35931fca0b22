import RiddleLinearAlgebra

/// Newton's method for a dense design: ∇²f by rank-k updates, the step by Cholesky, halved until f falls.
///
/// For tens of columns one iteration costs about as much as one gradient, and four to seven reach rounding
/// error. Armijo's condition (Armijo, 1966) guards the steps; f is convex, so halving ends. Rows are standardised
/// block by block in the cache, shards of them side by side: no copy of the design is made.
struct NewtonCholesky: Sendable {
  /// No hashed rows.
  let objective: BinaryObjective

  /// Minimises from `start` until ‖∇f‖₂ ≤ `tolerance`.
  func minimize(
    from start: [Double], tolerance: Double, maximumIterations: Int
  ) throws(LearningError) -> SolverOutcome {
    var point = start
    var (value, state) = objective.evaluate(point)
    var remedies: [String] = []
    var iterations = 0
    var stalled = false
    while BLAS.norm(state.gradient) > tolerance && iterations < maximumIterations && !stalled {
      iterations += 1
      let (factor, ridge) = try hessian(state).factoredWithRidge()
      if ridge > 0 && remedies.isEmpty {
        remedies.append(
          "the curvature is singular: duplicate features or no penalty; a ridge was added to the steps"
        )
      }
      let step = factor.solve(state.gradient)
      let slope = BLAS.dot(state.gradient, step)
      var size = 1.0
      stalled = true
      for _ in 0..<40 {
        var next = point
        BLAS.add(-size, step, to: &next)
        let (nextValue, nextState) = objective.evaluate(next)
        // The slack is f's own rounding error, which hides the last, smallest steps.
        if nextValue <= value - 1e-4 * size * slope + 1e-14 * abs(value) {
          (point, value, state) = (next, nextValue, nextState)
          stalled = false
          break
        }
        size /= 2
      }
    }
    let norm = BLAS.norm(state.gradient)
    return SolverOutcome(
      solver: "newton-cholesky", position: .init(dense: point, rows: [], hashed: []),
      hashed: [],
      iterations: iterations, converged: norm <= tolerance, gradientNorm: norm, objective: value,
      remedies: remedies)
  }

  /// ZᵀDZ + diag(λ), `k × k`.
  private func hessian(_ state: BinaryObjective.State) -> Matrix {
    var hessian = objective.map.design.gramian(state.curvature)
    for j in objective.penalty.indices { hessian[j, j] += objective.penalty[j] }
    return hessian
  }
}

extension Matrix {
  /// The Cholesky factor of this matrix plus the smallest tried multiple of the identity that allows one.
  func factoredWithRidge() throws(LearningError) -> (Cholesky, ridge: Double) {
    var trace = 0.0
    for j in 0..<rowCount { trace += self[j, j] }
    let unit = max(trace / Double(max(rowCount, 1)), 1e-300)
    var failure = LearningError.singularCurvature(order: 1, size: rowCount)
    for relative in [0, 1e-12, 1e-10, 1e-8, 1e-6] {
      var a = self
      for j in 0..<rowCount { a[j, j] += relative * unit }
      do {
        return (try Cholesky(a), relative * unit)
      } catch {
        switch error {
        case .notPositiveDefinite(let order, let size):
          failure = .singularCurvature(order: order, size: size)
        }
      }
    }
    throw failure
  }
}
