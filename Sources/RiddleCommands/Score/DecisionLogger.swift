import ArgumentParser
import Foundation
import RiddleData
import RiddleRuntime
import RiddleStore

/// Where and how `riddle score` logs its decisions.
struct DecisionLogOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Log every decision here: a store, or a file of JSON lines that is appended to.",
      valueName: "file.jsonl|store.sqlite"))
  var log: String?

  @Option(help: "Share of requests that are logged, chosen by their ids.")
  var logSample: Double = 1

  @Option(help: "Texts in the log: keep, hash (texts are told apart, not kept) or drop.")
  var logText: TextRedaction = .keep

  @Flag(help: "Log the dense features that the router saw.")
  var logFeatures = false

  @Option(
    help: ArgumentHelp(
      "Dollars per query of a candidate, for the log's costs where the input has no outcomes. May be repeated. Default: mean costs in the weight file.",
      valueName: "name=dollars"))
  var price: [String] = []

  func validate() throws {
    guard logSample > 0, logSample <= 1 else {
      throw ValidationError("--log-sample is a share above 0 and at most 1")
    }
    guard log != nil || (logSample == 1 && logText == .keep && !logFeatures && price.isEmpty) else {
      throw ValidationError("--log-sample, --log-text, --log-features and --price belong to --log")
    }
  }

  /// The logger of `opened`; nil without --log. `source` names the input in identifiers that are made.
  func logger(_ opened: OpenedRouter, source: String) throws -> DecisionLogger? {
    guard let log else { return nil }
    if source != "-", Files.isSame(source, log) {
      throw CommandFailure(.usage, "--log \(log) is the input itself; name another file")
    }
    var settings = DecisionRecorder.Settings()
    // Losing decisions of a batch would be worse than waiting for the disk.
    settings.overflow = .wait
    settings.sampleRate = logSample
    settings.text = logText
    settings.keepsFeatures = logFeatures
    let sink: any DecisionSink =
      Self.isStore(log)
      ? StoreSink(try Store.open(path: log, mode: .create)) : try DecisionFile(path: log)
    return DecisionLogger(
      opened, recorder: DecisionRecorder(sink, settings: settings), source: source,
      prices: try prices(opened))
  }

  /// A file that is one, or that is called like one.
  static func isStore(_ path: String) -> Bool {
    let kind = URL(fileURLWithPath: path).pathExtension.lowercased()
    return Files.isSQLite(path) || ["sqlite", "sqlite3", "db"].contains(kind)
  }

  private func prices(_ opened: OpenedRouter) throws -> [Int64?] {
    var prices = opened.router.candidates.map { $0.meanCost < 0 ? nil : $0.meanCost }
    for entry in price {
      let parts = entry.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, let dollars = Double(parts[1]), dollars >= 0,
        let amount = NanoDollars(dollars: dollars)
      else {
        throw CommandFailure(
          .usage, "--price \(entry): expected name=dollars per query, for example large=0.0024")
      }
      guard let index = opened.candidates.firstIndex(of: parts[0]) else {
        throw CommandFailure(
          .usage,
          "--price \(entry): no such candidate; the candidates are \(opened.candidates.joined(separator: ", "))"
        )
      }
      prices[index] = amount.count
    }
    return prices
  }
}

extension TextRedaction: ExpressibleByArgument {}

/// Turns decisions of `riddle score` into records of the decision log.
///
/// Shared by the scorer's threads: holds nothing that changes but the recorder.
final class DecisionLogger: Sendable {
  private let recorder: DecisionRecorder
  private let candidates: [String]
  private let checksum: String
  private let policy: String
  private let source: String
  /// Expected cost of a query by candidate, in nano-dollars; nil unknown.
  private let prices: [Int64?]
  private let reasons: [(stays: String, climbs: String)]

  init(_ opened: OpenedRouter, recorder: DecisionRecorder, source: String, prices: [Int64?]) {
    self.recorder = recorder
    self.source = source
    self.prices = prices
    candidates = opened.candidates
    checksum = Files.sha256(opened.bytes)
    policy = opened.name
    reasons = opened.candidates.map {
      (
        "margin below the threshold: \($0) is expected to be enough",
        "margin at or above the threshold: \($0) is not expected to be enough"
      )
    }
  }

  /// The monotonic clock, in nanoseconds.
  func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  /// The record of one decision.
  ///
  /// A row that says when it came is replayed: its record is the same whenever that is done, so the router's own time is left out.
  ///
  /// - Parameters:
  ///   - line: the JSON that the request came in; nil for plain text.
  ///   - number: the line's number, from 1; with the text it makes the identifier of a request without one.
  ///   - start: ``now()`` before the decision.
  func record(
    _ request: ScoreRequest, line: [UInt8]?, number: Int, decision: Decision, start: Int64,
    features: borrowing FeatureVector
  ) -> DecisionRecord {
    let end = now()
    let facts = line.map { RequestFacts(line: $0) } ?? RequestFacts()
    var record = DecisionRecord(
      requestID: request.id.flatMap { $0.isEmpty ? nil : $0 } ?? madeID(request.text, number),
      time: facts.time ?? Microseconds(Int64(Date().timeIntervalSince1970 * 1e6)),
      candidate: candidates[decision.candidate])
    if facts.time == nil { record.decidedIn = end - start }
    record.alternatives = candidates
    record.propensity = 1
    record.propensities = [CandidatePropensity(candidate: record.candidate, probability: 1)]
    record.policy = policy
    record.routerChecksum = checksum
    record.stage = "router"
    let climbs = decision.candidate > decision.head
    let reason = reasons[decision.head]
    record.reason = climbs ? reason.climbs : reason.stays
    record.score = decision.margin
    record.probability = decision.probability
    record.threshold = decision.threshold
    record.confidence = climbs ? decision.probability : 1 - decision.probability
    // U+0000 ends a text for SQLite's functions; what is not UTF-8 is no text.
    if let text = String(validating: request.text, as: UTF8.self), !request.text.contains(0) {
      record.text = text
    }
    if recorder.settings.keepsFeatures { record.features = features.dense.map { $0 } }
    record.conversation = facts.conversation
    record.turn = facts.turn
    record.userID = facts.userID
    record.userTier = facts.userTier
    record.taskType = facts.taskType
    record.domain = facts.domain
    takeCosts(&record, decision, facts)
    return record
  }

  /// Gives decisions to the log, in order.
  func keep(_ records: [DecisionRecord]) { recorder.record(records) }

  /// Closes the log; see ``DecisionRecorder/finish()``.
  func finish() throws -> DecisionRecorder.Counts { try recorder.finish() }

  /// What the answer cost and was worth: from the row's own outcomes, else the expected costs, which the record says.
  private func takeCosts(
    _ record: inout DecisionRecord, _ decision: Decision, _ facts: RequestFacts
  ) {
    func outcome(_ candidate: Int) -> Outcome? {
      facts.outcomes.first { $0.candidate == candidates[candidate] }?.outcome
    }
    let strongest = candidates.count - 1
    if let own = outcome(decision.candidate) {
      record.quality = own.quality
      record.cost = own.cost
      record.latency = own.latency
      if let paid = own.cost, let most = outcome(strongest)?.cost {
        record.saved = NanoDollars(most.count - paid.count)
      }
    }
    guard record.cost == nil, let expected = prices[decision.candidate] else { return }
    record.cost = NanoDollars(expected)
    if let most = prices[strongest] { record.saved = NanoDollars(most - expected) }
    record.extras = #"{"cost_basis":"expected"}"#
  }

  private func madeID(_ text: [UInt8], _ number: Int) -> String {
    let hash = StableHash.hash(
      Array(source.utf8) + [0] + Array(String(number).utf8) + [0] + text)
    let digits = String(hash, radix: 16)
    return "r-" + String(repeating: "0", count: 16 - digits.count) + digits
  }
}
