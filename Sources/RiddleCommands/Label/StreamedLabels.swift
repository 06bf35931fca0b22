import RiddleData
import RiddlePipeline

/// Labels of a log that comes piece by piece, and what is said about them: the same figures as of the whole log at once.
struct StreamedLabels {
  private let candidates: [String]
  private let target: LabelTarget
  private let qualityThreshold: Double
  private let prices: [String: Int64]
  private var builder: OutcomeSummaryBuilder
  private var sample = NoiseSample()
  /// Queries read.
  private(set) var read = 0
  /// Queries that could not be labelled, by reason.
  private(set) var omitted = Dataset.Omitted()

  init(
    candidates: [String], oracle: Oracle, target: LabelTarget, qualityThreshold: Double,
    prices: [String: Int64]
  ) {
    self.candidates = candidates
    self.target = target
    self.qualityThreshold = qualityThreshold
    self.prices = prices
    builder = OutcomeSummaryBuilder(
      candidates: candidates, oracle: oracle, target: target, qualityThreshold: qualityThreshold)
  }

  /// Adds the next queries; gives the oracle's pick for each, or nil for one that could not be labelled.
  mutating func add(_ queries: [LoggedQuery]) -> [Int?] {
    let data = dataset(queries)
    let picks = builder.add(data.outcomes)
    omitted.withoutText += data.omitted.withoutText
    omitted.withoutCandidate += data.omitted.withoutCandidate
    omitted.withoutQuality += data.omitted.withoutQuality
    var next = 0
    var result = [Int?](repeating: nil, count: queries.count)
    for (i, query) in queries.enumerated() {
      // Rows of the data set are those of the log in order, ids once each.
      guard next < data.count, data.ids[next] == query.id else { continue }
      result[i] = picks[next]
      next += 1
      sample.add(query, at: read + i)
    }
    read += queries.count
    return result
  }

  /// Figures over everything that was labelled.
  var summary: OutcomeSummary { builder.summary }

  /// How far labels of near-duplicates contradict each other.
  var noise: LabelNoise? {
    LabelNoise(dataset(sample.queries), target: target, qualityThreshold: qualityThreshold)
  }

  private func dataset(_ queries: [LoggedQuery]) -> Dataset {
    let data = Dataset(log: queries, candidates: candidates).withoutZeroCosts().data
    return prices.isEmpty ? data : data.fillingMissingCosts(prices)
  }
}

/// The rows that near-duplicates are searched among: all of a short log, of a longer one those whose texts have the lowest
/// hashes, as ``LabelNoise`` itself picks them.
private struct NoiseSample {
  private var rows: [(key: UInt64, place: Int, query: LoggedQuery)] = []
  private var highest: UInt64?

  mutating func add(_ query: LoggedQuery, at place: Int) {
    let key = RowFingerprint.text(query.text ?? "")
    if let highest, key > highest { return }
    var query = query
    // Answers and metadata have no part in it and would be most of the memory.
    query.context.metadata = [:]
    for k in query.outcomes.indices { query.outcomes[k].outcome.answer = nil }
    rows.append((key, place, query))
    if rows.count >= 2 * LabelNoise.searchedRows { cut() }
  }

  private mutating func cut() {
    rows.sort { ($0.key, $0.place) < ($1.key, $1.place) }
    rows.removeLast(max(0, rows.count - LabelNoise.searchedRows))
    highest = rows.last?.key
  }

  /// The rows in the order of the log.
  var queries: [LoggedQuery] {
    var copy = self
    if copy.rows.count > LabelNoise.searchedRows { copy.cut() }
    return copy.rows.sorted { $0.place < $1.place }.map(\.query)
  }
}
