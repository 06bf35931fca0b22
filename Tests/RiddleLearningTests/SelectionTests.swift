import RiddleData
import RiddleLinearAlgebra
import RiddleTestSupport
import Testing

@testable import RiddleLearning

@Suite struct CrossValidationTests {
  @Test func `every row is held out exactly once`() throws {
    let folds = try CrossValidation(rowCount: 103, foldCount: 4, seed: 5)
    let held = (0..<4).flatMap { folds.heldOutRows($0) }
    #expect(held.sorted() == Array(0..<103))
    for fold in 0..<4 {
      #expect(
        (folds.trainingRows(fold) + folds.heldOutRows(fold)).sorted() == Array(0..<103))
      #expect((25...26).contains(folds.heldOutRows(fold).count))
    }
    #expect(try CrossValidation(rowCount: 103, foldCount: 4, seed: 5) == folds)
    #expect(try CrossValidation(rowCount: 103, foldCount: 4, seed: 6) != folds)
  }

  @Test func `impossible folds are refused`() {
    #expect(throws: LearningError.invalidFold(row: 2, fold: 3, folds: 3)) {
      try CrossValidation(folds: [0, 1, 3, 2], foldCount: 3)
    }
    #expect(throws: LearningError.emptyFold(fold: 1, folds: 3)) {
      try CrossValidation(folds: [0, 2], foldCount: 3)
    }
    #expect(throws: LearningError.self) { try CrossValidation(folds: [0, 0], foldCount: 1) }
    #expect(throws: LearningError.emptyFold(fold: 2, folds: 3)) {
      try CrossValidation(rowCount: 2, foldCount: 3, seed: 1)
    }
  }

  @Test func `a fold that cannot be fitted is named`() throws {
    let data = try TrainingSet(
      dense: matrix([[1], [2], [3], [4]]), targets: [0, 1, 1, 1])
    let folds = try CrossValidation(folds: [0, 0, 1, 1], foldCount: 2)
    #expect(throws: LearningError.fold(0, .singleClass(positive: true, rows: 2))) {
      try RegularizationPath().select(data, folds: folds)
    }
  }

  @Test func `folds of other rows are refused`() throws {
    let folds = try CrossValidation(rowCount: 10, foldCount: 2, seed: 1)
    #expect(throws: LearningError.countMismatch(what: "folds", expected: 120, found: 10)) {
      try RegularizationPath().select(sample(1), folds: folds)
    }
  }

  @Test func `mean and standard error follow their formulas`() {
    let loss = FoldedLoss(sums: [2, 9, 4], weights: [2, 3, 5])
    #expect(loss.folds == [1, 3, 0.8])
    expectClose(loss.mean, 1.5, tolerance: 1e-15)
    let variance = 0.2 * 0.25 + 0.3 * 2.25 + 0.5 * 0.49
    expectClose(loss.standardError, (variance / 2).squareRoot(), tolerance: 1e-15)
  }

  @Test func `rules pick the minimum or the simplest within one standard error`() {
    func loss(_ mean: Double, _ error: Double) -> FoldedLoss {
      var loss = FoldedLoss(sums: [mean, mean], weights: [1, 1])
      loss.standardError = error
      return loss
    }
    let losses = [loss(5, 1), loss(3.9, 1), loss(3, 1), loss(3, 0), loss(4, 9)]
    #expect(SelectionRule.minimum.pick(losses) == 2)
    #expect(SelectionRule.oneStandardError.pick(losses) == 1)
  }
}

@Suite struct RegularizationPathTests {
  @Test(
    arguments: [Int?.none, 6],
    [(LogisticRegression.Solver.automatic, 0.0), (.truncatedNewton, 0), (.automatic, 0.4)])
  func `held-out losses are those of separate fits`(
    bits: Int?, method: (solver: LogisticRegression.Solver, l1Ratio: Double)
  ) throws {
    let data = try sample(91, rows: 240, bucketBits: bits, weighted: true)
    let folds = try CrossValidation(rowCount: 240, foldCount: 3, seed: 2)
    var path = RegularizationPath(penalties: [0.5, 50, 5])
    path.selectionTolerance = 1e-9
    path.estimator.solver = method.solver
    path.estimator.l1Ratio = method.l1Ratio
    let selection = try path.select(data, folds: folds)
    #expect(selection.points.map(\.penalty) == [50, 5, 0.5])
    #expect(selection.points.allSatisfy { $0.converged })
    for point in selection.points {
      for fold in 0..<3 {
        var estimator = path.estimator
        estimator.l2Penalty = point.penalty
        estimator.tolerance = 1e-9
        let model = try estimator.fit(data.rows(folds.trainingRows(fold))).model
        let held = data.rows(folds.heldOutRows(fold))
        let margins = model.margins(of: held)
        var (loss, weight) = (0.0, 0.0)
        for i in margins.indices {
          loss +=
            held.weights[i] * LogisticLoss.value(margin: margins[i], target: held.targets[i])
          weight += held.weights[i]
        }
        expectClose(point.logLoss.folds[fold], loss / weight, tolerance: 1e-6)
      }
    }
    let best = selection.points.min { $0.logLoss.mean < $1.logLoss.mean }
    #expect(selection.penalty == best?.penalty)
  }

  @Test func `the chosen penalty is fitted to all rows`() throws {
    let data = try sample(92, rows: 200, bucketBits: 6)
    let folds = try CrossValidation(rowCount: 200, foldCount: 4, seed: 2)
    var path = RegularizationPath(penalties: [100, 10, 1])
    let (fitted, selection) = try path.fit(data, folds: folds)
    #expect(try LogisticRegression(l2Penalty: selection.penalty).fit(data) == fitted)
    path.rule = .oneStandardError
    let simpler = try path.select(data, folds: folds)
    #expect(simpler.penalty >= selection.penalty)
    #expect(simpler.points == selection.points)
  }

  @Test func `an empty path is refused`() throws {
    let folds = try CrossValidation(rowCount: 120, foldCount: 2, seed: 2)
    #expect(throws: LearningError.self) {
      try RegularizationPath(penalties: []).select(sample(1), folds: folds)
    }
  }
}
