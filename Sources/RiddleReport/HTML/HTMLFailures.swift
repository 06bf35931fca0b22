import RiddleEvaluation

/// Where the first router fails: kinds of wrong turn, worst segments, single queries.
enum HTMLFailures {
  /// - Parameter texts: query texts by identifier; only those the reader asked for.
  static func section(_ report: EvaluationReport, texts: [String: String]) -> Markup {
    guard let router = report.routers.first else { return "" }
    var body = HTMLWall.table(
      report, WallColumn.misroutes, caption: "Wrong turns against the oracle",
      label: "Wrong turns", notes: "misroute-note")
    body += segments(report)
    body += queries(report, texts: texts)
    return HTMLParts.section(
      "failures", "Where it fails",
      lead:
        "\(Markup.name(router.name)) against the oracle: complex queries sent cheap lose quality, simple ones sent dear waste money.",
      body)
  }

  private static func segments(_ report: EvaluationReport) -> Markup {
    let worst = report.segments.filter { $0.qualityLost > 0 }
      .sorted {
        $0.qualityLost != $1.qualityLost ? $0.qualityLost > $1.qualityLost : $0.name < $1.name
      }
      .prefix(10)
    guard !worst.isEmpty else { return "" }
    let rows = worst.map { segment in
      HTMLParts.row(
        Markup.name(segment.name),
        [
          "<td data-v=\"\(segment.queries)\">\(CountFormat.count(segment.queries))</td>",
          HTMLParts.cell(Figure(segment.qualityLost), .plain),
          HTMLParts.cell(segment.acceptable, .percent),
        ])
    }
    return HTMLParts.table(
      caption: "Segments that lose most quality per query", label: "Worst segments",
      header: ["Segment", "Queries", "Quality lost", "Acceptable picks"], rows: rows,
      classes: "", attributes: " data-sortable")
  }

  private static func queries(_ report: EvaluationReport, texts: [String: String]) -> Markup {
    guard !report.misroutes.isEmpty else { return "" }
    let hasSegments = report.misroutes.contains { $0.segment != nil }
    let rows = report.misroutes.map { row in
      var cells: [Markup] = []
      if hasSegments { cells.append("<td class=\"text\">\(row.segment ?? "")</td>") }
      cells += [
        "<td class=\"text\">\(Markup.name(row.pick))</td>",
        "<td class=\"text\">\(Markup.name(row.oracle))</td>",
        HTMLParts.cell(Figure(row.qualityLost), .plain),
        HTMLParts.cell(Figure(row.overspendDollars), .dollarsPerThousand),
      ]
      if !texts.isEmpty {
        let text = texts[row.id].map { String($0.prefix(400)) } ?? ""
        cells.append("<td class=\"text\">\(text)</td>")
      }
      return HTMLParts.row("<code>\(row.id)</code>", cells)
    }
    var header: [Markup] = ["Query"]
    if hasSegments { header.append("Segment") }
    header += ["Sent to", "Oracle", "Quality lost", "$ too much / 1,000"]
    if !texts.isEmpty { header.append("Text, first 400 characters") }
    let textColumns = header.indices.filter { column in
      ["Segment", "Sent to", "Oracle", "Text, first 400 characters"].contains(header[column].html)
    }
    return HTMLParts.details(
      "The \(rows.count) worst queries, by identifier",
      HTMLParts.table(
        caption: "Worst queries: too low first, then too high", label: "Worst queries",
        header: header, rows: rows, attributes: " data-sortable", textColumns: textColumns))
  }
}
