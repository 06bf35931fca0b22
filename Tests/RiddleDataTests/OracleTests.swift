import RiddleData
import Testing

@Suite struct OracleTests {
  static func table(_ rows: [[Double]]) -> OutcomeTable {
    let cells = rows.flatMap { $0 }
    return OutcomeTable(
      candidates: (0..<rows[0].count).map { "c\($0)" }, quality: cells,
      cost: cells.map { _ in 0 }, latency: cells.map { _ in 0 })
  }

  @Test(arguments: [
    ([1.0, 1.0], 0), ([0, 1], 1), ([1, 0], 0), ([0, 0], 0), ([0.4, 0.5, 1], 1),
    ([0.4, 0.4, 0.49], 0),
  ])
  func cheapestAdequateNeverBuysWhatMoneyCannot(row: [Double], expected: Int) {
    let oracle = Oracle.cheapestAdequate(qualityThreshold: 0.5)
    #expect(oracle.pick(Self.table([row]), row: 0) == expected)
  }

  @Test(arguments: [([0.9, 1.0], 1), ([1, 1], 0), ([0, 0], 0), ([0.4, 0.5, 0.5], 1)])
  func bestQualityBreaksTiesToTheCheapest(row: [Double], expected: Int) {
    #expect(Oracle.bestQuality.pick(Self.table([row]), row: 0) == expected)
  }

  @Test func aLadderHasOneHeadPerStep() {
    let table = Self.table([[0, 0, 1], [1, 0, 0], [0, 1, 1], [0, 0, 0]])
    let weakFails = LabelTarget.weakFails
    #expect(weakFails.labels(table, head: 0, qualityThreshold: 0.5) == [1, 0, 1, 1])
    #expect(weakFails.labels(table, head: 1, qualityThreshold: 0.5) == [1, 0, 0, 1])
    let strongWins = LabelTarget.strongWins
    #expect(strongWins.labels(table, head: 0, qualityThreshold: 0.5) == [1, 0, 1, 0])
    #expect(strongWins.labels(table, head: 1, qualityThreshold: 0.5) == [1, 0, 0, 0])
  }
}
