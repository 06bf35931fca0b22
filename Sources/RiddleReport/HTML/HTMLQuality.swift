import RiddleEvaluation

/// How far the probabilities and the single decisions can be trusted.
enum HTMLQuality {
  // MARK: calibration

  static func calibration(_ report: EvaluationReport) -> Markup {
    guard !report.routers.isEmpty else { return "" }
    var body: Markup = ""
    for (index, router) in report.routers.enumerated() {
      let part: Markup = "\(reliability(router, id: index))\(histogram(router, report, id: index))"
      body +=
        index == 0
        ? part : HTMLParts.details("Calibration of \(Markup.name(router.name))", part)
    }
    return HTMLParts.section(
      "calibration", "Calibration",
      lead: "Of the queries given a probability of 30%, do 30% need the strong candidate?", body)
  }

  private static func reliability(_ router: PolicyFigures, id: Int) -> Markup {
    let figures = HTMLParts.facts(
      [WallColumn.ece, .brier, .logLoss].map { column in
        let figure = column.figure(router)
        let value: Markup =
          FigureFormat.isDefined(figure)
          ? HTMLParts.inline(figure, column.format)
          : "\(FigureFormat.undefined) \(UndefinedReason.of(column, in: router))"
        return ("\(column.title)", value)
      })
    guard !router.reliability.isEmpty else {
      return "\(figures)<p>No reliability diagram: the router gives no probability.</p>\n"
    }
    let table = HTMLParts.table(
      caption: "Bins of the reliability diagram", label: "Reliability bins",
      header: ["Predicted", "Observed", "Queries"],
      rows: router.reliability.map { bin in
        HTMLParts.row(
          "\(FigureFormat.plain.text(bin.predicted))",
          [
            HTMLParts.cell(FigureFormat.plain.text(bin.observed)),
            HTMLParts.cell(CountFormat.count(bin.count)),
          ])
      }, classes: "")
    return """
      <div class="pair">
      <figure>\(ReliabilityChart(router, id: id).render())\
      <figcaption>Reliability of \(Markup.name(router.name)). On the dotted diagonal the probability is right; \
      circles grow with the number of queries.</figcaption></figure>
      <div>\(figures)\(HTMLParts.details("Numbers of the diagram", table))</div>
      </div>

      """
  }

  private static func histogram(_ router: PolicyFigures, _ report: EvaluationReport, id: Int)
    -> Markup
  {
    guard !router.histogram.isEmpty else { return "" }
    let chart = HistogramChart(router, classes: HistogramChart.classes(report), id: id)
    return """
      <figure>\(chart.render())<figcaption>Scores of \(Markup.name(router.name)) by outcome. A router that \
      knows its queries pushes the only-strong ones to the right.</figcaption></figure>
      \(HTMLParts.details("Numbers of the histogram", chart.table()))
      """
  }

  // MARK: accuracy

  static func accuracy(_ report: EvaluationReport) -> Markup {
    guard !report.routers.isEmpty else { return "" }
    let tie = FigureFormat.percent.text(report.labelling.tieShare)
    var body = HTMLWall.table(
      report, WallColumn.accuracy, caption: "Share of queries decided rightly",
      label: "Routing accuracy", notes: "accuracy-note")
    body += HTMLParts.details(
      "What the columns mean",
      HTMLParts.facts(WallColumn.accuracy.map { ("\($0.title)", "\($0.meaning)") }))
    for (index, router) in report.routers.enumerated() {
      let part = tiers(router, report)
      guard !part.html.isEmpty else { continue }
      body +=
        index == 0
        ? "<h3>Decisions of \(Markup.name(router.name))</h3>\n\(part)"
        : HTMLParts.details("Decisions of \(Markup.name(router.name))", part)
    }
    return HTMLParts.section(
      "accuracy", "Routing accuracy",
      lead:
        "All candidates are equally good on \(tie) of the queries. Whether those count as right decides this figure.",
      body)
  }

  private static func tiers(_ router: PolicyFigures, _ report: EvaluationReport) -> Markup {
    let confusion = confusion(router, report)
    let perTier: Markup
    if router.perTier.isEmpty {
      perTier = ""
    } else {
      let rows = router.perTier.map { tier in
        HTMLParts.row(
          Markup.name(tier.candidate),
          [tier.precision, tier.recall, tier.f1].map {
            HTMLParts.cell($0, .plain)
          })
      }
      perTier = HTMLParts.table(
        caption: "Per candidate", label: "Precision, recall and F1",
        header: ["Candidate", "Precision", "Recall", "F1"], rows: rows, classes: "")
    }
    if confusion.html.isEmpty && perTier.html.isEmpty { return "" }
    return "<div class=\"pair\">\n<div>\(confusion)</div>\n<div>\(perTier)</div>\n</div>\n"
  }

  private static func confusion(_ router: PolicyFigures, _ report: EvaluationReport) -> Markup {
    guard !router.confusion.isEmpty else { return "" }
    let total = router.confusion.reduce(0) { $0 + CountFormat.total($1) }
    let width = router.confusion.reduce(0) { max($0, $1.count) }
    func name(_ index: Int) -> Markup {
      Markup.name(index < report.candidates.count ? report.candidates[index] : "\(index + 1)")
    }
    let rows = router.confusion.enumerated().map { row, counts in
      let cells = counts.enumerated().map { column, count in
        let share = total > 0 ? Double(count) / total : 0
        let hit: Markup = row == column ? " hit" : ""
        return """
          <td class="\(HTMLParts.tint(share))\(hit)">\(CountFormat.count(count)) \
          <span class="ci">\(CountFormat.share(count, of: total))</span></td>
          """ as Markup
      }
      return HTMLParts.row("oracle: \(name(row))", cells)
    }
    return HTMLParts.table(
      caption: "Confusion matrix: the oracle’s pick by row, the router’s by column",
      label: "Confusion matrix", header: [""] + (0..<width).map { "routed to \(name($0))" },
      rows: rows, classes: "matrix")
  }
}
