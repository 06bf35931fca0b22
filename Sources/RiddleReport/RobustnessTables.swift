import RiddleEvaluation

/// A robustness report as tables, for the terminal, the page and the model card.
public enum RobustnessTables {
  /// The tables: what perturbations do, then what gadgets do; the first says what a reader must be warned of.
  public static func tables(_ report: RobustnessReport) -> [ModelTable] {
    var tables: [ModelTable] = []
    if !report.changes.isEmpty { tables.append(changes(report)) }
    if !report.gadgets.isEmpty { tables.append(gadgets(report)) }
    if !tables.isEmpty && !report.warnings.isEmpty {
      let warnings = report.warnings.map { "Warning: \($0)." }
      tables[0].note = ([tables[0].note] + warnings).joined(separator: " ")
    }
    return tables
  }

  private static func changes(_ report: RobustnessReport) -> ModelTable {
    let percent = FigureFormat.percent
    var note =
      "\(CountFormat.count(report.queries)) queries (\(report.rows)); \(shares(report)). Shares are over the queries whose text changes; intervals: \(CountFormat.confidence(report.confidence)), by \(report.unit). "
    if let every = report.everyBenign {
      note += "\(percent.text(every)) keep their candidate under every single benign change. "
    }
    if report.changes.contains(where: { !$0.family.isBenign }) {
      note += "Marked *: hostile, what nobody types by accident."
    }
    if note.last == " " { note.removeLast() }
    let hasCosts = report.changes.contains { $0.dollars.value != nil }
    let hasQuality = report.changes.contains { $0.quality.value != nil }
    var columns = ["Change", "Queries", "Unchanged", "To dearer", "To cheaper"]
    if hasCosts { columns.append("Δ $ / 1,000") }
    if hasQuality { columns.append("Δ quality") }
    let rows = report.changes.map { line -> [String] in
      var cells = [
        line.name + (line.family.isBenign ? "" : " *"), CountFormat.count(line.queries),
        percent.text(line.unchanged), percent.text(line.upgraded, withInterval: false),
        percent.text(line.downgraded, withInterval: false),
      ]
      if hasCosts {
        cells.append(
          FigureFormat.dollarsPerThousand.text(line.dollars, isSigned: true, withInterval: false))
      }
      if hasQuality {
        cells.append(FigureFormat.plain.text(line.quality, isSigned: true, withInterval: false))
      }
      return cells
    }
    return ModelTable(title: "Robustness of routes", note: note, columns: columns, rows: rows)
  }

  private static func shares(_ report: RobustnessReport) -> String {
    zip(report.candidates, report.shares).map {
      "\(FigureFormat.percent.text($1)) go to \($0)"
    }.joined(separator: ", ")
  }

  private static func gadgets(_ report: RobustnessReport) -> ModelTable {
    let percent = FigureFormat.percent
    let first = report.gadgets[0]
    let prefixes = report.gadgets.map {
      "\($0.direction.rawValue): \($0.tokens.isEmpty ? "nothing helped" : $0.tokens.joined(separator: " "))"
    }.joined(separator: "; ")
    func row(_ name: String, _ cell: (GadgetAttack) -> String) -> [String] {
      [name] + report.gadgets.map(cell)
    }
    return ModelTable(
      title: "Gadgets: one prefix for every query",
      note:
        "Found greedily on \(CountFormat.count(first.searchQueries)) queries, judged on \(CountFormat.count(first.judgedQueries)) others: of the queries that can move this way, how many do. Random: prefixes of as many random tokens. Prefixes found: \(prefixes).",
      columns: ["Gadget"] + report.gadgets.map(\.direction.rawValue),
      rows: [
        row("tokens") { "\($0.tokens.count)" },
        row("queries that can move") { CountFormat.count($0.attackable) },
        row("moved") { percent.text($0.moved) },
        row("moved by random tokens") { percent.text($0.movedAtRandom) },
        row("above the cheapest, before") { percent.text($0.shareBefore) },
        row("above the cheapest, after") { percent.text($0.shareAfter) },
        row("Δ $ / 1,000 queries") {
          FigureFormat.dollarsPerThousand.text($0.dollars, isSigned: true)
        },
        row("Δ quality") { FigureFormat.plain.text($0.quality, isSigned: true) },
      ])
  }
}
