import RiddleData
import RiddleEvaluation

/// Production over time as one self-contained page: charts, each with its table, and nothing of a single request.
public enum DashboardPage {
  /// Most candidates that have a curve of their own; the others are added up.
  private static let mostCurves = 7
  /// Most marks that are drawn and listed: the latest.
  private static let mostMarks = 40

  /// The page.
  ///
  /// - Parameters:
  ///   - report: the aggregates; whatever its strings contain stays text.
  ///   - title: names the store.
  ///   - reproduction: the command.
  /// - Returns: a document in UTF-8; its size depends on days and candidates, not on decisions.
  public static func render(
    _ report: DashboardReport, title: String, reproduction: [String]
  ) -> String {
    let page = Page(report)
    let commands = reproduction.joined(separator: "\n")
    let reproduce: Markup = "<pre tabindex=\"0\"><code>\(commands)</code></pre>\n"
    let body: Markup = """
      <header>
      <h1>\(title)</h1>
      <p class="verdict" id="headline">\(page.headline)</p>
      <p class="lead">\(page.span) Bands and brackets are \(CountFormat.confidence(report.confidence)) intervals in \
      which a conversation counts as one. Times are UTC.</p>
      </header>
      <main>
      \(page.shares)\(page.money)\(page.worth)\(page.flow)\(page.drift)\(page.segments)\(page.events)\
      \(HTMLParts.section("reproduce", "How to reproduce", lead: "The same store gives this page byte for byte.", reproduce))</main>

      """
    return HTMLPage.render(title: title, body: body)
  }

  private struct Page {
    let report: DashboardReport
    let days: ClosedRange<Double>
    let marks: [(mark: DashboardReport.Mark, number: Int)]

    init(_ report: DashboardReport) {
      self.report = report
      let first = Double(report.periods.first?.day ?? 0)
      let last = Double(report.periods.last?.day ?? 0)
      days = first...max(first + 1, last)
      marks = report.marks.suffix(DashboardPage.mostMarks).enumerated().map { ($1, $0 + 1) }
    }

    // MARK: words

    var decisions: Int { report.periods.reduce(0) { $0 + $1.decisions } }

    private func date(_ day: Int64) -> String { Microseconds.dateText(daysSince1970: day) }

    var span: String {
      guard let first = report.periods.first, let last = report.periods.last else {
        return "No decision yet."
      }
      let width =
        report.daysAPeriod == 1
        ? "One point is a day." : "One point is \(report.daysAPeriod) days."
      return "From \(date(first.day)) to \(date(last.day)). \(width)"
    }

    /// What stands out, in a sentence.
    var headline: String {
      var parts = ["\(CountFormat.count(decisions)) decisions"]
      if report.savings.value != nil {
        parts.append("\(FigureFormat.percent.text(report.savings)) saved against always-strongest")
      }
      let moved = report.weeks.filter(hasMoved)
      if let first = moved.first {
        let worst = moved.map { $0.stability ?? 0 }.max() ?? 0
        parts.append(
          "scores have moved \(Self.size(worst)) since the week of \(date(first.day)), in \(moved.count) of \(report.weeks.count { !$0.isReference }) weeks"
        )
      } else if report.weeks.contains(where: { $0.stability != nil }) {
        parts.append("scores have not moved")
      }
      return parts.joined(separator: "; ") + "."
    }

    /// Beyond what chance does.
    private func hasMoved(_ week: DashboardReport.Week) -> Bool {
      guard let stability = week.stability, let noise = week.noise else { return false }
      return stability > noise
    }

    /// The usual words for an index, lines at 0.1 and 0.2.
    private static func size(_ stability: Double) -> String {
      stability > 0.2 ? "much" : stability > 0.1 ? "somewhat" : "a little"
    }

    private var drawn: [(day: Double, number: Int)] {
      marks.compactMap { mark, number in
        let day = Double(mark.time) / 86_400_000_000
        // What happened on the last day stands at its edge.
        guard day < days.upperBound + Double(report.daysAPeriod) else { return nil }
        return (min(day, days.upperBound), number)
      }
    }

    private func chart(
      _ id: String, _ title: String, _ unit: String, _ series: [DayChart.Series],
      isSigned: Bool = false
    ) -> Markup {
      DayChart(
        id: id, title: title, unit: unit, series: series, marks: drawn, days: days,
        isSigned: isSigned
      ).render()
    }

    private func series(
      _ name: String, scale: Double, hasBand: Bool = false,
      _ figure: (DashboardReport.Period) -> Figure
    ) -> DayChart.Series {
      var series = DayChart.Series(name: name, points: [])
      for period in report.periods {
        let own = figure(period)
        guard let value = own.value, value.isFinite else { continue }
        series.points.append((Double(period.day), value * scale))
        guard hasBand else { continue }
        if let low = own.low, let high = own.high, low.isFinite, high.isFinite {
          series.band.append((low * scale, high * scale))
        } else {
          series.band.append(nil)
        }
      }
      return series
    }

    private func table(
      _ caption: String, _ columns: [String], _ cells: (DashboardReport.Period) -> [String]
    ) -> Markup {
      HTMLParts.details(
        "The numbers",
        HTMLParts.table(
          caption: "\(caption)", label: caption,
          header: ["Day"] + columns.map { Markup.name($0) },
          rows: report.periods.map { period in
            HTMLParts.row("\(date(period.day))", cells(period).map { HTMLParts.cell($0) })
          }))
    }

    // MARK: sections

    /// Candidates with a curve, most used first; the others are one.
    private var shown: [Int] {
      let totals = report.candidates.indices.map { k in
        report.periods.reduce(0) { $0 + $1.byCandidate[k].decisions }
      }
      let used = totals.indices.filter { totals[$0] > 0 }
      if used.count <= DashboardPage.mostCurves { return used }
      return used.sorted { (totals[$1], $0) < (totals[$0], $1) }
        .prefix(DashboardPage.mostCurves - 1).sorted()
    }

    var shares: Markup {
      let shown = shown
      var all = shown.map { k in
        series(report.candidates[k], scale: 100) { Figure($0.byCandidate[k].share) }
      }
      let others = report.candidates.indices.filter { k in
        !shown.contains(k) && report.periods.contains { $0.byCandidate[k].decisions > 0 }
      }
      if !others.isEmpty {
        all.append(
          series("\(others.count) others", scale: 100) { period in
            Figure(others.reduce(0) { $0 + period.byCandidate[$1].share })
          })
      }
      let names = shown.map { report.candidates[$0] }
      let numbers = table("Decisions and share", ["Decisions"] + names) { period in
        [CountFormat.count(period.decisions)]
          + shown.map { FigureFormat.percent.text(period.byCandidate[$0].share) }
      }
      return HTMLParts.section(
        "shares", "Who answers", lead: "Share of decisions by candidate.",
        "\(chart("share", "Share of decisions by candidate", "% of decisions", all))\(numbers)")
    }

    var money: Markup {
      let savings = series("savings", scale: 100, hasBand: true) { $0.savings }
      let cost = series("all", scale: 1000, hasBand: true) { $0.cost }
      let byCandidate = shown.map { k in
        series(report.candidates[k], scale: 1000) { Figure($0.byCandidate[k].costDollars) }
      }
      let numbers = table(
        "Money", ["Savings", "$ / 1,000"] + shown.map { "\(report.candidates[$0]), $ / 1,000" }
      ) { period in
        [
          FigureFormat.percent.text(period.savings),
          FigureFormat.dollarsPerThousand.text(period.cost),
        ]
          + shown.map {
            FigureFormat.dollarsPerThousand.text(period.byCandidate[$0].costDollars)
          }
      }
      return HTMLParts.section(
        "money", "Money",
        lead: "1 − cost / cost of always asking the strongest, and dollars per 1,000 queries.",
        "<h3>Savings</h3>\n\(chart("savings", "Savings against always-strongest", "%", [savings], isSigned: true))<h3>Cost</h3>\n\(chart("cost", "Cost of 1,000 queries", "$ per 1,000 queries", [cost] + byCandidate))\(numbers)"
      )
    }

    var worth: Markup {
      func curves(
        _ whole: @escaping (DashboardReport.Period) -> Figure,
        _ part: @escaping (DashboardReport.Candidate) -> Double?
      ) -> [DayChart.Series] {
        [series("all", scale: 100, hasBand: true, whole)]
          + shown.map { k in
            series(report.candidates[k], scale: 100) { Figure(part($0.byCandidate[k])) }
          }
      }
      let quality = chart(
        "quality", "Mean quality by candidate that answered", "% of the best possible",
        curves({ $0.quality }, { $0.quality }))
      let satisfaction = chart(
        "satisfaction", "Satisfaction by candidate that answered", "% satisfied",
        curves({ $0.satisfaction }, { $0.satisfaction }))
      let numbers = table(
        "Quality and satisfaction",
        ["Quality", "Satisfaction"]
          + shown.flatMap {
            ["\(report.candidates[$0]), quality", "\(report.candidates[$0]), satisfaction"]
          }
      ) { period in
        [
          FigureFormat.percent.text(period.quality),
          FigureFormat.percent.text(period.satisfaction),
        ]
          + shown.flatMap {
            [
              FigureFormat.percent.text(period.byCandidate[$0].quality),
              FigureFormat.percent.text(period.byCandidate[$0].satisfaction),
            ]
          }
      }
      return HTMLParts.section(
        "worth", "What answers are worth",
        lead:
          "Of the answers that somebody judged. A candidate that gets the hard queries looks worse than it is.",
        "<h3>Quality</h3>\n\(quality)<h3>Satisfaction</h3>\n\(satisfaction)\(numbers)")
    }

    var flow: Markup {
      let escalated = series("escalated", scale: 100, hasBand: true) { $0.escalated }
      let fast = series("half within", scale: 1) { Figure($0.p50) }
      let slow = series("95% within", scale: 1) { Figure($0.p95) }
      let numbers = table("Escalations and latency", ["Escalated", "p50 ms", "p95 ms"]) { period in
        [
          period.escalated.value == 0 ? "0%" : FigureFormat.percent.text(period.escalated),
          FigureFormat.plain.text(period.p50), FigureFormat.plain.text(period.p95),
        ]
      }
      return HTMLParts.section(
        "flow", "Escalations and latency",
        lead: "Requests that paid for more than one candidate, and how long users waited, to 9%.",
        "<h3>Escalated</h3>\n\(chart("escalated", "Share of requests that were escalated", "% of decisions", [escalated]))<h3>Latency</h3>\n\(chart("latency", "Latency", "ms", [fast, slow]))\(numbers)"
      )
    }

    var drift: Markup {
      var stability = DayChart.Series(name: "PSI of scores", points: [])
      var noise = DayChart.Series(name: "reached by chance in one of a hundred weeks", points: [])
      for week in report.weeks where week.stability != nil {
        stability.points.append((Double(week.day), week.stability ?? 0))
        noise.points.append((Double(week.day), week.noise ?? 0))
      }
      let rows = report.weeks.map { week in
        HTMLParts.row(
          "\(date(week.day))",
          [
            HTMLParts.cell(CountFormat.count(week.scores)),
            HTMLParts.cell(
              week.isReference ? "reference" : FigureFormat.plain.text(week.stability)),
            HTMLParts.cell(week.isReference ? "" : FigureFormat.plain.text(week.noise)),
            HTMLParts.cell(
              week.isReference || week.stability == nil
                ? "" : hasMoved(week) ? "moved \(Self.size(week.stability ?? 0))" : "stable"),
          ])
      }
      let table = HTMLParts.details(
        "The numbers",
        HTMLParts.table(
          caption: "Population stability of the router's probability, by week", label: "Drift",
          header: ["Week from", "Scores", "PSI", "By chance", ""], rows: rows))
      return HTMLParts.section(
        "drift", "Drift",
        lead:
          "How far the router's scores have moved from those of the first \(report.referenceDays) days: above the line of chance they have; up to 0.1 is a little, above 0.2 is much. A new router moves them too.",
        "\(chart("psi", "Population stability index of scores by week", "PSI", [stability, noise]))\(table)"
      )
    }

    var segments: Markup {
      guard !report.segments.isEmpty else { return "" }
      let rows = report.segments.map { segment in
        HTMLParts.row(
          Markup.name(segment.name),
          [
            HTMLParts.cell(CountFormat.count(segment.judged)),
            HTMLParts.cell(segment.low, .percent),
            HTMLParts.cell(FigureFormat.percent.text(segment.worth)),
          ])
      }
      return HTMLParts.section(
        "segments", "Where it fails",
        lead:
          "Kinds of queries whose answers are of low worth most often, by the lower end of the interval; here every answer counts as one.",
        HTMLParts.table(
          caption: "Worst kinds of queries", label: "Worst segments",
          header: ["Segment", "Judged", "Low worth", "Mean worth"], rows: rows,
          attributes: " data-sortable"))
    }

    var events: Markup {
      guard !marks.isEmpty else { return "" }
      let rows = marks.map { mark, number in
        HTMLParts.row(
          "\(number)",
          [
            "<td class=\"text\">\(Microseconds(mark.time).timeText)</td>",
            "<td class=\"text\">\(mark.what)</td>",
          ])
      }
      return HTMLParts.section(
        "events", "What happened", lead: "The numbered lines in the charts.",
        HTMLParts.table(
          caption: "Deployments and new routers", label: "Events", header: ["", "Time", "Event"],
          rows: rows, textColumns: [1, 2]))
    }
  }
}
