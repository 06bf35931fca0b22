import RiddleTestSupport
import Testing

@testable import RiddleEvaluation

@Suite struct ProbabilityTests {
  @Test(
    "AUC, average precision, log loss, Brier and ECE equal scikit-learn's and the plain definitions"
  )
  func reference() throws {
    let rows = ReferenceRows()
    for golden in try Golden.load().probabilities {
      let p = rows.scores(golden.name)
      let y = rows.weak
      let ranks = Discrimination(scores: p, labels: y)
      expectClose(try #require(ranks.auc), golden.auc, tolerance: 1e-12)
      expectClose(
        try #require(ranks.averagePrecision), golden.average_precision, tolerance: 1e-12)
      let pairs = zip(p, y)
      expectClose(
        pairs.reduce(0) { $0 + brierScore(probability: $1.0, label: $1.1) } / 400, golden.brier)
      expectClose(
        pairs.reduce(0) { $0 + logLoss(probability: $1.0, label: $1.1) } / 400, golden.log_loss)
      let ten = expectedCalibrationError(probabilities: p, labels: y, bins: 10)
      expectClose(try #require(ten), golden.ece10, tolerance: 1e-12)
      let fifteen = expectedCalibrationError(probabilities: p, labels: y)
      expectClose(try #require(fifteen), golden.ece15, tolerance: 1e-12)
      let width = expectedCalibrationErrorEqualWidth(probabilities: p, labels: y)
      expectClose(try #require(width), golden.ece15_width, tolerance: 1e-12)
    }
  }

  @Test("tied scores count one half")
  func ties() throws {
    let golden = try Golden.load().ties
    let rows = ReferenceRows()
    let ranks = Discrimination(scores: rows.scores("coarse"), labels: rows.weak)
    expectClose(try #require(ranks.auc), golden.auc, tolerance: 1e-12)
    expectClose(try #require(ranks.averagePrecision), golden.average_precision, tolerance: 1e-12)
    #expect(Discrimination(scores: [1, 1, 1], labels: [0, 1, 1]).auc == 0.5)
  }

  @Test("one class leaves AUC undefined")
  func oneClass() {
    #expect(Discrimination(scores: [1, 2], labels: [1, 1]).auc == nil)
    #expect(Discrimination(scores: [1, 2], labels: [0, 0]).averagePrecision == nil)
  }

  @Test("ECE with ties does not depend on the order of the rows")
  func orderFree() throws {
    let p = (0..<40).map { Double($0 % 4) / 4 }
    let y = (0..<40).map { Double(($0 * $0) % 7 < 3 ? 1 : 0) }
    let forward = expectedCalibrationError(probabilities: p, labels: y)
    let backward = expectedCalibrationError(
      probabilities: p.reversed(), labels: Array(y.reversed()))
    expectClose(try #require(forward), try #require(backward), tolerance: 1e-14)
  }

  @Test("a constant forecast errs by its distance from the base rate, in ECE too")
  func constant() throws {
    let value = expectedCalibrationError(
      probabilities: [Double](repeating: 0.3, count: 31),
      labels: (0..<31).map { $0 < 20 ? 1 : 0 })
    expectClose(try #require(value), 20.0 / 31 - 0.3, tolerance: 1e-12)
  }

  @Test(
    "a certain mistake costs 34.5 nats, not infinity, and certainty that is right costs nothing")
  func clipped() {
    expectClose(logLoss(probability: 0, label: 1), 34.538776394910684, tolerance: 1e-9)
    #expect(logLoss(probability: 1, label: 1) < 1e-14)
  }

  @Test("Brier is reliability − resolution + uncertainty")
  func brierParts() {
    let p = (0..<60).map { Double($0 % 5) / 5 }
    let y = (0..<60).map { Double(($0 * 7) % 11 < 5 ? 1 : 0) }
    let parts = BrierParts(probabilities: p, labels: y)
    let mean = zip(p, y).reduce(0) { $0 + brierScore(probability: $1.0, label: $1.1) } / 60
    expectClose(parts.reliability - parts.resolution + parts.uncertainty, mean, tolerance: 1e-12)
  }

  @Test("bins of the reliability diagram hold all rows in equal shares")
  func reliability() {
    let rows = ReferenceRows()
    let bins = EqualMassBins(probabilities: rows.score, labels: rows.weak).reliability()
    #expect(bins.map(\.count) == [Int](repeating: 27, count: 10) + [Int](repeating: 26, count: 5))
    for i in 1..<bins.count { #expect(bins[i].predicted > bins[i - 1].predicted) }
  }
}
