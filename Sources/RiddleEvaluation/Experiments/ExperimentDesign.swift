import Glibc

/// An A/B test before it starts: what is measured, what should be found, and how surely.
public struct ExperimentDesign: Equatable, Sendable, Encodable {
  /// What the arms are compared in.
  public enum Measure: Equatable, Sendable {
    /// A share of successes: the control's, in (0, 1).
    case proportion(baseline: Double)
    /// A mean: the standard deviation of single values within an arm, above 0.
    case mean(deviation: Double)
  }

  /// Who answers what.
  public enum Pairing: Equatable, Sendable {
    /// Every request is dealt to one arm.
    case separate
    /// Both arms answer every query; the share of queries on which exactly one succeeds.
    case discordant(Double)
    /// Both arms answer every query; the correlation of their values.
    case correlated(Double)
    /// Both arms answer every query; the standard deviation of their differences.
    case differing(Double)
  }

  /// How a difference of two proportions is put in units of its noise.
  public enum Formula: String, CaseIterable, Equatable, Sendable, Codable {
    /// Both arms' own variances, p₀(1 − p₀) and p₁(1 − p₁): what the read-out's interval uses. The default.
    case unpooled
    /// Cohen's h = 2 arcsin √p₁ − 2 arcsin √p₀ (1988, section 6.2), whose noise hardly depends on p.
    case arcsine
  }

  /// What is compared.
  public var measure: Measure
  /// The difference treatment − control to be found, not 0; for non-inferiority the margin that may be lost, above 0.
  public var effect: Double
  /// Probability of finding it, in (α, 1).
  public var power: Double
  /// Probability of a false alarm, in (0, 1).
  public var alpha: Double
  /// Whether only a difference in the direction of `effect` counts; always so for non-inferiority.
  public var isOneSided: Bool
  /// Whether the test is to show that the treatment loses less than `effect`, when in truth it loses nothing.
  public var isNonInferiority: Bool
  /// Requests of the treatment for each of the control, above 0. Paired tests have none.
  public var ratio: Double
  /// Who answers what.
  public var pairing: Pairing
  /// Requests of one user or conversation that are dealt together: their mean number, weighted by requests; 1 or more.
  public var clusterSize: Double
  /// Correlation of values within such a cluster, in [0, 1].
  public var intraclassCorrelation: Double
  /// Only for separate arms of proportions.
  public var formula: Formula

  /// A design; `alpha` is the total over both sides unless one-sided.
  ///
  /// - Throws: ``ExperimentError/badSetting(name:value:expected:)``.
  public init(
    measure: Measure, effect: Double, power: Double = 0.8, alpha: Double = 0.05,
    isOneSided: Bool = false, isNonInferiority: Bool = false, ratio: Double = 1,
    pairing: Pairing = .separate, clusterSize: Double = 1, intraclassCorrelation: Double = 0,
    formula: Formula = .unpooled
  ) throws(ExperimentError) {
    self.measure = measure
    self.effect = effect
    self.power = power
    self.alpha = alpha
    self.isOneSided = isOneSided || isNonInferiority
    self.isNonInferiority = isNonInferiority
    self.ratio = ratio
    self.pairing = pairing
    self.clusterSize = clusterSize
    self.intraclassCorrelation = intraclassCorrelation
    self.formula = formula
    try check()
  }

  /// 1 + (m − 1) ρ: by how much clusters of m requests with correlation ρ inflate the variance of a mean (Kish, 1965).
  public var designEffect: Double { 1 + (clusterSize - 1) * intraclassCorrelation }

  /// z_{1 − α/2}, or z_{1 − α} when one-sided.
  var criticalZ: Double { normalQuantile(isOneSided ? 1 - alpha : 1 - alpha / 2) }

  /// The control's requests, or the pairs, not yet rounded.
  ///
  /// Separate arms: n₀ = D (z_α + z_β)² (σ₀² + σ₁²/r) / δ², n₁ = r n₀ (Chow, Shao & Wang, Sample Size Calculations, 2.2 and
  /// 4.2), with σ² = p(1 − p) of each arm for proportions; by arcsine D (z_α + z_β)² (1 + 1/r) / h². Pairs of 0 and 1 with
  /// discordant share ψ: n = D (z_α √ψ + z_β √(ψ − δ²))² / δ² (Miettinen 1968, doi:10.2307/2528409); other pairs
  /// D (z_α + z_β)² σ_d² / δ², σ_d² = 2 σ² (1 − ρ). Non-inferiority: δ is the margin, and both arms are alike in truth.
  var exactRows: Double {
    let zAlpha = criticalZ
    let zBeta = normalQuantile(power)
    let z = zAlpha + zBeta
    func rows(_ variance: Double) -> Double {
      designEffect * z * z * variance / (effect * effect)
    }
    switch (pairing, measure) {
    case (.discordant(let share), _):
      let alternative = isNonInferiority ? share : max(0, share - effect * effect)
      let root = zAlpha * share.squareRoot() + zBeta * alternative.squareRoot()
      return designEffect * root * root / (effect * effect)
    case (.differing(let deviation), _): return rows(deviation * deviation)
    case (.correlated(let correlation), .mean(let deviation)):
      return rows(2 * deviation * deviation * (1 - correlation))
    case (.correlated(let correlation), .proportion(let p)):
      return rows(2 * p * (1 - p) * (1 - correlation))
    case (.separate, .mean(let deviation)):
      return rows(deviation * deviation * (1 + 1 / ratio))
    case (.separate, .proportion(let p)):
      // Under non-inferiority the truth is that both arms have the baseline, the boundary is the margin below it.
      let other = isNonInferiority ? p : p + effect
      if formula == .arcsine {
        let far = isNonInferiority ? p - effect : p + effect
        let h = 2 * asin(far.squareRoot()) - 2 * asin(p.squareRoot())
        return designEffect * z * z * (1 + 1 / ratio) / (h * h)
      }
      return rows(p * (1 - p) + other * (1 - other) / ratio)
    }
  }

  private func check() throws(ExperimentError) {
    try require("alpha", alpha, alpha > 0 && alpha < 1, "a probability between 0 and 1, say 0.05")
    try require(
      "power", power, power > alpha && power < 1,
      "a probability above alpha (\(alpha)) and below 1: no number of requests finds an effect for certain, ask for 0.8 or 0.9"
    )
    try require(
      "effect", effect, effect.isFinite && effect != 0,
      "a difference other than 0: to find none takes forever, say how small a difference matters, or use non-inferiority with a margin"
    )
    if isNonInferiority {
      try require(
        "effect", effect, effect > 0, "a margin above 0: the loss that would not matter")
    }
    try require("ratio", ratio, ratio > 0 && ratio.isFinite, "a number above 0")
    try require(
      "cluster size", clusterSize, clusterSize >= 1 && clusterSize.isFinite,
      "requests per user or conversation, 1 or more")
    try require(
      "icc", intraclassCorrelation, intraclassCorrelation >= 0 && intraclassCorrelation <= 1,
      "a correlation from 0 to 1")
    switch measure {
    case .proportion(let p):
      try require("baseline", p, p > 0 && p < 1, "a share between 0 and 1")
      let far = isNonInferiority ? p - effect : p + effect
      try require(
        "baseline and effect", far, far > 0 && far < 1,
        "a share between 0 and 1: with baseline \(p) the effect is out of reach")
    case .mean(let deviation):
      try require(
        "standard deviation", deviation, deviation > 0 && deviation.isFinite, "a number above 0")
    }
    switch pairing {
    case .separate: break
    case .discordant(let share):
      try require(
        "discordant share", share, share > 0 && share <= 1 && share >= abs(effect),
        "a share from the size of the effect (\(abs(effect))) to 1: the arms cannot differ by more than the queries on which one succeeds and the other does not"
      )
    case .correlated(let correlation):
      try require(
        "correlation", correlation, correlation >= -1 && correlation < 1,
        "a number from -1 to below 1")
    case .differing(let deviation):
      try require(
        "deviation of the differences", deviation, deviation > 0 && deviation.isFinite,
        "a number above 0: on these data the arms never differ")
    }
  }

  private func require(_ name: String, _ value: Double, _ isGood: Bool, _ expected: String)
    throws(ExperimentError)
  {
    guard isGood else { throw .badSetting(name: name, value: "\(value)", expected: expected) }
  }
}

extension ExperimentDesign {
  private enum CodingKeys: String, CodingKey {
    case metric, baseline, deviation, effect, power, alpha, ratio, pairing, discordant
    case correlation, formula
    case isOneSided = "one_sided"
    case isNonInferiority = "non_inferiority"
    case differenceDeviation = "difference_deviation"
    case clusterSize = "cluster_size"
    case intraclassCorrelation = "icc"
  }

  /// Writes the cases flat: `metric`, `pairing` and the number of each.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch measure {
    case .proportion(let p):
      try container.encode("proportion", forKey: .metric)
      try container.encode(p, forKey: .baseline)
      if pairing == .separate { try container.encode(formula, forKey: .formula) }
    case .mean(let deviation):
      try container.encode("mean", forKey: .metric)
      try container.encode(deviation, forKey: .deviation)
    }
    switch pairing {
    case .separate:
      try container.encode("separate", forKey: .pairing)
      try container.encode(ratio, forKey: .ratio)
    case .discordant(let share):
      try container.encode("paired", forKey: .pairing)
      try container.encode(share, forKey: .discordant)
    case .correlated(let correlation):
      try container.encode("paired", forKey: .pairing)
      try container.encode(correlation, forKey: .correlation)
    case .differing(let deviation):
      try container.encode("paired", forKey: .pairing)
      try container.encode(deviation, forKey: .differenceDeviation)
    }
    try container.encode(effect, forKey: .effect)
    try container.encode(power, forKey: .power)
    try container.encode(alpha, forKey: .alpha)
    try container.encode(isOneSided, forKey: .isOneSided)
    try container.encode(isNonInferiority, forKey: .isNonInferiority)
    try container.encode(clusterSize, forKey: .clusterSize)
    try container.encode(intraclassCorrelation, forKey: .intraclassCorrelation)
  }
}
