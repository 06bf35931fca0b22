import Glibc
import RiddleData
import RiddleLearning
import RiddleLinearAlgebra
import RiddleTestSupport
import Testing

/// Learners that read rows as the featurizer stores them.
@Suite struct StreamingLogisticTests {
  /// The rows of a training set, dense features rounded to `Float` (the samples' values are exact).
  static func compact(_ data: TrainingSet) throws -> CompactRows {
    try CompactRows(
      denseCount: data.dense.columnCount, dense: data.dense.values.map { Float($0) },
      hashed: data.hashed, targets: data.targets, weights: data.weights)
  }

  private func streamed(
    _ data: TrainingSet, batch: Int = 50,
    _ change: (inout StreamingLogistic.Settings) -> Void = { _ in }
  ) throws -> StreamingLogistic {
    var settings = StreamingLogistic.Settings()
    change(&settings)
    var learner = try StreamingLogistic(
      denseCount: data.dense.columnCount, bucketBits: data.hashed?.bucketBits ?? 0,
      settings: settings)
    var first = 0
    while first < data.count {
      let rows = Array(first..<min(first + batch, data.count))
      try learner.learn(Self.compact(data.rows(rows)))
      first += batch
    }
    return learner
  }

  private func loss(_ model: LogisticCoefficients, _ data: TrainingSet) -> Double {
    zip(model.margins(of: data), data.targets).reduce(0) { sum, row in
      let p = 1 / (1 + exp(-row.0))
      return sum - row.1 * log(p) - (1 - row.1) * log(1 - p)
    } / Double(data.count)
  }

  @Test(arguments: [nil, 6])
  func onePassComesNearTheBatchOptimumOnUnseenRows(bits: Int?) throws {
    let data = try sample(5, rows: 6000, columns: 5, bucketBits: bits)
    let training = data.rows(Array(0..<5000))
    let unseen = data.rows(Array(5000..<6000))
    let learner = try streamed(training)
    let one = try learner.finished()
    let best = try LogisticRegression().fit(training)
    #expect(loss(one.model, unseen) < loss(best.model, unseen) + 0.01)
    #expect(one.report.rows == 5000 && one.report.positives == best.report.positives)
    // What it lost on the way is what it loses on new rows, learning included.
    #expect(learner.progressiveLoss > loss(one.model, unseen) - 0.03)
    #expect(learner.progressiveLoss < loss(one.model, unseen) + 0.06)
  }

  @Test func theSameBatchesGiveTheSameBits() throws {
    let data = try sample(6, rows: 700, columns: 3, bucketBits: 5, weighted: true)
    let one = try streamed(data).finished()
    for other in Shards.map(count: 4, { _ in try? streamed(data).finished() }) {
      #expect(other == one)
    }
  }

  /// Standardising online: a column's unit and origin do not matter.
  @Test func shiftingAndScalingAColumnChangesNoMargin() throws {
    let data = try sample(7, rows: 800, columns: 3)
    var moved = data.dense
    for i in 0..<data.count { moved[i, 1] = 16 + 8 * moved[i, 1] }
    let other = try replacing(data, dense: moved)
    let a = try streamed(data).finished().model.margins(of: data)
    let b = try streamed(other).finished().model.margins(of: other)
    for (x, y) in zip(a, b) { expectClose(x, y, tolerance: 1e-9) }
  }

  @Test func flippedLabelsNegateTheMargins() throws {
    let data = try sample(8, rows: 500, columns: 3, bucketBits: 5)
    let flipped = try replacing(data, targets: data.targets.map { 1 - $0 })
    let a = try streamed(data).finished().model.margins(of: data)
    let b = try streamed(flipped).finished().model.margins(of: flipped)
    for (x, y) in zip(a, b) { expectClose(x, -y, tolerance: 1e-3) }
  }

  @Test func aRowOfWeightZeroIsAbsent() throws {
    let data = try sample(9, rows: 300, columns: 3, bucketBits: 5)
    var weights = data.weights
    for i in stride(from: 0, to: 300, by: 3) { weights[i] = 0 }
    let kept = (0..<300).filter { weights[$0] > 0 }
    let silenced = try streamed(replacing(data, weights: weights), batch: 300).finished()
    let absent = try streamed(data.rows(kept), batch: 300).finished()
    for (x, y) in zip(silenced.model.margins(of: data), absent.model.margins(of: data)) {
      expectClose(x, y, tolerance: 1e-9)
    }
  }

  /// One extreme row must not throw the model off: the implicit step never passes its target.
  @Test func anExtremeRowDoesNotBreakTheModel() throws {
    let data = try sample(10, rows: 400, columns: 2, bucketBits: 5)
    var dense = data.dense
    dense[200, 0] = 1e30
    let weights = (0..<400).map { $0 == 100 ? 1e12 : 1.0 }
    let model = try streamed(replacing(data, dense: dense, weights: weights)).finished().model
    #expect((model.dense + model.hashed + [model.intercept]).allSatisfy { $0.isFinite })
  }

  @Test func wrongShapesAndSettingsAreRefused() throws {
    #expect(
      throws: LearningError.invalidSetting(
        name: "denseRate", value: 0, expected: "a finite number above 0")
    ) {
      try streamed(sample(1)) { $0.denseRate = 0 }
    }
    var learner = try StreamingLogistic(denseCount: 4, bucketBits: 5)
    #expect(
      throws: LearningError.countMismatch(
        what: "bucket bits of a batch", expected: 5, found: 6)
    ) {
      try learner.learn(Self.compact(sample(1, bucketBits: 6)))
    }
    #expect(throws: LearningError.tooFewRows(found: 0, needed: 2)) { try learner.finished() }
    let data = try sample(1)
    let ones = try replacing(data, targets: data.targets.map { _ in 1 })
    #expect(throws: LearningError.singleClass(positive: true, rows: data.count)) {
      try streamed(ones).finished()
    }
    #expect(throws: LearningError.nonFiniteFeature(row: 1, column: 0)) {
      try CompactRows(denseCount: 1, dense: [0, .nan], targets: [0, 1])
    }
    #expect(
      throws: LearningError.countMismatch(what: "dense features", expected: 4, found: 2)
    ) {
      try CompactRows(denseCount: 2, dense: [0, 1], targets: [0, 1])
    }
  }
}
