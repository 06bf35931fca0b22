import Foundation
import RiddleData
import Testing

@testable import RiddleEvaluation

@Suite("Bandit regret")
struct BanditRegretTests {
  @Test("totals, curve and means of a world small enough for paper")
  func byHand() {
    // Candidate 1 is best in sum: 1 + 0 + 1 = 2 against 0.5 + 1 + 0 = 1.5.
    let utilities = [0.5, 1, 1, 0, 0, 1]
    let regret = BanditRegret(
      utilities: utilities, candidateCount: 2, picks: [[0, 0, 1], [1, 1, 1]])
    #expect(regret.best == 1 && regret.requests == 3 && regret.seeds == 2)
    #expect(regret.curve.map(\.requests) == [1, 2, 3])
    #expect(regret.curve.map(\.versusBest.value) == [0.25, -0.25, -0.25])
    #expect(regret.curve.map(\.versusOracle.value) == [0.25, 0.75, 0.75])
    #expect(regret.versusBest.value == -0.25 && regret.versusOracle.value == 0.75)
    #expect(regret.bestUtility == 2.0 / 3 && regret.oracleUtility == 1)
    #expect(abs((regret.meanUtility.value ?? 0) - 2.25 / 3) < 1e-15)
    // Totals −½ and 0: s / √2 = ¼, and t at 97.5 % with one degree of freedom is 12.706.
    #expect(abs((regret.versusBest.high ?? 0) - (-0.25 + 12.706_204_736 * 0.25)) < 1e-6)
  }

  @Test("the best fixed candidate has no regret, the oracle none against itself")
  func zero() {
    var stream = SplitMix64(seed: 1)
    let utilities = (0..<3000).map { _ in stream.unit() - 0.3 }
    let rows = utilities.count / 3
    let totals = (0..<3).map { k in (0..<rows).reduce(0) { $0 + utilities[$1 * 3 + k] } }
    let best = totals.firstIndex(of: totals.max() ?? 0) ?? 0
    let oracle = (0..<rows).map { row in
      (0..<3).max { utilities[row * 3 + $0] < utilities[row * 3 + $1] } ?? 0
    }
    let fixed = BanditRegret(
      utilities: utilities, candidateCount: 3,
      picks: [[Int](repeating: best, count: rows)])
    #expect(fixed.best == best && fixed.versusBest == Figure(0))
    #expect(fixed.curve.count == 200 && fixed.curve.last?.requests == rows)
    let ideal = BanditRegret(utilities: utilities, candidateCount: 3, picks: [oracle])
    #expect(ideal.versusOracle.value == 0)
    #expect((ideal.versusBest.value ?? 0) < 0)
    #expect(ideal.oracleUtility.map { abs($0 - (ideal.meanUtility.value ?? 9)) < 1e-12 } == true)
    // Regret against the oracle never falls.
    let values = fixed.curve.compactMap(\.versusOracle.value)
    #expect(zip(values, values.dropFirst()).allSatisfy { $0 <= $1 })
  }

  @Test("requests with an unknown utility are left out and counted; none at all is no trap")
  func unknown() {
    let regret = BanditRegret(
      utilities: [1, 0, .nan, 1, 0, 1], candidateCount: 2, picks: [[0, 0, 0]])
    #expect(regret.requests == 2 && regret.skipped == 1)
    #expect(regret.versusOracle.value == 1 && regret.versusBest.value == 0 && regret.best == 0)
    for picks: [[Int]] in [[], [[]]] {
      let empty = BanditRegret(utilities: [], candidateCount: 2, picks: picks)
      #expect(empty.best == nil && empty.curve.isEmpty && empty.versusBest == .undefined)
    }
    let none = BanditRegret(utilities: [1, 0], candidateCount: 2, picks: [])
    #expect(none.best == 0 && none.versusBest == .undefined && none.curve.count == 1)
  }

  @Test("quantiles of Student's t are scipy's")
  func student() throws {
    struct Quantile: Decodable {
      var p: Double
      var n: Double
      var t: Double
    }
    struct Golden: Decodable { var student: [Quantile] }
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Golden/bandits.json").standardized
    let golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: file))
    for quantile in golden.student {
      let t = studentQuantile(quantile.p, degreesOfFreedom: quantile.n)
      #expect(abs(t / quantile.t - 1) < 1e-9, "\(quantile)")
    }
    #expect(meanOverSeeds([1, 1, 1], confidence: 0.95) == Figure(1, low: 1, high: 1))
    #expect(meanOverSeeds([3], confidence: 0.95) == Figure(3))
  }
}
