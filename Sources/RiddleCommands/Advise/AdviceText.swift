import RiddleEvaluation
import RiddleReport

/// Advice for a person.
struct AdviceText {
  private let report: AdviceReport
  private let width: Int

  init(_ report: AdviceReport, width: Int) {
    self.report = report
    self.width = width
  }

  var text: String {
    var parts = [heading]
    if report.actions.isEmpty {
      parts.append("Nothing these data support.")
    } else {
      parts += report.actions.enumerated().map { action($1, number: $0 + 1) }
    }
    parts.append("Looked at and not advised:\n" + lookedAt)
    parts.append(shares)
    parts.append(footer)
    return parts.map { part in
      var text = part
      while text.hasSuffix("\n") { text.removeLast() }
      return text
    }.joined(separator: "\n\n")
  }

  private var heading: String {
    let units = report.unit == "query" ? "" : ", resampled by \(report.unit) (\(report.units))"
    var text =
      "\(report.router), on \(report.rows) rows\(units): quality \(FigureFormat.plain.text(report.quality))"
    if report.cost.value != nil {
      text += ", \(FigureFormat.dollarsPerThousand.text(report.cost)) per 1,000 queries in all"
    }
    return text
  }

  private func action(_ finding: AdviceReport.Finding, number: Int) -> String {
    var lines = ["\(number). \(sentence(finding))"]
    if let gain = finding.gain { lines.append("   \(changes(gain))") }
    for evidence in finding.evidence {
      lines.append(
        "   because: \(evidence.name) \(FigureFormat.percent.text(evidence.figure)), \(evidence.bound)"
      )
    }
    if let p = finding.pHolm { lines.append("   p, corrected: \(self.p(p))") }
    return lines.joined(separator: "\n")
  }

  private func sentence(_ finding: AdviceReport.Finding) -> String {
    var text = finding.action.prefix(1).uppercased() + finding.action.dropFirst()
    if let thresholds = finding.thresholds {
      let values = thresholds.map { value in
        value.map { FigureFormat.plain.text($0) }
          ?? (finding.kind == .tighten ? "always up" : "never up")
      }
      text += ": to \(values.joined(separator: ", ")) (margin)"
    }
    if let share = finding.upShare {
      text +=
        "; \(FigureFormat.percent.text(share)) of the queries go up (riddle threshold --strong-share \(shareText(share)))"
    }
    return text
  }

  private func changes(_ gain: AdviceReport.Gain) -> String {
    var parts = [
      "quality \(points(gain.quality)) points (\(FigureFormat.percent.text(gain.qualityShare, isSigned: true)) of it)"
    ]
    if gain.cost.value != nil {
      parts.append(
        "\(FigureFormat.dollarsPerThousand.text(gain.cost, isSigned: true)) per 1,000 (\(FigureFormat.percent.text(gain.costShare, isSigned: true)) of the bill)"
      )
    }
    return parts.joined(separator: "\n   ")
      + "\n   worth \(points(gain.worth)) points"
  }

  private var lookedAt: String {
    report.lookedAt.map { finding in
      var text = "  \(finding.action): \(finding.reason ?? "")"
      if let p = finding.pHolm, p < 1 { text += " (p, corrected: \(self.p(p)))" }
      for evidence in finding.evidence {
        text += "\n    \(evidence.name): \(FigureFormat.percent.text(evidence.figure))"
      }
      if let gain = finding.gain {
        text +=
          "\n    would change quality by \(points(gain.quality)) points"
        if gain.cost.value != nil {
          text += ", the bill by \(FigureFormat.percent.text(gain.costShare, isSigned: true))"
        }
      }
      return text
    }.joined(separator: "\n")
  }

  private var shares: String {
    let list = report.tiers + report.dominantSegments
    return TerminalTable(
      columns: [
        .init("Where it goes", .left), .init("queries"), .init("spend"), .init("quality"),
      ],
      rows: list.map {
        [
          $0.name, FigureFormat.percent.text($0.queries), FigureFormat.percent.text($0.spend),
          FigureFormat.plain.text($0.quality),
        ]
      }
    ).render(width: width)
  }

  private var footer: String {
    let tested = (report.actions + report.lookedAt).count { $0.p != nil }
    let dollars = FigureFormat.plain.text(report.pricePerQuality / 10)
    var lines = [
      "Gains are of all queries together, on rows that did not choose the change; p is corrected for \(tested) looks (Holm).",
      report.isPriceGiven
        ? "worth: quality − λ · dollars; $1 per 1,000 queries is worth \(dollars) points, as given."
        : "worth: quality − price · dollars; $1 per 1,000 queries is worth \(dollars) points: what it buys by mixing the cheapest and the strongest at random.",
    ]
    for warning in report.warnings { lines.append("warning: \(warning)") }
    return lines.joined(separator: "\n")
  }

  /// Quality in hundredths.
  private func points(_ figure: Figure) -> String {
    let scaled = Figure(
      figure.value.map { 100 * $0 }, low: figure.low.map { 100 * $0 },
      high: figure.high.map { 100 * $0 })
    return FigureFormat.plain.text(scaled, isSigned: true)
  }

  private func shareText(_ share: Double) -> String { "\((share * 1000).rounded() / 1000)" }

  private func p(_ p: Double) -> String { p < 0.001 ? "<0.001" : FigureFormat.plain.text(p) }
}
