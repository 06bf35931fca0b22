/// Checked rows of a calibration: margins with targets in [0, 1] and weights, rows of weight 0 left out.
struct CalibrationColumns: Sendable {
  /// Finite margins, input order.
  let margins: [Double]
  /// Targets in [0, 1].
  let targets: [Double]
  /// Weights above 0.
  let weights: [Double]
  /// Σ weight · target.
  let positiveWeight: Double
  /// Σ weight · (1 − target).
  let negativeWeight: Double
  /// Rows whose target exceeds ½.
  let positives: Int
  /// Whether all rows have the same margin.
  let isConstant: Bool

  var count: Int { margins.count }
  var totalWeight: Double { positiveWeight + negativeWeight }

  /// - Throws: `LearningError.countMismatch`, `.nonFiniteMargin`, `.targetOutOfRange` or `.invalidWeight` for malformed
  ///   columns; `.tooFewRows` below two rows of positive weight; `.singleClass` if no target exceeds ½ or none falls
  ///   short of it.
  init(margins: [Double], targets: [Double], weights: [Double]?) throws(LearningError) {
    let n = margins.count
    if targets.count != n {
      throw .countMismatch(what: "targets", expected: n, found: targets.count)
    }
    if let weights, weights.count != n {
      throw .countMismatch(what: "weights", expected: n, found: weights.count)
    }
    var kept: (margins: [Double], targets: [Double], weights: [Double]) = ([], [], [])
    var (high, low) = (0, 0)
    var (positive, negative) = (0.0, 0.0)
    var (least, largest) = (Double.infinity, -Double.infinity)
    for i in 0..<n {
      let weight = weights?[i] ?? 1
      if !margins[i].isFinite { throw .nonFiniteMargin(row: i) }
      if !(0...1).contains(targets[i]) { throw .targetOutOfRange(row: i, value: targets[i]) }
      if !(weight >= 0 && weight.isFinite) { throw .invalidWeight(row: i, value: weight) }
      if weight == 0 { continue }
      kept.margins.append(margins[i])
      kept.targets.append(targets[i])
      kept.weights.append(weight)
      (least, largest) = (min(least, margins[i]), max(largest, margins[i]))
      if targets[i] > 0.5 { high += 1 }
      if targets[i] < 0.5 { low += 1 }
      positive += weight * targets[i]
      negative += weight * (1 - targets[i])
    }
    let rows = kept.margins.count
    if rows < 2 { throw .tooFewRows(found: rows, needed: 2) }
    if high == 0 || low == 0 { throw .singleClass(positive: low == 0, rows: rows) }
    self.margins = kept.margins
    self.targets = kept.targets
    self.weights = kept.weights
    positiveWeight = positive
    negativeWeight = negative
    positives = high
    isConstant = least == largest
  }

  /// Targets pulled from 0 and 1 as Platt (1999) does: (N₊ + 1)/(N₊ + 2) and 1/(N₋ + 2); a soft target mixes the two.
  var smoothedTargets: [Double] {
    let up = (positiveWeight + 1) / (positiveWeight + 2)
    let down = 1 / (negativeWeight + 2)
    return targets.map { $0 * up + (1 - $0) * down }
  }
}

/// What a calibration map assumes beside the rows, so that no probability is 0 or 1 and every log loss is finite.
public enum CalibrationSmoothing: String, Equatable, Sendable, Codable {
  /// Nothing. Temperature scaling may then end with a very large slope, isotonic regression with probabilities 0 and 1.
  case none
  /// A small prior that vanishes as rows are added: Platt's targets (temperature), or one further row of target 1 at the
  /// least margin and one of target 0 at the largest (isotonic).
  case prior
}
