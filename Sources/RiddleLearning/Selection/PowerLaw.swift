import Glibc
import RiddleData

/// A learning curve's shape: value(n) = limit + sign · scale · (n / n₀)^−exponent with scale ≥ 0, sign −1 where higher is
/// better and +1 where lower is (Hestness et al., 2017, arXiv 1712.00409; Viering & Loog, 2021, arXiv 2103.10948).
public struct PowerLaw: Equatable, Sendable, Codable {
  /// The value with endless labels: a.
  public var limit: Double
  /// How far the value at n₀ is from it: b · n₀^−c, at least 0.
  public var scale: Double
  /// c, in ``exponents``.
  public var exponent: Double
  /// n₀, the largest number of labels that was measured.
  public var reference: Double
  /// Whether higher values are better.
  public var isHigherBetter: Bool

  private enum CodingKeys: String, CodingKey {
    case limit, scale, exponent, reference
    case isHigherBetter = "is_higher_better"
  }

  /// Exponents that are tried. Below 0.05 a power is a logarithm within any measured range; theory and practice lie between
  /// 0.1 and 1.
  public static let exponents = 0.05...2.0

  /// The value at `n` labels.
  public func value(at n: Double) -> Double {
    limit + (isHigherBetter ? -scale : scale) * pow(n / reference, -exponent)
  }

  /// Least squares: for every exponent the two others are a linear fit; the exponent is searched.
  ///
  /// - Parameters:
  ///   - sizes: numbers of labels, positive.
  ///   - values: one a size.
  ///   - weights: inverse variances, positive.
  ///   - bounds: of ``limit``.
  /// - Returns: the law and its weighted sum of squared residuals.
  static func fit(
    sizes: [Double], values: [Double], weights: [Double], isHigherBetter: Bool,
    bounds: ClosedRange<Double>
  ) -> (law: PowerLaw, residual: Double) {
    let reference = sizes.max() ?? 1
    let logs = sizes.map { log($0 / reference) }
    func attempt(_ exponent: Double) -> (law: PowerLaw, residual: Double) {
      let x = logs.map { (isHigherBetter ? -1 : 1) * exp(-exponent * $0) }
      let (limit, scale) = linear(x, values, weights, bounds: bounds)
      var residual = 0.0
      for i in x.indices {
        let r = values[i] - limit - scale * x[i]
        residual += weights[i] * r * r
      }
      let law = PowerLaw(
        limit: limit, scale: scale, exponent: exponent, reference: reference,
        isHigherBetter: isHigherBetter)
      return (law, residual)
    }
    // A grid in log exponent, then golden sections between the neighbours of its best.
    let (low, high) = (log(exponents.lowerBound), log(exponents.upperBound))
    let steps = 24
    var best = 0
    var fits: [(law: PowerLaw, residual: Double)] = []
    for i in 0...steps {
      fits.append(attempt(exp(low + (high - low) * Double(i) / Double(steps))))
      if fits[i].residual < fits[best].residual { best = i }
    }
    var left = low + (high - low) * Double(max(0, best - 1)) / Double(steps)
    var right = low + (high - low) * Double(min(steps, best + 1)) / Double(steps)
    let section = 0.6180339887498949
    for _ in 0..<30 {
      let (a, b) = (right - section * (right - left), left + section * (right - left))
      if attempt(exp(a)).residual <= attempt(exp(b)).residual { right = b } else { left = a }
    }
    let refined = attempt(exp((left + right) / 2))
    return refined.residual < fits[best].residual ? refined : fits[best]
  }

  /// Minimises Σ w (y − a − b x)² over a in `bounds` and b ≥ 0.
  private static func linear(
    _ x: [Double], _ y: [Double], _ w: [Double], bounds: ClosedRange<Double>
  ) -> (a: Double, b: Double) {
    var (total, sumX, sumY) = (0.0, 0.0, 0.0)
    for i in x.indices {
      total += w[i]
      sumX += w[i] * x[i]
      sumY += w[i] * y[i]
    }
    let (meanX, meanY) = (sumX / total, sumY / total)
    var (xx, xy) = (0.0, 0.0)
    for i in x.indices {
      xx += w[i] * (x[i] - meanX) * (x[i] - meanX)
      xy += w[i] * (x[i] - meanX) * (y[i] - meanY)
    }
    let slope = xx > 0 ? max(0, xy / xx) : 0
    let limit = meanY - slope * meanX
    if bounds.contains(limit) { return (limit, slope) }
    // On the bound the slope alone is free.
    let a = min(max(limit, bounds.lowerBound), bounds.upperBound)
    var (square, product) = (0.0, 0.0)
    for i in x.indices {
      square += w[i] * x[i] * x[i]
      product += w[i] * x[i] * (y[i] - a)
    }
    return (a, square > 0 ? max(0, product / square) : 0)
  }
}
