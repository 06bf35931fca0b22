import RiddleLinearAlgebra

/// Newton's method for a dense design: ∇²f by a rank-k update, the step by Cholesky, halved until f falls.
///
/// For tens of columns one iteration costs about as much as one gradient, and four to seven reach rounding
/// error. Armijo's condition (Armijo, 1966) guards the steps; f is convex, so halving ends.
struct NewtonCholesky: Sendable {
  let objective: LogisticObjective

  /// Minimises from `start` until ‖∇f‖₂ ≤ `tolerance`.
  func minimize(
    from start: [Double], tolerance: Double, maximumIterations: Int
  ) throws(LearningError) -> SolverOutcome {
    typealias Point = LogisticObjective.Point
    var point = Point(dense: start, hashed: [])
    var margins = objective.margins(at: point)
    var value = objective.value(at: point, margins: margins)
    var gradient = objective.gradient(at: point).dense
    var remedies: [String] = []
    var iterations = 0
    var stalled = false
    while BLAS.norm(gradient) > tolerance && iterations < maximumIterations && !stalled {
      iterations += 1
      let hessian = objective.denseHessian(margins: margins)
      let (factor, ridge) = try hessian.factoredWithRidge()
      if ridge > 0 && remedies.isEmpty {
        remedies.append(
          "the curvature is singular: duplicate features or no penalty; a ridge was added to the steps"
        )
      }
      let step = factor.solve(gradient)
      let slope = BLAS.dot(gradient, step)
      var size = 1.0
      stalled = true
      for _ in 0..<40 {
        var next = point
        BLAS.add(-size, step, to: &next.dense)
        let nextMargins = objective.margins(at: next)
        let nextValue = objective.value(at: next, margins: nextMargins)
        // The slack is f's own rounding error, which hides the last, smallest steps.
        if nextValue <= value - 1e-4 * size * slope + 1e-14 * abs(value) {
          (point, margins, value) = (next, nextMargins, nextValue)
          stalled = false
          break
        }
        size /= 2
      }
      gradient = objective.gradient(at: point).dense
    }
    let norm = BLAS.norm(gradient)
    return SolverOutcome(
      solver: "newton-cholesky", position: .init(dense: point.dense, rows: [], hashed: []),
      hashed: [],
      iterations: iterations, converged: norm <= tolerance, gradientNorm: norm, objective: value,
      remedies: remedies)
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
