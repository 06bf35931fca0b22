import RiddleData
import RiddleLearning
import RiddleLinearAlgebra
import RiddleRuntime
import RiddleTestSupport
import Testing

@Suite struct LogisticRegressionTests {
  /// scikit-learn's newton-cholesky at tol 1e-13 and ours at 1e-12 differ by rounding only; measured below 1e-10.
  @Test func `dense coefficients agree with scikit-learn`() throws {
    let golden = try LearningGolden.load().dense
    for reference in golden.cases {
      var estimator = LogisticRegression(l2Penalty: reference.penalty)
      estimator.standardizesDense = reference.standardizes
      estimator.densePenaltyMultiplier = reference.multiplier
      estimator.tolerance = 1e-12
      let data = try TrainingSet(
        dense: matrix(golden.x), targets: golden.y,
        weights: reference.weighted ? golden.weights : nil)
      let fitted = try estimator.fit(data)
      #expect(fitted.report.solver == "newton-cholesky" && fitted.report.converged)
      expectClose(
        fitted.model,
        LogisticCoefficients(intercept: reference.intercept, dense: reference.coef),
        tolerance: 1e-8)
    }
  }

  @Test func `balanced class weights agree with scikit-learn`() throws {
    let golden = try LearningGolden.load().dense
    var estimator = LogisticRegression()
    estimator.standardizesDense = false
    estimator.classWeights = .balanced
    let data = try TrainingSet(dense: matrix(golden.x), targets: golden.y)
    let expected = LogisticCoefficients(
      intercept: golden.balanced.intercept, dense: golden.balanced.coef)
    expectClose(try estimator.fit(data).model, expected, tolerance: 1e-8)
    let positive = golden.y.reduce(0, +)
    let n = Double(golden.y.count)
    estimator.classWeights = .given(
      positive: n / (2 * positive), negative: n / (2 * (n - positive)))
    expectClose(try estimator.fit(data).model, expected, tolerance: 1e-8)
  }

  /// 1e-6: the limited-memory method stops at a gradient of 1e-10 per row; measured below 1e-8.
  @Test func `hashed coefficients agree with scikit-learn on the explicit matrix`() throws {
    let golden = try LearningGolden.load().hashed
    for reference in golden.cases {
      var estimator = LogisticRegression(l2Penalty: reference.penalty)
      estimator.densePenaltyMultiplier = reference.multiplier
      estimator.tolerance = 1e-10
      let fitted = try estimator.fit(golden.data)
      #expect(fitted.report.solver == "row-space-lbfgs" && fitted.report.converged)
      expectClose(
        fitted.model,
        LogisticCoefficients(
          intercept: reference.intercept, dense: reference.dense, hashed: reference.hashed),
        tolerance: 1e-6)
    }
  }

  @Test func `two features of a specified stream give the published coefficients`() throws {
    let golden = try LearningGolden.load().stream
    var generator = SplitMix64(seed: 42)
    let u = (0..<1200).map { _ in generator.unit() }
    var estimator = LogisticRegression()
    estimator.standardizesDense = false
    let data = try TrainingSet(
      dense: Matrix(
        rowCount: 400, columnCount: 2, values: (0..<400).flatMap { [u[$0], u[400 + $0]] }),
      targets: (0..<400).map { u[800 + $0] < 0.3 + 0.5 * u[$0] ? 1 : 0 })
    expectClose(
      try estimator.fit(data).model,
      LogisticCoefficients(intercept: golden.intercept, dense: golden.coef), tolerance: 1e-9)
  }

  @Test(arguments: [Int?.none, 6], [false, true])
  func `it behaves as an estimator must`(bucketBits: Int?, soft: Bool) throws {
    if soft && bucketBits == nil { return }  // soft targets once are enough
    var estimator = LogisticRegression(l2Penalty: 0.7)
    estimator.tolerance = 1e-11
    let data = try sample(5, bucketBits: bucketBits, weighted: true, soft: soft)
    try checkEstimator(estimator, on: data) { expectClose($0, $1, tolerance: 1e-7) }
  }

  @Test(arguments: [Int?.none, 6]) func `flipped labels negate the model`(bits: Int?) throws {
    var estimator = LogisticRegression(l2Penalty: 0.7)
    estimator.tolerance = 1e-11
    let data = try sample(6, bucketBits: bits)
    let model = try estimator.fit(data).model
    let flipped = try estimator.fit(replacing(data, targets: data.targets.map { 1 - $0 })).model
    expectClose(
      flipped,
      LogisticCoefficients(
        intercept: -model.intercept, dense: model.dense.map { -$0 },
        hashed: model.hashed.map { -$0 }
      ), tolerance: 1e-7)
  }

  @Test func `shifting and scaling a feature moves no probability without penalty`() throws {
    var estimator = LogisticRegression(l2Penalty: 0)
    let data = try sample(7, rows: 300)
    var moved = data.dense
    for i in 0..<data.count { moved[i, 1] = 1000 - 37 * moved[i, 1] }
    for standardizes in [true, false] {
      estimator.standardizesDense = standardizes
      let before = try estimator.fit(data).model.margins(of: data)
      let changed = try replacing(data, dense: moved)
      let after = try estimator.fit(changed).model.margins(of: changed)
      for (a, b) in zip(before, after) { expectClose(a, b, tolerance: 1e-6) }
    }
  }

  @Test func `standardised fits do not see units, with penalty too`() throws {
    let data = try sample(8, bucketBits: 5)
    var estimator = LogisticRegression(l2Penalty: 3)
    estimator.tolerance = 1e-11
    var moved = data.dense
    for i in 0..<data.count { moved[i, 0] = 5 + 1e4 * moved[i, 0] }
    let before = try estimator.fit(data).model.margins(of: data)
    let changed = try replacing(data, dense: moved)
    let after = try estimator.fit(changed).model.margins(of: changed)
    for (a, b) in zip(before, after) { expectClose(a, b, tolerance: 1e-7) }
  }

  @Test(arguments: [Int?.none, 5]) func `a constant column gets weight 0`(bits: Int?) throws {
    let data = try sample(9, bucketBits: bits)
    var constant = data.dense
    for i in 0..<data.count { constant[i, 2] = 0.1 }
    let model = try LogisticRegression().fit(replacing(data, dense: constant)).model
    #expect(model.dense[2] == 0)
    #expect(model.dense[0] != 0)
  }

  @Test func `hashed features without any key leave the dense fit`() throws {
    let data = try sample(10)
    var empty = SignedBinaryRows(bucketBits: 4)
    for _ in 0..<data.count {
      empty.append(words: [], wordScale: 0, characters: [], characterScale: 0)
    }
    let fitted = try LogisticRegression().fit(
      TrainingSet(dense: data.dense, hashed: empty, targets: data.targets))
    let dense = try LogisticRegression().fit(data).model
    #expect(fitted.model.dense == dense.dense)
    #expect(fitted.model.hashed == [Double](repeating: 0, count: 16))
  }

  @Test func `hashed features alone can be fitted`() throws {
    let data = try sample(11, bucketBits: 5)
    let only = try TrainingSet(
      dense: Matrix(rowCount: data.count, columnCount: 0), hashed: data.hashed,
      targets: data.targets)
    let fitted = try LogisticRegression().fit(only)
    #expect(fitted.report.converged && fitted.model.dense.isEmpty)
  }

  @Test func `a huge penalty leaves the base rate`() throws {
    let data = try sample(12, bucketBits: 5)
    let model = try LogisticRegression(l2Penalty: 1e12).fit(data).model
    let share = data.targets.reduce(0, +) / Double(data.count)
    for margin in model.margins(of: data) {
      expectClose(1 / (1 + exponential(-margin)), share, tolerance: 1e-6)
    }
  }

  @Test(arguments: [Int?.none, 5])
  func `stopping early is a result with remedies`(bits: Int?) throws {
    var estimator = LogisticRegression()
    estimator.maximumIterations = 1
    estimator.tolerance = 1e-12
    let report = try estimator.fit(sample(13, bucketBits: bits)).report
    #expect(!report.converged && report.iterations == 1)
    #expect(report.remedies.contains { $0.contains("l2Penalty") })
    #expect(report.gradientNorm > report.tolerance)
  }

  @Test(arguments: [Int?.none, 5])
  func `duplicate columns without penalty are fitted and reported`(bits: Int?) throws {
    let data = try sample(14, bucketBits: bits)
    var copied = data.dense
    for i in 0..<data.count { copied[i, 3] = copied[i, 0] }
    var estimator = LogisticRegression()
    estimator.densePenaltyMultiplier = 0
    let fitted = try estimator.fit(replacing(data, dense: copied))
    #expect((fitted.model.dense + fitted.model.hashed).allSatisfy { $0.isFinite })
    #expect(fitted.report.converged)
  }

  @Test func `separable data stay finite without penalty`() throws {
    let data = try TrainingSet(
      dense: matrix([[-2], [-1], [1], [2]]), targets: [0, 0, 1, 1])
    let fitted = try LogisticRegression(l2Penalty: 0).fit(data)
    #expect(fitted.model.dense[0].isFinite && fitted.model.dense[0] > 5)
  }

  @Test func `settings out of range are named`() throws {
    let data = try sample(15)
    func expectInvalid(_ name: String, _ change: (inout LogisticRegression) -> Void) {
      var estimator = LogisticRegression()
      change(&estimator)
      #expect {
        try estimator.fit(data)
      } throws: { error in
        guard case LearningError.invalidSetting(let found, _, _)? = error as? LearningError
        else { return false }
        return found == name
      }
    }
    expectInvalid("l2Penalty") { $0.l2Penalty = -1 }
    expectInvalid("l2Penalty") { $0.l2Penalty = .nan }
    expectInvalid("densePenaltyMultiplier") { $0.densePenaltyMultiplier = .infinity }
    expectInvalid("tolerance") { $0.tolerance = 0 }
    expectInvalid("maximumIterations") { $0.maximumIterations = 0 }
    expectInvalid("historyLength") { $0.historyLength = 0 }
    expectInvalid("class weight (negative)") {
      $0.classWeights = .given(positive: 1, negative: 0)
    }
  }
}
