import RiddleLinearAlgebra

/// A convex function of a vector, as ``TruncatedNewton`` sees it.
protocol SmoothObjective: Sendable {
  /// What is known at a point: gradient and whatever Hessian products need.
  associatedtype State: Sendable

  /// f at `x`, infinite where f is not defined, and the state there.
  func evaluate(_ x: [Double]) -> (value: Double, state: State)
  /// ∇f.
  func gradient(_ state: State) -> [Double]
  /// ∇²f v.
  func hessianProduct(_ state: State, _ v: [Double]) -> [Double]
  /// A positive definite matrix close to ∇²f whose systems are cheap.
  func preconditioner(_ state: State) throws(LearningError) -> BlockPreconditioner
}

/// A diagonal matrix with some diagonal blocks replaced by factored ones.
struct BlockPreconditioner: Sendable {
  /// Diagonal entries; those inside blocks are not read.
  var diagonal: [Double]
  /// Where each block begins, and its factor.
  var blocks: [(offset: Int, factor: Cholesky)]

  /// M⁻¹r.
  func solve(_ r: [Double]) -> [Double] {
    var z = r
    for i in z.indices { z[i] /= diagonal[i] }
    for (offset, factor) in blocks {
      let range = offset..<(offset + factor.lower.rowCount)
      z.replaceSubrange(range, with: factor.solve(Array(r[range])))
    }
    return z
  }
}

/// Newton's method with steps by preconditioned conjugate gradients in a trust region.
///
/// Lin, Weng & Keerthi (2008, https://www.jmlr.org/papers/v9/lin08b.html) with the truncation of Steihaug (1983,
/// doi:10.1137/0720042): a Hessian is only ever multiplied, so a step costs a few passes over the data. The
/// region is measured in the norm of the preconditioner. A point where f is infinite is a rejected step, so
/// f may have a domain.
struct TruncatedNewton {
  struct Outcome: Sendable {
    var x: [Double]
    var value: Double
    /// ‖∇f‖₂.
    var gradientNorm: Double
    var iterations: Int
    var converged: Bool
  }

  /// Conjugate gradient steps per iteration, at most.
  static let maximumProducts = 250

  /// Minimises from `start`, where f is finite, until ‖∇f‖₂ ≤ `tolerance`.
  static func minimize<Objective: SmoothObjective>(
    _ objective: Objective, from start: [Double], tolerance: Double, maximumIterations: Int
  ) throws(LearningError) -> Outcome {
    var x = start
    var (value, state) = objective.evaluate(x)
    var gradient = objective.gradient(state)
    var norm = BLAS.norm(gradient)
    var preconditioner = try objective.preconditioner(state)
    var radius: Double?
    var firstSize = 0.0
    var iterations = 0
    while norm > tolerance && iterations < maximumIterations {
      iterations += 1
      let natural = BLAS.dot(gradient, preconditioner.solve(gradient)).squareRoot()
      if radius == nil {
        firstSize = natural
        radius = 2 * natural
      }
      guard natural > 0, natural.isFinite, let size = radius else { break }
      let step = step(
        objective, state, gradient: gradient, preconditioner, radius: size,
        forcing: min(0.1, (natural / firstSize).squareRoot()))
      var next = x
      BLAS.add(1, step.direction, to: &next)
      let (nextValue, nextState) = objective.evaluate(next)
      let nextGradient = objective.gradient(nextState)
      let nextNorm = BLAS.norm(nextGradient)
      let isRounding = step.predicted <= 1e-13 * abs(value)
      let ratio = (value - nextValue) / step.predicted
      // Once f moves by its own rounding error only, the gradient judges.
      let isBetter =
        nextValue.isFinite && nextNorm.isFinite && (isRounding ? nextNorm < norm : ratio > 1e-4)
      if isBetter {
        (x, value, state, gradient, norm) = (next, nextValue, nextState, nextGradient, nextNorm)
        if norm > tolerance { preconditioner = try objective.preconditioner(state) }
        if !isRounding && ratio > 0.75 && step.length > 0.9 * size { radius = 4 * size }
        if !isRounding && ratio < 0.25 { radius = step.length / 2 }
      } else {
        if isRounding { break }
        radius = min(size, step.length) / 4
        if size < 1e-14 * firstSize { break }
      }
    }
    return Outcome(
      x: x, value: value, gradientNorm: norm, iterations: iterations,
      converged: norm <= tolerance)
  }

  private struct Step {
    var direction: [Double]
    /// Length in the norm of the preconditioner.
    var length: Double
    /// Decrease of the quadratic model.
    var predicted: Double
  }

  /// Minimises gᵀs + ½sᵀHs for ‖s‖_M ≤ `radius`, until the residual has shrunk to `forcing`.
  private static func step<Objective: SmoothObjective>(
    _ objective: Objective, _ state: Objective.State, gradient: [Double],
    _ preconditioner: BlockPreconditioner, radius: Double, forcing: Double
  ) -> Step {
    var s = [Double](repeating: 0, count: gradient.count)
    var r = gradient.map { -$0 }
    var z = preconditioner.solve(r)
    var p = z
    var rz = BLAS.dot(r, z)
    let goal = forcing * forcing * rz
    // sᵀMs, sᵀMp, pᵀMp by recurrence.
    var (ss, sp, pp) = (0.0, 0.0, rz)
    for _ in 0..<maximumProducts {
      let hp = objective.hessianProduct(state, p)
      let curvature = BLAS.dot(p, hp)
      var alpha = curvature > 0 ? rz / curvature : .infinity
      let isLast = !(ss + 2 * alpha * sp + alpha * alpha * pp < radius * radius)
      if isLast {
        // To the boundary: the positive root of ‖s + αp‖² = radius².
        let rest = radius * radius - ss
        alpha = rest / (sp + (sp * sp + pp * rest).squareRoot())
      }
      BLAS.add(alpha, p, to: &s)
      BLAS.add(-alpha, hp, to: &r)
      ss += 2 * alpha * sp + alpha * alpha * pp
      if isLast { break }
      z = preconditioner.solve(r)
      let next = BLAS.dot(r, z)
      if !(next > goal) { break }
      let beta = next / rz
      rz = next
      sp = beta * (sp + alpha * pp)
      pp = rz + beta * beta * pp
      BLAS.scale(&p, by: beta)
      BLAS.add(1, z, to: &p)
    }
    // With residual r = −g − Hs: −(gᵀs + ½sᵀHs) = −½(gᵀs − rᵀs).
    let predicted = -0.5 * (BLAS.dot(gradient, s) - BLAS.dot(r, s))
    return Step(direction: s, length: max(ss, 0).squareRoot(), predicted: predicted)
  }
}
