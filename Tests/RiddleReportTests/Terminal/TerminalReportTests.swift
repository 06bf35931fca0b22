import RiddleEvaluation
import Testing

@testable import RiddleReport

@Suite struct TerminalReportTests {
  @Test func `a pair at 100 columns`() throws {
    try Golden.expectSnapshot(
      TerminalReport.render(SampleReports.pair(), width: 100), "terminal-pair.txt")
  }

  @Test func `a ladder at 72 columns`() throws {
    try Golden.expectSnapshot(
      TerminalReport.render(SampleReports.ladder(), width: 72), "terminal-ladder.txt")
  }

  @Test func `baselines only, and nothing known`() throws {
    try Golden.expectSnapshot(
      TerminalReport.render(SampleReports.baselinesOnly(), width: 100)
        + TerminalReport.render(SampleReports.undefined(), width: 100), "terminal-bare.txt")
  }

  @Test(arguments: [60, 80, 100, 140])
  func `every line fits`(width: Int) {
    for report in [SampleReports.pair(), SampleReports.largest(), SampleReports.undefined()] {
      for line in TerminalReport.render(report, width: width).split(separator: "\n") {
        #expect(PlainText.width(String(line)) <= width, "\(line)")
      }
    }
  }

  @Test func `hostile names reach the terminal without control characters`() {
    var report = SampleReports.pair()
    report.routers[0].name = "\u{1B}[31mevil\u{7}"
    report.candidates = ["a\u{1B}[2J", "b\r\nc"]
    report.warnings = ["\u{9B}31m"]
    report.baselines[0].name = "x\u{8}y"
    let text = TerminalReport.render(report, width: 100)
    for scalar in text.unicodeScalars where scalar != "\n" {
      #expect(scalar.properties.generalCategory != .control)
    }
  }
}
