/// Why training data or settings cannot be fitted. Rows and columns count from 0.
public enum LearningError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A column of the training set has another length than its rows.
  case countMismatch(what: String, expected: Int, found: Int)
  /// Not enough rows with a positive weight.
  case tooFewRows(found: Int, needed: Int)
  /// Every row has the same target.
  case singleClass(positive: Bool, rows: Int)
  /// A dense feature is NaN or infinite.
  case nonFiniteFeature(row: Int, column: Int)
  /// A target is outside [0, 1].
  case targetOutOfRange(row: Int, value: Double)
  /// A sample weight is negative or not finite.
  case invalidWeight(row: Int, value: Double)
  /// A margin is NaN or infinite.
  case nonFiniteMargin(row: Int)
  /// A setting is outside its range.
  case invalidSetting(name: String, value: Double, expected: String)
  /// A fold number is outside 0 ..< folds.
  case invalidFold(row: Int, fold: Int, folds: Int)
  /// A fold has no rows.
  case emptyFold(fold: Int, folds: Int)
  /// The fold's rows left for training, or held out, cannot be used.
  indirect case fold(Int, LearningError)
  /// The best calibration slope is not positive: higher margins go with fewer positives.
  case decreasingCalibration(slope: Double)
  /// The solver asked for cannot take these features.
  case unsuitableSolver(String, hasHashedFeatures: Bool)
  /// A class index is outside 0 ..< classes.
  case classOutOfRange(row: Int, value: Int, classes: Int)
  /// No row of positive weight has this class.
  case emptyClass(Int, classes: Int)
  /// The curvature matrix has no Cholesky factor even with a small ridge.
  case singularCurvature(order: Int, size: Int)

  /// What was wrong, where, what was expected, what to try.
  public var description: String {
    switch self {
    case .countMismatch(let what, let expected, let found):
      "\(what): expected \(expected) values, one a row, found \(found)"
    case .tooFewRows(let found, let needed):
      """
      \(found) usable rows, at least \(needed) are needed; \
      import more judged queries or use fewer folds
      """
    case .singleClass(let positive, let rows):
      """
      all \(rows) rows have the \(positive ? "positive" : "negative") label, so there is nothing to separate; \
      choose another label target or quality threshold, or add rows of the other kind
      """
    case .nonFiniteFeature(let row, let column):
      "feature \(column) of row \(row) is not finite; check how the feature is computed"
    case .targetOutOfRange(let row, let value):
      "target of row \(row) is \(value), expected a number from 0 to 1"
    case .invalidWeight(let row, let value):
      "weight of row \(row) is \(value), expected a finite number of at least 0"
    case .nonFiniteMargin(let row):
      "margin of row \(row) is not finite; refit with a larger penalty"
    case .invalidSetting(let name, let value, let expected):
      "\(name) is \(value), expected \(expected)"
    case .invalidFold(let row, let fold, let folds):
      "row \(row) is in fold \(fold), expected 0 to \(folds - 1)"
    case .emptyFold(let fold, let folds):
      "fold \(fold) of \(folds) has no rows; use fewer folds or more rows"
    case .fold(let fold, let error):
      "fold \(fold): \(error.description)"
    case .decreasingCalibration(let slope):
      """
      the best calibration slope is \(slope), expected above 0: higher margins go with fewer positives, so \
      the model ranks the calibration rows worse than chance; calibrate with the identity or retrain
      """
    case .unsuitableSolver(let name, let hasHashedFeatures):
      """
      solver \(name) cannot fit data \(hasHashedFeatures ? "with" : "without") hashed features; \
      use automatic or truncated-newton
      """
    case .classOutOfRange(let row, let value, let classes):
      "class of row \(row) is \(value), expected 0 to \(classes - 1)"
    case .emptyClass(let empty, let classes):
      """
      no row has class \(empty) of \(classes); merge it with a neighbour, renumber the classes, \
      or add rows of it
      """
    case .singularCurvature(let order, let size):
      """
      the \(size) × \(size) curvature matrix is singular at column \(order); \
      raise the penalty or remove duplicate features
      """
    }
  }
}
