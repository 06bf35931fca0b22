import RiddleEvaluation

/// A review as tables, the same for the terminal and the page.
public enum ReviewTables {
  /// All tables, in the order of reading.
  static func all(_ report: ReviewReport) -> [ModelTable] {
    [window(report), tiers(report), alarms(report), tasks(report)].filter { !$0.rows.isEmpty }
  }

  private static func percent(_ change: ReviewReport.Change) -> [String] {
    cells(change, .percent)
  }

  private static func cells(_ change: ReviewReport.Change, _ format: FigureFormat) -> [String] {
    [
      format.text(change.now), format.text(change.before, withInterval: false),
      format.text(change.difference, isSigned: true), CountFormat.count(change.rows),
    ]
  }

  private static func window(_ report: ReviewReport) -> ModelTable {
    ModelTable(
      title: "This window and the one before",
      columns: ["Figure", "Now", "Before", "Now − before", "Rows"],
      rows: [
        ["savings against always-strongest"] + percent(report.savings),
        ["$ per 1,000 queries"] + cells(report.cost, .dollarsPerThousand),
        ["complex queries sent cheapest"] + percent(report.missed),
        ["\(report.basis) of those"] + percent(report.complexCheap),
        ["escalated"] + percent(report.escalated),
      ])
  }

  private static func tiers(_ report: ReviewReport) -> ModelTable {
    let word = report.basis == "satisfaction" ? "Satisfaction" : "Quality"
    return ModelTable(
      title: "Tiers, cheapest first",
      note:
        "Accuracy: of the queries that needed a tier, the share that went there. Low: answers of low quality.",
      columns: [
        "Tier", "Share", word, "\(word), now − before", "Judged", "Low", "Accuracy",
        "$ / 1,000", "Mean ms",
      ],
      rows: report.tiers.map { tier in
        [
          tier.name, FigureFormat.percent.text(tier.share.now),
          FigureFormat.percent.text(tier.satisfaction.now),
          FigureFormat.percent.text(tier.satisfaction.difference, isSigned: true),
          CountFormat.count(tier.satisfaction.rows), FigureFormat.percent.text(tier.low.now),
          FigureFormat.percent.text(tier.accuracy.now),
          FigureFormat.dollarsPerThousand.text(tier.cost.now, withInterval: false),
          FigureFormat.plain.text(tier.latency.now, withInterval: false),
        ]
      })
  }

  private static func alarms(_ report: ReviewReport) -> ModelTable {
    var rows = report.alarms.map { alarm in
      [
        "alarm: \(alarm.name)", mark(alarm.state), FigureFormat.percent.text(alarm.figure),
        CountFormat.count(alarm.rows), alarm.meaning,
      ]
    }
    rows += report.advice.map { advice in
      let format: FigureFormat = advice.name == "total-cost" ? .dollarsPerThousand : .percent
      return [
        "advice: \(advice.name)", advice.state == .rings ? "YES" : mark(advice.state),
        format.text(advice.figure, isSigned: advice.name != "routing-wrong"), "", advice.meaning,
      ]
    }
    rows.append([
      "well tuned", report.wellTuned.verdict.rawValue, "", "",
      report.wellTuned.reasons.joined(separator: "; "),
    ])
    return ModelTable(
      title: "Alarms and advice",
      note:
        "Decided by the whole interval, never by the estimate alone, and on 30 conversations or more.",
      columns: ["What", "State", "Figure", "Rows", "Meaning"], textColumns: [1, 4], rows: rows)
  }

  private static func mark(_ state: ReviewReport.State) -> String {
    switch state {
    case .rings: "RINGS"
    case .quiet: "quiet"
    case .undecided: "UNDECIDED"
    }
  }

  private static func tasks(_ report: ReviewReport) -> ModelTable {
    ModelTable(
      title: "Go or no-go by task type",
      note:
        "Go: the lower bound of \(report.basis) is 95% or more. No-go: the upper bound is below.",
      columns: ["Task type", "\(report.basis)", "Rows", "Verdict"], textColumns: [3],
      rows: report.tasks.map { task in
        [
          task.name, FigureFormat.percent.text(task.satisfaction), CountFormat.count(task.rows),
          task.verdict.uppercased(),
        ]
      })
  }

  /// One sentence: what the week came to.
  static func headline(_ report: ReviewReport) -> String {
    let ringing =
      report.alarms.filter { $0.state == .rings }.map(\.meaning)
      + report.advice.filter { $0.state == .rings }.map(\.meaning)
    let savings =
      report.savings.now.value == nil
      ? ""
      : " saved \(FigureFormat.percent.text(report.savings.now)) against always-strongest\(report.counts.expectedCosts > 0 ? " by mean prices" : "");"
    let rest =
      ringing.isEmpty
      ? "nothing rings"
        + (report.alarms.contains { $0.state == .undecided }
          ? ", and not everything is decided" : "")
      : ringing.joined(separator: "; ")
    return
      "\(CountFormat.count(report.counts.decisions)) decisions\(savings) \(rest)."
  }

  /// Plain text for a terminal.
  public static func text(_ report: ReviewReport, width: Int) -> String {
    var text = "\(report.from) to \(report.until), compared with the window from \(report.before)\n"
    text += PlainText.wrapped(PlainText.oneLine(headline(report)), to: width) + "\n"
    for table in all(report) {
      if table.title == "Alarms and advice" {
        text += "\n" + table.title + "\n" + PlainText.wrapped(table.note, to: width) + "\n"
        for row in table.rows {
          let figure = row[2].isEmpty ? "" : " \(row[2])"
          let rows = row[3].isEmpty ? "" : " on \(row[3]) rows"
          let line = PlainText.oneLine("\(row[0]): \(row[1])\(figure)\(rows): \(row[4])")
          text += "  " + PlainText.wrapped(line, to: width - 2).replacing("\n", with: "\n  ")
          text += "\n"
        }
      } else {
        text += "\n" + table.text(width: width)
      }
    }
    if !report.notes.isEmpty { text += "\n" }
    for note in report.notes { text += PlainText.wrapped("note: \(note)", to: width) + "\n" }
    return text
      + "[ ]: \(CountFormat.confidence(report.confidence)) intervals; conversations count as one.\n"
  }

  /// The page.
  public static func page(_ report: ReviewReport, title: String, reproduction: [String]) -> String {
    let notes: Markup =
      report.notes.isEmpty
      ? "" : "<ul class=\"foot\">\n\(report.notes.map { "<li>\($0)</li>\n" as Markup })</ul>\n"
    let commands = reproduction.joined(separator: "\n")
    let reproduce: Markup = "<pre tabindex=\"0\"><code>\(commands)</code></pre>\n"
    let body: Markup = """
      <header>
      <h1>\(title)</h1>
      <p class="verdict" id="headline">\(headline(report))</p>
      <p class="lead">\(report.from) to \(report.until), compared with the window from \(report.before). \
      Brackets are \(CountFormat.confidence(report.confidence)) intervals; conversations count as one.</p>
      </header>
      <main>
      \(ModelTable.section(all(report), id: "review", title: "Review", lead: "Satisfaction, savings, misses, and what to do about them.", after: notes))\
      \(HTMLParts.section("reproduce", "How to reproduce", lead: "The same store and window give this page byte for byte.", reproduce))</main>

      """
    return HTMLPage.render(title: title, body: body)
  }
}
