import RiddleData
import RiddleLinearAlgebra

/// A division of rows into folds; each fold is held out once. ``FoldAssignment`` makes them by key, group or time.
public struct CrossValidation: Equatable, Sendable {
  /// Fold of every row, 0 ..< foldCount; −1 for rows before all forward folds, which are only trained on.
  public let folds: [Int]
  /// Number of folds, at least 2.
  public let foldCount: Int
  /// Whether a fold trains on lower folds only.
  public let isForward: Bool

  /// Folds by key, group or time.
  public init(_ assignment: FoldAssignment) {
    folds = assignment.folds
    foldCount = assignment.foldCount
    isForward = assignment.isForward
  }

  /// Folds that the caller chose, so that groups and duplicates stay together.
  ///
  /// - Throws: `LearningError.invalidSetting` for fewer than two folds, `.invalidFold`, `.emptyFold`.
  public init(folds: [Int], foldCount: Int) throws(LearningError) {
    if foldCount < 2 {
      throw .invalidSetting(name: "foldCount", value: Double(foldCount), expected: "at least 2")
    }
    var sizes = [Int](repeating: 0, count: foldCount)
    for (row, fold) in folds.enumerated() {
      if !(0..<foldCount).contains(fold) {
        throw .invalidFold(row: row, fold: fold, folds: foldCount)
      }
      sizes[fold] += 1
    }
    if let empty = sizes.firstIndex(of: 0) { throw .emptyFold(fold: empty, folds: foldCount) }
    self.folds = folds
    self.foldCount = foldCount
    isForward = false
  }

  /// Folds of equal size (up to one row), dealt at random from `seed`.
  public init(rowCount: Int, foldCount: Int, seed: UInt64) throws(LearningError) {
    var generator = SplitMix64(seed: seed, stream: "cross-validation")
    var folds = (0..<rowCount).map { $0 % max(foldCount, 1) }
    for i in folds.indices.reversed() { folds.swapAt(i, generator.below(i + 1)) }
    try self.init(folds: folds, foldCount: foldCount)
  }

  /// Rows to train on when `fold` is held out, ascending.
  public func trainingRows(_ fold: Int) -> [Int] {
    folds.indices.filter { isForward ? folds[$0] < fold : folds[$0] != fold }
  }

  /// Rows of `fold`, ascending.
  public func heldOutRows(_ fold: Int) -> [Int] { folds.indices.filter { folds[$0] == fold } }

  /// `body` of every fold with its training and held-out rows, side by side; results in fold order.
  ///
  /// - Throws: `LearningError.fold` of the lowest fold that failed; `.countMismatch` when `data` has other rows.
  func map<Value: Sendable>(
    _ data: TrainingSet,
    _ body: @Sendable (TrainingSet, TrainingSet) throws(LearningError) -> Value
  ) throws(LearningError) -> [Value] {
    if data.count != folds.count {
      throw .countMismatch(what: "folds", expected: data.count, found: folds.count)
    }
    let results = Shards.map(count: foldCount) { fold -> Result<Value, LearningError> in
      let training = data.rows(trainingRows(fold))
      let heldOut = data.rows(heldOutRows(fold))
      do throws(LearningError) {
        return .success(try body(training, heldOut))
      } catch {
        return .failure(.fold(fold, error))
      }
    }
    var values: [Value] = []
    for result in results { values.append(try result.get()) }
    return values
  }
}

/// Which of several settings wins, given the cross-validated loss of each.
public enum SelectionRule: String, Equatable, Sendable, Codable {
  /// The smallest mean loss.
  case minimum
  /// The simplest setting whose mean loss is within one standard error of the smallest (Breiman et al., 1984).
  case oneStandardError
}

/// A loss averaged over folds.
public struct FoldedLoss: Equatable, Sendable, Codable {
  /// Mean loss per unit of weight in each fold.
  public var folds: [Double]
  /// Mean over all held-out rows: the folds' means, weighted by the folds' weights.
  public var mean: Double
  /// √(weighted variance of the folds' means / (K − 1)), as in Friedman, Hastie & Tibshirani (2010).
  public var standardError: Double

  /// Sums of loss and of weight per fold.
  init(sums: [Double], weights: [Double]) {
    let total = weights.reduce(0, +)
    folds = zip(sums, weights).map { $1 > 0 ? $0 / $1 : 0 }
    mean = sums.reduce(0, +) / total
    var variance = 0.0
    for (loss, weight) in zip(folds, weights) {
      variance += weight / total * (loss - mean) * (loss - mean)
    }
    standardError = (variance / Double(folds.count - 1)).squareRoot()
  }
}

extension SelectionRule {
  /// Index of the winner among losses ordered from the simplest setting; ties go to the simpler.
  func pick(_ losses: [FoldedLoss]) -> Int {
    var best = 0
    for i in losses.indices where losses[i].mean < losses[best].mean { best = i }
    switch self {
    case .minimum: return best
    case .oneStandardError:
      let bound = losses[best].mean + losses[best].standardError
      return losses.firstIndex { $0.mean <= bound } ?? best
    }
  }
}
