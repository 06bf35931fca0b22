import Glibc

/// The difference of one measure between two arms, with its noise.
struct ArmDifference {
  /// treatment − control.
  let value: Double
  /// Standard error; nil with one unit in an arm.
  let standardError: Double?
  /// Degrees of freedom; infinite for shares, which take the normal distribution.
  let degrees: Double
  /// How it was computed.
  let method: String
  /// Interval and p that are not value ± critical · standard error.
  let special: (low: Double, high: Double, p: Double)?
  /// 1 − treatment / control with its interval on the log scale; undefined unless both means are above 0.
  let saving: Figure

  /// Fewer successes or failures than this, and a share's normal interval is not to be trusted.
  static let fewestCounts = 10

  init(control: ArmSample, treatment: ArmSample, confidence: Double) {
    value = treatment.mean - control.mean
    let joint = Self.sharedUnits(control, treatment)
    if let a = control.successes, let b = treatment.successes, !joint {
      let (p, n) = (control.mean, Double(control.count))
      let (q, m) = (treatment.mean, Double(treatment.count))
      standardError = (p * (1 - p) / n + q * (1 - q) / m).squareRoot()
      degrees = .infinity
      let counts = [a, control.count - a, b, treatment.count - b]
      if counts.contains(where: { $0 < Self.fewestCounts }) {
        method = "Newcombe, score"
        special = Self.smallCounts(control, treatment, a, b, confidence: confidence)
      } else {
        method = "two-proportion z"
        special = nil
      }
    } else if joint {
      let influence = Self.influence(
        control, treatment, 1 / Double(control.count), 1 / Double(treatment.count))
      let k = Double(influence.count)
      standardError =
        k > 1 ? (influence.reduce(0) { $0 + $1 * $1 } * k / (k - 1)).squareRoot() : nil
      degrees = k - 1
      method = "cluster-robust, units in both arms"
      special = nil
    } else {
      let clustered =
        control.unitCount < control.count || treatment.unitCount < treatment.count
      method = clustered ? "cluster-robust" : "Welch"
      special = nil
      if let v = control.variance, let w = treatment.variance {
        standardError = (v + w).squareRoot()
        // Welch 1947 and Satterthwaite 1946, with units instead of values.
        degrees =
          v + w > 0
          ? (v + w) * (v + w)
            / (v * v / Double(control.unitCount - 1) + w * w / Double(treatment.unitCount - 1))
          : .infinity
      } else {
        standardError = nil
        degrees = .nan
      }
    }
    saving = Self.saving(control, treatment, confidence: confidence)
  }

  private static func sharedUnits(_ a: ArmSample, _ b: ArmSample) -> Bool {
    let known = Set(a.residuals.map(\.unit))
    return b.residuals.contains { known.contains($0.unit) }
  }

  /// Each unit's share in the error of `second` · treatment's mean − `first` · control's, per value.
  private static func influence(
    _ control: ArmSample, _ treatment: ArmSample, _ first: Double, _ second: Double
  ) -> [Double] {
    var parts = control.residuals.map { (unit: $0.unit, value: -$0.sum * first) }
    parts += treatment.residuals.map { (unit: $0.unit, value: $0.sum * second) }
    parts.sort { $0.unit < $1.unit }
    var sums: [Double] = []
    var last: Int32?
    for part in parts {
      if part.unit == last {
        sums[sums.count - 1] += part.value
      } else {
        sums.append(part.value)
        last = part.unit
      }
    }
    return sums
  }

  /// Newcombe's hybrid score interval (1998, method 10) and the pooled z test, for few successes or failures.
  private static func smallCounts(
    _ control: ArmSample, _ treatment: ArmSample, _ a: Int, _ b: Int, confidence: Double
  ) -> (low: Double, high: Double, p: Double) {
    let first = wilsonInterval(successes: a, trials: control.count, confidence: confidence)
    let second = wilsonInterval(successes: b, trials: treatment.count, confidence: confidence)
    let (p, q) = (control.mean, treatment.mean)
    let (l1, u1) = (first.low ?? p, first.high ?? p)
    let (l2, u2) = (second.low ?? q, second.high ?? q)
    let low = q - p - ((q - l2) * (q - l2) + (u1 - p) * (u1 - p)).squareRoot()
    let high = q - p + ((u2 - q) * (u2 - q) + (p - l1) * (p - l1)).squareRoot()
    let n = Double(control.count)
    let m = Double(treatment.count)
    let pooled = Double(a + b) / (n + m)
    let error = (pooled * (1 - pooled) * (1 / n + 1 / m)).squareRoot()
    return (low, high, error > 0 ? 2 * normalCumulative(-abs(q - p) / error) : 1)
  }

  /// 1 − treatment / control, interval by the delta method on the logarithm of the ratio.
  private static func saving(_ control: ArmSample, _ treatment: ArmSample, confidence: Double)
    -> Figure
  {
    guard control.mean > 0, treatment.mean > 0 else { return .undefined }
    let ratio = treatment.mean / control.mean
    let influence = influence(
      control, treatment, 1 / (Double(control.count) * control.mean),
      1 / (Double(treatment.count) * treatment.mean))
    let k = Double(influence.count)
    guard control.unitCount > 1, treatment.unitCount > 1 else { return Figure(1 - ratio) }
    let error = (influence.reduce(0) { $0 + $1 * $1 } * k / (k - 1)).squareRoot()
    // Constant costs have residuals of rounding alone.
    let half = error < 1e-12 ? 0 : normalQuantile(0.5 + confidence / 2) * error
    return Figure(1 - ratio, low: 1 - ratio * exp(half), high: 1 - ratio * exp(-half))
  }
}
