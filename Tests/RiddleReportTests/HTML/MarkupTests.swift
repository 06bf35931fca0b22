import Testing

@testable import RiddleReport

@Suite struct MarkupTests {
  @Test func `text is escaped, markup is not, and once is enough`() {
    let name = "<b> & \"quotes\" 'n' \u{0}"
    let inner: Markup = "<i>\(name)</i>"
    let outer: Markup = "<p title=\"\(name)\">\(inner)\([inner, inner])\(7)</p>"
    let escaped = "&lt;b&gt; &amp; &quot;quotes&quot; &#39;n&#39; \u{FFFD}"
    let italic = "<i>\(escaped)</i>"
    #expect(outer.html == "<p title=\"\(escaped)\">\(italic)\(italic)\(italic)7</p>")
  }

  @Test(arguments: [
    (0.0, "0"), (1.25, "1.3"), (-0.04, "0"), (-3.5, "-3.5"), (1234.56, "1234.6"), (1e300, "99999"),
  ])
  func `coordinates are short and plain`(value: Double, text: String) {
    #expect(Markup.coordinate(value).html == text)
  }
}
