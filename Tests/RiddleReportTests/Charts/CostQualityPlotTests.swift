import RiddleEvaluation
import Testing

@testable import RiddleReport

@Suite struct CostQualityPlotTests {
  @Test func `known costs give a cost axis in dollars per thousand queries`() {
    let plot = CostQualityPlot(SampleReports.pair())
    #expect(plot.axis == .cost)
    #expect(plot.curves.map(\.name) == ["support-desk", "support-desk-tree", "prompt-length"])
    #expect(abs((plot.randomLine?.from.x ?? 0) - 0.412) < 1e-12)
    #expect(abs((plot.randomLine?.to.x ?? 0) - 9.873) < 1e-12)
  }

  @Test func `one missing cost gives an axis of strong shares`() {
    var report = SampleReports.pair()
    report.headroom.meanCostDollars[1] = nil
    let plot = CostQualityPlot(report)
    #expect(plot.axis == .share)
    #expect(plot.randomLine?.to.x == 100)
    #expect(abs((plot.marks.first?.point.x ?? 0) - 31.2) < 1e-9)
  }

  @Test func `a policy that stands where another does is drawn once`() {
    let names = CostQualityPlot(SampleReports.pair()).marks.map(\.name)
    #expect(
      names == [
        "support-desk", "support-desk-tree", "always-cheapest", "always-strongest", "oracle",
        "random-mix", "keyword-rule",
      ])
  }

  @Test func `each candidate of a ladder has its mark`() {
    let marks = CostQualityPlot(SampleReports.ladder()).marks.filter { $0.kind == .candidate }
    #expect(marks.map(\.name) == ["always-cheapest", "always medium", "always-strongest"])
  }

  @Test func `absurd numbers are left out and counted`() {
    var report = SampleReports.pair()
    report.routers[0].curve[3].quality = 1e300
    report.routers[0].curve[4].costDollars = .infinity
    report.routers[0].curve[5].quality = .nan
    let plot = CostQualityPlot(report)
    #expect(plot.omitted == 3)
    #expect(plot.curves.first?.points.count == 197)
  }

  @Test func `nothing known is an empty plot`() {
    var report = SampleReports.undefined()
    report.headroom.meanQuality = []
    #expect(CostQualityPlot(report).isEmpty)
    #expect(TerminalPlot.render(CostQualityPlot(report), width: 80) == "")
  }
}
