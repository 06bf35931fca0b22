import RiddleEvaluation
import Testing

@testable import RiddleReport

@Suite struct WallVerdictTests {
  private func verdict(_ rows: [(baseline: String, metric: String, verdict: String)]) -> WallVerdict
  {
    var report = SampleReports.pair()
    report.comparisons = rows.map {
      .init(
        router: "r", baseline: $0.baseline, metric: $0.metric,
        difference: Figure(0.1, low: 0, high: 0.2), verdict: $0.verdict)
    }
    return WallVerdict(router: "r", in: report)
  }

  @Test func `better than all is better`() {
    let all = verdict([("a", "utility", "better"), ("b", "utility", "better")])
    #expect(all.word == .better)
    #expect(all.explanation == "than all 2 baselines on utility.")
  }

  @Test func `one undecided baseline leaves the wall undecided`() {
    let some = verdict([("a", "utility", "better"), ("b", "utility", "undecided")])
    #expect(some.word == .undecided)
    #expect(some.explanation == "against b on utility: the interval includes 0; better than a.")
  }

  @Test func `without an interval nothing is said of one`() {
    var report = SampleReports.pair()
    report.comparisons = [
      .init(
        router: "r", baseline: "b", metric: "utility", difference: Figure(0.1),
        verdict: "undecided")
    ]
    let explanation = WallVerdict(router: "r", in: report).explanation
    #expect(explanation == "against b on utility: there are no intervals to decide by.")
  }

  @Test func `one worse baseline makes it worse`() {
    let one = verdict([
      ("a", "utility", "better"), ("b", "utility", "undecided"), ("c", "utility", "worse"),
    ])
    #expect(one.word == .worse)
    #expect(one.explanation == "than c on utility; better than a; undecided against b.")
  }

  @Test func `losing to the oracle says nothing`() {
    #expect(verdict([("a", "utility", "better"), ("oracle", "utility", "worse")]).word == .better)
  }

  @Test func `utility speaks for a baseline before apgr and quality`() {
    let mixed = verdict([
      ("a", "quality", "worse"), ("a", "apgr", "undecided"), ("a", "utility", "better"),
      ("b", "quality", "worse"), ("b", "apgr", "better"),
    ])
    #expect(mixed.word == .better)
    #expect(mixed.metrics == ["utility", "apgr"])
  }

  @Test func `an unknown verdict decides nothing, and none at all is said to be none`() {
    #expect(verdict([("a", "utility", "splendid")]).word == .undecided)
    #expect(verdict([]).word == .notCompared)
  }

  @Test func `a dearer router is said to cost more, its interval turned around`() {
    var report = SampleReports.pair()
    report.routers[0].savings = Figure(-0.123, low: -0.15, high: -0.09)
    let sentence = PlainSummary.sentence(report.routers[0], in: report)
    #expect(
      sentence.hasPrefix("support-desk costs 12.3% [9.0, 15.0] more than always asking gpt-large"))
  }

  @Test func `a saving that may be a loss is said to be in doubt`() {
    var report = SampleReports.pair()
    report.routers[0].savings = Figure(0.02, low: -0.01, high: 0.05)
    #expect(
      PlainSummary.sentence(report.routers[0], in: report).contains("(the interval includes 0)"))
  }
}
