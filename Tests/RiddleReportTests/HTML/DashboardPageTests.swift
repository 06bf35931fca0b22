import Foundation
import Testing

@testable import RiddleEvaluation
@testable import RiddleReport

@Suite("Dashboard page")
struct DashboardPageTests {
  /// A made fortnight of two candidates, with a gap, an unknown value and a hostile name.
  static func report(days: Int = 20, names: [String] = ["small", "<b>large</b>"])
    -> DashboardReport
  {
    func figure(_ value: Double) -> Figure { Figure(value, low: value - 0.05, high: value + 0.04) }
    let periods = (0..<days).filter { $0 != 5 }.map { day -> DashboardReport.Period in
      let wave = Double(day % 7) / 70
      return DashboardReport.Period(
        day: 20_514 + Int64(day), decisions: 1000 + day * 10,
        byCandidate: names.indices.map { k in
          DashboardReport.Candidate(
            decisions: 100, share: 1 / Double(names.count), quality: 0.8 + wave,
            satisfaction: day == 3 ? nil : 0.7 + wave, costDollars: 0.001 * Double(k + 1))
        },
        savings: figure(0.5 + wave), cost: figure(0.0012), quality: figure(0.85),
        satisfaction: day == 3 ? .undefined : figure(0.75), escalated: figure(0.06),
        p50: 1200 + Double(day), p95: 5400)
    }
    let weeks = (0..<((days + 6) / 7)).map { (week: Int) -> DashboardReport.Week in
      let moved: Double = Double(week) * 0.08
      return DashboardReport.Week(
        day: 20_514 + Int64(week) * 7, scores: 7000,
        stability: week == 0 ? nil : moved, noise: week == 0 ? nil : 0.01,
        isReference: week == 0)
    }
    return DashboardReport(
      candidates: names, daysAPeriod: 1, confidence: 0.95, savings: figure(0.53),
      periods: periods, weeks: weeks, referenceDays: 7,
      segments: [
        .init(
          name: "task type: <script>alert(1)</script>", judged: 120, low: figure(0.4), worth: 0.55)
      ],
      marks: [
        .init(time: 20_514 * 86_400_000_000, what: "first decision of desk, 195e5971f035"),
        .init(time: 20_524 * 86_400_000_000 + 3_600_000_000, what: "promote in production: b"),
      ])
  }

  @Test("the page is the recorded one")
  func snapshot() throws {
    try Golden.expectSnapshot(
      DashboardPage.render(
        Self.report(), title: "desk.sqlite",
        reproduction: ["riddle dashboard --store desk.sqlite --output page.html"]),
      "dashboard.html")
  }

  @Test("names stay text, nothing is loaded, every chart has its table")
  func safe() {
    let page = DashboardPage.render(Self.report(), title: "<i>t</i>", reproduction: [])
    #expect(!page.contains("<b>large") && !page.contains("<script>alert") && !page.contains("<i>t"))
    #expect(page.contains("&lt;b&gt;large&lt;/b&gt;"))
    #expect(!page.contains("src=") && !page.contains("://"))
    #expect(page.contains("default-src 'none'"))
    for id in [
      "share", "savings", "cost", "quality", "satisfaction", "escalated", "latency", "psi",
    ] {
      #expect(page.contains("aria-labelledby=\"\(id)-title\""), "\(id)")
    }
    #expect(page.components(separatedBy: "<summary>The numbers").count == 6)
    #expect(page.contains("moved a little") && page.contains("moved somewhat"))
  }

  @Test("four hundred days of forty candidates stay far below 2 MB")
  func size() {
    let names = (0..<40).map { "candidate-\($0)" }
    let page = DashboardPage.render(
      Self.report(days: 400, names: names), title: "t", reproduction: [])
    #expect(page.utf8.count < 1_000_000, "\(page.utf8.count)")
    #expect(page.contains("34 others"))
  }

  @Test("one day, or none, is a page too")
  func few() {
    #expect(
      DashboardPage.render(Self.report(days: 1), title: "t", reproduction: []).contains("dot"))
    let none = DashboardPage.render(Self.report(days: 0), title: "t", reproduction: [])
    #expect(none.contains("Nothing is known of this yet"))
  }
}
