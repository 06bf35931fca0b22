import RiddleLinearAlgebra

/// Rows to learn one of K classes from: dense features, optional hashed text features, a class index and a weight
/// each. Validated. With candidates as classes, class k means "candidate k suffices".
public struct ClassTrainingSet: Equatable, Sendable {
  /// The rows' features and weights; targets are 1 above class 0.
  let rows: TrainingSet
  /// One class a row, in 0 ..< classCount.
  public let classes: [Int]
  /// K, at least 2.
  public let classCount: Int

  /// Dense features, `n × d`.
  public var dense: Matrix { rows.dense }
  /// Hashed text features of the same rows, if the schema has them.
  public var hashed: SignedBinaryRows? { rows.hashed }
  /// One weight a row, finite, at least 0.
  public var weights: [Double] { rows.weights }
  /// Number of rows.
  public var count: Int { classes.count }

  /// Checks and keeps the columns of a training set.
  ///
  /// - Parameters:
  ///   - dense: `n × d`; d may be 0 when there are hashed features.
  ///   - hashed: n rows, or nil.
  ///   - classes: n indices in 0 ..< `classCount`.
  ///   - classCount: K, at least 2.
  ///   - weights: n finite values of at least 0; nil weighs every row 1.
  /// - Throws: `LearningError.invalidSetting`, `.classOutOfRange`, and what ``TrainingSet`` throws.
  public init(
    dense: Matrix, hashed: SignedBinaryRows? = nil, classes: [Int], classCount: Int,
    weights: [Double]? = nil
  ) throws(LearningError) {
    if classCount < 2 {
      throw .invalidSetting(name: "classCount", value: Double(classCount), expected: "at least 2")
    }
    if let row = classes.firstIndex(where: { !(0..<classCount).contains($0) }) {
      throw .classOutOfRange(row: row, value: classes[row], classes: classCount)
    }
    rows = try TrainingSet(
      dense: dense, hashed: hashed, targets: classes.map { $0 > 0 ? 1 : 0 }, weights: weights)
    self.classes = classes
    self.classCount = classCount
  }

  private init(rows: TrainingSet, classes: [Int], classCount: Int) {
    self.rows = rows
    self.classes = classes
    self.classCount = classCount
  }

  /// The rows at `indices`, in that order.
  public func rows(_ indices: [Int]) -> ClassTrainingSet {
    ClassTrainingSet(
      rows: rows.rows(indices), classes: indices.map { classes[$0] }, classCount: classCount)
  }

  /// Total weight of every class.
  var classWeights: [Double] {
    var sums = [Double](repeating: 0, count: classCount)
    for i in classes.indices { sums[classes[i]] += weights[i] }
    return sums
  }

  /// The rows of positive weight; throws unless there are two and every class occurs among them.
  func usable() throws(LearningError) -> ClassTrainingSet {
    let used = weights.indices.filter { weights[$0] > 0 }
    if used.count < 2 { throw .tooFewRows(found: used.count, needed: 2) }
    if let empty = classWeights.firstIndex(of: 0) { throw .emptyClass(empty, classes: classCount) }
    return used.count == count ? self : rows(used)
  }
}
