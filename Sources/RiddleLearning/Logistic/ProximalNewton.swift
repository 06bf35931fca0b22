import RiddleLinearAlgebra

/// Logistic regression with an L1 part: minimises f(w) + Σ_j α_j |w_j|, f as in ``BinaryObjective``.
///
/// Each iteration minimises the quadratic model of f plus the L1 norm by cyclic coordinate descent and then
/// searches along the step: the improved GLMNET of Yuan, Ho & Lin (2012,
/// https://www.jmlr.org/papers/v13/yuan12a.html) with covariates visited in a fixed order. Coordinates that stay
/// at 0 are visited in every first sweep only. A weight at 0 is exactly 0.
struct ProximalNewton {
  let objective: BinaryObjective
  /// α_j, 0 for the intercept.
  let absolutePenalty: [Double]

  /// Sweeps over the coordinates in one iteration, at most.
  static let maximumSweeps = 200

  /// Minimises until the minimum-norm subgradient is at most `tolerance` long.
  func minimize(
    from start: [Double], tolerance: Double, maximumIterations: Int
  ) -> TruncatedNewton.Outcome {
    var x = start
    var (smooth, state) = objective.evaluate(x)
    var value = smooth + absoluteSum(x)
    var gradient = state.gradient
    var norm = subgradientNorm(x, gradient)
    let firstNorm = norm
    var iterations = 0
    let dense = objective.map.design.matrix.transposed  // k × n: columns are contiguous
    while norm > tolerance && iterations < maximumIterations {
      iterations += 1
      // Far from the end a rough model step is as good as a fine one.
      let accuracy = max(min(0.1, norm / firstNorm) * norm, 0.1 * tolerance)
      let step = modelStep(
        x, gradient, curvature: state.curvature, dense: dense, accuracy: accuracy)
      // Σα(|x + s| − |x|) + gᵀs bounds the decrease (Tseng & Yun, 2009).
      var bound = BLAS.dot(gradient, step) - absoluteSum(x)
      for j in x.indices { bound += absolutePenalty[j] * abs(x[j] + step[j]) }
      var size = 1.0
      var isDone = true
      for _ in 0..<40 {
        var next = x
        for j in x.indices where step[j] != 0 {
          // A full step to 0 lands on 0, not on its rounding error.
          next[j] = size == 1 && step[j] == -x[j] ? 0 : x[j] + size * step[j]
        }
        let (nextSmooth, nextState) = objective.evaluate(next)
        let nextValue = nextSmooth + absoluteSum(next)
        let nextNorm = subgradientNorm(next, nextState.gradient)
        let isRounding = abs(bound) <= 1e-13 * abs(value) && nextNorm < norm
        if nextValue <= value + 1e-4 * size * bound || isRounding {
          (x, smooth, state, value, norm) = (next, nextSmooth, nextState, nextValue, nextNorm)
          gradient = state.gradient
          isDone = false
          break
        }
        size /= 2
      }
      if isDone { break }
    }
    return TruncatedNewton.Outcome(
      x: x, value: value, gradientNorm: norm, iterations: iterations,
      converged: norm <= tolerance)
  }

  /// Σ α_j |x_j|.
  private func absoluteSum(_ x: [Double]) -> Double {
    var sum = 0.0
    for j in x.indices { sum += absolutePenalty[j] * abs(x[j]) }
    return sum
  }

  /// Length of the shortest subgradient.
  private func subgradientNorm(_ x: [Double], _ gradient: [Double]) -> Double {
    BLAS.norm(x.indices.map { violation($0, x[$0], gradient[$0]) })
  }

  /// The entry of the shortest subgradient, in absolute value.
  private func violation(_ j: Int, _ x: Double, _ gradient: Double) -> Double {
    let alpha = absolutePenalty[j]
    if x > 0 { return abs(gradient + alpha) }
    if x < 0 { return abs(gradient - alpha) }
    return max(0, abs(gradient) - alpha)
  }

  /// The minimiser s of gᵀs + ½sᵀHs + Σ α|x + s|, up to subgradients of length `accuracy`.
  private func modelStep(
    _ x: [Double], _ gradient: [Double], curvature d: [Double], dense: Matrix, accuracy: Double
  ) -> [Double] {
    let k = dense.rowCount
    let n = d.count
    let penalty = objective.penalty
    var h = penalty  // diagonal of H
    for j in 0..<k {
      for i in 0..<n { h[j] += d[i] * dense.values[j * n + i] * dense.values[j * n + i] }
    }
    if let columns = objective.map.columns {
      let diagonal = columns.diagonal(d)
      for r in diagonal.indices { h[k + r] += diagonal[r] }
    }
    var s = [Double](repeating: 0, count: x.count)
    var y = [Double](repeating: 0, count: n)  // D A s
    /// Minimises along one coordinate; returns its violation before.
    func descend(_ j: Int) -> Double {
      var slope = gradient[j] + penalty[j] * s[j]
      if j < k {
        slope += dense.dot(row: j, y)
      } else if let columns = objective.map.columns {
        slope += columns.columnDot(j - k, y)
      }
      let before = violation(j, x[j] + s[j], slope)
      if before == 0 || h[j] <= 0 { return 0 }
      // Soft threshold of the unpenalised minimum.
      let free = h[j] * (x[j] + s[j]) - slope
      let alpha = absolutePenalty[j]
      let target = free > alpha ? (free - alpha) / h[j] : free < -alpha ? (free + alpha) / h[j] : 0
      let delta = target - (x[j] + s[j])
      if delta == 0 { return before }
      s[j] = target == 0 ? -x[j] : s[j] + delta
      if j < k {
        dense.addRow(j, scaledBy: delta, weights: d, to: &y)
      } else if let columns = objective.map.columns {
        columns.addColumn(j - k, scaledBy: delta, weights: d, to: &y)
      }
      return before
    }
    var sweeps = 0
    while sweeps < Self.maximumSweeps {
      var active: [Int] = []
      var squared = 0.0
      for j in x.indices {
        let v = descend(j)
        squared += v * v
        if x[j] + s[j] != 0 || v > 0 { active.append(j) }
      }
      sweeps += 1
      if squared.squareRoot() <= accuracy { break }
      while sweeps < Self.maximumSweeps {
        squared = 0
        for j in active {
          let v = descend(j)
          squared += v * v
        }
        sweeps += 1
        if squared.squareRoot() <= 0.5 * accuracy { break }
      }
    }
    return s
  }
}
