import RiddleData
import RiddlePipeline
import RiddleReport

/// The outcome tables and the headroom, as text.
struct LabelReport {
  let summary: OutcomeSummary
  let omitted: Dataset.Omitted
  let oracle: Oracle
  let target: LabelTarget
  let threshold: Double
  let noise: LabelNoise?

  func text(width: Int) -> String {
    var parts = [
      "\(summary.queries) queries, oracle \(oracle.name), adequate from quality \(threshold), target \(target.rawValue)"
    ]
    if summary.candidates.count == 2 {
      parts.append("weak: \(summary.candidates[0]); strong: \(summary.candidates[1])")
    }
    if omitted.total > 0 {
      parts.append(
        "left out: \(omitted.withoutText) without text, \(omitted.withoutCandidate) without an outcome of every candidate, \(omitted.withoutQuality) not judged"
      )
    }
    parts.append(
      summary.candidates.count == 2
        ? pairTable.render(width: width) : ladderTable.render(width: width))
    parts.append(candidateTable.render(width: width))
    parts.append(headroom)
    return parts.joined(separator: "\n\n")
  }

  private func percent(_ count: Int) -> String {
    percent(Double(count) / Double(max(1, summary.queries)))
  }

  private func percent(_ share: Double) -> String {
    FigureFormat.percent.text(share)
  }

  private func cell(_ count: Int) -> String { "\(count) (\(percent(count)))" }

  /// The 2 × 2 table of a pair.
  private var pairTable: TerminalTable {
    TerminalTable(
      columns: [.init("", .left), .init("strong adequate"), .init("strong inadequate")],
      rows: [
        ["weak adequate", cell(summary.allAdequate), cell(summary.adequateAgainst[0][1])],
        ["weak inadequate", cell(summary.adequateAgainst[1][0]), cell(summary.noneAdequate)],
      ])
  }

  /// Row adequate, column not: the K × K table of a ladder.
  private var ladderTable: TerminalTable {
    TerminalTable(
      columns: [.init("adequate where … is not", .left)]
        + summary.candidates.map { .init($0) } + [.init("adequate")],
      rows: summary.candidates.indices.map { a in
        [summary.candidates[a]]
          + summary.candidates.indices.map {
            $0 == a ? "–" : "\(summary.adequateAgainst[a][$0])"
          } + [cell(summary.adequateAgainst[a][a])]
      } + [
        ["all adequate"] + summary.candidates.map { _ in "" } + [cell(summary.allAdequate)],
        ["none adequate"] + summary.candidates.map { _ in "" } + [cell(summary.noneAdequate)],
      ])
  }

  private var candidateTable: TerminalTable {
    TerminalTable(
      columns: [
        .init("candidate", .left), .init("mean quality"), .init("$ / 1,000 queries"),
        .init("oracle picks"),
      ],
      rows: summary.candidates.indices.map { k in
        [
          summary.candidates[k], FigureFormat.plain.text(summary.meanQuality[k]),
          FigureFormat.dollarsPerThousand.text(summary.meanCostDollars[k]),
          cell(summary.oraclePicks[k]),
        ]
      } + [
        [
          "oracle", FigureFormat.plain.text(summary.oracleQuality),
          FigureFormat.dollarsPerThousand.text(summary.oracleCostDollars), "",
        ]
      ])
  }

  private var headroom: String {
    let strongest = summary.candidates[summary.candidates.count - 1]
    var lines: [String] = []
    if let savings = summary.headroomSavings {
      lines.append(
        "headroom: a perfect router would cost \(percent(savings)) less than always \(strongest), at quality \(FigureFormat.plain.text(summary.oracleQuality)) instead of \(FigureFormat.plain.text(summary.meanQuality[summary.candidates.count - 1]))"
      )
    } else {
      lines.append(
        "headroom: unknown, costs are missing; give them with --price name=dollars for each candidate"
      )
    }
    lines.append(
      "\(percent(summary.tieShare)) of the queries are ties: every candidate is equally good there, only cost differs"
    )
    for (head, positives) in summary.positives.enumerated() {
      lines.append(
        "must climb above \(summary.candidates[head]): \(cell(positives))")
    }
    lines.append(
      "label noise: \(noise?.description ?? "too few near-duplicate queries to tell")")
    return lines.joined(separator: "\n")
  }
}
