import RiddleLinearAlgebra
import RiddleTestSupport
import Testing

@testable import RiddleLearning

@Suite struct MultinomialLogisticRegressionTests {
  /// Both stop at gradients below 1e-10 a row, so 1e-6 leaves room for λ = 10⁻³ only.
  @Test func `coefficients agree with scikit-learn`() throws {
    let golden = try LinearGolden.load().multinomial
    for reference in golden.cases {
      var estimator = MultinomialLogisticRegression(l2Penalty: reference.penalty)
      estimator.classBalance = reference.balanced ? .balanced : .uniform
      estimator.tolerance = 1e-11
      let data = try ClassTrainingSet(
        dense: matrix(golden.rows.x), hashed: reference.hashed ? golden.rows.hashed : nil,
        classes: golden.classes, classCount: 4, weights: golden.weights)
      let fitted = try estimator.fit(data)
      #expect(fitted.report.converged && fitted.report.solver == "truncated-newton")
      for (head, expected) in zip(fitted.model.heads, reference.heads) {
        expectClose(head, expected.coefficients, tolerance: 1e-6)
      }
    }
  }

  @Test(arguments: [Int?.none, 3]) func `derivatives are those of the value`(bits: Int?) throws {
    let estimator = MultinomialLogisticRegression(l2Penalty: 0.7)
    let problem = try ClassProblem(
      classSample(51, bucketBits: bits), balance: .balanced, standardizesDense: true)
    let objective = estimator.objective(problem)
    checkDerivatives(
      objective, at: (0..<objective.map.weightCount).map { 0.4 - 0.1 * Double($0 % 9) })
  }

  @Test func `two classes are the binary regression with twice the penalty`() throws {
    let binary = try sample(52, bucketBits: 5, weighted: true)
    let data = try ClassTrainingSet(
      dense: binary.dense, hashed: binary.hashed, classes: binary.targets.map { Int($0) },
      classCount: 2, weights: binary.weights)
    var two = MultinomialLogisticRegression(l2Penalty: 2)
    two.tolerance = 1e-11
    let model = try two.fit(data).model
    var one = LogisticRegression(l2Penalty: 1)
    one.tolerance = 1e-11
    let reference = try one.fit(binary).model
    // margin = m_1 − m_0 with w_0 = −w_1: ½ · 2 · 2 ‖w/2‖² = ½ ‖w‖².
    let margins = model.margins(dense: data.dense, hashed: data.hashed)
    for (i, expected) in reference.margins(of: binary).enumerated() {
      expectClose(margins[i, 1] - margins[i, 0], expected, tolerance: 1e-6)
    }
  }

  @Test func `weights of the heads add up to 0 and probabilities to 1`() throws {
    let data = try classSample(53, rows: 200, classes: 4, bucketBits: 5)
    var estimator = MultinomialLogisticRegression(l2Penalty: 0.5)
    estimator.tolerance = 1e-11
    let model = try estimator.fit(data).model
    for j in 0..<4 {
      expectClose(model.heads.reduce(0) { $0 + $1.dense[j] }, 0, tolerance: 1e-8)
    }
    for b in 0..<32 {
      expectClose(model.heads.reduce(0) { $0 + $1.hashed[b] }, 0, tolerance: 1e-8)
    }
    expectClose(model.heads.reduce(0) { $0 + $1.intercept }, 0, tolerance: 1e-12)
    let p = model.probabilities(dense: data.dense, hashed: data.hashed)
    for i in 0..<data.count { expectClose(p.row(i).reduce(0, +), 1, tolerance: 1e-12) }
  }

  @Test func `renumbering the classes renumbers the heads`() throws {
    let data = try classSample(54, rows: 150, bucketBits: 5)
    var estimator = MultinomialLogisticRegression()
    estimator.tolerance = 1e-11
    let model = try estimator.fit(data).model
    let turned = try ClassTrainingSet(
      dense: data.dense, hashed: data.hashed, classes: data.classes.map { ($0 + 1) % 3 },
      classCount: 3, weights: data.weights)
    let other = try estimator.fit(turned).model
    for h in 0..<3 { expectClose(other.heads[(h + 1) % 3], model.heads[h], tolerance: 1e-6) }
  }

  @Test func `the same bits whatever else runs`() throws {
    let data = try classSample(55, bucketBits: 5)
    let estimator = MultinomialLogisticRegression()
    let fitted = try estimator.fit(data)
    for other in Shards.map(count: 4, { _ in try? estimator.fit(data) }) {
      #expect(other == fitted)
    }
  }

  @Test func `weight 0 is absence and weight 2 is twice`() throws {
    let data = try classSample(56, rows: 120, bucketBits: 4)
    var estimator = MultinomialLogisticRegression()
    estimator.tolerance = 1e-11
    var weights = data.weights
    for i in 60..<120 { weights[i] = i % 2 == 0 ? 0 : 2 * weights[i] }
    let weighted = try ClassTrainingSet(
      dense: data.dense, hashed: data.hashed, classes: data.classes, classCount: 3,
      weights: weights)
    let odd = (60..<120).filter { $0 % 2 == 1 }
    let repeated = data.rows(Array(0..<60) + odd + odd)
    let (a, b) = (try estimator.fit(weighted).model, try estimator.fit(repeated).model)
    for h in 0..<3 { expectClose(a.heads[h], b.heads[h], tolerance: 1e-6) }
  }

  @Test func `bad classes are refused`() throws {
    let dense = matrix([[1], [2], [3]])
    #expect(throws: LearningError.classOutOfRange(row: 2, value: 3, classes: 3)) {
      try ClassTrainingSet(dense: dense, classes: [0, 1, 3], classCount: 3)
    }
    #expect(throws: LearningError.classOutOfRange(row: 0, value: -1, classes: 3)) {
      try ClassTrainingSet(dense: dense, classes: [-1, 1, 2], classCount: 3)
    }
    #expect(throws: LearningError.self) {
      try ClassTrainingSet(dense: dense, classes: [0, 0, 0], classCount: 1)
    }
    #expect(throws: LearningError.emptyClass(1, classes: 3)) {
      try MultinomialLogisticRegression().fit(
        ClassTrainingSet(dense: dense, classes: [0, 1, 2], classCount: 3, weights: [1, 0, 1]))
    }
    var estimator = MultinomialLogisticRegression()
    estimator.classBalance = .given([1, 2])
    #expect(throws: LearningError.countMismatch(what: "class weights", expected: 3, found: 2)) {
      try estimator.fit(ClassTrainingSet(dense: dense, classes: [0, 1, 2], classCount: 3))
    }
    estimator = MultinomialLogisticRegression(l2Penalty: -1)
    #expect(throws: LearningError.self) {
      try estimator.fit(ClassTrainingSet(dense: dense, classes: [0, 1, 2], classCount: 3))
    }
  }
}
