import Glibc
import RiddleData
import RiddleLearning
import RiddleLinearAlgebra
import RiddleTestSupport
import Testing

/// Dual ascent reaches the optimum of the batch solver.
@Suite struct DualLogisticTests {
  private func tight(_ penalty: Double) -> DualLogistic {
    var dual = DualLogistic(l2Penalty: penalty)
    dual.densePenaltyMultiplier = 10
    dual.tolerance = 1e-8
    dual.maximumPasses = 3000
    return dual
  }

  @Test(
    arguments: [nil, 5], [0.3, 3.0])
  func coefficientsAreTheBatchSolvers(bits: Int?, penalty: Double) throws {
    let data = try sample(
      21, rows: 300, columns: 4, bucketBits: bits, weighted: true, soft: true)
    let dual = try tight(penalty).fit(StreamingLogisticTests.compact(data))
    var batch = LogisticRegression(l2Penalty: penalty)
    batch.densePenaltyMultiplier = 10
    batch.tolerance = 1e-9
    batch.maximumIterations = 2000
    let reference = try batch.fit(data)
    #expect(dual.report.converged && reference.report.converged)
    // A gradient of 1e-8 a row over curvatures of at least λ/Σc ≈ 1e-3.
    expectClose(dual.model, reference.model, tolerance: 1e-4)
    expectClose(dual.report.objective, reference.report.objective, tolerance: 1e-6)
    #expect(dual.report.rows == reference.report.rows)
    #expect(dual.report.positives == reference.report.positives)
  }

  @Test func theReportedGradientIsTheGradient() throws {
    let data = try sample(22, rows: 200, columns: 0 + 1, bucketBits: 5)
    var dual = DualLogistic(l2Penalty: 1)
    dual.maximumPasses = 2
    dual.tolerance = 1e-12
    let fitted = try dual.fit(StreamingLogisticTests.compact(data))
    #expect(!fitted.report.converged && !fitted.report.remedies.isEmpty)
    // ∇f by hand: Xᵀ(p − t) + λv, the standardised column, and Σ(p − t).
    let margins = fitted.model.margins(of: data)
    let r = zip(margins, data.targets).map { 1 / (1 + exp(-$0)) - $1 }
    let hashed = try #require(data.hashed)
    var gradient = SignedBinaryColumns(hashed).byBucket(
      SignedBinaryColumns(hashed).transposedProduct(r))
    for b in gradient.indices { gradient[b] += fitted.model.hashed[b] }
    let x = data.dense.values
    let mean = x.reduce(0, +) / Double(x.count)
    let spread = (x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)).squareRoot()
    gradient.append(
      zip(x, r).reduce(0) { $0 + ($1.0 - mean) / spread * $1.1 } + fitted.model.dense[0] * spread)
    gradient.append(r.reduce(0, +))
    let norm = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot() / Double(data.count)
    expectClose(fitted.report.gradientNorm, norm, tolerance: 1e-12)
  }

  @Test func sameBitsAtAnyThreadCount() throws {
    let rows = try StreamingLogisticTests.compact(sample(23, rows: 500, bucketBits: 6))
    let one = try DualLogistic().fit(rows)
    for other in Shards.map(count: 4, { _ in try? DualLogistic().fit(rows) }) {
      #expect(other == one)
    }
  }

  @Test func aConstantColumnGetsNoWeight() throws {
    let data = try sample(24, rows: 100, columns: 2, bucketBits: 5)
    var dense = data.dense
    for i in 0..<100 { dense[i, 1] = 3 }
    let model = try DualLogistic().fit(
      StreamingLogisticTests.compact(replacing(data, dense: dense))
    ).model
    #expect(model.dense[1] == 0)
  }

  @Test func whatCannotBeFittedIsRefused() throws {
    let rows = try StreamingLogisticTests.compact(sample(25))
    #expect(
      throws: LearningError.invalidSetting(
        name: "l2Penalty", value: 0, expected: "a finite number above 0")
    ) {
      try DualLogistic(l2Penalty: 0).fit(rows)
    }
    let data = try sample(25)
    let zeros = try replacing(data, targets: data.targets.map { _ in 0 })
    #expect(throws: LearningError.singleClass(positive: false, rows: data.count)) {
      try DualLogistic().fit(StreamingLogisticTests.compact(zeros))
    }
  }
}
