import RiddleLearning
import RiddleLinearAlgebra
import Testing

@Suite struct TrainingSetTests {
  let dense = matrix([[1, 2], [3, 4], [5, 6]])

  @Test func `malformed columns are refused with their place`() {
    #expect(throws: LearningError.countMismatch(what: "targets", expected: 3, found: 2)) {
      try TrainingSet(dense: dense, targets: [0, 1])
    }
    #expect(throws: LearningError.countMismatch(what: "weights", expected: 3, found: 1)) {
      try TrainingSet(dense: dense, targets: [0, 1, 1], weights: [1])
    }
    #expect(
      throws: LearningError.countMismatch(what: "hashed features", expected: 3, found: 0)
    ) {
      try TrainingSet(
        dense: dense, hashed: SignedBinaryRows(bucketBits: 2), targets: [0, 1, 1])
    }
    for bad in [Double.nan, .infinity, -.infinity] {
      #expect(throws: LearningError.nonFiniteFeature(row: 1, column: 0)) {
        try TrainingSet(dense: matrix([[1, 2], [bad, 4], [bad, 6]]), targets: [0, 1, 1])
      }
    }
    #expect(throws: LearningError.targetOutOfRange(row: 2, value: 1.5)) {
      try TrainingSet(dense: dense, targets: [0, 1, 1.5])
    }
    #expect(throws: LearningError.self) { try TrainingSet(dense: dense, targets: [0, .nan, 1]) }
    #expect(throws: LearningError.invalidWeight(row: 1, value: -1)) {
      try TrainingSet(dense: dense, targets: [0, 1, 1], weights: [1, -1, 1])
    }
    #expect(throws: LearningError.invalidWeight(row: 0, value: .infinity)) {
      try TrainingSet(dense: dense, targets: [0, 1, 1], weights: [.infinity, 1, 1])
    }
  }

  @Test func `rows are picked in all columns`() throws {
    var hashed = SignedBinaryRows(bucketBits: 2)
    for key: UInt32 in 0..<3 {
      hashed.append(words: [key], wordScale: 1, characters: [], characterScale: 1)
    }
    let data = try TrainingSet(
      dense: dense, hashed: hashed, targets: [0, 0.5, 1], weights: [1, 2, 3])
    let picked = data.rows([2, 0])
    #expect(picked.dense.values == [5, 6, 1, 2])
    #expect(picked.targets == [1, 0] && picked.weights == [3, 1])
    #expect(picked.hashed?.keys == [2, 0])
  }

  @Test func `every message says what to look at`() {
    let errors: [LearningError] = [
      .countMismatch(what: "targets", expected: 3, found: 2), .tooFewRows(found: 1, needed: 2),
      .singleClass(positive: true, rows: 9), .nonFiniteFeature(row: 8, column: 4),
      .targetOutOfRange(row: 1, value: 2), .invalidWeight(row: 1, value: -2),
      .nonFiniteMargin(row: 3), .invalidSetting(name: "x", value: 1, expected: "y"),
      .invalidFold(row: 1, fold: 7, folds: 3), .emptyFold(fold: 1, folds: 3),
      .fold(2, .tooFewRows(found: 1, needed: 2)), .decreasingCalibration(slope: -1),
      .singularCurvature(order: 2, size: 3),
    ]
    #expect(Set(errors.map(\.description)).count == errors.count)
    #expect(LearningError.nonFiniteFeature(row: 8, column: 4).description.contains("row 8"))
    #expect(errors[10].description.hasPrefix("fold 2: 1 usable rows"))
  }
}
