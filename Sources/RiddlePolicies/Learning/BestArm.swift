import Glibc

/// The probability that each of several independent random variables is the largest of them.
///
/// P(k) = ∫ f_k(x) ∏_{j ≠ k} F_j(x) dx by Gauss–Legendre quadrature with eight nodes a panel; panels are at most four standard
/// deviations of the narrowest variable there is at that place, and the distribution functions follow from the densities by
/// collocation at the same nodes (∫ of the interpolating polynomial). A variable whose support ends where another's begins has
/// probability 0. The result is scaled to the sum 1; the error is about 10⁻⁶, and 10⁻⁴ where a Beta
/// density has a kink, a parameter between 1 and 2.
///
/// Thompson sampling asks each candidate with the probability that its draw is the largest. A policy that computes these
/// probabilities first and then draws the *candidate* from them makes the same choices in distribution, and knows the exact
/// propensity of the choice it made.
struct BestArm {
  /// P(k) of variables with these supports, outside of which their densities are next to nothing.
  ///
  /// - Parameters:
  ///   - lower: left ends.
  ///   - upper: right ends, above the left ones.
  ///   - deviations: standard deviations, above 0.
  ///   - densities: writes the densities at eight places of the variables that it is given, in their order.
  @inline(__always)
  static func probabilities(
    lower: [Double], upper: [Double], deviations: [Double],
    densities: (_ x: SIMD8<Double>, _ variables: [Int], _ densities: inout [SIMD8<Double>]) -> Void
  ) -> [Double] {
    let floor = lower.max() ?? 0
    let kept = lower.indices.filter { upper[$0] > floor }
    let count = kept.count
    var probabilities = [Double](repeating: 0, count: lower.count)
    if count == 1 {
      probabilities[kept[0]] = 1
      return probabilities
    }
    let rule = GaussRule.eight
    var below = [Double](repeating: 0, count: count)  // F_j at the panel's left end
    var result = below
    // At the eight nodes of one panel: f_j, F_j, and the products of F_j for j ≥ k.
    var density = [SIMD8<Double>](repeating: .zero, count: count)
    var distribution = density
    var after = [SIMD8<Double>](repeating: .one, count: count + 1)
    var x = kept.reduce(Double.infinity) { min($0, lower[$1]) }
    let end = kept.reduce(-Double.infinity) { max($0, upper[$1]) }
    while x < end {
      var width = Double.infinity
      var next = end
      for j in kept {
        if lower[j] > x {
          next = min(next, lower[j])
        } else if upper[j] > x {
          width = min(width, 4 * deviations[j])
        }
      }
      let right = min(next, x + width)
      if width == .infinity || !(right > x) {
        if !(next > x) { break }
        x = next
        continue
      }
      let half = (right - x) / 2
      densities(x + half * (1 + rule.nodes), kept, &density)
      // Below the highest left end one of the distribution functions is 0.
      if right > floor {
        for j in 0..<count {
          var integral = SIMD8<Double>.zero
          for m in 0..<8 { integral += density[j][m] * rule.integrals[m] }
          let value = below[j] + half * integral
          distribution[j] = value.replacing(with: 0, where: value .< 0)
        }
        for j in stride(from: count - 1, through: 0, by: -1) {
          after[j] = after[j + 1] * distribution[j]
        }
        var before = half * rule.weights
        for k in 0..<count {
          result[k] += (density[k] * before * after[k + 1]).sum()
          before *= distribution[k]
        }
      }
      for j in 0..<count { below[j] += half * (rule.weights * density[j]).sum() }
      x = right
    }
    let total = result.reduce(0, +)
    if !(total > 0) {
      // Supports that are not numbers: somebody has to be asked.
      probabilities[kept.first ?? 0] = 1
      return probabilities
    }
    for k in 0..<count { probabilities[kept[k]] = result[k] / total }
    return probabilities
  }

  /// P(k) of normal variables. A deviation of 0, or a millionth of the largest, counts as a millionth of it; when all are 0 the
  /// largest mean has it all, of equals the first.
  static func normal(means: [Double], deviations: [Double]) -> [Double] {
    let widest = deviations.max() ?? 0
    let scale = means.reduce(0) { max($0, abs($1)) }
    if !(widest > 1e-9 * scale) || widest == 0 {
      var best = 0
      for k in means.indices where means[k] > means[best] { best = k }
      return means.indices.map { $0 == best ? 1 : 0 }
    }
    let spread = deviations.map { max($0, 1e-6 * widest, 1e-12 * scale) }
    return probabilities(
      lower: means.indices.map { means[$0] - 7 * spread[$0] },
      upper: means.indices.map { means[$0] + 7 * spread[$0] }, deviations: spread
    ) { x, variables, densities in
      for (place, j) in variables.enumerated() {
        let z = (x - means[j]) / spread[j]
        let power = -0.5 * z * z
        let scale = 1 / (spread[j] * 2.506_628_274_631_000_5)
        var density = SIMD8<Double>.zero
        for i in 0..<8 { density[i] = exp(power[i]) * scale }
        densities[place] = density
      }
    }
  }

  /// P(k) of Beta variables, all parameters at least 1.
  static func beta(_ parameters: [(a: Double, b: Double)]) -> [Double] {
    let means = parameters.map { $0.a / ($0.a + $0.b) }
    let deviations = parameters.map {
      ($0.a * $0.b / ($0.a + $0.b + 1)).squareRoot() / ($0.a + $0.b)
    }
    let scales = parameters.map { logGamma($0.a + $0.b) - logGamma($0.a) - logGamma($0.b) }
    return probabilities(
      lower: means.indices.map { max(0, means[$0] - 12 * deviations[$0]) },
      upper: means.indices.map { min(1, means[$0] + 12 * deviations[$0]) }, deviations: deviations
    ) { x, variables, densities in
      var (left, right) = (SIMD8<Double>.zero, SIMD8<Double>.zero)
      for i in 0..<8 { (left[i], right[i]) = (log(x[i]), log1p(-x[i])) }
      for (place, j) in variables.enumerated() {
        let power =
          scales[j] + (parameters[j].a - 1) * left + (parameters[j].b - 1) * right
        var density = SIMD8<Double>.zero
        for i in 0..<8 { density[i] = exp(power[i]) }
        densities[place] = density
      }
    }
  }

  /// The candidate that a number in [0, 1) draws; one of probability 0 is never drawn.
  static func draw(_ probabilities: [Double], chance: Double) -> Int {
    var sum = 0.0
    var last = 0
    for (k, probability) in probabilities.enumerated() where probability > 0 {
      sum += probability
      last = k
      if chance < sum { return k }
    }
    return last
  }

  /// ln Γ(x) for x > 0. The re-entrant form: plain `lgamma` writes the sign to a global.
  private static func logGamma(_ x: Double) -> Double {
    var sign: Int32 = 0
    // `sign` lives on this frame for the duration of the call; `lgamma_r` writes one Int32 to it.
    return unsafe lgamma_r(x, &sign)
  }
}

/// Gauss–Legendre quadrature on [−1, 1] with eight nodes, and the integrals of their Lagrange polynomials.
struct GaussRule: Sendable {
  let nodes: SIMD8<Double>
  let weights: SIMD8<Double>
  /// Entry m, place i: ∫ from −1 to node i of the polynomial that is 1 at node m and 0 at the others.
  let integrals: [SIMD8<Double>]

  /// The rule with eight nodes (Abramowitz & Stegun 1964, table 25.4), exact for polynomials of degree 15.
  static let eight = GaussRule()

  private init() {
    let right = [
      0.183_434_642_495_649_8, 0.525_532_409_916_328_99, 0.796_666_477_413_626_74,
      0.960_289_856_497_536_23,
    ]
    let heavy = [
      0.362_683_783_378_361_98, 0.313_706_645_877_887_29, 0.222_381_034_453_374_47,
      0.101_228_536_290_376_26,
    ]
    let nodes = right.reversed().map { -$0 } + right
    let weights = heavy.reversed() + heavy
    integrals = (0..<8).map { m in
      var entry = SIMD8<Double>.zero
      for i in 0..<8 {
        let half = (nodes[i] + 1) / 2
        for q in 0..<8 {
          let x = -1 + half * (1 + nodes[q])
          var value = 1.0
          for r in 0..<8 where r != m { value *= (x - nodes[r]) / (nodes[m] - nodes[r]) }
          entry[i] += half * weights[q] * value
        }
      }
      return entry
    }
    self.nodes = SIMD8(nodes)
    self.weights = SIMD8(weights)
  }
}
