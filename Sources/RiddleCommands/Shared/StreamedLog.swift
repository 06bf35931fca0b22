import Foundation
import RiddleData
import RiddlePipeline
import RiddleStore

/// A store read row after row for `riddle train --stream`.
struct StreamedLog {
  let candidates: [String]
  let queryCount: Int
  let input: LoadedData.Input
  private let store: Store

  init(_ source: DataOptions, fallbackCandidates: [String]?) throws {
    guard let path = source.store else {
      throw CommandFailure(.usage, "--stream reads a store; give --store FILE")
    }
    store = try Store.open(path: path, mode: .readOnly)
    candidates = try Self.chosen(
      source.candidates, fallback: fallbackCandidates, of: try store.candidateSummaries())
    queryCount = try store.counts().queries
    input = LoadedData.Input(
      name: URL(fileURLWithPath: path).lastPathComponent, sha256: nil,
      content: try store.contentHash())
  }

  /// Learns in one pass over the store; a second one looks for near-duplicates.
  func train(plan: TrainingPlan, provenance: [String: String]) throws -> StreamedRouter {
    var training = try StreamingTraining(candidates: candidates, plan: plan)
    var failure: PipelineError?
    try store.forEachQuery(candidates: candidates) { query throws(StoreError) in
      if failure != nil { return }
      do throws(PipelineError) { try training.add(query) } catch { failure = error }
    }
    if let failure { throw failure }
    // Once more, for the near-duplicates of training rows among the rows that calibrate and judge.
    try store.forEachQuery(candidates: candidates) { query throws(StoreError) in
      if failure != nil { return }
      do throws(PipelineError) { try training.check(query) } catch { failure = error }
    }
    if let failure { throw failure }
    return try training.finish(provenance: provenance, digest: { Files.sha256($0) })
  }

  /// Which queries each part of the split came to: one more pass.
  func identities(split: Split) throws -> SplitIdentities {
    var identities = SplitIdentities()
    try store.forEachQuery(candidates: candidates) { query throws(StoreError) in
      guard let text = query.text,
        candidates.allSatisfy({ query.outcome(of: $0)?.quality != nil })
      else { return }
      identities.add(
        query.id, time: query.context.time, to: split.side(text: text, context: query.context))
    }
    return identities
  }

  /// The named candidates, those of the last labelling, or a pair in order of mean cost or, without costs, of quality.
  private static func chosen(
    _ named: String?, fallback: [String]?, of summaries: [CandidateSummary]
  ) throws -> [String] {
    let listed = summaries.map(\.name).joined(separator: ", ")
    var names = fallback ?? []
    if let named {
      names = named.split(separator: ",").map { String($0).trimmingCharacters(in: .whitespaces) }
    } else if fallback == nil && summaries.count == 2 {
      let (a, b) = (summaries[0], summaries[1])
      let byCost = zip2(a.meanCostNanoDollars, b.meanCostNanoDollars).map { $0 - $1 } ?? 0
      let byQuality = (a.meanQuality ?? 0) - (b.meanQuality ?? 0)
      let isSwapped = byCost != 0 ? byCost > 0 : byQuality > 0
      names = isSwapped ? [b.name, a.name] : [a.name, b.name]
    }
    guard (2...64).contains(names.count), Set(names).count == names.count else {
      throw CommandFailure(
        .usage,
        "name two to 64 different candidates, cheapest first, with --candidates weak,strong. Available: \(listed)"
      )
    }
    for name in names where !summaries.contains(where: { $0.name == name }) {
      throw CommandFailure(
        .malformedData, "candidate '\(name)' has no outcome in these data. Available: \(listed)")
    }
    return names
  }

  private static func zip2(_ a: Double?, _ b: Double?) -> (Double, Double)? {
    guard let a, let b else { return nil }
    return (a, b)
  }
}
