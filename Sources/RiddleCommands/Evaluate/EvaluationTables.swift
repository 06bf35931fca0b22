import RiddleData
import RiddleEvaluation
import RiddlePipeline
import RiddleReport
import RiddleRuntime

/// What the page says beside the evaluation itself: thresholds with their promises, and the data card.
enum EvaluationTables {
  /// Where each router climbs, by which rule, and what that promises.
  static func thresholds(_ routers: [(name: String, router: Router, bytes: [UInt8])])
    -> [ModelTable]
  {
    let rows = routers.flatMap { name, router, bytes -> [[String]] in
      let description = RouterDescription(router, file: bytes)
      let rule = description.metadata[RouterMetadata.thresholdRule] ?? "unknown"
      let promise = description.metadata[RouterMetadata.promise]
      return description.heads.map { head in
        [
          name, "above \(head.above)", FigureFormat.plain.text(head.threshold),
          FigureFormat.plain.text(head.probability_at_threshold), rule,
          head.guarantee == "none" ? "none" : promise ?? head.guarantee,
        ]
      }
    }
    if rows.isEmpty { return [] }
    return [
      ModelTable(
        title: "Thresholds and what they promise",
        note:
          "A threshold without a promise was chosen on calibration rows; `riddle threshold` makes one that keeps its word.",
        columns: ["Router", "Climbs", "Margin", "Probability", "Chosen by", "Promise"],
        textColumns: [1, 4, 5], rows: rows)
    ]
  }

  /// What is known of the data: rows, splits and what leaks between seen and judged rows of this input.
  static func dataCard(_ loaded: LoadedData, judged: JudgedRows, routers: [OpenedRouter])
    -> [ModelTable]
  {
    let data = judged.data
    let omitted = loaded.dataset.omitted
    var rows = [
      ["Rows with complete outcomes", "\(loaded.dataset.count)"],
      ["Left out: no text", "\(omitted.withoutText)"],
      ["Left out: a candidate did not answer", "\(omitted.withoutCandidate)"],
      ["Left out: an answer was never judged", "\(omitted.withoutQuality)"],
      ["Judged", "\(data.count)"],
      ["Distinct texts among them", "\(Set(data.texts.map { RowFingerprint.text($0) }).count)"],
      ["Conversations", count(data.contexts.map(\.conversation))],
      ["Groups", count(data.contexts.map(\.group))],
      ["Outcomes without a cost", "\(data.outcomes.missingCostCount)"],
    ]
    for router in routers {
      let unit = router.metadata[RouterMetadata.splitUnit] ?? "unknown"
      let seed = router.metadata[RouterMetadata.seed] ?? "unknown"
      rows.append(["Split of \(router.name)", "by \(unit), seed \(seed)"])
    }
    return [
      ModelTable(
        title: "The judged data", columns: ["", "Count"], textColumns: [1], rows: rows)
    ] + leaks(loaded.dataset, judged: judged)
  }

  /// Texts, conversations and near-duplicates that judged rows share with the other rows of the input.
  private static func leaks(_ all: Dataset, judged: JudgedRows) -> [ModelTable] {
    let isJudged = Set(judged.rows)
    let others = (0..<all.count).filter { !isJudged.contains($0) }
    if others.isEmpty { return [] }
    let found = RiddleData.leaks(train: all.rows(others), test: judged.data)
    return [
      ModelTable(
        title: "Leaks between judged and left-out rows",
        note:
          "Rows left out were seen in training. What they share with judged rows makes figures flatter than new queries will.",
        columns: ["Shared", "Judged rows", "Left-out rows"],
        rows: [
          ("Prompts", found.prompts), ("Near-duplicates", found.nearDuplicates),
          ("Conversations", found.conversations), ("Groups, for information", found.groups),
        ].map { [$0.0, "\($0.1.testRows)", "\($0.1.trainRows)"] })
    ]
  }

  private static func count(_ values: [String?]) -> String {
    let known = values.compactMap { $0 }
    return known.isEmpty ? "none" : "\(Set(known).count)"
  }
}
