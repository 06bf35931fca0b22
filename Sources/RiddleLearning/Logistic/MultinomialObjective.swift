import Glibc
import RiddleLinearAlgebra

/// The penalised softmax loss over K heads of flat weights:
///
/// f(W) = Σ_i c_i [log Σ_h e^m_ih − m_i,yᵢ] + ½ Σ λ_j w_jh², with the margins m of ``LinearMap``.
struct MultinomialObjective: SmoothObjective {
  let map: LinearMap
  /// n class indices.
  let classes: [Int]
  /// n weights.
  let weights: [Double]
  /// λ of one head's weights.
  let penalty: [Double]

  struct State: Sendable {
    /// ∇f.
    var gradient: [Double]
    /// p_ih, head-major.
    var probabilities: [Double]
  }

  func evaluate(_ x: [Double]) -> (value: Double, state: State) {
    let heads = map.headCount
    let pass = map.pass(x, sumCount: 1, keepsMargins: true) { rows, block, sums in
      let stride = rows.count
      for i in rows {
        let place = i - rows.lowerBound
        let correct = block[classes[i] * stride + place]
        let total = Self.softmax(&block, place, stride, heads)
        sums[0] += weights[i] * (total - correct)
        block[classes[i] * stride + place] -= 1
        for h in 0..<heads { block[h * stride + place] *= weights[i] }
      }
    }
    var probabilities = pass.margins
    let n = map.rowCount
    for i in 0..<n { _ = Self.softmax(&probabilities, i, n, heads) }
    var value = pass.sums[0]
    var gradient = pass.product
    for j in x.indices {
      let lambda = penalty[j % map.headSize]
      value += 0.5 * lambda * x[j] * x[j]
      gradient[j] += lambda * x[j]
    }
    return (value, State(gradient: gradient, probabilities: probabilities))
  }

  /// Replaces the margins at `place`, `place + stride`, … by probabilities; returns log Σ e^m.
  static func softmax(
    _ values: inout [Double], _ place: Int, _ stride: Int, _ heads: Int
  ) -> Double {
    var top = -Double.infinity
    for h in 0..<heads { top = max(top, values[h * stride + place]) }
    var sum = 0.0
    for h in 0..<heads {
      let e = exp(values[h * stride + place] - top)
      values[h * stride + place] = e
      sum += e
    }
    for h in 0..<heads { values[h * stride + place] /= sum }
    return top + log(sum)
  }

  func gradient(_ state: State) -> [Double] { state.gradient }

  /// Row i maps u to c_i (p ∘ u − p (pᵀu)).
  func hessianProduct(_ state: State, _ v: [Double]) -> [Double] {
    let heads = map.headCount
    let n = map.rowCount
    var product = map.pass(v) { rows, block, _ in
      let stride = rows.count
      for i in rows {
        let place = i - rows.lowerBound
        var mean = 0.0
        for h in 0..<heads {
          mean += state.probabilities[h * n + i] * block[h * stride + place]
        }
        for h in 0..<heads {
          block[h * stride + place] =
            weights[i] * state.probabilities[h * n + i] * (block[h * stride + place] - mean)
        }
      }
    }.product
    for j in v.indices { product[j] += penalty[j % map.headSize] * v[j] }
    return product
  }

  /// Each head's own curvature c p(1 − p): dense block factored, hashed block by its diagonal.
  func preconditioner(_ state: State) throws(LearningError) -> BlockPreconditioner {
    let k = map.design.columnCount
    let n = map.rowCount
    var diagonal: [Double] = []
    var blocks: [(offset: Int, factor: Cholesky)] = []
    for h in 0..<map.headCount {
      let d = (0..<n).map { i in
        let p = state.probabilities[h * n + i]
        return weights[i] * p * (1 - p)
      }
      var block = map.design.gramian(d, rowLimit: BinaryObjective.preconditionerRows(k))
      for j in 0..<k { block[j, j] += penalty[j] }
      blocks.append((offset: h * map.headSize, factor: try block.factoredWithRidge().0))
      diagonal += penalty
      if let columns = map.columns {
        let hashed = columns.diagonal(d)
        for r in hashed.indices { diagonal[h * map.headSize + k + r] += hashed[r] }
      }
    }
    return BlockPreconditioner(diagonal: diagonal.map { max($0, 1e-12) }, blocks: blocks)
  }
}
