import RiddleData
import RiddlePolicies
import RiddleTestSupport
import Testing

@testable import RiddleEvaluation

@Suite(.enabled(if: RealData.isPresent, "set RIDDLE_DATA to the folder of the published outcomes"))
struct RealDataTests {
  struct Pair {
    var texts: [String]
    var weak: [Double]
    var strong: [Double]
    var scores: [String: [Double]]
    var golden: RealData.Golden
    /// 100 for shares of right answers, 10 for graded answers.
    var scale: Double
  }

  func load(_ name: String) throws -> Pair {
    let rows = try RealData.rows("\(name).jsonl.gz")
    func quality(_ part: String) -> [Double] {
      rows.map { row in
        row.outcomes.first { $0.key.contains(part) }?.value.quality ?? .nan
      }
    }
    let (weak, strong) = (quality("mixtral"), quality("gpt-4"))
    let hash = rows.map { RealData.hashFraction($0.query) }
    var scores = [
      "sha_random": hash,
      "prompt_len": zip(rows, hash).map { PromptLength.score($0.query) + $1 },
      "cheat": (0..<rows.count).map { (strong[$0] - weak[$0]) + 1e-3 * hash[$0] },
    ]
    let reference = rows.compactMap { $0.ref_scores?["routellm_random_seed0"] }
    if reference.count == rows.count { scores["routellm_random_seed0"] = reference }
    return Pair(
      texts: rows.map(\.query), weak: weak, strong: strong, scores: scores,
      golden: try RealData.golden("\(name).golden.json"),
      scale: name.hasSuffix("mtbench") ? 10 : 100)
  }

  @Test("SHA-256 of the standard's test vector")
  func hash() {
    // SHA-256("abc") starts with ba7816bf 8f01cfea.
    #expect(
      RealData.hashFraction("abc")
        == Double(0xba78_16bf_8f01_cfea as UInt64) / 18_446_744_073_709_551_616)
  }

  @Test(
    "RouteLLM's own procedure, to 10⁻⁹",
    arguments: ["routellm_gsm8k", "routellm_mmlu", "routellm_mtbench"])
  func routeLLM(name: String) throws {
    let pair = try load(name)
    #expect(pair.weak.count == pair.golden.rows)
    for (router, golden) in pair.golden.routers.sorted(by: { $0.key < $1.key }) {
      let scores = try #require(pair.scores[router])
      let points = RouteLLMPoints(scores: scores, weak: pair.weak, strong: pair.strong)
      for i in 0..<11 {
        expectClose(points.thresholds[i], golden.points[i].threshold)
        expectClose(100 * points.shares[i], golden.points[i].strong_pct)
        expectClose(pair.scale * points.qualities[i], golden.points[i].score)
      }
      expectClose(try #require(points.apgr), golden.APGR)
      for (p, expected) in [(0.2, golden.CPT20), (0.5, golden.CPT50), (0.8, golden.CPT80)] {
        expectClose(100 * (try #require(points.interpolatedShare(recovering: p))), expected)
      }
    }
  }

  @Test(
    "the whole report agrees with the golden files",
    arguments: ["routellm_gsm8k", "routellm_mmlu", "routellm_mtbench"])
  func report(name: String) throws {
    let pair = try load(name)
    let n = pair.texts.count
    let table = OutcomeTable(
      candidates: ["mixtral", "gpt-4"],
      quality: (0..<n).flatMap { [pair.weak[$0], pair.strong[$0]] },
      cost: [Int64](repeating: OutcomeTable.missingCost, count: 2 * n),
      latency: [Int64](repeating: OutcomeTable.missingLatency, count: 2 * n))
    let routers = pair.scores.keys.sorted().map {
      ScoredPolicy(name: $0, kind: "test", margins: pair.scores[$0] ?? [], thresholds: [0.5])
    }
    var settings = World.pointsOnly
    settings.oracle = .bestQuality
    let report = try evaluate(
      table, routers: routers, wall: BaselineInputs(texts: pair.texts), settings: settings)
    let golden = pair.golden
    expectClose(pair.scale * report.headroom.meanQuality[0], golden.weak_score)
    expectClose(pair.scale * report.headroom.meanQuality[1], golden.strong_score)
    expectClose(pair.scale * report.headroom.oracleQuality, golden.oracle_best_of_two)
    if pair.scale == 100 {
      let counts = report.headroom.outcomeCounts.map { Double($0) / Double(n) }
      expectClose(counts[1], golden.weak_wrong_strong_right)
      expectClose(counts[2], golden.strong_wrong_weak_right)
    }
    let plateau = PlateauCurve(weak: pair.weak, strong: pair.strong)
    for (share, expected) in golden.optimal_accuracy_by_strong_pct ?? [:] {
      let x = try #require(Double(share)) / 100
      expectClose(pair.scale * plateau.quality(atShare: x), expected)
    }
    for router in report.routers {
      let expected = try #require(golden.routers[router.name])
      expectClose(try #require(router.apgrRouteLLM.value), expected.APGR)
      expectClose(100 * (try #require(router.cpt50RouteLLM.value)), expected.CPT50)
      expectClose(100 * (try #require(router.cpt80RouteLLM.value)), expected.CPT80)
      // Eleven points and all points may differ by little on an honest score.
      if router.name != "cheat" && n > 500 {
        expectClose(try #require(router.apgr.value), expected.APGR, tolerance: 0.01)
      }
    }
  }

  @Test("random scores fall into the random band")
  func randomBand() throws {
    for name in ["routellm_gsm8k", "routellm_mmlu"] {
      let pair = try load(name)
      let band = randomRouterBand(
        gains: zip(pair.strong, pair.weak).map { $0 - $1 }, confidence: 0.999)
      for router in ["sha_random", "routellm_random_seed0"] {
        guard let scores = pair.scores[router] else { continue }
        let apgr = try #require(
          PairSweep(scores: scores, weak: pair.weak, strong: pair.strong).apgr)
        #expect(apgr > (band.low ?? 1) && apgr < (band.high ?? 0), "\(name) \(router)")
      }
    }
  }
}
