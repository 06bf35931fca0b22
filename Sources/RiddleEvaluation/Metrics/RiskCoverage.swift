/// How risk falls when only the answers with the highest confidence are accepted (El-Yaniv & Wiener, JMLR 2010).
///
/// At coverage c the c · n answers with the highest confidence are accepted; their risk is 1 − their mean quality. Answers of equal
/// confidence are accepted together. The area under the curve (AURC; Geifman, Uziel & El-Yaniv, ICLR 2019) is the mean risk over all n
/// coverages; a signal that says nothing has the mean risk of all answers.
public struct RiskCoverage: Equatable, Sendable {
  /// Accepted shares and their risks, one point a run of equal confidences, by growing coverage.
  public private(set) var points: [(coverage: Double, risk: Double)] = []
  /// Area under the curve.
  public private(set) var area = 0.0

  /// The curve of `n` answers.
  ///
  /// - Parameters:
  ///   - confidence: finite, any scale.
  ///   - quality: in [0, 1].
  public init(confidence: [Double], quality: [Double]) {
    precondition(
      confidence.count == quality.count,
      "\(confidence.count) confidences, \(quality.count) qualities")
    let n = confidence.count
    let order = confidence.indices.sorted {
      confidence[$0] != confidence[$1] ? confidence[$0] > confidence[$1] : $0 < $1
    }
    var lost = 0.0
    var start = 0
    while start < n {
      var end = start
      let before = lost
      while end < n && confidence[order[end]] == confidence[order[start]] {
        lost += 1 - quality[order[end]]
        end += 1
      }
      points.append((Double(end) / Double(n), lost / Double(end)))
      // Inside a run of ties the expected risk over all orders of its members.
      let each = (lost - before) / Double(end - start)
      for accepted in (start + 1)..<(end + 1) {
        area += (before + Double(accepted - start) * each) / Double(accepted) / Double(n)
      }
      start = end
    }
  }

  /// Risk of the smallest accepted set that covers at least `coverage`; nil without answers.
  public func risk(at coverage: Double) -> Double? {
    points.first { $0.coverage >= coverage - 1e-12 }?.risk
  }

  /// Equal when every point is.
  public static func == (a: RiskCoverage, b: RiskCoverage) -> Bool {
    a.area == b.area && a.points.elementsEqual(b.points) { $0 == $1 }
  }
}

/// One confidence signal of one candidate, before and after calibration.
public struct ConfidenceReport: Equatable, Sendable, Codable {
  /// The candidate.
  public var candidate: String
  /// The signal: self, judge or parse.
  public var source: String
  /// Rows that carry it.
  public var rows: Int
  /// Expected calibration error of the raw numbers, 15 equal-mass bins.
  public var rawError: Double
  /// The same after calibration on other rows; nil when it was not calibrated.
  public var calibratedError: Double?
  /// Area under the risk–coverage curve.
  public var area: Double
  /// Risk of all answers: what an uninformative signal's area is.
  public var baseRisk: Double
  /// Risk of the smallest accepted set that covers a quarter of the answers.
  public var riskAt25: Double?
  /// The same for half of them.
  public var riskAt50: Double?
  /// The same for three quarters.
  public var riskAt75: Double?
  /// Points of the curve, at most 50.
  public var curve: [RiskPoint]

  /// A point of the curve.
  public struct RiskPoint: Equatable, Sendable, Codable {
    /// Share of answers accepted.
    public var coverage: Double
    /// 1 − their mean quality.
    public var risk: Double
  }

  private enum CodingKeys: String, CodingKey {
    case candidate, source, rows, area, curve
    case rawError = "ece_raw"
    case calibratedError = "ece_calibrated"
    case baseRisk = "base_risk"
    case riskAt25 = "risk_at_25"
    case riskAt50 = "risk_at_50"
    case riskAt75 = "risk_at_75"
  }

  /// Measures a signal.
  ///
  /// - Parameters:
  ///   - raw: in [0, 1], one an answer.
  ///   - calibrated: of the same answers, by maps fitted on others; nil when there are none.
  ///   - quality: in [0, 1].
  public init(
    candidate: String, source: String, raw: [Double], calibrated: [Double]?, quality: [Double]
  ) {
    self.candidate = candidate
    self.source = source
    rows = raw.count
    rawError = expectedCalibrationError(probabilities: raw, labels: quality) ?? 0
    calibratedError = calibrated.flatMap {
      expectedCalibrationError(probabilities: $0, labels: quality)
    }
    let whole = RiskCoverage(confidence: calibrated ?? raw, quality: quality)
    area = whole.area
    baseRisk = whole.points.last?.risk ?? 0
    riskAt25 = whole.risk(at: 0.25)
    riskAt50 = whole.risk(at: 0.5)
    riskAt75 = whole.risk(at: 0.75)
    let step = max(1, (whole.points.count + 48) / 49)
    curve = whole.points.enumerated().filter {
      $0.offset % step == 0 || $0.offset == whole.points.count - 1
    }.map { RiskPoint(coverage: $0.element.coverage, risk: $0.element.risk) }
  }
}
