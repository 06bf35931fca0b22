import RiddleLinearAlgebra

/// One ridge regression of reward on context for each candidate, kept up to date one row at a time.
///
/// For candidate k with rows φ and rewards r: A = λI + Σ φφᵀ, θ = A⁻¹ Σ r φ. A⁻¹ follows by Sherman and Morrison's formula,
/// A⁻¹ ← A⁻¹ − uuᵀ / (1 + φᵀu) with u = A⁻¹φ, and θ by the same gain, θ ← θ + u (r − θᵀφ) / (1 + φᵀu) (recursive least squares).
/// All inverses stand on top of each other in one matrix, so that one `dgemv` serves every candidate. Memory: K (d² + d) numbers.
struct RidgeArms: Equatable, Sendable {
  let dimension: Int
  let penalty: Double
  private var count = 0
  private var inverses: Matrix  // count · d rows, d columns
  private var weights: [Double] = []  // count · d

  init(dimension: Int, penalty: Double) {
    self.dimension = dimension
    self.penalty = penalty
    inverses = Matrix(rowCount: 0, columnCount: dimension)
  }

  /// θᵀφ and φᵀA⁻¹φ of the first `armCount` candidates. One that has no rows has 0 and |φ|² / λ.
  func estimates(_ context: [Double], of armCount: Int) -> (means: [Double], variances: [Double]) {
    var means = [Double](repeating: 0, count: armCount)
    var variances = [Double](repeating: 0, count: armCount)
    let known = min(armCount, count)
    if known < armCount {
      var square = 0.0
      for value in context { square += value * value }
      for k in known..<armCount { variances[k] = square / penalty }
    }
    if known == 0 { return (means, variances) }
    var product = [Double](repeating: 0, count: known * dimension)
    BLAS.multiply(inverses, rows: 0..<(known * dimension), context, into: &product)
    for k in 0..<known {
      let first = k * dimension
      var (mean, variance) = (0.0, 0.0)
      for i in 0..<dimension {
        mean += weights[first + i] * context[i]
        variance += product[first + i] * context[i]
      }
      means[k] = mean
      variances[k] = max(0, variance)
    }
    return (means, variances)
  }

  /// Adds one row to candidate `arm`.
  mutating func update(_ arm: Int, context: [Double], reward: Double) {
    grow(to: arm + 1)
    let first = arm * dimension
    var gain = [Double](repeating: 0, count: dimension)
    BLAS.multiply(inverses, rows: first..<(first + dimension), context, into: &gain)
    var (mean, scale) = (0.0, 1.0)
    for i in 0..<dimension {
      mean += weights[first + i] * context[i]
      scale += gain[i] * context[i]
    }
    BLAS.addOuterProduct(-1 / scale, gain, to: &inverses, firstRow: first)
    let step = (reward - mean) / scale
    for i in 0..<dimension { weights[first + i] += step * gain[i] }
  }

  /// θ of a candidate; zeros when it has no rows.
  func weights(of arm: Int) -> [Double] {
    if arm >= count { return [Double](repeating: 0, count: dimension) }
    return Array(weights[(arm * dimension)..<((arm + 1) * dimension)])
  }

  private mutating func grow(to wanted: Int) {
    if wanted <= count { return }
    var values = inverses.values
    for _ in count..<wanted {
      for i in 0..<dimension {
        for j in 0..<dimension { values.append(i == j ? 1 / penalty : 0) }
      }
    }
    weights += [Double](repeating: 0, count: (wanted - count) * dimension)
    inverses = Matrix(rowCount: wanted * dimension, columnCount: dimension, values: values)
    count = wanted
  }
}

/// A candidate, what was known of the request, and the reward.
struct ContextReward: Equatable, Sendable {
  var arm: Int
  var context: [Double]
  var reward: Double
}
