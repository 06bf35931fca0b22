import Foundation
import RiddleData
import RiddleEvaluation
import RiddlePipeline
import RiddleReport
import RiddleRuntime

/// Champion and challenger on the same rows, which neither was trained on.
struct Challenge {
  let champion: Champion
  let challenger: OpenedRouter
  let trained: TrainCommand.Made
  /// The settings of the challenger's training.
  let command: TrainCommand

  /// What came of it.
  struct Result {
    var change: RouterChange?
    var decisions: ChangedDecisions?
    var features: [ChangeDocument.Feature] = []
    var verdict: ChallengeVerdict
    var judgedRows: String
    var warnings: [String] = []
  }

  /// Judges both on the rows of `data` that arrived at `start` or later, or on all of them.
  func judged(
    on data: Dataset, from start: Microseconds?, replicates: Int, confidence: Double, seed: UInt64
  ) throws -> Result {
    let rows = (0..<data.count).filter { row in
      guard let start else { return true }
      return data.contexts[row].time.map { $0 >= start } ?? false
    }
    let window = data.rows(rows)
    let lists = [champion.trainingRows, try challenger.trainingRows()].compactMap { $0 }
    let seen = SeenRows.fingerprints(lists)
    var terms = terms(data: window)
    let judged: JudgedRows
    do throws(PipelineError) {
      judged = try JudgedRows(window, seen: seen, choice: .heldOut)
    } catch {
      guard case .nothingUnseen = error else { throw error }
      return Result(
        verdict: ChallengeVerdict(nil, terms: terms),
        judgedRows: "none of \(rows.count) rows: \(when(start)), and unseen by both routers")
    }
    terms.hasCosts = judged.data.outcomes.cost.allSatisfy { $0 != OutcomeTable.missingCost }
    var settings = evaluationSettings()
    settings.replicates = replicates
    settings.confidence = confidence
    settings.seed = seed
    settings.pricePerQuality = terms.hasCosts ? terms.costWeight : 0
    var result = Result(
      verdict: ChallengeVerdict(nil, terms: terms),
      judgedRows:
        "\(CountText.grouped(judged.data.count)) of \(CountText.grouped(data.count)) rows: \(when(start)); \(judged.selection.description)",
      warnings: judged.warnings)
    let wall = baselineInputs(judged, of: window, seen: seen, segmentField: nil)
    let (before, after) = (
      scoredPolicy(champion.opened.router, name: "champion", on: judged.data),
      scoredPolicy(challenger.router, name: "challenger", on: judged.data)
    )
    for (name, router) in [
      ("champion", champion.opened.router), ("challenger", challenger.router),
    ] {
      result.warnings += try embeddingWarnings(router, name: name, on: judged.data)
    }
    result.change = try RouterChange(
      before: RecordedRows(table: judged.data.outcomes, policy: before, wall: wall),
      after: RecordedRows(table: judged.data.outcomes, policy: after, wall: wall),
      settings: settings)
    result.verdict = ChallengeVerdict(result.change, terms: terms)
    result.decisions = ChangedDecisions(
      before: before, after: after, table: judged.data.outcomes, ids: judged.data.ids)
    result.features = changedFeatures(judged.data)
    return result
  }

  private func when(_ start: Microseconds?) -> String {
    start.map { "from \(TimeText.utc($0)) on" } ?? "the whole log, which has no times"
  }

  /// What the champion stands for.
  private func terms(data: Dataset) -> ChallengeVerdict.Terms {
    var terms = ChallengeVerdict.Terms()
    terms.costWeight = command.fit.lambda
    terms.hasTiers = command.source.tiers != nil
    let rule = champion.opened.metadata[RouterMetadata.thresholdRule] ?? ""
    let promise = champion.opened.metadata[RouterMetadata.promise]
    terms.holdsQuality = rule.hasPrefix("retention") || promise != nil
    if let promise, challenger.metadata[RouterMetadata.promise] == nil {
      terms.lostPromise = promise
    }
    return terms
  }

  /// The champion's oracle and target: both are judged by what it was trained for.
  private func evaluationSettings() -> EvaluationSettings {
    let card = champion.opened.metadata
    let (oracle, target, threshold) = LabelOptions.labels(
      stored: (
        oracle: card[RouterMetadata.oracle] ?? "", target: card[RouterMetadata.target] ?? "",
        qualityThreshold: card[RouterMetadata.qualityThreshold].flatMap { Double($0) } ?? 0.5
      ))
    return EvaluationSettings(
      oracle: oracle, target: target.judged, qualityThreshold: threshold)
  }

  /// Features by how much their mean |contribution| differs, heads together.
  private func changedFeatures(_ data: Dataset) -> [ChangeDocument.Feature] {
    func effects(_ opened: OpenedRouter) -> [String: Double] {
      let explanation = GlobalExplanation(
        opened.router, heads: [], columnNames: opened.columnNames,
        means: columnMeans(of: opened.router), data: data)
      var sums: [String: Double] = [:]
      for head in explanation.heads {
        for column in head.columns { sums[column.feature, default: 0] += column.effect }
        if let words = head.words, words > 0 { sums["words, all together", default: 0] += words }
        if let characters = head.characters, characters > 0 {
          sums["character n-grams, all together", default: 0] += characters
        }
      }
      let heads = Double(max(1, explanation.heads.count))
      return sums.mapValues { $0 / heads }
    }
    let (before, after) = (effects(champion.opened), effects(challenger))
    var found: [ChangeDocument.Feature] = []
    for name in Set(before.keys).union(after.keys).sorted() {
      let feature = ChangeDocument.Feature(
        name: name, before: before[name] ?? 0, after: after[name] ?? 0)
      if feature.before != feature.after { found.append(feature) }
    }
    // Sorted by name before: a stable order among equals.
    found.sort { first, second in
      let (a, b) = (abs(first.after - first.before), abs(second.after - second.before))
      return a != b ? a > b : first.name < second.name
    }
    return Array(found.prefix(12))
  }
}
