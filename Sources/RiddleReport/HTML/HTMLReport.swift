import RiddleEvaluation

/// An evaluation as one self-contained HTML page.
///
/// The page loads nothing, needs no script to be read, follows the reader's light or dark setting, and holds
/// aggregates only (and, where the caller gives them, n-grams that many texts share), so its size does not grow with the number of rows. The same input gives the same bytes.
public enum HTMLReport {
  /// The page.
  ///
  /// - Parameters:
  ///   - report: the evaluation; whatever its strings contain stays text.
  ///   - title: names the run, for example `support-desk, August`.
  ///   - reproduction: commands that give the same page, one a line.
  ///   - facts: provenance in order of display: seed, versions, checksums.
  ///   - model: what the router itself looks at; the section is left out when empty.
  ///   - findings: what training found out about the data; the section is left out when empty.
  ///   - thresholds: the routers' thresholds and what each guarantees; the section is left out when empty.
  ///   - robustness: whether routes hold under changed queries; the section is left out when empty.
  ///   - dataCard: splits, leaks and what else is known of the data; stands with the inputs.
  ///   - simulation: what replaying policies showed beside the evaluation; nil for none.
  ///   - texts: texts of the worst queries by identifier, when the reader asked for them.
  /// - Returns: a document in UTF-8; below 2 MB for 60 segments and ten policies with full curves.
  public static func render(
    _ report: EvaluationReport, title: String, reproduction: [String], facts: [(String, String)],
    model: [ModelTable] = [], findings: [ModelTable] = [], thresholds: [ModelTable] = [],
    robustness: [ModelTable] = [], dataCard: [ModelTable] = [], simulation: SimulationReport? = nil,
    texts: [String: String] = [:]
  ) -> String {
    var plot = CostQualityPlot(report)
    if let simulation { plot.add(simulation) }
    let replay = ModelTable.section(
      simulation.map(SimulationTables.all) ?? [], id: "replay", title: "Replay",
      lead: "Policies step by step: who was asked, who answered, who decided, and how long it took."
    )
    let looksAt = ModelTable.section(
      model, id: "model", title: "What the router looks at",
      lead:
        "What moves its answer, not what causes the label: features that say the same share an effect."
    )
    let found = ModelTable.section(
      findings, id: "findings", title: "What the data allow",
      lead: "Found on the train and calibrate sides; the rows judged above had no part in it.")
    let holds = ModelTable.section(
      robustness, id: "robustness", title: "Do routes hold?",
      lead:
        "The judged queries again, written differently by accident and on purpose. A route that moves was chosen by the writing."
    )
    let promises = ModelTable.section(
      thresholds, id: "thresholds", title: "Thresholds",
      lead: "Where each router climbs, and what that promises.")
    let card = ModelTable.section(
      dataCard, id: "data-card", title: "Data card",
      lead: "What is known of the data that the figures rest on.")
    let page: Markup = """
      \(head(title))<body>
      <a class="skip" href="#headline">Skip to the figures</a>
      <header>
      <h1>\(title)</h1>
      \(verdict(report))\(contents(report, hasModel: !model.isEmpty, hasFindings: !findings.isEmpty, hasThresholds: !thresholds.isEmpty, hasRobustness: !robustness.isEmpty, hasDataCard: !dataCard.isEmpty, hasReplay: simulation != nil))</header>
      <main>
      \(headline(report))\(HTMLGates.section(report))\(simulation == nil ? "" : chart(plot))\(replay)\(headroom(report))\(HTMLWall.section(report))\(simulation == nil ? chart(plot) : "")\
      \(HTMLQuality.calibration(report))\(HTMLQuality.accuracy(report))\(HTMLComparisons.section(report))\
      \(HTMLComparisons.segments(report))\(HTMLFailures.section(report, texts: texts))\(holds)\(promises)\(looksAt)\
      \(found)\(warnings(report))\(rows(report))\(card)\(intervals(report))\(inputs(report, facts: facts))\(reproduce(reproduction))</main>
      <footer><p>Written by Riddle from <code>\(report.format)</code>. This page loads nothing and sends nothing.</p></footer>
      <script>\(Markup(stringLiteral: HTMLStyle.script))</script>
      </body>
      </html>

      """
    return page.html
  }

  static func head(_ title: String) -> Markup {
    let policy: Markup = """
      default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-\(HTMLStyle.scriptHash)'; \
      base-uri 'none'; form-action 'none'
      """
    return """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="\(policy)">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <meta name="generator" content="Riddle">
      <title>\(title)</title>
      <style>
      \(Markup(stringLiteral: HTMLStyle.sheet))</style>
      </head>

      """
  }

  // MARK: the first screen

  private static func verdict(_ report: EvaluationReport) -> Markup {
    guard let router = report.routers.first else {
      return "<p class=\"verdict\">\(PlainSummary.baselinesOnly(report))</p>\n"
    }
    let verdict = WallVerdict(router: router.name, in: report)
    let confidence = CountFormat.confidence(report.intervals.confidence)
    var text: Markup = """
      <p class="verdict">\(PlainText.bindingIntervals(PlainSummary.sentence(router, in: report)))</p>
      <p class="wall"><span class="word">\(verdict.word.rawValue)</span> \(verdict.explanation) \
      <span class="ci">Brackets are \(confidence) intervals.</span></p>

      """
    if !report.warnings.isEmpty {
      let count = report.warnings.count
      let noun = count == 1 ? "warning" : "warnings"
      text +=
        "<p><a href=\"#warnings\"><strong>\(count) \(noun)</strong></a> to read before believing these figures.</p>\n"
    }
    return text
  }

  private static func contents(
    _ report: EvaluationReport, hasModel: Bool, hasFindings: Bool, hasThresholds: Bool,
    hasRobustness: Bool, hasDataCard: Bool, hasReplay: Bool
  ) -> Markup {
    var entries: [(Markup, Markup)] = [
      ("headline", "Figures"), ("gates", "Gates"), ("replay", "Replay"), ("headroom", "Headroom"),
      ("wall", "Baseline wall"),
      ("curve", "Cost and quality"), ("calibration", "Calibration"), ("accuracy", "Accuracy"),
      ("comparisons", "Comparisons"), ("segments", "Segments"),
      ("failures", "Failures"), ("robustness", "Robustness"), ("thresholds", "Thresholds"),
      ("model", "Model"),
      ("findings", "Data"),
      ("warnings", "Warnings"),
      ("rows", "Rows"), ("data-card", "Data card"), ("intervals", "Intervals"),
      ("inputs", "Inputs"),
      ("reproduce", "Reproduce"),
    ]
    if !hasModel { entries.removeAll { $0.0.html == "model" } }
    if !hasFindings { entries.removeAll { $0.0.html == "findings" } }
    if !hasThresholds { entries.removeAll { $0.0.html == "thresholds" } }
    if !hasRobustness { entries.removeAll { $0.0.html == "robustness" } }
    if !hasDataCard { entries.removeAll { $0.0.html == "data-card" } }
    if !hasReplay { entries.removeAll { $0.0.html == "replay" } }
    if report.gates.isEmpty { entries.removeAll { $0.0.html == "gates" } }
    if report.routers.isEmpty {
      entries.removeAll { ["calibration", "accuracy", "failures"].contains($0.0.html) }
    }
    let items = entries.map { "<li><a href=\"#\($0.0)\">\($0.1)</a></li>" as Markup }
    return "<nav aria-label=\"Contents\"><ul>\(items)</ul></nav>\n"
  }

  private static func headline(_ report: EvaluationReport) -> Markup {
    var entries: [Markup] = []
    func entry(_ title: Markup, _ value: String, _ below: Markup) {
      entries.append(
        "<div><dt>\(title)</dt><dd><span class=\"big\">\(value)</span>\(below)</dd></div>\n")
    }
    if let router = report.routers.first {
      let columns: [WallColumn] = [.savings, .retention, .quality, .cost, .shareStrong, .apgr]
      for column in columns {
        let figure = column.figure(router)
        var below = HTMLParts.interval(figure, column.format)
        if !FigureFormat.isDefined(figure) {
          below = "<span class=\"why\">\(UndefinedReason.of(column, in: router))</span>"
        } else if column.key == "apgr",
          let band = FigureFormat.plain.interval(report.randomBand)
        {
          let text = PlainText.bindingIntervals("random routers: \(band)")
          below += "<span class=\"why\">\(text)</span>"
        }
        entry("\(column.title)", column.format.text(figure, withInterval: false), below)
      }
    } else {
      let head = report.headroom
      entry("Weakest alone, quality", FigureFormat.plain.text(head.meanQuality.first), "")
      entry("Strongest alone, quality", FigureFormat.plain.text(head.meanQuality.last), "")
      entry("Oracle, quality", FigureFormat.plain.text(head.oracleQuality), "")
      entry("Oracle, savings", FigureFormat.percent.text(head.oracleSavings), "")
    }
    let count = CountFormat.count(report.queries)
    let subject: Markup =
      report.routers.first.map { Markup.name($0.name) } ?? "What there is to gain"
    return HTMLParts.section(
      "headline", "Headline figures", lead: "\(subject), on \(count) queries.",
      "<dl class=\"figures\">\n\(entries)</dl>\n")
  }

  // MARK: headroom

  private static func headroom(_ report: EvaluationReport) -> Markup {
    let head = report.headroom
    var lead: Markup =
      "What a perfect router, one that knows the answers, could gain on these rows. "
    if let savings = head.oracleSavings, savings.isFinite {
      let quality = FigureFormat.plain.text(head.oracleQuality)
      lead += "It would save \(FigureFormat.percent.text(savings)) and reach quality \(quality)."
    } else {
      let quality = FigureFormat.plain.text(head.oracleQuality)
      lead +=
        "It would reach quality \(quality); its savings are unknown, because costs are missing."
    }
    // The two ends of the ladder and the oracle are policies of the wall, with intervals.
    func policy(_ name: String) -> PolicyFigures? { report.baselines.first { $0.name == name } }
    var rows = head.meanQuality.enumerated().map { index, quality in
      let cost = index < head.meanCostDollars.count ? head.meanCostDollars[index] : nil
      let name = index < report.candidates.count ? report.candidates[index] : "\(index + 1)"
      let end =
        index == 0
        ? policy("always-cheapest")
        : index == head.meanQuality.count - 1 ? policy("always-strongest") : nil
      return alone("\(Markup.name(name))", quality, cost, end)
    }
    rows.append(alone("oracle", head.oracleQuality, head.oracleCostDollars, policy("oracle")))
    let table = HTMLParts.table(
      caption: "Each candidate alone, and the oracle", label: "Headroom",
      header: ["Asked", "Mean quality", "$ / 1,000 queries"], rows: rows, classes: "")
    return HTMLParts.section(
      "headroom", "Headroom", lead: lead,
      "<div class=\"pair\">\n<div>\(table)</div>\n<div>\(outcomes(report))</div>\n</div>\n")
  }

  private static func alone(
    _ name: Markup, _ quality: Double, _ cost: Double?, _ policy: PolicyFigures?
  ) -> Markup {
    HTMLParts.row(
      name,
      [
        HTMLParts.cell(policy?.quality ?? Figure(quality), .plain),
        HTMLParts.cell(policy?.costDollars ?? Figure(cost), .dollarsPerThousand),
      ])
  }

  /// The 2 × 2 table of a pair, or how often the oracle picks each candidate of a ladder.
  private static func outcomes(_ report: EvaluationReport) -> Markup {
    let counts = report.headroom.outcomeCounts
    let total = CountFormat.total(counts)
    guard report.candidates.count == 2, counts.count == 4 else {
      let rows = counts.enumerated().map { index, count in
        let name = index < report.candidates.count ? report.candidates[index] : "\(index + 1)"
        return HTMLParts.row(
          Markup.name(name),
          [
            HTMLParts.cell(CountFormat.count(count)),
            HTMLParts.cell(CountFormat.share(count, of: total)),
          ])
      }
      return HTMLParts.table(
        caption: "Where the oracle sends the queries", label: "Oracle picks",
        header: ["Candidate", "Queries", "Share"], rows: rows, classes: "")
    }
    func cell(_ count: Int, _ meaning: Markup) -> Markup {
      let share = total > 0 ? Double(count) / total : 0
      return """
        <td class="\(HTMLParts.tint(share))">\(CountFormat.count(count)) \
        <span class="ci">\(CountFormat.share(count, of: total))</span><span class="kind">\(meaning)</span></td>
        """
    }
    let weak = Markup.name(report.candidates[0])
    let strong = Markup.name(report.candidates[1])
    let threshold = CountFormat.setting(report.labelling.qualityThreshold)
    return HTMLParts.table(
      caption: "Whose answer is adequate (quality ≥ \(threshold))", label: "Outcomes",
      header: ["", "\(strong) adequate", "\(strong) not"],
      rows: [
        HTMLParts.row(
          "\(weak) adequate", [cell(counts[0], "either will do"), cell(counts[2], "only weak")]),
        HTMLParts.row(
          "\(weak) not", [cell(counts[1], "worth paying for"), cell(counts[3], "neither")]),
      ], classes: "matrix")
  }

  // MARK: chart

  private static func chart(_ plot: CostQualityPlot) -> Markup {
    guard !plot.isEmpty else {
      return HTMLParts.section(
        "curve", "Cost and quality", lead: "", "<p>No policy has both coordinates.</p>\n")
    }
    let isCost = plot.axis == .cost
    let omitted: Markup =
      plot.omitted > 0
      ? "<p>\(plot.omitted) points beyond 10<sup>9</sup> are not drawn.</p>\n" : ""
    let tables = plot.curves.map { curve in
      HTMLParts.details(
        "Numbers of the curve of \(Markup.name(curve.name)), \(curve.points.count) points",
        HTMLParts.table(
          caption: "\(Markup.name(curve.name)) at every drawn threshold",
          label: "Curve of \(curve.name)",
          header: [isCost ? "$ / 1,000 queries" : "Strong share, %", "Quality", "Interval"],
          rows: curve.points.map(Self.curveRow), classes: ""))
    }
    let marks = HTMLParts.details(
      "Numbers of the marked points",
      HTMLParts.table(
        caption: "Marked points", label: "Marked points",
        header: ["Point", isCost ? "$ / 1,000 queries" : "Strong share, %", "Quality"],
        rows: plot.marks.map {
          HTMLParts.row(
            Markup.name($0.name),
            [
              HTMLParts.cell(abscissa($0.point.x)),
              HTMLParts.cell(FigureFormat.plain.text($0.point.y)),
            ])
        }, classes: ""))
    return HTMLParts.section(
      "curve", "Cost and quality",
      lead:
        "Up and to the left is better. A useful router lies clearly above the dotted line of random mixes.",
      "\(CostQualityChart(plot).render())\(omitted)\(marks)\(tables)")
  }

  private static func curveRow(_ point: CostQualityPlot.Point) -> Markup {
    let figure = Figure(point.y, low: point.low, high: point.high)
    return HTMLParts.row(
      "\(abscissa(point.x))",
      [
        HTMLParts.cell(FigureFormat.plain.text(point.y)),
        HTMLParts.cell(FigureFormat.plain.interval(figure) ?? FigureFormat.undefined),
      ])
  }

  private static func abscissa(_ value: Double) -> String { FigureFormat.plain.text(value) }

  // MARK: warnings and provenance

  private static func warnings(_ report: EvaluationReport) -> Markup {
    guard !report.warnings.isEmpty else {
      return HTMLParts.section("warnings", "Warnings", lead: "", "<p>None.</p>\n")
    }
    let items = report.warnings.map { "<li>\($0)</li>\n" as Markup }
    return HTMLParts.section(
      "warnings", "Warnings", lead: "What a sceptical reader must know before believing a figure.",
      "<div class=\"warnings\" role=\"note\"><ul>\n\(items)</ul></div>\n")
  }

  private static func rows(_ report: EvaluationReport) -> Markup {
    let rows = report.rows
    let label = report.labelling
    return HTMLParts.section(
      "rows", "How the rows were chosen", lead: "\(rows.description)",
      HTMLParts.facts([
        ("Rows in the input", "\(CountFormat.count(rows.total))"),
        ("Left out: seen in training", "\(CountFormat.count(rows.seenInTraining))"),
        ("Left out: incomplete", "\(CountFormat.count(rows.incomplete))"),
        ("Evaluated", "\(CountFormat.count(report.queries))"),
        ("Oracle", "\(label.oracle)"),
        ("Label target", "\(label.target)"),
        ("Adequate from quality", "\(CountFormat.setting(label.qualityThreshold))"),
        ("Labelled strong needed", "\(FigureFormat.percent.text(label.positiveShare))"),
        ("Ties, all candidates equally good", "\(FigureFormat.percent.text(label.tieShare))"),
      ]))
  }

  private static func intervals(_ report: EvaluationReport) -> Markup {
    let settings = report.intervals
    let band = FigureFormat.plain.interval(report.randomBand) ?? FigureFormat.undefined
    return HTMLParts.section(
      "intervals", "Intervals",
      lead: "A difference counts as decided only when its interval excludes 0.",
      HTMLParts.facts([
        ("Method", "\(settings.method)"),
        ("Confidence", "\(CountFormat.confidence(settings.confidence))"),
        ("Replicates", "\(CountFormat.count(settings.replicates))"),
        ("Resampled clusters", "\(CountFormat.count(settings.clusters))"),
        ("Seed", "\(String(settings.seed))"),
        ("APGR of random routers", "\(band)"),
      ]))
  }

  private static func inputs(_ report: EvaluationReport, facts: [(String, String)]) -> Markup {
    var body: Markup = ""
    if report.inputs.isEmpty {
      body += "<p>The report names no input file.</p>\n"
    } else {
      body += HTMLParts.table(
        caption: "Files read", label: "Inputs", header: ["Role", "Name", "SHA-256"],
        rows: report.inputs.map {
          HTMLParts.row(
            "\($0.role)",
            [
              "<td class=\"text\">\(Markup.name($0.name))</td>",
              "<td class=\"text\"><code>\($0.sha256)</code></td>",
            ])
        }, textColumns: [1, 2])
    }
    if !facts.isEmpty { body += HTMLParts.facts(facts.map { ("\($0.0)", "\($0.1)") }) }
    return HTMLParts.section("inputs", "Inputs and checksums", lead: "", body)
  }

  private static func reproduce(_ commands: [String]) -> Markup {
    guard !commands.isEmpty else {
      return HTMLParts.section(
        "reproduce", "How to reproduce", lead: "", "<p>No command was recorded.</p>\n")
    }
    let lines = commands.joined(separator: "\n")
    return HTMLParts.section(
      "reproduce", "How to reproduce",
      lead: "The same inputs, settings and seed give this page byte for byte.",
      "<pre tabindex=\"0\"><code>\(lines)</code></pre>\n")
  }
}
