import RiddleEvaluation

/// Drift as one self-contained HTML page.
///
/// Loads nothing; holds aggregates only, and the values of context fields. The same report gives the same bytes.
public enum DriftPage {
  /// Most columns in the table of all periods and in a chart.
  private static let mostRows = 60
  private static let mostCurves = 6

  /// The page.
  ///
  /// - Parameters:
  ///   - title: names the log.
  ///   - facts: provenance in order of display.
  ///   - day: writes microseconds since 1970 as a day.
  public static func render(
    _ report: DriftReport, title: String, facts: [(String, String)],
    reproduction: [String], day: @escaping @Sendable (Int64) -> String
  ) -> String {
    let tables = DriftTables(report, day: day)
    let found = ModelTable.section(
      tables.all, id: "periods", title: "Periods",
      lead: "Each period after the reference, and what moved in it.")
    let warnings: Markup =
      report.warnings.isEmpty
      ? ""
      : HTMLParts.section(
        "warnings", "Warnings", lead: "Read before believing these figures.",
        "<ul>\n\(report.warnings.map { "<li>\($0)</li>\n" as Markup })</ul>\n")
    let provenance = HTMLParts.section(
      "inputs", "Inputs", lead: "",
      "\(HTMLParts.facts(facts.map { ("\($0.0)" as Markup, "\($0.1)" as Markup) }))\(reproduction.map { "<pre><code>\($0)</code></pre>\n" as Markup })"
    )
    let page: Markup = """
      \(HTMLReport.head(title))<body>
      <a class="skip" href="#periods">Skip to the figures</a>
      <header>
      <h1>\(title)</h1>
      <p class="verdict">\(tables.headline)</p>
      </header>
      <main>
      \(chart(report, day: day))\(found)\(matrix(report, tables))\(warnings)\(provenance)</main>
      <footer><p>Written by Riddle from <code>\(report.format)</code>. This page loads nothing and sends nothing.</p></footer>
      <script>\(Markup(stringLiteral: HTMLStyle.script))</script>
      </body>
      </html>

      """
    return page.html
  }

  /// PSI over its line, by period, of the columns that moved most; with the classifier's AUC as figures below.
  private static func chart(_ report: DriftReport, day: (Int64) -> String) -> Markup {
    guard report.periods.count > 1 else { return "" }
    let names =
      report.moved.isEmpty
      ? report.periods.flatMap(\.columns).sorted { $0.p < $1.p }.map(\.name)
      : report.moved.map(\.name)
    var shown: [String] = []
    for name in names where !shown.contains(name) && shown.count < mostCurves { shown.append(name) }
    func points(_ value: (DriftReport.Column) -> Double, _ name: String) -> [(x: Double, y: Double)]
    {
      report.periods.enumerated().compactMap { number, period in
        period.columns.first { $0.name == name }.map { (Double(number + 1), value($0)) }
      }
    }
    var series = [
      LineChart.Series(
        name: "the line", points: [(1, 1), (Double(report.periods.count), 1)])
    ]
    for name in shown {
      let curve = points({ $0.psi / max($0.psiLine, 1e-12) }, name)
      if curve.count > 1 { series.append(LineChart.Series(name: name, points: curve)) }
    }
    if series.count == 1 { return "" }
    let lines = LineChart(
      id: "psi", title: "Stability index over its line, by period",
      x: "Period, 1 is the oldest", y: "PSI / line; above 1 is drift", series: series)
    return HTMLParts.section(
      "chart", "When it moved",
      lead: "How far the columns that moved most are beyond what chance achieves.", lines.render())
  }

  /// Every column by period, tinted by how far it is beyond its line.
  private static func matrix(_ report: DriftReport, _ tables: DriftTables) -> Markup {
    var names: [String] = report.moved.map(\.name)
    for column in report.periods.flatMap(\.columns) where !names.contains(column.name) {
      names.append(column.name)
    }
    if names.isEmpty { return "" }
    let rows = names.prefix(mostRows).map { name -> Markup in
      HTMLParts.row(
        Markup.name(name),
        report.periods.map { period in
          guard let column = period.columns.first(where: { $0.name == name }) else {
            return HTMLParts.cell("–")
          }
          let excess = column.psi / max(column.psiLine, 1e-12)
          return HTMLParts.cell(
            "\(FigureFormat.plain.text(column.psi))\(column.isDrift ? " ▲" : "")",
            classes: column.isDrift ? HTMLParts.tint(min(1, excess / 8)) : "")
        })
    }
    return HTMLParts.section(
      "matrix", "Every column",
      lead: "Stability index by period; ▲ marks drift, darker is farther beyond the line.",
      HTMLParts.table(
        caption: "PSI by period", label: "PSI by period",
        header: ["Column"] + report.periods.map { "\(tables.span($0.span))" }, rows: rows))
  }
}
