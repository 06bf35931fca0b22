import RiddleLinearAlgebra

/// Rows to learn from: dense features, optional hashed text features, a target and a weight each. Validated.
public struct TrainingSet: Equatable, Sendable {
  /// Dense features, `n × d`, widened from the stored `Float`s; finite, or NaN where missing if that was allowed.
  public let dense: Matrix
  /// Hashed text features of the same rows, if the schema has them.
  public let hashed: SignedBinaryRows?
  /// One target a row, in [0, 1]; 1 means climb.
  public let targets: [Double]
  /// One weight a row, finite, at least 0. A row of weight 0 is as good as absent.
  public let weights: [Double]

  /// Whether some dense features may be missing. Trees route missing values; linear models refuse them.
  public let allowsMissing: Bool

  /// Number of rows.
  public var count: Int { targets.count }

  /// Checks and keeps the columns of a training set.
  ///
  /// - Parameters:
  ///   - dense: `n × d`; d may be 0 when there are hashed features.
  ///   - hashed: n rows, or nil.
  ///   - targets: n values in [0, 1].
  ///   - weights: n finite values of at least 0; nil weighs every row 1.
  ///   - allowsMissing: whether NaN in `dense` stands for a missing value instead of being refused.
  /// - Throws: `LearningError.countMismatch`, `.nonFiniteFeature`, `.targetOutOfRange`, `.invalidWeight`; the
  ///   first offending row and column are named.
  public init(
    dense: Matrix, hashed: SignedBinaryRows? = nil, targets: [Double], weights: [Double]? = nil,
    allowsMissing: Bool = false
  ) throws(LearningError) {
    let n = dense.rowCount
    if targets.count != n {
      throw .countMismatch(what: "targets", expected: n, found: targets.count)
    }
    if let hashed, hashed.rowCount != n {
      throw .countMismatch(what: "hashed features", expected: n, found: hashed.rowCount)
    }
    if let weights, weights.count != n {
      throw .countMismatch(what: "weights", expected: n, found: weights.count)
    }
    if let bad = dense.values.firstIndex(where: { !$0.isFinite && !(allowsMissing && $0.isNaN) }) {
      throw .nonFiniteFeature(row: bad / dense.columnCount, column: bad % dense.columnCount)
    }
    if let row = targets.firstIndex(where: { !(0...1).contains($0) }) {
      throw .targetOutOfRange(row: row, value: targets[row])
    }
    if let row = weights?.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) {
      throw .invalidWeight(row: row, value: weights?[row] ?? .nan)
    }
    self.init(
      unchecked: dense, hashed: hashed, targets: targets,
      weights: weights ?? [Double](repeating: 1, count: n), allowsMissing: allowsMissing)
  }

  private init(
    unchecked dense: Matrix, hashed: SignedBinaryRows?, targets: [Double], weights: [Double],
    allowsMissing: Bool
  ) {
    self.dense = dense
    self.hashed = hashed
    self.targets = targets
    self.weights = weights
    self.allowsMissing = allowsMissing
  }

  /// The rows at `indices`, in that order.
  public func rows(_ indices: [Int]) -> TrainingSet {
    TrainingSet(
      unchecked: dense.rows(indices), hashed: hashed?.rows(indices),
      targets: indices.map { targets[$0] }, weights: indices.map { weights[$0] },
      allowsMissing: allowsMissing)
  }

  /// Rows of positive weight, and how many of them have a target above ½.
  var usableRows: (count: Int, positives: Int) {
    var count = 0
    var positives = 0
    for i in targets.indices where weights[i] > 0 {
      count += 1
      if targets[i] > 0.5 { positives += 1 }
    }
    return (count, positives)
  }

  /// Throws if a dense feature is missing.
  func requireAllPresent() throws(LearningError) {
    if allowsMissing, let bad = dense.values.firstIndex(where: \.isNaN) {
      throw .nonFiniteFeature(row: bad / dense.columnCount, column: bad % dense.columnCount)
    }
  }

  /// Throws unless at least two rows have weight and both labels occur among them.
  func requireBothClasses() throws(LearningError) {
    let count = usableRows.count
    if count < 2 { throw .tooFewRows(found: count, needed: 2) }
    var positive = 0.0
    var negative = 0.0
    for i in targets.indices {
      positive += weights[i] * targets[i]
      negative += weights[i] * (1 - targets[i])
    }
    if positive == 0 || negative == 0 { throw .singleClass(positive: negative == 0, rows: count) }
  }
}
