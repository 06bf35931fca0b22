import Foundation
import RiddleData
import Synchronization
import Testing

@testable import RiddleStore

@Suite("Decision log")
struct DecisionLogTests {
  /// Records with every field present or absent at random.
  static func records(_ count: Int, seed: UInt64) -> [DecisionRecord] {
    var random = SplitMix64(seed: seed)
    func unit() -> Double { Double(random.next() >> 11) * 0x1p-53 }
    func maybe<T>(_ value: @autoclosure () -> T) -> T? { random.next() % 3 == 0 ? nil : value() }
    let texts = ["Wo ist \"es\"?\n", "a\\b\u{1}", "日本語 🎉", "", "plain"]
    return (0..<count).map { i in
      var record = DecisionRecord(
        requestID: "r-\(seed)-\(i)",
        time: Microseconds(1_772_400_000_000_000 + Int64(random.next() % 10_000_000_000)),
        candidate: ["small", "large", "médium"][i % 3])
      record.alternatives = maybe(["small", "médium", "large"])
      record.propensity = maybe(1 - unit())
      let p = unit()
      record.propensities = maybe([
        CandidatePropensity(candidate: "small", probability: p),
        CandidatePropensity(candidate: "large", probability: 1 - p),
      ])
      record.policy = maybe("exploring")
      record.policyChecksum = maybe(String(repeating: "ab", count: 32))
      record.routerChecksum = maybe(String(repeating: "0f", count: 32))
      record.stage = maybe("router")
      record.reason = maybe("margin \"below\"")
      record.score = maybe((unit() - 0.5) * 1e3)
      record.probability = maybe(unit())
      record.threshold = maybe(-unit())
      record.confidence = maybe(unit())
      record.quality = maybe(Double(i % 5) / 4)
      record.cost = maybe(NanoDollars(Int64(random.next() % 1_000_000_000)))
      record.saved = maybe(NanoDollars(Int64(random.next() % 2_000_000) - 1_000_000))
      record.wasEscalated = random.next() % 2 == 0
      record.latency = maybe(Microseconds(Int64(random.next() % 10_000_000)))
      record.decidedIn = maybe(Int64(random.next() % 100_000))
      record.text = maybe(texts[i % texts.count])
      record.textHash = record.text.map { DecisionRecord.hash(ofText: $0) } ?? maybe(random.next())
      record.features = maybe([0.5, -1e-7, Float(i)])
      record.conversation = maybe("c-\(i / 3)")
      record.turn = maybe(1 + i % 4)
      record.userID = maybe("u\(i % 7)")
      record.userTier = maybe("free")
      record.taskType = maybe("debug")
      record.domain = maybe("api")
      record.sampleRate = maybe(0.25)
      record.extras = maybe(#"{"asked":2,"nested":{"a":[1,"x"]}}"#)
      return record
    }
  }

  private func read(_ path: String) throws -> ([DecisionRecord], DecisionReader.Report) {
    var report = DecisionReader.Report()
    var found: [DecisionRecord] = []
    try DecisionReader.read(path: path, into: &report) { record throws(StoreError) in
      found.append(record)
    }
    return (found, report)
  }

  @Test("a line reads back as the record that it was written from", arguments: [1, 2, 3])
  func lines(_ seed: UInt64) throws {
    let scratch = try Scratch()
    let records = Self.records(200, seed: seed)
    var bytes: [UInt8] = []
    for record in records { DecisionLogLine.append(record, to: &bytes) }
    let (found, report) = try read(try scratch.file("log.jsonl", bytes))
    #expect(report.rejected == 0 && report.torn == 0 && report.lines == 200, "seed \(seed)")
    #expect(found == records, "seed \(seed)")
  }

  @Test("a store gives back what it was given, and the same again changes nothing")
  func store() throws {
    let scratch = try Scratch()
    let store = try Store.open(path: scratch.at("s.sqlite"), mode: .create)
    let records = Self.records(300, seed: 5)
    #expect(try store.append(records).inserted == 300)
    var found: [DecisionRecord] = []
    try store.forEachDecision { found.append($0) }
    #expect(Set(found.map(\.requestID)) == Set(records.map(\.requestID)))
    let byID = Dictionary(uniqueKeysWithValues: found.map { ($0.requestID, $0) })
    for record in records {
      var expected = record
      // A store knows a policy by its document, or else by its name: the first name of a document stays.
      if record.policyChecksum != nil { expected.policy = byID[record.requestID]?.policy }
      #expect(byID[record.requestID] == expected)
    }
    #expect(found.map(\.time) == found.map(\.time).sorted())
    let again = try store.append(found)
    #expect(again.unchanged == 300 && again.inserted == 0 && again.conflicts == 0)
    var other = found[0]
    other.candidate = "another"
    var clashing: [String] = []
    let counts = try store.append([other]) { clashing.append($0.requestID) }
    #expect(counts.conflicts == 1 && clashing == [other.requestID])
    var kept: DecisionRecord?
    try store.forEachDecision { if $0.requestID == other.requestID { kept = $0 } }
    #expect(kept == found[0])
    #expect(try store.integrityProblems() == [])
  }

  @Test("what is out of bounds is refused and spoils nothing beside it")
  func refused() throws {
    let scratch = try Scratch()
    let store = try Store.open(path: scratch.at("s.sqlite"), mode: .create)
    var bad = DecisionRecord(requestID: "bad", time: Microseconds(1), candidate: "a")
    bad.quality = 2
    var worse = DecisionRecord(requestID: "worse", time: Microseconds(1), candidate: "a")
    worse.score = .nan
    let good = DecisionRecord(requestID: "good", time: Microseconds(1), candidate: "a")
    let counts = try store.append([bad, good, worse])
    #expect(counts.refused == 2 && counts.inserted == 1)
    #expect(try store.decisionSpan().count == 1)
  }

  @Test("a line torn by a crash is passed over at the end, and ended before more is appended")
  func torn() throws {
    let scratch = try Scratch()
    let records = Self.records(3, seed: 9)
    var bytes: [UInt8] = []
    for record in records { DecisionLogLine.append(record, to: &bytes) }
    let path = try scratch.file("log.jsonl", Array(bytes.dropLast(20)))
    var (found, report) = try read(path)
    #expect(found == Array(records[..<2]) && report.torn == 1 && report.rejected == 0)
    let file = try DecisionFile(path: path)
    _ = try file.append([records[2]])
    try file.close()
    (found, report) = try read(path)
    #expect(found == records)
    // Now it stands in the middle: a broken line like any other.
    #expect(report.torn == 0 && report.rejected == 1)
  }

  @Test(
    "a bad line names its field",
    arguments: [
      (#"{"time":"2026-03-02T00:00:00Z","candidate":"a"}"#, "request_id"),
      (#"{"request_id":"r","candidate":"a"}"#, "time"),
      (#"{"request_id":"r","time":"2026-03-02T00:00:00Z"}"#, "candidate"),
      (#"{"request_id":"r","id":"s","time":1,"candidate":"a"}"#, "id"),
      (#"{"request_id":"r","time":1,"candidate":"a","propensity":0}"#, "propensity"),
      (#"{"request_id":"r","time":1,"candidate":"a","quality":1.5}"#, "quality"),
      (#"{"request_id":"r","time":1,"candidate":"a","router_sha256":"xyz"}"#, "router_sha256"),
      (#"{"request_id":"r","time":1,"candidate":"a","features":[1,"x"]}"#, "features"),
      (#"{"request_id":"r","time":1,"candidate":"a","propensities":{"a":0.2}}"#, "propensities"),
      (#"{"request_id":"r","time":1,"candidate":"a","alternatives":["a","a"]}"#, "alternatives"),
      (#"{"request_id":"r","time":1,"candidate":"a","cost_usd":-1}"#, "cost_usd"),
    ])
  func faults(_ line: String, _ field: String) throws {
    let scratch = try Scratch()
    let good = #"{"request_id":"g","time":1,"candidate":"a"}"#
    let (found, report) = try read(try scratch.file("log.jsonl", "\(line)\n\(good)\n"))
    #expect(found.map(\.requestID) == ["g"])
    #expect(report.firstRejects.map(\.field) == [field])
    #expect(report.firstRejects.map(\.line) == [1])
  }

  @Test("redaction keeps, hashes or drops, and a hash is that of the store's queries")
  func redaction() {
    var record = DecisionRecord(requestID: "r", time: Microseconds(1), candidate: "a")
    record.text = "where is it?"
    let hash = ContentHash.text(bytesOf: "where is it?")
    #expect(
      record.redacted(.keep).text == "where is it?" && record.redacted(.keep).textHash == hash)
    #expect(record.redacted(.hash).text == nil && record.redacted(.hash).textHash == hash)
    #expect(record.redacted(.drop).text == nil && record.redacted(.drop).textHash == nil)
  }

  @Test("a larger sample contains a smaller one, and has about its share")
  func sampling() {
    let ids = (0..<20_000).map { "request-\($0)" }
    let few = ids.filter { DecisionRecord.isSampled($0, rate: 0.1) }
    let more = Set(ids.filter { DecisionRecord.isSampled($0, rate: 0.3) })
    #expect(few.allSatisfy { more.contains($0) })
    // Four standard deviations of a binomial share.
    let deviation = (20_000.0 * 0.1 * 0.9).squareRoot()
    let distance = abs(Double(few.count) - 2000)
    #expect(distance < 4 * deviation)
    #expect(ids.allSatisfy { DecisionRecord.isSampled($0, rate: 1) })
  }

  // MARK: the recorder

  /// Keeps what it is given, once it is let go.
  final class SlowSink: DecisionSink {
    let kept = Mutex<[String]>([])
    private let gate = DispatchSemaphore(value: 0)
    private let isOpen = Mutex(false)
    let failure: StoreError?

    init(isOpen: Bool = false, failure: StoreError? = nil) {
      self.failure = failure
      if isOpen { self.isOpen.withLock { $0 = true } }
    }

    func open() {
      isOpen.withLock { $0 = true }
      gate.signal()
    }

    func append(_ decisions: [DecisionRecord]) throws(StoreError) -> DecisionCounts {
      if !isOpen.withLock({ $0 }) { gate.wait() }
      if let failure { throw failure }
      kept.withLock { $0 += decisions.map(\.requestID) }
      var counts = DecisionCounts()
      counts.inserted = decisions.count
      return counts
    }

    func close() throws(StoreError) {}
  }

  private func record(_ number: Int) -> DecisionRecord {
    DecisionRecord(requestID: "r\(number)", time: Microseconds(Int64(number)), candidate: "a")
  }

  @Test("a writer that stands still costs decisions and no time; each is counted")
  func drops() throws {
    let sink = SlowSink()
    var settings = DecisionRecorder.Settings()
    settings.queueLength = 10
    let recorder = DecisionRecorder(sink, settings: settings)
    for i in 0..<1000 { recorder.record(record(i)) }
    let before = recorder.counts
    #expect(before.offered == 1000)
    // One queue may be with the writer, one waits.
    #expect(before.dropped >= 980 && before.dropped <= 990)
    sink.open()
    let counts = try recorder.finish()
    #expect(counts.dropped + counts.written.inserted == 1000)
    let kept = sink.kept.withLock { $0 }
    #expect(kept.count == counts.written.inserted)
    #expect(kept.first == "r0")
  }

  @Test("a batch that waits loses nothing and keeps its order, from many threads")
  func waits() throws {
    let sink = SlowSink(isOpen: true)
    var settings = DecisionRecorder.Settings()
    settings.queueLength = 7
    settings.overflow = .wait
    settings.flushMilliseconds = 5
    let recorder = DecisionRecorder(sink, settings: settings)
    DispatchQueue.concurrentPerform(iterations: 4) { thread in
      for i in 0..<50 {
        if i % 2 == 0 {
          recorder.record(record(thread * 1000 + i))
        } else {
          recorder.record([record(thread * 1000 + i)])
        }
      }
      recorder.record((50..<100).map { record(thread * 1000 + $0) })
    }
    let counts = try recorder.finish()
    #expect(counts.offered == 400 && counts.dropped == 0 && counts.written.inserted == 400)
    let kept = sink.kept.withLock { $0 }
    for thread in 0..<4 {
      let own = kept.compactMap { Int($0.dropFirst()) }.filter { $0 / 1000 == thread }
      #expect(own == Array(thread * 1000..<thread * 1000 + 100))
    }
  }

  @Test("a log that fails stops logging, not deciding, and says so at the end")
  func failure() throws {
    let sink = SlowSink(
      isOpen: true, failure: .io(path: "log", operation: "append to", reason: "full"))
    var settings = DecisionRecorder.Settings()
    settings.overflow = .wait
    settings.queueLength = 4
    settings.flushMilliseconds = 5
    let recorder = DecisionRecorder(sink, settings: settings)
    for i in 0..<100 { recorder.record(record(i)) }
    #expect(throws: StoreError.io(path: "log", operation: "append to", reason: "full")) {
      try recorder.finish()
    }
    #expect(recorder.counts.dropped == 100)
  }

  @Test("sampling, redaction and features are the recorder's")
  func settings() throws {
    let scratch = try Scratch()
    var settings = DecisionRecorder.Settings()
    settings.overflow = .wait
    settings.sampleRate = 0.2
    settings.text = .drop
    let path = scratch.at("log.jsonl")
    let recorder = DecisionRecorder(try DecisionFile(path: path), settings: settings)
    for i in 0..<500 {
      var one = record(i)
      one.text = "secret \(i)"
      one.features = [1]
      recorder.record(one)
    }
    let counts = try recorder.finish()
    #expect(counts.unsampled + counts.written.inserted == 500 && counts.written.inserted > 50)
    let (found, _) = try read(path)
    #expect(found.count == counts.written.inserted)
    #expect(found.allSatisfy { $0.text == nil && $0.features == nil && $0.sampleRate == 0.2 })
    #expect(!(try String(contentsOfFile: path, encoding: .utf8)).contains("secret"))
  }

  @Test(
    "times are written as they are read",
    arguments: [
      "1970-01-01T00:00:00Z", "2000-02-29T23:59:59Z", "2026-03-02T08:15:42.125Z",
      "2100-03-01T00:00:00.000001Z", "1999-12-31T12:00:00Z",
    ])
  func times(_ text: String) throws {
    let time = try #require(Microseconds(time: text))
    #expect(time.timeText == text)
  }
}
