import RiddleData
import Testing

@testable import RiddleEvaluation

@Suite("Savings at equal quality")
struct EqualQualitySavingsTests {
  /// Costs 1, 3 and 10 dollars; the middle candidate is nearly as good as the best.
  private let rows = 400
  private var table: OutcomeTable {
    var quality: [Double] = []
    var cost: [Int64] = []
    for i in 0..<rows {
      quality += [i % 10 < 5 ? 1 : 0, i % 10 < 8 ? 1 : 0, i % 10 < 9 ? 1 : 0]
      cost += [1_000_000_000, 3_000_000_000, 10_000_000_000]
    }
    return OutcomeTable(
      candidates: ["a", "b", "c"], quality: quality, cost: cost,
      latency: cost.map { _ in OutcomeTable.missingLatency })
  }

  private func saved(_ pick: (Int) -> Int, paid: Double? = nil) -> Figure {
    let table = table
    return equalQualitySavings(
      quality: (0..<rows).map { table.quality($0, pick($0)) },
      dollars: (0..<rows).map { paid ?? Double(table.cost($0, pick($0)) ?? 0) / 1e9 },
      table: table,
      robust: ClusterRobust(clusters: ClusterIndex(Array(0..<rows)), confidence: 0.95))
  }

  @Test("fixed candidates and their mixes save nothing")
  func nothing() throws {
    for k in 0..<3 { #expect(abs(try #require(saved { _ in k }.value)) < 1e-12) }
    // Half a, half b, blindly: rows 0…9 to a, rows 10…19 to b.
    let mix = saved { $0 / 10 % 2 }
    #expect(abs(try #require(mix.value)) < 1e-12)
    #expect(try #require(mix.low) < 0 && #require(mix.high) > 0)
  }

  @Test("a policy that knows saves, one that wastes loses")
  func sign() throws {
    // Right candidate for each row: quality 0.9 for the price of much less than c.
    let wise = saved { $0 % 10 < 5 ? 0 : $0 % 10 < 8 ? 1 : 2 }
    // Mean cost (5 · 1 + 3 · 3 + 2 · 10) / 10 = 3.4 against 10 for c alone.
    #expect(abs(try #require(wise.value) - 0.66) < 1e-12)
    #expect(try #require(wise.low) > 0.5)
    // The middle candidate at the price of two.
    #expect(abs(try #require(saved({ _ in 1 }, paid: 6).value) + 1) < 1e-12)
  }

  @Test("undefined where money buys nothing")
  func undefined() {
    let flat = OutcomeTable(
      candidates: ["a", "b"], quality: [1, 1, 1, 1], cost: [1, 2, 1, 2], latency: [0, 0, 0, 0])
    let robust = ClusterRobust(clusters: ClusterIndex([0, 1]), confidence: 0.95)
    #expect(
      equalQualitySavings(quality: [1, 1], dollars: [1, 1], table: flat, robust: robust).value
        == nil)
    #expect(saved({ _ in 1 }, paid: .nan).value == nil)
  }
}
