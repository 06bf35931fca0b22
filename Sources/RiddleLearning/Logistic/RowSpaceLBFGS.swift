import RiddleLinearAlgebra

/// Limited-memory BFGS (Nocedal, 1980, doi:10.2307/2006193) for dense plus hashed features, in the span of the rows.
///
/// Started at v = Xᵀβ, every iterate, gradient and step of the hashed block stays of that form, because
/// ∇_v f = Xᵀ(r + λβ). We keep β and its image Kβ = XXᵀβ, both of length n, instead of 2^bits weights: inner
/// products are βᵀ(Kβ'), a step's change of margins is the same combination of stored images, and an iteration
/// touches the sparse data exactly twice (Xᵀr, then X times that). On 9 600 rows and 2¹⁶ buckets this makes
/// the vectors 7 times shorter, which affords a long history.
///
/// Penalty factors φ rescale the buckets: v = Φ⁻¹Xᵀβ and K = XΦ⁻¹Xᵀ, and everything else stays as it is.
///
/// Two changes of variable make the identity a good first metric. The dense block is whitened by the Cholesky
/// factor L of its Hessian at the start (u = Lᵀw). The hashed block is divided by the curvature h that the first
/// gradient meets. The two-loop recursion runs on inner products only (Chen, Wang & Zhou, 2014), which shards
/// compute side by side and which are added in shard order, so no bit depends on the number of threads.
struct RowSpaceLBFGS {
  let objective: LogisticObjective
  let columns: SignedBinaryColumns
  /// 1/φ of every rank; nil means 1.
  private let inverseFactors: [Double]?
  /// L, with LLᵀ = the dense Hessian at the start.
  let whitening: Cholesky
  /// h: curvature of the hashed block along the first gradient.
  private(set) var hashedCurvature = 1.0
  private var shards: [RowShard]
  private var memory: StepMemory
  /// Dense position, gradient and direction in whitened coordinates, k each.
  private var u: [Double]
  private var gradient: [Double]
  private var direction: [Double]
  /// Σ c ℓ at the position, once a line search has computed it.
  private var loss: Double?
  private var remedies: [String] = []

  /// Prepares a minimisation from `start`.
  init(
    objective: LogisticObjective, columns: SignedBinaryColumns, start: LogisticProblem.Position,
    historyLength: Int
  ) throws(LearningError) {
    self.objective = objective
    self.columns = columns
    let inverseFactors = objective.hashedFactors.map { columns.ranked($0).map { 1 / $0 } }
    self.inverseFactors = inverseFactors
    let n = columns.rows.rowCount
    let k = objective.design.columnCount
    // 32 bytes a row and remembered pair: at most 512 MB.
    let length = max(2, min(historyLength, (1 << 24) / max(n, 1)))
    var shards = Shards.ranges(of: n).map { range in
      RowShard(rows: range, objective: objective, beta: start.rows, historyLength: length)
    }
    // Margins of the start: image Kβ and dense part.
    if start.rows.contains(where: { $0 != 0 }) {
      let v = columns.signedTable(
        columns.transposedProduct(start.rows).scaled(by: inverseFactors))
      Shards.update(&shards) { _, shard in
        columns.addProduct(rows: shard.rows, signed: v, to: &shard.image)
      }
    }
    Shards.update(&shards) { _, shard in
      BLAS.multiply(shard.design, start.dense, into: &shard.denseMargin)
    }
    let hessian = objective.denseHessian(margins: shards.flatMap(\.margins))
    let (factor, ridge) = try hessian.factoredWithRidge()
    if ridge > 0 {
      remedies.append("dense features are linearly dependent: remove duplicates or penalise them")
    }
    Shards.update(&shards) { _, shard in
      BLAS.solveTransposed(&shard.design, lower: factor.lower)
    }
    whitening = factor
    self.shards = shards
    memory = StepMemory(length: length, denseCount: k)
    u = [Double](repeating: 0, count: k)
    for j in 0..<k {
      for i in j..<k { u[j] += factor.lower[i, j] * start.dense[i] }
    }
    gradient = [Double](repeating: 0, count: k)
    direction = gradient
  }

  /// Minimises until ‖∇f‖₂ ≤ `tolerance`, gradient by standardised dense and by hashed weights.
  mutating func minimize(tolerance: Double, maximumIterations: Int) -> SolverOutcome {
    evaluateGradient(isFirst: true)
    var iterations = 0
    var norm = gradientNorm
    var step: Double?
    while norm > tolerance && iterations < maximumIterations {
      updateDirection(after: step)
      guard let size = lineSearch() else {
        // Steepest descent stands still: rounding error is all that is left.
        if memory.isEmpty { break }
        memory.removeAll()
        step = nil
        continue
      }
      iterations += 1
      take(size)
      evaluateGradient()
      step = size
      norm = gradientNorm
    }
    return outcome(iterations: iterations, norm: norm, tolerance: tolerance)
  }

  /// ‖∇f‖₂ in the coordinates of the objective: √(h · gᵀKg/h + ‖L g_u‖²).
  private var gradientNorm: Double {
    var hashed = 0.0
    for shard in shards { hashed += shard.sums.gradientSquared }
    var dense = 0.0
    for i in gradient.indices {
      var entry = 0.0
      for j in 0...i { entry += whitening.lower[i, j] * gradient[j] }
      dense += entry * entry
    }
    return (hashedCurvature * max(hashed, 0) + dense).squareRoot()
  }

  /// The two passes over the data: r from margins, Xᵀr, and its image X Xᵀr.
  private mutating func evaluateGradient(isFirst: Bool = false) {
    Shards.update(&shards) { _, shard in shard.updateResidual() }
    let v = columns.signedTable(
      columns.transposedProduct(shards.flatMap(\.residual)).scaled(by: inverseFactors))
    let columns = columns
    let lambda = objective.hashedPenalty
    let h = hashedCurvature
    Shards.update(&shards) { _, shard in
      shard.updateGradient(columns, transposed: v, penalty: lambda, curvature: h)
    }
    if isFirst { setHashedCurvature() }
    gradient = penaltyGradient()
    for shard in shards { BLAS.add(1, shard.denseGradient, to: &gradient) }
  }

  /// h = λ + gᵀKDKg / gᵀKg, the Rayleigh quotient of the hashed Hessian at the first gradient.
  private mutating func setHashedCurvature() {
    Shards.update(&shards) { _, shard in shard.measureCurvature() }
    var (top, bottom) = (0.0, 0.0)
    for shard in shards {
      top += shard.sums.curvature
      bottom += shard.sums.gradientSquared
    }
    if !(bottom > 0) { return }
    let h = objective.hashedPenalty + top / bottom
    hashedCurvature = h
    Shards.update(&shards) { _, shard in shard.rescale(curvature: h) }
  }

  /// L⁻¹ Λ L⁻ᵀ u: the penalty's gradient in whitened coordinates.
  private func penaltyGradient() -> [Double] {
    var w = whitening.solveUpper(u)
    for j in w.indices { w[j] *= objective.densePenalty[j] }
    return whitening.solveLower(w)
  }

  /// Remembers the step taken, if any, and sets the direction −Hg.
  private mutating func updateDirection(after step: Double?) {
    let used: Int
    if let step {
      let slot = memory.nextSlot
      let (s, y) = memory.remember(step: step, direction: direction, gradient: gradient)
      used = memory.usedRows
      Shards.update(&shards) { _, shard in shard.remember(slot: slot, step: step, used: used) }
      memory.update(slot: slot, s: s, y: y, products: shards.map(\.products))
    } else {
      used = 0
      memory.previousGradient = gradient
    }
    let coefficients = memory.coefficients(gradient: gradient)
    Shards.update(&shards) { _, shard in shard.combine(coefficients) }
    direction = memory.combineDense(coefficients, gradient: gradient)
    let denseDirection = direction
    Shards.update(&shards) { _, shard in shard.finishDirection(dense: denseDirection) }
  }

  /// A step t with |φ'(t)| ≤ 0.1 |φ'(0)| and φ(t) ≤ φ(0): strong Wolfe on the convex φ(t) = f(x + t p).
  ///
  /// Newton's method on φ', kept inside the bracket of a negative and a positive slope; each evaluation costs n
  /// exponentials and no pass over the data. Nil when the direction does not descend.
  private mutating func lineSearch() -> Double? {
    let w = whitening.solveUpper(u)
    let p = whitening.solveUpper(direction)
    var quadratic = Quadratic()
    for j in w.indices {
      let penalty = objective.densePenalty[j]
      quadratic.slope += penalty * w[j] * p[j]
      quadratic.curvature += penalty * p[j] * p[j]
    }
    let share = objective.hashedPenalty / hashedCurvature
    for shard in shards {
      quadratic.slope += share * shard.sums.positionDirection
      quadratic.curvature += share * shard.sums.directionSquared
    }
    let start = derivatives(at: 0, quadratic, withValue: loss == nil)
    guard start.slope < 0, start.curvature > 0 else { return nil }
    let startLoss = loss ?? start.loss
    loss = startLoss
    var (low, high) = (0.0, Double.infinity)
    var t = memory.isEmpty ? -start.slope / start.curvature : 1
    for _ in 0..<50 {
      let here = derivatives(at: t, quadratic)
      if here.slope > 0 { high = t } else { low = t }
      if abs(here.slope) <= 0.1 * abs(start.slope) {
        let endLoss = derivatives(at: t, quadratic, withValue: true).loss
        if endLoss + quadratic.value(t) <= startLoss + 1e-14 * startLoss {
          loss = endLoss
          return t
        }
        high = t
        t = (low + high) / 2
        continue
      }
      var next = here.curvature > 0 ? t - here.slope / here.curvature : 2 * t
      if !next.isFinite || next > 4 * t { next = 4 * t }
      if next <= low || next >= high { next = high.isFinite ? (low + high) / 2 : 2 * t }
      if next == t { break }
      t = next
    }
    loss = nil
    return low > 0 ? low : nil
  }

  /// The penalty along the direction, up to a constant: slope · t + ½ curvature · t².
  private struct Quadratic {
    var slope = 0.0
    var curvature = 0.0

    func value(_ t: Double) -> Double { t * slope + 0.5 * t * t * curvature }
  }

  /// Loss (on demand), and slope and curvature of φ, at step `t`.
  private mutating func derivatives(
    at t: Double, _ quadratic: Quadratic, withValue: Bool = false
  ) -> (loss: Double, slope: Double, curvature: Double) {
    Shards.update(&shards) { _, shard in shard.measureStep(t, withValue: withValue) }
    var loss = 0.0
    var slope = quadratic.slope + t * quadratic.curvature
    var curvature = quadratic.curvature
    for shard in shards {
      loss += shard.sums.loss
      slope += shard.sums.slope
      curvature += shard.sums.stepCurvature
    }
    return (loss, slope, curvature)
  }

  private mutating func take(_ t: Double) {
    BLAS.add(t, direction, to: &u)
    Shards.update(&shards) { _, shard in shard.take(t) }
  }

  private func outcome(iterations: Int, norm: Double, tolerance: Double) -> SolverOutcome {
    let beta = shards.flatMap(\.beta).map { $0 / hashedCurvature }
    let ranked = columns.transposedProduct(beta).scaled(by: inverseFactors)
    let point = LogisticObjective.Point(
      dense: whitening.solveUpper(u), hashed: columns.byBucket(ranked))
    let margins = shards.flatMap(\.margins)
    return SolverOutcome(
      solver: "row-space-lbfgs", position: .init(dense: point.dense, rows: beta, hashed: ranked),
      hashed: point.hashed, iterations: iterations, converged: norm <= tolerance,
      gradientNorm: norm, objective: objective.value(at: point, margins: margins),
      remedies: remedies)
  }
}

extension [Double] {
  /// The values times `factors`, or themselves.
  fileprivate func scaled(by factors: [Double]?) -> [Double] {
    guard let factors else { return self }
    return indices.map { self[$0] * factors[$0] }
  }
}
