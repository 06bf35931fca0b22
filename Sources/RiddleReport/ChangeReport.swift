import RiddleEvaluation

/// What changed between two runs, for a terminal or a pull request.
public struct ChangeReport: Sendable {
  private let change: RouterChange
  private let settings: [(setting: String, before: String, after: String)]

  /// A report of `change`, and of the settings that differ.
  public init(
    _ change: RouterChange, settings: [(setting: String, before: String, after: String)]
  ) {
    self.change = change
    self.settings = settings
  }

  /// Plain text.
  public func terminal(width: Int) -> String {
    var text = ""
    for line in [headline] + notes { text += PlainText.wrapped(line, to: width) + "\n" }
    if !settings.isEmpty {
      text += "\n"
      text += TerminalTable(
        columns: [.init("Setting", .left), .init("Before", .left), .init("After", .left)],
        rows: settings.map { [$0.setting, $0.before, $0.after] }
      ).render(width: width)
    }
    if !change.changes.isEmpty {
      text += "\n"
      text += TerminalTable(
        columns: [.init("Figure", .left)]
          + ["Before", "After", "After − before", "Verdict"].map { .init($0) },
        rows: rows
      ).render(width: width)
    }
    return text + PlainText.wrapped(footer, to: width)
  }

  /// Markdown.
  public func markdown() -> String {
    var text = "**\(MarkdownText.escape(headline))**\n\n"
    for note in notes { text += MarkdownText.escape(note) + "\n\n" }
    if !change.changes.isEmpty {
      text += MarkdownText.table(["Figure", "Before", "After", "After − before", "Verdict"], rows)
      text += "\n"
    }
    if !settings.isEmpty {
      text += MarkdownText.table(
        ["Setting", "Before", "After"], settings.map { [$0.setting, $0.before, $0.after] },
        numbers: false)
      text += "\n"
    }
    return text + MarkdownText.escape(footer)
  }

  private var rows: [[String]] {
    change.changes.map { item in
      let format: FigureFormat =
        switch item.metric {
        case "cost_usd": .dollarsPerThousand
        case "savings", "retention", "label_match", "acceptable_set", "escalation": .percent
        default: .plain
        }
      return [
        item.metric == "cost_usd" ? "cost of 1,000 queries" : item.metric,
        format.text(item.before, withInterval: false),
        format.text(item.after, withInterval: false),
        format.text(item.difference, isSigned: true),
        item.verdict == "undecided" ? "UNDECIDED" : item.verdict,
      ]
    }
  }

  private var headline: String {
    let decided = change.changes.filter { $0.verdict != "undecided" }
    func list(_ verdict: String) -> String {
      decided.filter { $0.verdict == verdict }.map(\.metric).joined(separator: ", ")
    }
    var parts: [String] = []
    if !list("better").isEmpty { parts.append("better in \(list("better"))") }
    if !list("worse").isEmpty { parts.append("worse in \(list("worse"))") }
    let summary =
      change.changes.isEmpty
      ? "the same decisions and scores"
      : parts.isEmpty ? "no difference is shown" : parts.joined(separator: "; ")
    return PlainText.oneLine("\(change.before) → \(change.after): \(summary).")
  }

  private var notes: [String] {
    let (up, down) = (change.movedUp, change.movedDown)
    var notes = [
      "\(CountFormat.count(change.rows)) rows judged by both; \(FigureFormat.percent.text(up)) go to a dearer candidate than before, \(FigureFormat.percent.text(down)) to a cheaper one."
    ]
    if change.onlyBefore + change.onlyAfter > 0 {
      notes.append(
        "\(CountFormat.count(change.onlyBefore)) rows were judged only before, \(CountFormat.count(change.onlyAfter)) only after; they are left out."
      )
    }
    notes += change.warnings.map { "Warning: \($0)" }
    return notes.map(PlainText.oneLine)
  }

  private var footer: String {
    let same =
      change.unchanged.isEmpty ? "" : "Unchanged: \(change.unchanged.joined(separator: ", ")). "
    return PlainText.oneLine(
      "\(same)[ ]: \(CountFormat.confidence(change.intervals.confidence)) intervals, \(change.intervals.method)."
    )
  }
}
