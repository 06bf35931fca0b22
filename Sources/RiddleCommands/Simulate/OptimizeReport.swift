import RiddleEvaluation
import RiddleReport

/// What a search for the best feasible policy found.
struct OptimizeReport: Codable {
  var format = "riddle-optimize/1"
  var rows: Int
  /// Rows on which the choice was made, and rows on which it is confirmed.
  var chosenOn: Int
  var confirmedOn: Int
  var limits: [String]
  /// Variants that keep each limit by itself.
  var kept: [Int]
  var tried: Int
  var feasible: Int
  /// The best feasible variant; nil when there is none.
  var best: Variant?
  /// The next best, or where nothing is feasible the cheapest.
  var others: [Variant]
  var warnings: [String]

  /// A policy with settings, on the rows of the choice and on the others.
  struct Variant: Codable {
    var policy: String
    var settings: [String: Double]
    var chosen: SimulationReport.SweepPoint
    var confirmed: SimulationReport.SweepPoint
    /// `PASS`, `FAIL` or `UNDECIDED` of every limit, on the other rows.
    var verdicts: [String]
  }

  private enum CodingKeys: String, CodingKey {
    case format, rows, limits, kept, tried, feasible, best, others, warnings
    case chosenOn = "chosen_on"
    case confirmedOn = "confirmed_on"
  }

  /// The report for a terminal.
  func text(width: Int) -> String {
    var text = ""
    for warning in warnings { text += "Warning: \(warning)\n" }
    text += "Limits: \(limits.joined(separator: "; "))\n"
    text +=
      "\(tried) variants tried, \(feasible) feasible: chosen on \(chosenOn) rows by mean quality among those whose upper interval ends keep the limits, confirmed on the other \(confirmedOn)\n"
    if let best {
      text += "\nBest: \(Self.name(best))\n"
      for (limit, verdict) in zip(limits, best.verdicts) { text += "  \(verdict) \(limit)\n" }
    } else {
      text += "\nNothing keeps all limits; the cheapest are below.\n"
      for (limit, count) in zip(limits, kept) {
        text += "  kept by \(count) of \(tried) alone: \(limit)\n"
      }
    }
    let rows = ([best].compactMap { $0 } + others).map { variant -> [String] in
      let point = variant.confirmed
      return [
        Self.name(variant), FigureFormat.plain.text(point.quality),
        FigureFormat.dollarsPerThousand.text(point.costDollars),
        FigureFormat.plain.text(point.p95, withInterval: false),
        FigureFormat.percent.text(point.failed, withInterval: false),
        FigureFormat.plain.text(variant.chosen.quality, withInterval: false),
      ]
    }
    let table = ModelTable(
      title: "On the rows that had no part in the choice",
      columns: [
        "Policy", "Quality", "$ / 1,000 queries", "p95 ms", "Errors", "Quality where chosen",
      ], rows: rows)
    return text + "\n" + table.text(width: width)
  }

  static func name(_ variant: Variant) -> String {
    let settings = variant.settings.sorted { $0.key < $1.key }.map {
      "\($0.key)=\(FigureFormat.setting($0.value))"
    }
    return settings.isEmpty
      ? variant.policy : "\(variant.policy) (\(settings.joined(separator: ", ")))"
  }
}
