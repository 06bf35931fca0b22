import Testing

@testable import RiddleReport

@Suite struct TerminalTableTests {
  private let table = TerminalTable(
    columns: [.init("Policy", .left), .init("Quality"), .init("Kind", .left), .init("Savings")],
    rows: [
      ["router", "0.756 [0.74, 0.77]", "linear", "65.9%"], ["漢字", "–", "rule", "0.0%"],
      ["short"],
    ])

  @Test func `columns align by display width and lines end without spaces`() {
    #expect(
      table.render(width: 80) == """
        Policy             Quality  Kind    Savings
        ───────────────────────────────────────────
        router  0.756 [0.74, 0.77]  linear    65.9%
        漢字                     –  rule       0.0%
        short

        """)
  }

  @Test func `what does not fit goes on in a panel that repeats the first column`() {
    #expect(
      table.render(width: 34) == """
        Policy             Quality  Kind
        ──────────────────────────────────
        router  0.756 [0.74, 0.77]  linear
        漢字                     –  rule
        short

        Policy  Savings
        ───────────────
        router    65.9%
        漢字       0.0%
        short

        """)
  }

  @Test(arguments: [20, 30, 40, 60, 100, 300])
  func `no line is longer than the width`(width: Int) {
    let long = TerminalTable(
      columns: [.init("Policy", .left), .init("Quality"), .init("Cost")],
      rows: [[String(repeating: "name ", count: 30), "0.1", "0.2"]])
    for line in long.render(width: width).split(separator: "\n") {
      #expect(PlainText.width(String(line)) <= width)
    }
  }

  @Test func `escape sequences appear only when asked for`() {
    let hostile = TerminalTable(columns: [.init("a\u{1B}[2J", .left)], rows: [["\u{1B}]0;x\u{7}"]])
    #expect(!hostile.render(width: 80).unicodeScalars.contains("\u{1B}"))
    let ansi = table.render(width: 80, style: .ansi)
    #expect(ansi.contains("\u{1B}[1mPolicy"))
    #expect(ansi.split(separator: "\u{1B}[").count == 4)
  }

  @Test func `no column and no row are no trouble`() {
    #expect(TerminalTable(columns: [], rows: [["x"]]).render(width: 80) == "")
    #expect(TerminalTable(columns: [.init("A", .left)], rows: []).render(width: 80) == "A\n─\n")
  }
}
