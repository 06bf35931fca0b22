import Foundation
import RiddleData
import RiddleEvaluation
import RiddlePipeline
import RiddleRuntime
import RiddleStore

/// The rows that drift is looked for in, a sample where the log is long.
struct DriftLog {
  /// Reference first where the two came separately.
  let data: DriftData
  let periods: DriftPeriods
  let inputs: [LoadedData.Input]
  let warnings: [String]

  /// From a store: times first, then the rows that are wanted.
  init(
    store path: String, window: TimeLength, reference: TimeSpan?, sample: Int
  ) throws {
    let store = try Store.open(path: path, mode: .readOnly)
    let (times, untimed) = try store.queryTimes()
    guard !times.isEmpty else { throw Self.empty(path, untimed: untimed) }
    let all = try DriftPeriods(times: times, window: window, given: reference)
    let filter = SampleFilter(all, most: sample)
    var log: [LoggedQuery] = []
    try store.forEachQuery { query throws(StoreError) in
      guard query.text != nil, let time = query.context.time?.count,
        filter.keeps(query, at: time)
      else { return }
      log.append(query.withoutAnswers)
    }
    data = DriftData(log: log)
    periods = try Self.again(all, data: data)
    inputs = [
      LoadedData.Input(
        name: URL(fileURLWithPath: path).lastPathComponent, sha256: nil,
        content: try store.contentHash())
    ]
    warnings = Self.warnings(untimed: untimed, filter)
  }

  /// From files whose rows have times.
  init(
    files: DataOptions, window: TimeLength, reference: TimeSpan?, sample: Int,
    output: OutputOptions
  ) throws {
    let (log, _) = try files.readLog(output: output)
    let timed = log.filter { $0.text != nil && $0.context.time != nil }
    let untimed = log.count { $0.text != nil && $0.context.time == nil }
    guard !timed.isEmpty else {
      throw Self.empty(files.data.joined(separator: " "), untimed: untimed)
    }
    let all = try DriftPeriods(
      times: timed.compactMap { $0.context.time?.count }, window: window, given: reference)
    let filter = SampleFilter(all, most: sample)
    data = DriftData(
      log: timed.filter { filter.keeps($0, at: $0.context.time?.count ?? 0) })
    periods = try Self.again(all, data: data)
    inputs = try files.inputs(content: ContentHash.text(of: log))
    warnings = Self.warnings(untimed: untimed, filter)
  }

  /// From two logs: the reference, and what is held against it. Their times are not looked at.
  init(reference: DataOptions, current: DataOptions, output: OutputOptions) throws {
    let before = try reference.readLog(output: output).log
    let now = try current.readLog(output: output).log
    let kept = before.count { $0.text != nil }
    data = DriftData(log: before + now, usesTimes: false)
    guard kept > 0, data.data.count > kept else {
      throw CommandFailure(
        .malformedData,
        "no row with a text in \(kept == 0 ? reference.data.joined(separator: " ") : current.data.joined(separator: " "))"
      )
    }
    periods = DriftPeriods(first: kept, of: data.data.count)
    inputs =
      try reference.inputs(content: ContentHash.text(of: before))
      + current.inputs(content: ContentHash.text(of: now))
    warnings = []
  }

  /// The same periods over the rows that were kept.
  private static func again(_ all: DriftPeriods, data: DriftData) throws -> DriftPeriods {
    let times = data.times ?? []
    var result = all
    result.reference.rows = times.indices.filter {
      times[$0] >= all.reference.start && times[$0] < all.reference.end
    }
    for k in all.periods.indices {
      result.periods[k].rows = times.indices.filter {
        times[$0] >= all.periods[k].start && times[$0] < all.periods[k].end
      }
    }
    return result
  }

  private static func empty(_ source: String, untimed: Int) -> CommandFailure {
    untimed == 0
      ? CommandFailure(
        .malformedData, "\(source): no row with a text; see it with `riddle inspect`")
      : CommandFailure(
        .malformedData,
        "\(source): \(untimed) rows with a text, none with a time, so there is no before and after; give the two as files: riddle drift BEFORE --current AFTER"
      )
  }

  private static func warnings(untimed: Int, _ filter: SampleFilter) -> [String] {
    var warnings: [String] = []
    if untimed > 0 { warnings.append("\(untimed) rows without a time are left out") }
    if let sentence = filter.sentence { warnings.append(sentence) }
    return warnings
  }
}

/// Which rows of a long log are looked at: whole conversations, by a hash that does not depend on the order of the rows.
private struct SampleFilter {
  private let periods: DriftPeriods
  private let shares: [Double]
  let sentence: String?

  init(_ periods: DriftPeriods, most: Int) {
    self.periods = periods
    let counts = [periods.reference.rows.count] + periods.periods.map(\.rows.count)
    // The reference is several periods long, and may hold as many rows.
    let shares = counts.map { $0 > most ? Double(most) / Double($0) : 1 }
    self.shares = shares
    sentence =
      shares.contains { $0 < 1 }
      ? "the reference and each period are a sample of about \(most) rows at most, whole conversations by hash (--sample)"
      : nil
  }

  func keeps(_ query: LoggedQuery, at time: Int64) -> Bool {
    var share: Double?
    if time >= periods.reference.start && time < periods.reference.end { share = shares[0] }
    for (k, period) in periods.periods.enumerated() where time >= period.start && time < period.end
    {
      share = shares[k + 1]
    }
    guard let share else { return false }
    if share >= 1 { return true }
    let key = StableHash.mixed(
      StableHash.hash((query.context.conversation ?? query.id).utf8))
    return Double(key >> 11) / 9_007_199_254_740_992 < share
  }
}

extension LoggedQuery {
  /// Without the answers' texts, which may be long and are not looked at.
  fileprivate var withoutAnswers: LoggedQuery {
    var query = self
    for k in query.outcomes.indices { query.outcomes[k].outcome.answer = nil }
    return query
  }
}
