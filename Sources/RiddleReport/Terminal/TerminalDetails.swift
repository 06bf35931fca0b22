import RiddleEvaluation

/// The parts of a terminal report below the wall: routers against one another, segments, where the router fails, how its
/// scores are spread.
enum TerminalDetails {
  static func render(
    _ report: EvaluationReport, width: Int, style: TerminalTable.Style
  ) -> String {
    var text = ""
    for table in [
      pairs(report), misroutes(report), confusion(report), segments(report), histogram(report),
      probabilities(report), published(report),
    ] {
      guard let table else { continue }
      text += "\n" + PlainText.wrapped(PlainText.oneLine(table.title), to: width) + "\n"
      text += table.table.render(width: width, style: style)
    }
    return text
  }

  private typealias Titled = (title: String, table: TerminalTable)

  /// The columns that some router has a value for.
  private static func defined(_ columns: [WallColumn], _ report: EvaluationReport)
    -> [WallColumn]
  {
    columns.filter { column in
      report.routers.contains { FigureFormat.isDefined(column.figure($0)) }
    }
  }

  /// What the terminal compares routers in; cost and retention say the same again.
  private static let compared = [
    "quality", "savings", "utility at same cost", "utility", "label_match", "apgr", "auc",
    "log_loss",
  ]

  /// Differences between routers, with corrected p-values.
  private static func pairs(_ report: EvaluationReport) -> Titled? {
    let tested = report.comparisons.filter {
      $0.pHolm != nil && compared.contains($0.metric)
    }
    guard !tested.isEmpty else { return nil }
    return (
      "Routers against one another, paired; p corrected over all pairs (Holm):",
      TerminalTable(
        columns: [.init("Routers, figure", .left), .init("Difference"), .init("Verdict", .left)],
        rows: tested.map { pair in
          let verdict = pair.verdict == "undecided" ? "UNDECIDED" : pair.verdict
          return [
            "\(pair.router) − \(pair.baseline), \(pair.metric)",
            FigureFormat.plain.text(pair.difference, isSigned: true),
            "\(verdict), p \(FigureFormat.pValue(pair.pHolm ?? 1)) (\(pair.test ?? ""))",
          ]
        })
    )
  }

  /// Wrong turns of every router and what they cost.
  private static func misroutes(_ report: EvaluationReport) -> Titled? {
    let columns = defined(WallColumn.misroutes, report)
    guard !columns.isEmpty else { return nil }
    return (
      "Wrong turns against the oracle:",
      TerminalTable(
        columns: [.init("Router", .left)] + columns.map { .init($0.title) },
        rows: report.routers.map { policy in
          [policy.name] + columns.map { $0.format.text($0.figure(policy)) }
        })
    )
  }

  /// The first router's decisions by the oracle's, of at most six candidates.
  private static func confusion(_ report: EvaluationReport) -> Titled? {
    guard let router = report.routers.first, !router.confusion.isEmpty,
      report.candidates.count <= 6
    else { return nil }
    return (
      "Decisions of \(router.name), rows by the oracle's pick; recall of each candidate:",
      TerminalTable(
        columns: [.init("Oracle", .left)] + report.candidates.map { .init("to \($0)") }
          + [.init("Recall")],
        rows: report.candidates.enumerated().map { k, name in
          [name] + router.confusion[k].map { CountFormat.count($0) } + [
            k < router.perTier.count
              ? FigureFormat.plain.text(router.perTier[k].recall) : FigureFormat.undefined
          ]
        })
    )
  }

  /// The segments that lose most, at most eight.
  private static func segments(_ report: EvaluationReport) -> Titled? {
    guard !report.segments.isEmpty, let router = report.routers.first else { return nil }
    let worst = report.segments.sorted {
      $0.qualityLost != $1.qualityLost ? $0.qualityLost > $1.qualityLost : $0.name < $1.name
    }.prefix(8)
    let field = report.segmentField ?? "segment"
    let count = report.segments.count
    return (
      "\(router.name) by \(field), the worst \(worst.count) of \(count) by quality lost against the oracle:",
      TerminalTable(
        columns: [.init(field, .left)]
          + ["Queries", "Quality", "Lost", "Acceptable", "Strong", "Savings"].map { .init($0) },
        rows: worst.map { segment in
          [
            segment.name, CountFormat.count(segment.queries),
            FigureFormat.plain.text(segment.routerQuality),
            FigureFormat.plain.text(segment.qualityLost),
            FigureFormat.percent.text(segment.acceptable),
            FigureFormat.percent.text(segment.shareStrong),
            FigureFormat.percent.text(segment.savings),
          ]
        })
    )
  }

  /// The first router's scores: bars of ten bins, and the share that needs the strongest candidate.
  private static func histogram(_ report: EvaluationReport) -> Titled? {
    guard report.candidates.count == 2, let router = report.routers.first,
      !router.histogram.isEmpty
    else { return nil }
    let bins = stride(from: 0, to: router.histogram.count - 1, by: 2).map { start in
      let (a, b) = (router.histogram[start], router.histogram[start + 1])
      return (
        low: a.low, high: b.high, counts: zip(a.counts, b.counts).map { $0 + $1 }
      )
    }
    let most = max(1, bins.map { CountFormat.total($0.counts) }.max() ?? 1)
    return (
      "Scores of \(router.name), and how often only the strong candidate is right:",
      TerminalTable(
        columns: [.init("Score", .left), .init("Queries"), .init("", .left), .init("Only strong")],
        rows: bins.map { bin in
          let total = CountFormat.total(bin.counts)
          let bar = String(repeating: "█", count: Int((total / most * 24).rounded()))
          return [
            "\(FigureFormat.plain.text(bin.low)) – \(FigureFormat.plain.text(bin.high))",
            CountFormat.count(bin.counts.reduce(0, +)), bar,
            total > 0 ? CountFormat.share(bin.counts[1], of: total) : "",
          ]
        })
    )
  }

  /// What probabilities are worth.
  private static func probabilities(_ report: EvaluationReport) -> Titled? {
    let judged = report.routers.filter { FigureFormat.isDefined($0.logLoss) }
    guard !judged.isEmpty else { return nil }
    let columns = WallColumn.probability
    return (
      "Probabilities:",
      TerminalTable(
        columns: [.init("Router", .left)] + columns.map { .init($0.title) },
        rows: judged.map { policy in
          [policy.name] + columns.map { $0.format.text($0.figure(policy)) }
        })
    )
  }

  /// Figures by published definitions, routers only.
  private static func published(_ report: EvaluationReport) -> Titled? {
    let columns = defined(WallColumn.compatible, report)
    guard !columns.isEmpty else { return nil }
    return (
      "As RouteLLM, RouterBench and RouterArena define them:",
      TerminalTable(
        columns: [.init("Router", .left)] + columns.map { .init($0.title) },
        rows: report.routers.map { policy in
          [policy.name] + columns.map { $0.format.text($0.figure(policy)) }
        })
    )
  }
}
