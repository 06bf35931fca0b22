import RiddleEvaluation
import RiddlePipeline
import RiddleReport

/// A chosen threshold for a person.
struct ThresholdText {
  private let report: ThresholdReport
  private let width: Int

  init(_ report: ThresholdReport, width: Int) {
    self.report = report
    self.width = width
  }

  var text: String {
    var lines: [String] = []
    let ladder = report.candidates.joined(separator: " → ")
    lines.append("\(report.router), \(ladder): \(report.goal)")
    lines.append(
      "rows: \(report.rowsUsed) used (\(report.rows)), \(report.rowsSeen) left out as seen in training, \(report.rowsKeptUnseen) kept unseen"
    )
    if let chosen = report.chosen {
      for (step, threshold) in chosen.thresholds.enumerated() {
        lines.append(
          "climb above \(report.candidates[step]) from margin \(FigureFormat.plain.text(threshold)) (probability \(FigureFormat.plain.text(chosen.probabilities[step])))"
        )
      }
    }
    if let promise = report.promise {
      if promise.isMade {
        lines.append(
          (report.isProvenUnseen ? "promise: " : "promise, unproven: ") + promise.sentence)
      } else {
        lines.append("no promise: \(refusal)")
      }
      lines.append(
        "proof: \(Self.method(promise.terms.method)); \(promise.certified) of \(promise.grid) thresholds certified, p \(FigureFormat.plain.text(promise.pValue))\(promise.refusedPValue.map { ", refused at p \(FigureFormat.plain.text($0))" } ?? "")"
      )
    } else if report.chosen == nil {
      lines.append("no threshold: \(refusal)")
    } else {
      lines.append("nothing is promised: this threshold only did so on these rows")
    }
    return lines.joined(separator: "\n") + "\n\n" + table
  }

  /// Why there is no threshold.
  var refusal: String {
    guard let promise = report.promise else {
      return
        "no threshold meets \(report.goal) on these rows; even always asking \(report.candidates[0]) does not"
    }
    let short =
      promise.units < promise.unitsNeeded
      ? "; \(promise.terms.method.rawValue) needs at least \(promise.unitsNeeded) unseen \(promise.unit == "query" ? "queries" : promise.unit + "s") even when nothing is lost, these are \(promise.units)"
      : ""
    return
      "no threshold can be certified to lose at most \(promise.terms.maximumLoss) (p \(FigureFormat.plain.text(promise.pValue)) > \(FigureFormat.plain.text(promise.terms.delta)))\(short); keep asking \(report.candidates.last ?? "the strongest candidate") always, allow a larger loss, or label more rows"
  }

  private var table: String {
    var rows: [[String]] = []
    func add(_ name: String, _ option: ThresholdReport.Option?) {
      guard let option else { return }
      let figures = option.figures
      rows.append([
        name, option.probabilities.map { FigureFormat.plain.text($0) }.joined(separator: " "),
        FigureFormat.plain.text(figures.loss, isSigned: true),
        FigureFormat.percent.text(figures.savings),
        FigureFormat.percent.text(figures.strongShare),
        FigureFormat.plain.text(figures.quality),
        FigureFormat.dollarsPerThousand.text(figures.costDollars),
      ])
    }
    add(report.promise == nil ? "chosen" : "promised", report.chosen)
    add("best on validation", report.bestOnValidation)
    add("stored", report.stored)
    let columns =
      [TerminalTable.Column("threshold", .left)]
      + ["probability", "quality loss", "saving", "strong share", "quality", "cost per 1 000"]
      .map { TerminalTable.Column($0) }
    var text = TerminalTable(columns: columns, rows: rows).render(width: width)
    if report.bestOnValidation != nil {
      text +=
        "best on validation: the cheapest threshold whose observed loss stays below the limit; it carries no promise"
    }
    while text.hasSuffix("\n") { text.removeLast() }
    return text
  }

  private static func method(_ bound: RiskBound) -> String {
    switch bound {
    case .wsr: "Waudby-Smith–Ramdas betting bound, exact at any number of rows"
    case .hoeffdingBentkus: "Hoeffding–Bentkus bound, exact at any number of rows"
    case .binomial: "exact binomial test of the share that loses anything"
    case .clt: "central limit theorem, asymptotic"
    }
  }
}
