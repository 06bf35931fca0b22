/// A measured learning curve with its fits and what they promise.
public struct LearningCurveReport: Equatable, Sendable, Codable {
  /// By ascending number of labels.
  public var points: [LearningCurve.Point]
  /// The curve of the area under the ROC curve.
  public var auc: FittedCurve
  /// The curve of the log loss.
  public var logLoss: FittedCurve

  private enum CodingKeys: String, CodingKey {
    case points, auc
    case logLoss = "log_loss"
  }
}

/// One metric's power law, how far it can be trusted, and its extrapolations.
public struct FittedCurve: Equatable, Sendable, Codable, CustomStringConvertible {
  /// What was measured.
  public enum Metric: String, Equatable, Sendable, Codable {
    /// Area under the ROC curve; higher is better.
    case auc = "AUC"
    /// Log loss in nats; lower is better.
    case logLoss = "log loss"
  }

  /// How much of the law the points determine.
  public enum Finding: String, Equatable, Sendable, Codable {
    /// Limit and rate.
    case identified
    /// There is a gain, but the points do not say where it ends.
    case limitUnknown = "limit-unknown"
    /// No gain from the smallest to the largest size beyond the noise.
    case flat
    /// Fewer than four sizes.
    case tooFewSizes = "too-few-sizes"
  }

  /// What further labels would buy.
  public struct Extrapolation: Equatable, Sendable, Codable {
    /// Labels beyond those there are.
    public var further: Int
    /// The law's value there.
    public var value: Double
    /// Improvement over the law's value at all labels; positive is better, for either metric.
    public var gain: Double
    /// Lower end of the 95 % interval of the gain.
    public var low: Double
    /// Upper end.
    public var high: Double
  }

  /// The metric.
  public var metric: Metric
  /// How much the points determine.
  public var finding: Finding
  /// The law; nil with too few sizes.
  public var law: PowerLaw?
  /// Lower end of the 95 % interval of the law's limit.
  public var limitLow: Double?
  /// Upper end.
  public var limitHigh: Double?
  /// In the order asked for.
  public var extrapolations: [Extrapolation]

  private enum CodingKeys: String, CodingKey {
    case metric, finding, law, extrapolations
    case limitLow = "limit_low"
    case limitHigh = "limit_high"
  }

  /// What to expect of more labels, one sentence each.
  public var sentences: [String] {
    switch finding {
    case .tooFewSizes:
      return ["too few sizes for a learning curve of \(metric.rawValue): label more queries"]
    case .flat:
      return [
        "\(metric.rawValue) does not grow with the labels there are, beyond noise; more labels of this kind are unlikely to help, other features may"
      ] + extrapolations.map(sentence)
    case .limitUnknown:
      return extrapolations.map(sentence) + [
        "where \(metric.rawValue) ends with endless labels cannot be told from these sizes"
      ]
    case .identified:
      guard let law, let limitLow, let limitHigh else { return extrapolations.map(sentence) }
      return extrapolations.map(sentence) + [
        "with endless labels \(metric.rawValue) would be \(decimal(law.limit)) [\(decimal(limitLow)), \(decimal(limitHigh))]"
      ]
    }
  }

  /// The sentences in one line.
  public var description: String { sentences.joined(separator: "; ") }

  private func sentence(_ e: Extrapolation) -> String {
    // Shown as the metric moves: AUC rises by a gain, log loss falls by it.
    let sign: Double = metric == .auc ? 1 : -1
    let ends = [sign * e.low, sign * e.high].sorted().map { decimal($0, signed: true) }
    return
      "another \(grouped(e.further)) labels buy \(decimal(sign * e.gain, signed: true)) \(metric.rawValue) [\(ends[0]), \(ends[1])]"
  }
}

/// Four decimals; a sign in front when `signed`, none for what rounds to zero.
private func decimal(_ value: Double, signed: Bool = false) -> String {
  if !value.isFinite { return "\(value)" }
  let units = Int((abs(value) * 10_000).rounded())
  let fraction = String(units % 10_000)
  let sign = units == 0 ? "" : value < 0 ? "−" : signed ? "+" : ""
  return "\(sign)\(units / 10_000).\(String(repeating: "0", count: 4 - fraction.count))\(fraction)"
}

/// Thousands apart.
private func grouped(_ count: Int) -> String {
  var digits = Array(String(count))
  var position = digits.count - 3
  while position > 0 {
    digits.insert(" ", at: position)
    position -= 3
  }
  return String(digits)
}
