/// Student's t distribution with any positive number of degrees of freedom, as Welch's test needs it.
enum StudentT {
  /// From here on the normal distribution is the same to 7 digits.
  private static let mostDegrees = 1e7

  /// P(|T| ≥ |t|) = I_{ν/(ν + t²)}(ν/2, ½).
  static func twoSidedP(_ t: Double, degrees: Double) -> Double {
    guard degrees < mostDegrees else { return 2 * normalCumulative(-abs(t)) }
    return incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5)
  }

  /// The t with P(|T| ≥ t) = `tails`.
  static func critical(_ tails: Double, degrees: Double) -> Double {
    guard degrees < mostDegrees else { return normalQuantile(1 - tails / 2) }
    let x = inverseIncompleteBeta(tails, degrees / 2, 0.5)
    return (degrees * (1 - x) / x).squareRoot()
  }
}
