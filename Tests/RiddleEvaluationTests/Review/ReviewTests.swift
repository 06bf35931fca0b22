import Foundation
import RiddleData
import Testing

@testable import RiddleEvaluation

@Suite("Weekly review")
struct ReviewTests {
  private struct Golden: Decodable {
    struct Ratio: Decodable {
      var clusters: [Int]
      var y: [Double]
      var x: [Double]
      var mean: Double
      var variance: Double
      var ratio: Double
      var ratio_variance: Double
      var wilson: [Double]
    }
    struct Difference: Decodable {
      var a: [Double]
      var b: [Double]
      var difference: [Double]
    }
    struct Stability: Decodable {
      var reference: [Int]
      var actual: [Int]
      var value: Double
    }
    var ratios: [Ratio]
    var differences: [Difference]
    var psi: Stability

    init() throws {
      let url = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Golden/review.json")
      self = try JSONDecoder().decode(Golden.self, from: try Data(contentsOf: url))
    }
  }

  private func moments(_ clusters: [Int], _ y: [Double], _ x: [Double]) -> RatioMoments {
    var moments = RatioMoments()
    for unit in Set(clusters).sorted() {
      let rows = clusters.indices.filter { clusters[$0] == unit }
      moments.add(
        y: rows.reduce(0) { $0 + y[$1] }, x: rows.reduce(0) { $0 + x[$1] }, rows: rows.count)
    }
    return moments
  }

  private func close(_ a: Double?, _ b: Double, _ what: Comment? = nil) {
    // Five sums against residuals row by row: a dozen roundings of numbers around one.
    #expect(abs((a ?? .nan) - b) < 1e-12, what)
  }

  @Test("cluster-robust means and ratios are those of the reference")
  func golden() throws {
    for (i, one) in try Golden().ratios.enumerated() {
      let mean = moments(one.clusters, one.y, one.y.map { _ in 1 })
      close(mean.value, one.mean, "case \(i)")
      close(mean.variance, one.variance, "case \(i)")
      close(mean.share(confidence: 0.95).low, one.wilson[0], "case \(i)")
      close(mean.share(confidence: 0.95).high, one.wilson[1], "case \(i)")
      let ratio = moments(one.clusters, one.y, one.x)
      close(ratio.value, one.ratio, "case \(i)")
      close(ratio.variance, one.ratio_variance, "case \(i)")
    }
  }

  @Test("differences and the population stability index are those of the reference")
  func differences() throws {
    let golden = try Golden()
    for one in golden.differences {
      let found = difference(
        Figure(one.a[0], low: one.a[1], high: one.a[2]),
        Figure(one.b[0], low: one.b[1], high: one.b[2]))
      close(found.value, one.difference[0])
      close(found.low, one.difference[1])
      close(found.high, one.difference[2])
    }
    let stability = PopulationStability(reference: golden.psi.reference)
    #expect(stability.bins == 10)
    close(stability.index(of: golden.psi.actual), golden.psi.value)
    close(stability.index(of: golden.psi.reference), 0)
    #expect(stability.index(of: []) == nil)
    #expect(PopulationStability(reference: [0, 0]).index(of: [1, 1]) == nil)
  }

  @Test("PSI passes its own line of chance in about one of a hundred samples that have not moved")
  func noise() throws {
    var random = SplitMix64(seed: 11)
    func sample(_ count: Int) -> [Int] {
      var histogram = [Int](repeating: 0, count: 100)
      for _ in 0..<count {
        // Two uniform numbers added: a triangle, not flat.
        let a = Double(random.next() >> 11) * 0x1p-53
        let b = Double(random.next() >> 11) * 0x1p-53
        histogram[min(99, Int((a + b) * 50))] += 1
      }
      return histogram
    }
    var beyond = 0
    for _ in 0..<800 {
      let stability = PopulationStability(reference: sample(1000))
      let week = sample(500)
      if let index = stability.index(of: week), let noise = stability.noise(count: 500),
        index > noise
      {
        beyond += 1
      }
    }
    // 8 expected; five standard deviations.
    #expect(beyond > 0 && beyond < 22, "\(beyond) of 800")
  }

  // MARK: verdicts

  private func decision(
    _ unit: Int, _ candidate: Int, satisfaction: Double? = nil, quality: Double? = nil,
    needed: Int? = nil, cost: Int64? = nil, saved: Int64? = nil, task: String? = nil
  ) -> JudgedDecision {
    var one = JudgedDecision(unit: unit, candidate: candidate)
    one.satisfaction = satisfaction
    one.quality = quality
    one.needed = needed
    one.cost = cost
    one.saved = saved
    one.taskType = task
    return one
  }

  private func review(
    _ now: [JudgedDecision], before: [JudgedDecision] = [], complexTasks: Set<String>? = nil
  ) -> ReviewReport {
    // Named in another order than the ladder: position 1 is the cheapest.
    let plan = ReviewCounts.Plan(
      names: ["large", "small"], ladder: [1, 0], complexTasks: complexTasks)
    func counted(_ rows: [JudgedDecision]) -> ReviewCounts {
      var counts = ReviewCounts(plan)
      for row in rows { counts.add(row) }
      counts.finish()
      return counts
    }
    return RiddleEvaluation.review(
      counted(now), before: counted(before), from: "a", until: "b", beforeFrom: "c")
  }

  private func alarm(_ report: ReviewReport, _ name: String) -> ReviewReport.State? {
    report.alarms.first { $0.name == name }?.state
  }

  @Test(
    "a cheapest tier that fails complex queries rings, one that does well is quiet, few rows decide nothing"
  )
  func tighten() {
    func rows(_ count: Int, _ good: Double) -> [JudgedDecision] {
      (0..<count).map {
        decision($0, 1, satisfaction: Double($0) < good * Double(count) ? 1 : 0, needed: 0)
      }
    }
    #expect(alarm(review(rows(200, 0.6)), "tighten") == .rings)
    #expect(alarm(review(rows(200, 0.95)), "tighten") == .quiet)
    #expect(alarm(review(rows(200, 0.85)), "tighten") == .undecided)
    // The same share on fewer rows than a verdict takes.
    #expect(alarm(review(rows(20, 0.2)), "tighten") == .undecided)
    // Simple queries do not count, however they fare.
    let simple = (0..<200).map { decision($0, 1, satisfaction: 0, needed: 1) }
    #expect(alarm(review(simple), "tighten") == .undecided)
    // Complex queries that all went to the strongest.
    let dear = (0..<100).map { decision($0, 0, satisfaction: 1, needed: 0) }
    #expect(alarm(review(dear), "tighten") == .quiet)
  }

  @Test("where labels say what is complex, the alarm is about how many of those are missed")
  func tightenByLabels() {
    // Position 0 is the strongest; quality 0 of the cheapest on what it is not enough for is what the label means.
    func rows(_ count: Int, missed: Int) -> [JudgedDecision] {
      (0..<count).map { i in
        var row = JudgedDecision(unit: i, candidate: i < missed ? 1 : 0)
        row.quality = i < missed ? 0 : 1
        row.needed = 0
        return row
      }
    }
    #expect(alarm(review(rows(500, missed: 10)), "tighten") == .quiet)
    #expect(alarm(review(rows(500, missed: 200)), "tighten") == .rings)
    #expect(alarm(review(rows(500, missed: 75)), "tighten") == .undecided)
    #expect(alarm(review(rows(20, missed: 20)), "tighten") == .undecided)
  }

  @Test("savings by mean prices are said to be, and decide nothing")
  func expectedCosts() {
    func rows(isExpected: Bool) -> [JudgedDecision] {
      (0..<200).map { i in
        var row = JudgedDecision(unit: i, candidate: i % 5 == 0 ? 0 : 1)
        row.quality = 1
        row.needed = row.candidate
        row.cost = i % 5 == 0 ? 1_000_000 : 100_000
        row.saved = 1_000_000 - (row.cost ?? 0)
        row.isCostExpected = isExpected
        return row
      }
    }
    let (paid, priced) = (review(rows(isExpected: false)), review(rows(isExpected: true)))
    #expect(paid.savings.now == priced.savings.now && paid.counts.expectedCosts == 0)
    #expect(priced.counts.expectedCosts == 200)
    #expect(paid.wellTuned.verdict == .pass && priced.wellTuned.verdict == .undecided)
    #expect(!paid.notes.contains { $0.contains("mean prices") })
    #expect(priced.notes.contains { $0.contains("200 of 200 decisions are mean prices") })
  }

  @Test("one conversation of many turns is no evidence")
  func clusters() {
    let rows = (0..<200).map { _ in decision(1, 1, satisfaction: 0, needed: 0) }
    #expect(alarm(review(rows), "tighten") == .undecided)
  }

  @Test("named task types say what is complex, whatever feedback says")
  func complexTasks() {
    let rows = (0..<100).map { decision($0, 1, satisfaction: 0, needed: 1, task: "code") }
    #expect(alarm(review(rows), "tighten") == .undecided)
    let named = review(rows, complexTasks: ["code"])
    #expect(alarm(named, "tighten") == .rings)
    #expect(named.missed.now.value == 1 && named.counts.complex == 100)
  }

  @Test("98 % of content users rings for more")
  func routeMore() {
    func rows(_ count: Int, bad: Int) -> [JudgedDecision] {
      (0..<count).map { decision($0, 1, satisfaction: $0 < bad ? 0 : 1) }
    }
    #expect(alarm(review(rows(1000, bad: 0)), "route-more") == .rings)
    #expect(alarm(review(rows(1000, bad: 20)), "route-more") == .undecided)
    #expect(alarm(review(rows(1000, bad: 100)), "route-more") == .quiet)
  }

  @Test("savings are signed and weigh rows by cost; misses, escalations and tiers are counted")
  func figures() {
    let rows = [
      decision(0, 1, quality: 1, needed: 1, cost: 10, saved: 90),
      decision(1, 0, quality: 0.5, needed: 0, cost: 100, saved: 0),
      decision(2, 1, quality: 0, needed: 0, cost: 300, saved: -100),
    ]
    let report = review(rows)
    #expect(report.basis == "quality")
    // (90 + 0 − 100) of (100 + 100 + 200).
    let savings: Double = report.savings.now.value ?? 0
    #expect(abs(savings + 0.025) < 1e-12)
    #expect(report.missed.now.value == 0.5 && report.missed.rows == 2)
    #expect(report.tiers.map(\.name) == ["small", "large"])
    #expect(report.tiers[0].satisfaction.now.value == 0.5)
    #expect(report.tiers[0].accuracy.now.value == 1 && report.tiers[1].accuracy.now.value == 0.5)
    #expect(report.escalated.now.value == 0)
    let cost: Double = report.cost.now.value ?? 0
    let expected: Double = 410e-9 / 3
    #expect(abs(cost - expected) < 1e-18)
  }

  @Test("a change is now minus before, with an interval that the two windows share")
  func changes() throws {
    let now = (0..<400).map { decision($0, $0 % 4 == 0 ? 1 : 0) }
    let before = (0..<400).map { decision($0, $0 % 2 == 0 ? 1 : 0) }
    let share = review(now, before: before).tiers[0].share
    #expect(share.difference.value == -0.25)
    #expect(try #require(share.difference.high) < 0)
    let same = review(now, before: now).tiers[0].share.difference
    #expect(same.value == 0)
    #expect(same.low ?? 1 < 0)
    #expect(same.high ?? -1 > 0)
  }

  @Test("go needs a lower bound of 95 %, no-go an upper one below")
  func tasks() {
    var rows: [JudgedDecision] = []
    for i in 0..<300 {
      rows.append(decision(i, 0, satisfaction: 1, task: "sure"))
      rows.append(decision(i, 0, satisfaction: i % 20 == 0 ? 0 : 1, task: "even"))
      rows.append(decision(i, 0, satisfaction: i % 4 == 0 ? 0 : 1, task: "bad"))
      if i < 10 { rows.append(decision(i, 0, satisfaction: 1, task: "few")) }
    }
    let verdicts = review(rows).tasks.map { "\($0.name): \($0.verdict)" }
    #expect(verdicts == ["bad: no-go", "even: undecided", "few: undecided", "sure: go"])
  }

  @Test("well tuned is accuracy on every tier and savings; advice follows its lines")
  func tuned() {
    var good: [JudgedDecision] = []
    for i in 0..<600 {
      let isHard = i % 3 == 0
      good.append(
        decision(
          i, isHard ? 0 : 1, quality: isHard ? 0.9 : i % 7 == 0 ? 0.4 : 1, needed: isHard ? 0 : 1,
          cost: isHard ? 100 : 20, saved: isHard ? 0 : 80))
    }
    let report = review(good)
    #expect(report.wellTuned.verdict == .pass, "\(report.wellTuned.reasons)")
    #expect(report.advice.map(\.name) == ["routing-wrong", "too-conservative", "total-cost"])
    #expect(report.advice[0].state == .quiet)
    let bad = (0..<2000).map {
      decision($0, $0 % 2, quality: $0 / 2 % 2 == 0 ? 0.2 : 1, needed: 0)
    }
    let found = review(bad)
    #expect(found.wellTuned.verdict == .fail)
    #expect(found.advice[0].state == .rings)
    // Both tiers are worth 0.6.
    #expect(found.advice[1].state == .rings)
    // A tier that gets the hard queries may look worse: no sign of caution.
    let hard = (0..<2000).map { decision($0, $0 % 2, quality: $0 % 2 == 1 ? 0.9 : 0.6) }
    #expect(review(hard).advice[1].state == .quiet)
  }

  @Test("an empty window is no failure and decides nothing")
  func empty() {
    let report = review([])
    #expect(report.alarms.allSatisfy { $0.state == .undecided })
    #expect(report.savings.now.value == nil && report.wellTuned.verdict == .undecided)
    #expect(report.notes.contains { $0.contains("no decision") })
  }
}
