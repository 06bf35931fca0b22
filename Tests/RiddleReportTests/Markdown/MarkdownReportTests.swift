import RiddleEvaluation
import Testing

@testable import RiddleReport

@Suite struct MarkdownReportTests {
  @Test func `a pair`() throws {
    try Golden.expectSnapshot(MarkdownReport.render(SampleReports.pair()), "markdown-pair.md")
  }

  @Test func `names cannot break the table, start an element or run as code`() {
    var report = SampleReports.pair()
    report.routers[0].name = "a|b\nc <script>`x`"
    let text = MarkdownReport.render(report)
    #expect(text.contains("| a\\|b c &lt;script&gt;\\`x\\` |"))
    let header = text.split(separator: "\n").first { $0.hasPrefix("| Policy") }
    let width = header?.split(separator: "|").count
    for line in text.split(separator: "\n") where line.hasPrefix("|") {
      #expect(line.replacing("\\|", with: "").split(separator: "|").count == width, "\(line)")
    }
  }

  @Test(arguments: [
    ("0.71 [0.69, 0.73]", "0.71 [0.69, 0.73]"), ("$4.21", "$4.21"),
    ("snake_case_2", "snake_case_2"),
    ("_x_", "\\_x\\_"), ("[a](b)", "[a\\](b)"), ("[a][b]", "[a\\][b]"), ("[a]: b", "[a\\]: b"),
    ("$\\href$", "\\$\\\\href$"), ("*a* ~b~ # c", "\\*a\\* \\~b\\~ \\# c"), ("&lt;", "&amp;lt;"),
  ])
  func `only what would be interpreted is escaped`(text: String, escaped: String) {
    #expect(MarkdownText.escape(text) == escaped)
  }

  @Test func `code fences outgrow what they hold`() {
    #expect(MarkdownText.code("plain") == "`plain`")
    #expect(MarkdownText.code("a`b") == "``a`b``")
    #expect(MarkdownText.code("`") == "`` ` ``")
    #expect(MarkdownText.block(["```"], language: "sh") == "````sh\n```\n````\n")
  }

  @Test func `a report without routers still has its wall`() {
    let text = MarkdownReport.render(SampleReports.baselinesOnly())
    #expect(text.hasPrefix("No router was evaluated"))
    #expect(text.contains("| always-cheapest |"))
  }
}
