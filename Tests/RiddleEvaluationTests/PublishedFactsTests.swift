import RiddleData
import Testing

@testable import RiddleEvaluation

/// RouteLLM's published outcomes are, for these figures, four counts: both right, only the strong one, only the
/// weak one, neither. From the counts the published oracle figures follow to the last printed digit.
@Suite struct PublishedFactsTests {
  struct Fact: Sendable {
    var name: String
    var counts: [Int]
    var weak: Double
    var strong: Double
    var oracle: Double
    var cpt50: Double
    var cpt80: Double
    var elevenPoint: Double
    var exact: Double
  }

  static let facts = [
    Fact(
      name: "MMLU", counts: [8816, 2496, 742, 1983], weak: 68.0915, strong: 80.5870,
      oracle: 85.8730, cpt50: 6.2478, cpt80: 9.9964, elevenPoint: 1.2896, exact: 1.2853),
    Fact(
      name: "GSM8K", counts: [739, 382, 94, 92], weak: 63.7337, strong: 85.7689,
      oracle: 92.9610, cpt50: 11.0176, cpt80: 17.6282, elevenPoint: 1.1309, exact: 1.1208),
  ]

  @Test(arguments: facts)
  func oracleFiguresFollowFromTheCounts(fact: Fact) throws {
    let outcomes: [(Double, Double)] = zip([(1, 1), (0, 1), (1, 0), (0, 0)], fact.counts)
      .flatMap { outcome, count in (0..<count).map { _ in outcome } }
    let table = OutcomeTable(
      candidates: ["weak", "strong"], quality: outcomes.flatMap { [$0.0, $0.1] },
      cost: outcomes.flatMap { _ in [1, 10] }, latency: outcomes.flatMap { _ in [0, 0] })
    let report = try evaluate(
      table,
      routers: [ScoredPolicy(name: "cheap", kind: "static", picks: outcomes.map { _ in 0 })],
      wall: BaselineInputs(
        lengths: outcomes.map { _ in 1 }, keywordScores: outcomes.map { _ in 0 },
        rowKeys: outcomes.indices.map { UInt64($0) }),
      settings: EvaluationSettings(replicates: 0))
    func close(_ actual: Double?, _ expected: Double, digits: Double = 5e-5) {
      #expect(abs((actual ?? .nan) - expected) <= digits, "\(fact.name)")
    }
    #expect(report.headroom.outcomeCounts == fact.counts)
    close(report.headroom.meanQuality[0] * 100, fact.weak)
    close(report.headroom.meanQuality[1] * 100, fact.strong)
    close(report.headroom.oracleQuality * 100, fact.oracle)
    let plateau = try #require(report.baselines.first { $0.name == "oracle-plateau" })
    close(plateau.cpt50.value.map { $0 * 100 }, fact.cpt50)
    close(plateau.cpt80.value.map { $0 * 100 }, fact.cpt80)
    close(plateau.apgrRouteLLM.value, fact.elevenPoint)
    let oracle = try #require(report.baselines.first { $0.name == "oracle" })
    close(oracle.apgr.value, fact.exact)
  }
}
