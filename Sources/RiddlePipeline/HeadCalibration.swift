import RiddleLearning
import RiddleRuntime

/// How one head's margins became probabilities.
public struct CalibrationReport: Sendable, Codable, Equatable {
  /// Kind of map.
  public var kind: String
  /// Slope of a Platt map or 1 / temperature; 1 otherwise.
  public var slope: Double
  /// Offset of a Platt map; 0 otherwise.
  public var offset: Double
  /// Knots of an isotonic map.
  public var knots: Int?
  /// Held-out log loss of every kind that was compared.
  public var compared: [CalibrationChoice.Line]
  /// ECE (15 equal-mass bins) of the margins as log-odds.
  public var errorBefore: Double?
  /// ECE of the chosen kind, each row predicted without its fold.
  public var errorAfter: Double?
  var map: CalibrationMap = .identity

  private enum CodingKeys: String, CodingKey {
    case kind, slope, offset, knots, compared
    case errorBefore = "ece_before"
    case errorAfter = "ece_after"
  }

  init(_ map: CalibrationMap = .identity, kind: String? = nil) {
    self.map = map
    compared = []
    switch map {
    case .identity: (self.kind, slope, offset) = ("identity", 1, 0)
    case .platt(let slope, let offset):
      (self.kind, self.slope, self.offset) = (offset == 0 ? "temperature" : "platt", slope, offset)
    case .isotonic(let isotonic):
      (self.kind, slope, offset) = ("isotonic", 1, 0)
      knots = isotonic.margins.count
    }
    if let kind { self.kind = kind }
  }
}

/// The calibration of one head under the plan: the kind given, or the one with the least cross-validated log loss among
/// those that a simpler kind does not match within one standard error.
func calibrate(
  _ margins: [Double], targets: [Double], plan: TrainingPlan, name: String,
  warnings: inout [String]
) -> CalibrationReport {
  // A constant head has nothing to calibrate.
  if let first = margins.first, margins.allSatisfy({ $0 == first }) { return CalibrationReport() }
  var choice = CalibrationChoice()
  if let kind = plan.calibration { choice.kinds = [kind] }
  choice.seed = plan.seed
  do throws(LearningError) {
    let selection = try choice.fit(margins: margins, targets: targets)
    var report = CalibrationReport(selection.map, kind: selection.kind.rawValue)
    report.compared = selection.table
    report.errorBefore = selection.errorBefore
    report.errorAfter = selection.errorAfter
    return report
  } catch {
    warnings.append("\(name): probabilities are not calibrated; \(error)")
    return CalibrationReport()
  }
}
