import Glibc
import RiddleRuntime

/// A family of calibration maps, from the simplest.
public enum CalibrationKind: String, CaseIterable, Equatable, Sendable, Codable {
  /// logistic(margin): nothing is fitted.
  case identity
  /// logistic(margin / T): one number.
  case temperature
  /// logistic(slope · margin + offset): two numbers.
  case platt
  /// Piecewise linear: as many numbers as the rows ask for.
  case isotonic
}

/// Chooses the kind of calibration map by cross-validated log loss, and fits the chosen kind to all rows.
///
/// The winner is the simplest kind whose log loss is within one standard error of the smallest, where the standard error
/// is that of the *difference* between the two, paired by row: √(Σ w² (dᵢ − d̄)²) / Σ w. Paired, because the spread of
/// the losses themselves is that of the queries, not of the maps, and would always excuse the identity.
public struct CalibrationChoice: Equatable, Sendable {
  /// Kinds to compare.
  public var kinds = CalibrationKind.allCases
  /// Folds when none are given.
  public var foldCount = 5
  /// Seed of the folds when none are given.
  public var seed: UInt64 = 1
  /// Which kind wins.
  public var rule = SelectionRule.oneStandardError

  /// Default settings.
  public init() {}

  /// What was compared, and the winner.
  public struct Selection: Equatable, Sendable {
    /// The winner, fitted to all rows.
    public var map: CalibrationMap
    /// Its kind.
    public var kind: CalibrationKind
    /// One line per kind, from the simplest.
    public var table: [Line]
    /// ECE (15 bins of equal mass) of the identity.
    public var errorBefore: Double
    /// ECE of the winner, every row predicted by a map that was fitted without its fold.
    public var errorAfter: Double
    /// Calibration rows of positive weight.
    public var rows: Int
    /// Folds.
    public var folds: Int
  }

  /// One kind's held-out log loss.
  public struct Line: Equatable, Sendable, Codable {
    /// The kind.
    public var kind: CalibrationKind
    /// Held-out log loss in nats; nil when the kind cannot be fitted to these rows.
    public var logLoss: FoldedLoss?
    /// Standard error of its difference to the smallest log loss, paired by row; 0 for the smallest itself.
    public var differenceStandardError: Double?
    /// ECE of the held-out predictions.
    public var calibrationError: Double?
    /// Why it cannot be fitted.
    public var failure: String?

    private enum CodingKeys: String, CodingKey {
      case kind, failure
      case logLoss = "log_loss"
      case differenceStandardError = "difference_standard_error"
      case calibrationError = "ece"
    }
  }

  /// Compares the kinds on `margins` and fits the winner.
  ///
  /// - Parameters:
  ///   - margins: log-odds, n finite values, of rows that the model was not fitted on.
  ///   - targets: n values in [0, 1]; 1 means climb.
  ///   - weights: n finite values of at least 0; nil weighs every row 1.
  ///   - folds: of the n rows, so that groups stay together; nil deals rows at random from ``seed``.
  /// - Throws: as ``PlattScaling/fit(margins:targets:weights:)``, but never because the slope is not positive: then the
  ///   identity is left; `.invalidSetting` without kinds or with fewer than two folds.
  public func fit(
    margins: [Double], targets: [Double], weights: [Double]? = nil, folds: CrossValidation? = nil
  ) throws(LearningError) -> Selection {
    let all = try CalibrationColumns(margins: margins, targets: targets, weights: weights)
    if kinds.isEmpty {
      throw .invalidSetting(name: "kinds.count", value: 0, expected: "at least 1")
    }
    if let folds, folds.folds.count != margins.count {
      throw .countMismatch(what: "folds", expected: margins.count, found: folds.folds.count)
    }
    let division: CrossValidation
    if let folds {
      division = folds
    } else {
      division = try CrossValidation(
        rowCount: margins.count, foldCount: min(foldCount, margins.count), seed: seed)
    }
    let rows = Rows(
      margins: margins, targets: targets,
      weights: weights ?? [Double](repeating: 1, count: margins.count))
    let simplestFirst = CalibrationKind.allCases.filter { kinds.contains($0) || $0 == .identity }
    let tried = simplestFirst.map { HeldOut(kind: $0, rows: rows, folds: division) }
    // The identity needs no fit, so that something is left when nothing else can be fitted.
    let allowed = tried.indices.filter {
      kinds.contains(tried[$0].kind) && tried[$0].failure == nil
    }
    var best = allowed.first ?? 0
    for i in allowed where tried[i].mean(rows) < tried[best].mean(rows) { best = i }
    var lines: [Line] = []
    var chosen: Int?
    for (i, one) in tried.enumerated() {
      var line = Line(kind: one.kind, failure: one.failure?.description)
      if one.failure == nil {
        let error = one.differenceStandardError(to: tried[best], rows)
        let excess = one.mean(rows) - tried[best].mean(rows)
        line.logLoss = one.folded(rows, division)
        line.differenceStandardError = error
        line.calibrationError = one.calibrationError(rows)
        let isClose = rule == .oneStandardError && excess <= error
        if chosen == nil && allowed.contains(i) && (i == best || isClose) { chosen = i }
      }
      lines.append(line)
    }
    let winner = tried[chosen ?? best]
    return Selection(
      map: winner.map, kind: winner.kind, table: lines,
      errorBefore: tried[0].calibrationError(rows), errorAfter: winner.calibrationError(rows),
      rows: all.count, folds: division.foldCount)
  }

  static func fit(_ kind: CalibrationKind, _ rows: Rows) throws(LearningError) -> CalibrationMap {
    let (margins, targets, weights) = (rows.margins, rows.targets, rows.weights)
    switch kind {
    case .identity: return .identity
    case .temperature:
      return try TemperatureScaling().fit(margins: margins, targets: targets, weights: weights)
        .model
    case .platt:
      return try PlattScaling().fit(margins: margins, targets: targets, weights: weights).model
    case .isotonic:
      return try IsotonicRegression().fit(margins: margins, targets: targets, weights: weights)
        .model
    }
  }

  struct Rows {
    var margins: [Double]
    var targets: [Double]
    var weights: [Double]

    func picked(_ indices: [Int]) -> Rows {
      Rows(
        margins: indices.map { margins[$0] }, targets: indices.map { targets[$0] },
        weights: indices.map { weights[$0] })
    }
  }
}

/// Held-out predictions of one kind.
private struct HeldOut {
  let kind: CalibrationKind
  /// The map of all rows.
  private(set) var map = CalibrationMap.identity
  private(set) var probabilities: [Double]
  private(set) var losses: [Double]
  private(set) var failure: LearningError?

  init(kind: CalibrationKind, rows: CalibrationChoice.Rows, folds: CrossValidation) {
    self.kind = kind
    probabilities = [Double](repeating: 0.5, count: rows.margins.count)
    losses = probabilities
    do throws(LearningError) {
      map = try CalibrationChoice.fit(kind, rows)
    } catch {
      failure = error
      return
    }
    for fold in 0..<folds.foldCount {
      do throws(LearningError) {
        let map = try CalibrationChoice.fit(kind, rows.picked(folds.trainingRows(fold)))
        for i in folds.heldOutRows(fold) {
          probabilities[i] = map.probability(ofMargin: rows.margins[i])
          losses[i] = Self.loss(map, margin: rows.margins[i], target: rows.targets[i])
        }
      } catch {
        failure = .fold(fold, error)
        return
      }
    }
  }

  /// Cross-entropy in nats; from the log-odds where there are any, so that nothing rounds to log 0.
  private static func loss(_ map: CalibrationMap, margin: Double, target: Double) -> Double {
    switch map {
    case .identity: return LogisticLoss.value(margin: margin, target: target)
    case .platt(let slope, let offset):
      return LogisticLoss.value(margin: slope * margin + offset, target: target)
    case .isotonic:
      let p = map.probability(ofMargin: margin)
      return (target > 0 ? -target * log(p) : 0) + (target < 1 ? -(1 - target) * log1p(-p) : 0)
    }
  }

  func mean(_ rows: CalibrationChoice.Rows) -> Double {
    var (sum, weight) = (0.0, 0.0)
    for i in losses.indices {
      sum += rows.weights[i] * losses[i]
      weight += rows.weights[i]
    }
    return sum / weight
  }

  func differenceStandardError(to other: HeldOut, _ rows: CalibrationChoice.Rows) -> Double {
    let difference = mean(rows) - other.mean(rows)
    var (squares, weight) = (0.0, 0.0)
    for i in losses.indices {
      let d = losses[i] - other.losses[i] - difference
      squares += rows.weights[i] * rows.weights[i] * d * d
      weight += rows.weights[i]
    }
    return squares.squareRoot() / weight
  }

  func folded(_ rows: CalibrationChoice.Rows, _ folds: CrossValidation) -> FoldedLoss {
    var sums = [Double](repeating: 0, count: folds.foldCount)
    var weights = sums
    for i in losses.indices {
      sums[folds.folds[i]] += rows.weights[i] * losses[i]
      weights[folds.folds[i]] += rows.weights[i]
    }
    return FoldedLoss(sums: sums, weights: weights)
  }

  func calibrationError(_ rows: CalibrationChoice.Rows) -> Double {
    let used = rows.weights.indices.filter { rows.weights[$0] > 0 }
    return RiddleLearning.calibrationError(
      probabilities: used.map { probabilities[$0] }, labels: used.map { rows.targets[$0] }) ?? 0
  }
}
