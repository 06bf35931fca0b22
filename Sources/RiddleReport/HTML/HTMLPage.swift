/// A page around what stands on it: the same head, style and security policy as the report of an evaluation.
enum HTMLPage {
  /// A self-contained document.
  ///
  /// - Parameters:
  ///   - title: of the window; whatever it contains stays text.
  ///   - body: header and main.
  static func render(title: String, body: Markup) -> String {
    let page: Markup = """
      \(HTMLReport.head(title))<body>
      <a class="skip" href="#headline">Skip to the figures</a>
      \(body)<footer><p>Written by Riddle. This page loads nothing and sends nothing.</p></footer>
      <script>\(Markup(stringLiteral: HTMLStyle.script))</script>
      </body>
      </html>

      """
    return page.html
  }
}
