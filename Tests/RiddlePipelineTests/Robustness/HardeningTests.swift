import RiddleData
import RiddleEvaluation
import RiddleLearning
import RiddleLinearAlgebra
import RiddleRuntime
import RiddleTestSupport
import Testing

@testable import RiddlePipeline

/// Training that makes routes harder to move.
@Suite struct HardeningTests {
  private func plan(_ model: TrainingPlan.ModelKind = .logistic, _ hardening: Hardening...)
    -> TrainingPlan
  {
    var plan = World.plan(model)
    plan.hardening = Set(hardening)
    return plan
  }

  @Test(arguments: TrainingPlan.ModelKind.allCases, Hardening.allCases)
  func aHardenedRouterIsTheSameEveryTimeAndAnother(
    model: TrainingPlan.ModelKind, hardening: Hardening
  ) throws {
    let data = World.dataset(120, groups: 12)
    let trained = try trainRouter(data, plan: plan(model, hardening))
    #expect(try Router(decoding: trained.bytes.span) == trained.router)
    #expect(try trainRouter(data, plan: plan(model, hardening)).bytes == trained.bytes)
    let plain = try trainRouter(data, plan: plan(model))
    // What it was trained on is what it is judged against: copies are no rows.
    #expect(trained.trainingRows == plain.trainingRows && trained.rows == plain.rows)
    #expect(trained.router.schema == plain.router.schema)
    // Trees cut between values: what is clipped at the ends may change nothing.
    let mayBeEqual = model == .tree || model == .boosted && hardening == .clip
    if !mayBeEqual { #expect(trained.bytes != plain.bytes) }
  }

  @Test func classesAndTiersAreHardenedToo() throws {
    let data = World.dataset(240, candidates: 3)
    for form in [TrainingPlan.HeadForm.ordinal, .multinomial] {
      for hardening in Hardening.allCases {
        var hard = plan(.logistic, hardening)
        hard.form = form
        var soft = plan()
        soft.form = form
        let (one, two) = (try trainRouter(data, plan: hard), try trainRouter(data, plan: soft))
        #expect(one.bytes != two.bytes)
      }
    }
  }

  @Test func noWeightIsAboveTheCap() throws {
    let data = World.dataset(300)
    var hard = plan(.logistic, .clip)
    hard.clipQuantile = 0.5
    func largest(_ plan: TrainingPlan) throws -> Float {
      let model = try #require(try trainRouter(data, plan: plan).router.model.linear)
      return (0..<model.hashed.count).map { abs(model.hashed.weight(at: $0)) }.max() ?? 0
    }
    let (capped, free) = (try largest(hard), try largest(plan()))
    #expect(capped < free && capped > 0)
  }

  /// Buckets with 1, 2, 3 and 4 n-grams and weights −0.4, 0.3, 0.2, 0.1: half of the ten n-grams weigh at most 0.2.
  @Test(arguments: [(0.1, 0.1), (0.4, 0.1), (0.5, 0.2), (0.7, 0.2), (0.71, 0.3), (1, 0.4)])
  func theCapIsAQuantileOverNGrams(quantile: Double, limit: Double) {
    var weights = [Double](repeating: 9, count: 16)
    var counts = [Int32](repeating: 0, count: 16)
    for (bucket, (count, weight)) in [(1, -0.4), (2, 0.3), (3, 0.2), (4, 0.1)].enumerated() {
      counts[bucket] = Int32(count)
      weights[bucket] = weight
    }
    let cap = WeightCap(counts: counts, quantile: quantile)
    expectClose(cap.limit(weights), limit)
    let capped = cap.capped(
      LogisticCoefficients(intercept: 1, dense: [7], hashed: weights))
    #expect(capped.intercept == 1 && capped.dense == [7])
    for (a, b) in zip(capped.hashed, weights) {
      #expect(abs(a) <= limit + 1e-15 && (abs(b) > limit || a == b) && a * b >= 0)
    }
  }

  @Test func statisticsAreClippedToQuantilesOfTheOriginals() {
    // Column 0: 0 … 199 in the originals, then two copies far away. Column 1 is not clipped.
    let rows = 200
    let values = (0..<rows + 2).flatMap {
      [Double($0 < rows ? $0 : -5000 + 9000 * ($0 - rows)), 1e6]
    }
    let clipped = DenseClip.clipped(
      Matrix(rowCount: rows + 2, columnCount: 2, values: values), columns: 1, rows: rows)
    for i in 0..<rows { #expect(clipped.values[2 * i] == Double(min(198, max(1, i)))) }
    #expect(clipped.values[2 * rows] == 1 && clipped.values[2 * rows + 2] == 198)
    #expect((0..<rows + 2).allSatisfy { clipped.values[2 * $0 + 1] == 1e6 })
  }

  @Test func copiesStandBehindTheirRowsAndChangeOnlyTexts() throws {
    let data = World.dataset(60, groups: 6)
    let plain = try trainRouter(World.dataset(240), plan: plan()).router
    let rows = AugmentedRows(data, plain: plain, seed: 4).data
    let n = data.count
    #expect(rows.count == n * (AugmentedRows.copies + 1))
    #expect(Array(rows.texts[..<n]) == data.texts)
    for i in 0..<rows.count {
      #expect(rows.ids[i] == data.ids[i % n] && rows.contexts[i] == data.contexts[i % n])
      for k in 0..<2 {
        #expect(rows.outcomes.quality(i, k) == data.outcomes.quality(i % n, k))
        #expect(rows.outcomes.cost(i, k) == data.outcomes.cost(i % n, k))
      }
    }
    for i in 0..<n {
      #expect(rows.texts[n + i].lowercased() == data.texts[i].lowercased())
      // World's texts of several lines have a copy on one line; a thank-you stands behind the text.
      #expect(!rows.texts[2 * n + i].contains("\n") || !data.texts[i].contains("\n"))
      #expect(rows.texts[4 * n + i].allSatisfy { !$0.isASCII || !$0.isPunctuation })
      #expect(rows.texts[5 * n + i].hasPrefix(data.texts[i] + " "))
      // The prefixes of the last two copies stand before the text itself.
      #expect(rows.texts[(AugmentedRows.copies - 1) * n + i].hasSuffix(" " + data.texts[i]))
      #expect(rows.texts[AugmentedRows.copies * n + i].hasSuffix(" " + data.texts[i]))
    }
    #expect(AugmentedRows(data, plain: plain, seed: 4).data == rows)
    #expect(AugmentedRows(data, plain: plain, seed: 5).data.texts != rows.texts)
  }

  /// A copy in another fold than its row would be judged by a fit that saw it.
  @Test func copiesShareTheFoldAndTheWeightOfTheirRow() throws {
    let data = World.dataset(90)
    let router = try trainRouter(World.dataset(240), plan: plan()).router
    let rows = AugmentedRows(data, plain: router, seed: 1).data
    let hard = plan(.logistic, .augment)
    let schema = NamedSchema(plan: hard, contexts: data.contexts).schema
    let split = Split(unit: .text, seed: 1)
    let fitting = try FittingRows(
      rows, FeaturizedRows(rows, schema: schema), plan: hard, split: split,
      copies: AugmentedRows.copies)
    let plain = try FittingRows(
      data, FeaturizedRows(data, schema: schema), plan: hard, split: split)
    for i in 0..<rows.count {
      #expect(fitting.folds.folds[i] == plain.folds.folds[i % data.count])
    }
    let targets = [Double](repeating: 0, count: 45) + [Double](repeating: 1, count: 45)
    let all = (0...AugmentedRows.copies).flatMap { _ in targets }
    let set = try fitting.set(Array(0..<rows.count), targets: all)
    expectClose(set.weights.reduce(0, +), 90)
    #expect(plain.weights(90) == nil)
  }

  @Test func cappedWeightsNeedRowsOfTheirOwnToCalibrate() throws {
    var capped = self.plan(.logistic, .clip)
    capped.calibrationRows = .folds
    #expect(throws: PipelineError.self) { try trainRouter(World.dataset(200), plan: capped) }
    var augmented = self.plan(.logistic, .augment)
    augmented.calibrationRows = .folds
    let trained = try trainRouter(World.dataset(200), plan: augmented)
    #expect(trained.router.firstFailingProbe() == nil)
  }
}
