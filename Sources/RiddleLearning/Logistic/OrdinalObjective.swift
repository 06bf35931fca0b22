import Glibc
import RiddleLinearAlgebra

/// The penalised proportional-odds loss over shared weights w and cut-points θ.
///
/// With a = m − θ_{y−1} and b = m − θ_y, P(y) = σ(a) − σ(b) = σ(a) (1 − σ(b)) (1 − e^(b−a)), so
///
/// −log P(y) = log(1 + e^−a) + log(1 + e^b) − log(1 − e^−(θ_y − θ_{y−1})),
///
/// where the first term is absent for the lowest class, the second for the highest, the third for both. Each is
/// convex, and the last keeps θ increasing: outside that domain f is infinite. The vector is (dense weights
/// without an intercept, ranked hashed weights, θ).
struct OrdinalObjective: SmoothObjective {
  let map: LinearMap
  /// n class indices.
  let classes: [Int]
  /// n weights.
  let weights: [Double]
  /// Σ weights of every class.
  let classWeights: [Double]
  /// λ of the weights before θ.
  let penalty: [Double]

  struct State: Sendable {
    /// ∇f.
    var gradient: [Double]
    /// c σ'(a) and c σ'(b) of every row, 0 where absent.
    var lower: [Double]
    var upper: [Double]
    /// Second derivatives of the third terms by each gap θ_k − θ_{k−1}, k = 1 ..< K − 1; entry 0 unused.
    var gaps: [Double]
  }

  var cutCount: Int { classWeights.count - 1 }
  /// Weights before θ.
  var weightCount: Int { map.weightCount - 1 }
  private var intercept: Int { map.design.columnCount - 1 }

  /// The map's weights: an intercept of 0 goes where the design has ones.
  private func mapped(_ x: [Double]) -> [Double] {
    Array(x[..<intercept]) + [0] + Array(x[intercept..<weightCount])
  }

  /// A product of the map without its entry for the intercept.
  private func unmapped(_ product: [Double]) -> [Double] {
    Array(product[..<intercept]) + Array(product[(intercept + 1)...])
  }

  func evaluate(_ x: [Double]) -> (value: Double, state: State) {
    let cuts = Array(x[weightCount...])
    let none = State(gradient: x, lower: [], upper: [], gaps: [])
    for k in 1..<max(cuts.count, 1) where !(cuts[k] > cuts[k - 1]) { return (.infinity, none) }
    // Sums: loss, then ∂f/∂θ.
    let pass = map.pass(mapped(x), sumCount: 1 + cuts.count, keepsMargins: true) {
      rows, block, sums in
      for i in rows {
        let m = block[i - rows.lowerBound]
        let y = classes[i]
        var slope = 0.0
        if y > 0 {
          let a = m - cuts[y - 1]
          sums[0] += weights[i] * LogisticLoss.value(margin: a, target: 1)
          let part = -weights[i] * LogisticLoss.probability(margin: -a)
          slope += part
          sums[y] -= part
        }
        if y < cuts.count {
          let b = m - cuts[y]
          sums[0] += weights[i] * LogisticLoss.value(margin: b, target: 0)
          let part = weights[i] * LogisticLoss.probability(margin: b)
          slope += part
          sums[y + 1] -= part
        }
        block[i - rows.lowerBound] = slope
      }
    }
    var value = pass.sums[0]
    var gradient = unmapped(pass.product) + Array(pass.sums[1...])
    var state = none
    state.gaps = [Double](repeating: 0, count: max(cuts.count, 1))
    for k in 1..<max(cuts.count, 1) {
      let gap = cuts[k] - cuts[k - 1]
      let growth = expm1(gap)
      value -= classWeights[k] * log(-expm1(-gap))
      gradient[weightCount + k] -= classWeights[k] / growth
      gradient[weightCount + k - 1] += classWeights[k] / growth
      // e^δ / (e^δ − 1)² = 1 / ((e^δ − 1)(1 − e^−δ)), which does not overflow to NaN.
      state.gaps[k] = classWeights[k] / (growth * -expm1(-gap))
    }
    for j in penalty.indices {
      value += 0.5 * penalty[j] * x[j] * x[j]
      gradient[j] += penalty[j] * x[j]
    }
    state.gradient = gradient
    state.lower = classes.indices.map { i in
      classes[i] == 0 ? 0 : weights[i] * curvature(pass.margins[i] - cuts[classes[i] - 1])
    }
    state.upper = classes.indices.map { i in
      classes[i] == cuts.count ? 0 : weights[i] * curvature(pass.margins[i] - cuts[classes[i]])
    }
    return (value, state)
  }

  private func curvature(_ margin: Double) -> Double {
    LogisticLoss.probabilityAndCurvature(margin: margin).curvature
  }

  func gradient(_ state: State) -> [Double] { state.gradient }

  func hessianProduct(_ state: State, _ v: [Double]) -> [Double] {
    let cuts = Array(v[weightCount...])
    let pass = map.pass(mapped(v), sumCount: cuts.count) { rows, block, sums in
      for i in rows {
        let m = block[i - rows.lowerBound]
        let y = classes[i]
        var total = 0.0
        if y > 0 {
          let part = state.lower[i] * (m - cuts[y - 1])
          total += part
          sums[y - 1] -= part
        }
        if y < cuts.count {
          let part = state.upper[i] * (m - cuts[y])
          total += part
          sums[y] -= part
        }
        block[i - rows.lowerBound] = total
      }
    }
    var product = unmapped(pass.product) + pass.sums
    for k in 1..<max(cuts.count, 1) {
      let part = state.gaps[k] * (cuts[k] - cuts[k - 1])
      product[weightCount + k] += part
      product[weightCount + k - 1] -= part
    }
    for j in penalty.indices { product[j] += penalty[j] * v[j] }
    return product
  }

  /// Dense weights and cut-points by their own blocks, hashed weights by their diagonal.
  func preconditioner(_ state: State) throws(LearningError) -> BlockPreconditioner {
    let d = state.lower.indices.map { state.lower[$0] + state.upper[$0] }
    var blocks: [(offset: Int, factor: Cholesky)] = []
    if intercept > 0 {
      let k = intercept
      let full = map.design.gramian(d, rowLimit: BinaryObjective.preconditionerRows(k + 1))
      var block = Matrix(rowCount: k, columnCount: k)
      for i in 0..<k {
        for j in 0..<k { block[i, j] = full[i, j] + (i == j ? penalty[i] : 0) }
      }
      blocks.append((offset: 0, factor: try block.factoredWithRidge().0))
    }
    var cuts = Matrix(rowCount: cutCount, columnCount: cutCount)
    for i in classes.indices {
      if classes[i] > 0 { cuts[classes[i] - 1, classes[i] - 1] += state.lower[i] }
      if classes[i] < cutCount { cuts[classes[i], classes[i]] += state.upper[i] }
    }
    for k in 1..<max(cutCount, 1) {
      cuts[k, k] += state.gaps[k]
      cuts[k - 1, k - 1] += state.gaps[k]
      cuts[k, k - 1] -= state.gaps[k]
      cuts[k - 1, k] -= state.gaps[k]
    }
    blocks.append((offset: weightCount, factor: try cuts.factoredWithRidge().0))
    var diagonal = penalty + [Double](repeating: 1, count: cutCount)
    if let columns = map.columns {
      let hashed = columns.diagonal(d)
      for r in hashed.indices { diagonal[intercept + r] += hashed[r] }
    }
    return BlockPreconditioner(diagonal: diagonal.map { max($0, 1e-12) }, blocks: blocks)
  }
}
