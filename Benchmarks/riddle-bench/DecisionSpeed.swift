import Foundation
import RiddleData
import RiddleRuntime
import RiddleStore

/// What `decisions` measured: a log beside the scorer that fills it.
struct DecisionMeasurement: Encodable {
  var decisions: Int
  var file: Log
  var store: Log

  /// One kind of log.
  struct Log: Encodable {
    /// Decisions a second of wall time from the first one offered to the log closed, the scorer waiting for room; best of the repeats.
    var appended: Double
    /// Thread CPU time of the scoring thread with the log over that without, least of the repeats: decide, make the record, hand it over.
    var scorerWithLog: Double
    /// The longest single hand-over in microseconds of wall time, of a queue that drops; least of the repeats.
    var longestHandOver: Double
    /// Decisions dropped in that repeat, when the scorer never waits.
    var dropped: Int
    var bytesADecision: Double
  }
}

/// Appends decisions of the weight file --router over the queries of --queries to both kinds of log.
func measureDecisions(_ arguments: Arguments) throws -> DecisionMeasurement {
  let repeats = try arguments.count("repeats", standard: 3)
  let count = try arguments.count("decisions", standard: 200_000)
  let queries = try readQueries(try arguments.one("queries"))
  let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: try arguments.one("router"))))
  let router = try Router(decoding: bytes.span)
  let folder = try arguments.text("folder", standard: NSTemporaryDirectory())
  func measure(_ name: String, _ sink: (String) throws -> any DecisionSink) throws
    -> DecisionMeasurement.Log
  {
    var log = DecisionMeasurement.Log(
      appended: 0, scorerWithLog: .infinity, longestHandOver: .infinity, dropped: 0,
      bytesADecision: 0)
    for round in 0..<repeats {
      let path = "\(folder)/riddle-bench-\(getpid())-\(round).\(name)"
      defer { for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) } }
      let plain = try score(router, queries, count, recorder: nil)
      var settings = DecisionRecorder.Settings()
      settings.overflow = .wait
      let waiting = DecisionRecorder(try sink(path), settings: settings)
      let start = wallNow()
      _ = try score(router, queries, count, recorder: waiting)
      let written = try waiting.finish().written.inserted
      guard written == count else { throw BenchError.input("\(written) of \(count) were written") }
      log.appended = max(log.appended, Double(count) / (wallNow() - start) * 1e9)
      let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
      log.bytesADecision = Double(size ?? 0) / Double(count)
      let other = path + "-2"
      defer { for suffix in ["", "-wal", "-shm"] { unlink(other + suffix) } }
      let dropping = DecisionRecorder(try sink(other))
      let with = try score(router, queries, count, recorder: dropping)
      log.scorerWithLog = min(log.scorerWithLog, with.cpu / plain.cpu)
      if with.longest / 1e3 < log.longestHandOver {
        log.longestHandOver = with.longest / 1e3
        log.dropped = try dropping.finish().dropped
      } else {
        try dropping.finish()
      }
    }
    return log
  }
  return DecisionMeasurement(
    decisions: count, file: try measure("jsonl") { try DecisionFile(path: $0) },
    store: try measure("sqlite") { StoreSink(try Store.open(path: $0, mode: .create)) })
}

/// Thread CPU time of scoring, and the longest hand-over, in nanoseconds.
private func score(
  _ router: Router, _ queries: [[UInt8]], _ count: Int, recorder: DecisionRecorder?
) throws -> (cpu: Double, longest: Double) {
  var scratch = router.makeScratch()
  let names = router.candidates.map { String(decoding: $0.name, as: UTF8.self) }
  let checksum = String(repeating: "0", count: 64)
  let texts = queries.map { String(decoding: $0, as: UTF8.self) }
  var sum = 0.0
  var longest = 0.0
  let start = cpuNow()
  for i in 0..<count {
    let query = queries[i % queries.count]
    let decision = router.decide(query.span, context: RequestContext(), scratch: &scratch)
    sum += decision.margin
    guard let recorder else { continue }
    var record = DecisionRecord(
      requestID: "request-\(i)", time: Microseconds(1_772_400_000_000_000 + Int64(i) * 1000),
      candidate: names[decision.candidate])
    record.alternatives = names
    record.propensity = 1
    record.policy = "bench"
    record.routerChecksum = checksum
    record.stage = "router"
    record.score = decision.margin
    record.probability = decision.probability
    record.threshold = decision.threshold
    record.confidence = decision.probability
    record.cost = NanoDollars(163_000)
    record.saved = NanoDollars(4_000_000)
    record.text = texts[i % texts.count]
    record.conversation = "c-\(i / 3)"
    record.taskType = "how_to"
    let before = wallNow()
    recorder.record(record)
    longest = max(longest, wallNow() - before)
  }
  let cpu = cpuNow() - start
  if !sum.isFinite { throw BenchError.input("margins are not finite") }
  return (cpu, longest)
}

private func cpuNow() -> Double { clockNanoseconds(CLOCK_THREAD_CPUTIME_ID) }
private func wallNow() -> Double { clockNanoseconds(CLOCK_MONOTONIC) }

private func clockNanoseconds(_ clock: clockid_t) -> Double {
  var time = timespec()
  clock_gettime(clock, &time)
  return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
}
