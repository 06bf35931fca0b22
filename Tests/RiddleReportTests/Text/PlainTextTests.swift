import Testing

@testable import RiddleReport

@Suite struct PlainTextTests {
  @Test func `no control character survives`() {
    #expect(
      PlainText.oneLine("a\u{1B}[31mred\r\nb\tc\u{0}\u{9B}d\u{202E}e")
        == "a\u{FFFD}[31mred b c\u{FFFD}\u{FFFD}d\u{FFFD}e")
  }

  @Test(arguments: [
    ("abc", 3), ("", 0), ("größe", 5), ("e\u{301}", 1), ("漢字", 4), ("한글", 4), ("👩‍💻", 2), ("−·–", 3),
  ])
  func `width counts terminal columns`(text: String, width: Int) {
    #expect(PlainText.width(text) == width)
  }

  @Test func `cutting never exceeds the width, even through a wide character`() {
    #expect(PlainText.truncated("abcdef", to: 4) == "abc…")
    #expect(PlainText.truncated("漢字漢字", to: 4) == "漢…")
    #expect(PlainText.truncated("abcd", to: 4) == "abcd")
    #expect(PlainText.truncated("abcd", to: 0) == "")
  }

  @Test func `lines break at spaces but not inside an interval`() {
    let text = PlainText.wrapped("keeps 93.8% [92.5, 95.1] of it", to: 18, indent: "  ")
    #expect(text == "keeps 93.8%\n  [92.5, 95.1] of\n  it")
  }

  @Test func `lists are shortened with their count`() {
    #expect(PlainText.list([]) == "")
    #expect(PlainText.list(["a"]) == "a")
    #expect(PlainText.list(["a", "b", "c"]) == "a, b and c")
    #expect(PlainText.list(["a", "b", "c", "d"], limit: 3) == "a, b and 2 more")
  }
}
