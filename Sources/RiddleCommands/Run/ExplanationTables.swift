import RiddlePipeline
import RiddleReport

/// What a run's router looks at, as tables for the terminal and the report.
struct ExplanationTables {
  let explanation: GlobalExplanation
  let ngrams: NGramStrings?

  /// One table of columns and one of n-grams per head, at most `limit` rows a list.
  func tables(limit: Int = 15) -> [ModelTable] {
    explanation.heads.enumerated().flatMap { index, head in
      [columns(head, limit: limit)] + (words(head, index, limit: limit).map { [$0] } ?? [])
    }
  }

  private func columns(_ head: GlobalExplanation.Head, limit: Int) -> ModelTable {
    let hasWeights = head.columns.contains { $0.perDeviation != nil }
    var rows = head.columns.prefix(limit).map { column in
      [column.feature, FigureFormat.plain.text(column.effect)]
        + (hasWeights ? [FigureFormat.plain.text(column.perDeviation, isSigned: true)] : [])
        + [Self.words(column.direction)]
    }
    for (name, effect) in [
      ("all word n-grams", head.words), ("all character n-grams", head.characters),
      ("the embedding", head.embedding),
    ] {
      guard let effect else { continue }
      rows.append(
        [name, FigureFormat.plain.text(effect)] + (hasWeights ? [""] : []) + [""])
    }
    let left = head.columns.count - limit
    return ModelTable(
      title: "\(head.name): features by effect",
      note:
        "Effect: mean of |log-odds added|, over \(explanation.rows) rows that the fit \(explanation.isHeldOut ? "did not see" : "saw")."
        + (left > 0 ? " \(left) smaller ones are not shown." : ""),
      columns: ["Feature", "Effect"] + (hasWeights ? ["Per standard deviation"] : [])
        + ["Higher values push"],
      textColumns: [hasWeights ? 3 : 2], rows: rows)
  }

  private static func words(_ direction: GlobalExplanation.Direction) -> String {
    switch direction {
    case .towards: "towards"
    case .against: "against"
    case .mixed: "it depends"
    }
  }

  private func words(_ head: GlobalExplanation.Head, _ index: Int, limit: Int) -> ModelTable? {
    guard let ngrams else { return nil }
    let towards = ngrams.strongest(head: index, positive: true, limit: limit)
    let against = ngrams.strongest(head: index, positive: false, limit: limit)
    if towards.isEmpty && against.isEmpty { return nil }
    func cells(_ texts: [NGramStrings.Text], _ i: Int) -> [String] {
      guard i < texts.count else { return ["", "", ""] }
      return [
        texts[i].text,
        FigureFormat.plain.text(texts[i].weight * ngrams.typicalValue, isSigned: true),
        "\(texts[i].rows)",
      ]
    }
    return ModelTable(
      title: "\(head.name): n-grams for and against",
      note:
        "Log-odds that the n-gram adds to a query of usual length, and training texts that have it. Only n-grams of at least \(ngrams.minimumRows) texts are named.",
      columns: ["For", "Log-odds", "Texts", "Against", "Log-odds", "Texts"], textColumns: [3],
      rows: (0..<max(towards.count, against.count)).map { cells(towards, $0) + cells(against, $0) })
  }
}

/// Odds ratios of a run's heads as tables.
enum OddsTables {
  static func tables(_ heads: [TrainedRouter.HeadReport], limit: Int = 15) -> [ModelTable] {
    heads.compactMap { head in
      guard let odds = head.odds else { return nil }
      let left = odds.columns.count - limit
      let part = head.parts == nil ? "" : " (the linear part that weighs most, before blending)"
      return ModelTable(
        title: "\(head.name): odds ratios\(part)",
        note: odds.condition
          + (left > 0 ? " \(left) columns with smaller coefficients are not shown." : ""),
        columns: [
          "Feature", "Log-odds per standard deviation", "Odds ratio", "Low", "High",
        ],
        rows: odds.columns.prefix(limit).map {
          [
            $0.feature, FigureFormat.plain.text($0.perDeviation, isSigned: true),
            FigureFormat.plain.text($0.oddsRatio), FigureFormat.plain.text($0.low),
            FigureFormat.plain.text($0.high),
          ]
        })
    }
  }
}
