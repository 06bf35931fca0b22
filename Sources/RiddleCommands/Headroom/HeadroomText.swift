import RiddleEvaluation
import RiddlePipeline
import RiddleReport

/// Headroom for a person.
struct HeadroomText {
  private let report: HeadroomReport
  private let width: Int

  init(_ report: HeadroomReport, width: Int) {
    self.report = report
    self.width = width
  }

  var text: String {
    let headroom = report.headroom
    var parts = [report.sentence + "\n"]
    parts.append(
      "\(headroom.rows) rows"
        + (headroom.unit == "query" ? "" : ", resampled by \(headroom.unit) (\(headroom.units))")
        + "\n\n" + candidates)
    parts.append(figures)
    if let field = headroom.segmentField, !headroom.segments.isEmpty {
      parts.append("by \(field)\n" + segments)
    }
    for warning in report.warnings { parts.append("warning: \(warning)") }
    return parts.map { part in
      var text = part
      while text.hasSuffix("\n") { text.removeLast() }
      return text
    }.joined(separator: "\n\n").replacingOccurrences("\n\nwarning:", "\nwarning:")
  }

  private var candidates: String {
    TerminalTable(
      columns: [
        .init("always ask", .left), .init("quality"), .init("cost per 1 000"),
        .init("oracle's share"),
      ],
      rows: report.headroom.candidates.map {
        [
          $0.name, FigureFormat.plain.text($0.quality),
          FigureFormat.dollarsPerThousand.text($0.costDollars),
          FigureFormat.percent.text($0.oracleShare),
        ]
      }
    ).render(width: width)
  }

  private var figures: String {
    let headroom = report.headroom
    let money = headroom.savingsAreDollars ? "saving" : "saving in calls"
    var rows: [[String]] = [
      ["strongest − cheapest, quality", FigureFormat.plain.text(headroom.gap, isSigned: true)],
      ["all candidates equally good", FigureFormat.percent.text(headroom.ties)],
      ["strongest better", FigureFormat.percent.text(headroom.strongWins)],
      ["cheapest better", FigureFormat.percent.text(headroom.weakWins)],
      [
        "perfect router, no quality lost: \(money)",
        FigureFormat.percent.text(headroom.oracleSaving),
      ],
      ["cheapest adequate answer: \(money)", FigureFormat.percent.text(headroom.adequateSaving)],
      ["cheapest adequate answer: quality", FigureFormat.plain.text(headroom.adequateQuality)],
      ["random routing, APGR", FigureFormat.plain.text(headroom.randomBand)],
    ]
    if let learnability = report.learnability {
      rows.append(["probe on text, AUC", FigureFormat.plain.text(learnability.figures.auc)])
      rows.append(["probe on text, APGR", FigureFormat.plain.text(learnability.figures.apgr)])
    }
    let power = headroom.power
    rows.append([
      "labels to tell \(power.difference) apart, at most", counts(power.pairedRows),
    ])
    if let separate = power.separateRows {
      rows.append(["labels for each, on separate rows", "\(separate)"])
    }
    rows.append(["smallest difference these rows show", FigureFormat.plain.text(power.detectable)])
    return TerminalTable(
      columns: [.init("", .left), .init("")], rows: rows
    ).render(width: width)
  }

  private func counts(_ figure: Figure) -> String {
    func whole(_ x: Double) -> String { "\(Int(x))" }
    guard let value = figure.value else { return FigureFormat.undefined }
    guard let low = figure.low, let high = figure.high else { return whole(value) }
    return "\(whole(value)) [\(whole(low)), \(whole(high))]"
  }

  private var segments: String {
    TerminalTable(
      columns: [
        .init("segment", .left), .init("rows"), .init("cheapest"), .init("strongest"), .init("gap"),
        .init("ties"), .init("perfect saving"),
      ],
      rows: report.headroom.segments.map {
        [
          $0.name, "\($0.rows)", FigureFormat.plain.text($0.cheapest),
          FigureFormat.plain.text($0.strongest), FigureFormat.plain.text($0.gap, isSigned: true),
          FigureFormat.percent.text($0.ties), FigureFormat.percent.text($0.oracleSaving),
        ]
      }
    ).render(width: width)
  }
}

extension String {
  /// Every `part` replaced, left to right.
  fileprivate func replacingOccurrences(_ part: String, _ other: String) -> String {
    split(separator: part, omittingEmptySubsequences: false).joined(separator: other)
  }
}
