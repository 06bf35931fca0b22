import RiddleData
import RiddleTestSupport
import Testing

@testable import RiddleEvaluation

@Suite struct ConfusionTests {
  @Test("precision, recall and F1 equal scikit-learn's on three tiers")
  func reference() throws {
    let golden = try Golden.load().confusion
    let rows = ReferenceRows()
    let right = rows.draws[1].map { min(Int($0 * 3), 2) }
    let picks = (0..<400).map {
      rows.draws[2][$0] < 0.6 ? right[$0] : min(Int(rows.draws[0][$0] * 3), 2)
    }
    let confusion = Confusion(oraclePicks: right, picks: picks, candidates: 3)
    #expect(confusion.counts == golden.counts)
    for k in 0..<3 {
      expectClose(try #require(confusion.precision(k)), golden.precision[k], tolerance: 1e-12)
      expectClose(try #require(confusion.recall(k)), golden.recall[k], tolerance: 1e-12)
      expectClose(try #require(confusion.f1(k)), golden.f1[k], tolerance: 1e-12)
    }
    expectClose(try #require(confusion.macroF1), golden.macro, tolerance: 1e-12)
    expectClose(try #require(confusion.weightedF1), golden.weighted, tolerance: 1e-12)
  }

  @Test("a tier that nobody uses has no figures")
  func unused() {
    let confusion = Confusion(oraclePicks: [0, 0], picks: [0, 1], candidates: 3)
    #expect(confusion.precision(2) == nil && confusion.recall(2) == nil && confusion.f1(2) == nil)
    #expect(confusion.recall(1) == nil && confusion.precision(1) == 0 && confusion.f1(1) == 0)
  }

  @Test("wrong turns are counted apart with what each kind costs")
  func misroutes() {
    let table = OutcomeTable(
      candidates: ["weak", "strong"], quality: [0, 1, 1, 1, 1, 1], cost: [10, 100, 10, 70, 10, 80],
      latency: [Int64](repeating: 0, count: 6))
    let wrong = Misroutes(table, picks: [0, 1, 1], oraclePicks: [1, 0, 0])
    #expect(wrong.tooLow == 1 && wrong.qualityLost == 1)
    #expect(wrong.tooHigh == 2 && wrong.overspend == NanoDollars(130))
  }
}
