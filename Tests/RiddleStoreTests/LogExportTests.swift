import Foundation
import RiddleData
import Testing

@testable import RiddleStore

@Suite("Export of the log")
struct LogExportTests {
  private func exported(_ store: Store, _ filter: QueryFilter = QueryFilter(), model: String? = nil)
    throws -> [UInt8]
  {
    var bytes: [UInt8] = []
    _ = try store.exportLog(filter: filter, embeddingModel: model) { bytes += $0 }
    return bytes
  }

  /// Every field at its bounds, in random company.
  private func randomLog(_ seed: UInt64, rows: Int) -> [String] {
    var random = SplitMix64(seed: seed)
    func pick<T>(_ values: [T]) -> T { values[Int(random.next() % UInt64(values.count))] }
    let texts = [
      "null", "\"\"", "\"a\"", #""tab\t line\n \u0001 \" \\ / é 😀 \u2028""#, "\"\u{7f}\"",
      "\"[email]\"",
    ]
    let numbers = ["null", "0", "1", "0.1", "1e-9", "0.30000000000000004", "5e-324", "1e-17"]
    return (0..<rows).map { i in
      let outcomes = ["m", "ü\\\"n", "z z"].filter { _ in random.next() % 3 > 0 }.map { name in
        """
        "\(name)":{"quality":\(pick(numbers)),"confidence":\(pick(numbers)),"gate_score":\(pick(numbers)),\
        "cost_nanousd":\(pick(["null", "0", "1", "9999999999999"])),\
        "latency_ms":\(pick(["null", "0", "0.001", "1234.5", "2592000000"])),\
        "in_tokens":\(pick(["null", "0", "1000000000000"])),"answer":\(pick(texts))}
        """
      }
      return """
        {"id":"\(seed)/\(i)","query":\(pick(texts)),"group":\(pick(texts)),"conversation":\(pick(texts)),\
        "turn":\(pick(["null", "1", "1000000000"])),"user_tier":\(pick(texts)),"task_type":\(pick(texts)),\
        "domain":\(pick(texts)),"time":\(pick(["null", "0.000001", "\"0001-01-01T00:00:00Z\"", "\"1969-12-31T23:59:59.999999Z\"", "\"2000-02-29T12:00:00.5Z\"", "\"9999-12-31T23:59:59.999999Z\"", "1e11"])),\
        "tier":\(pick(["\"t\"", "\"x y\""])),"metadata":{"a":\(pick(texts)),"b\\n":3.50},\
        "outcomes":{\(outcomes.joined(separator: ","))}}
        """
    }
  }

  @Test(
    "an export imported into a new store gives the same hash and the same rows", arguments: 1...20)
  func roundTrip(_ seed: Int) throws {
    let scratch = try Scratch()
    let store = try Store.open(path: scratch.at("s"), mode: .create)
    let lines = randomLog(UInt64(seed), rows: 50)
    let report = try store.import([
      scratch.file("a.jsonl", lines.joined(separator: "\n"))
    ])
    #expect(report.inserted == 50, "\(report.firstRejects)")
    let bytes = try exported(store)
    let copy = try Store.open(path: scratch.at("copy"), mode: .create)
    #expect(try copy.import([scratch.file("b.jsonl", bytes)]).rejected == 0)
    #expect(try copy.contentHash() == store.contentHash())
    #expect(try copy.readLog() == store.readLog())
    #expect(try exported(copy) == bytes)
  }

  @Test("qualities and tiers of judges are exported as they stand")
  func verdicts() throws {
    let scratch = try Scratch()
    let path = try scratch.file("v3.sqlite", gunzip(MigrationTests.goldenPath("v3")))
    let store = try Store.open(path: path, mode: .readWrite)
    let before = try store.contentHash()
    #expect(
      try store.applyVerdicts(
        prompt: String(repeating: "0123456789abcdef", count: 4), judge: "judge-a")
        == 1)
    #expect(try store.contentHash() != before)
    let copy = try Store.open(path: scratch.at("copy"), mode: .create)
    _ = try copy.import([scratch.file("b.jsonl", exported(store))])
    #expect(try copy.contentHash() == store.contentHash())
  }

  @Test("vectors go with their texts")
  func embeddings() throws {
    let scratch = try Scratch()
    let path = try scratch.file("v3.sqlite", gunzip(MigrationTests.goldenPath("v3")))
    let store = try Store.open(path: path, mode: .readWrite)
    let copy = try Store.open(path: scratch.at("copy"), mode: .create)
    let text = "Compare two designs."
    _ = try copy.import([scratch.file("b.jsonl", exported(store, model: "tiny"))])
    #expect(
      try copy.embeddings(model: "tiny", texts: [text])
        == store.embeddings(model: "tiny", texts: [text]))
    #expect(throws: StoreError.unknownEmbeddingModel(name: "x", available: ["tiny"])) {
      try exported(store, model: "x")
    }
  }

  @Test("filters choose rows; the sum of disjoint exports is the whole")
  func filters() throws {
    let scratch = try Scratch()
    let store = try Store.open(path: scratch.at("s"), mode: .create)
    func line(_ i: Int) -> String {
      """
      {"id":"\(i)","query":"q","domain":"d\(i % 3)","time":\(1_000_000 + i),"outcomes":{"\(i % 2 == 0 ? "a" : "b")":{"quality":1}}}

      """
    }
    _ = try store.import([scratch.file("a", (0..<30).map(line).joined())])
    _ = try store.import([scratch.file("b", (30..<40).map(line).joined())])
    func count(_ change: (inout QueryFilter) -> Void) throws -> Int {
      var filter = QueryFilter()
      change(&filter)
      return try exported(store, filter).count { $0 == 0x0a }
    }
    #expect(try count { _ in } == 40)
    #expect(try count { $0.importID = 1 } == 30)
    #expect(try count { $0.importID = 2 } == 10)
    #expect(try count { $0.importID = 3 } == 0)
    #expect(try count { $0.domain = "d0" } == 14)
    #expect(try count { $0.candidate = "a" } == 20)
    let middle = Microseconds(1_000_013_000_000)
    #expect(try count { $0.since = middle } == 27)
    #expect(try count { $0.until = middle } == 13)
    // Rows keep the outcomes that are theirs.
    var filter = QueryFilter()
    filter.domain = "d1"
    var found: [LoggedQuery] = []
    try store.forEachQuery(filter: filter) { found.append($0) }
    #expect(try found == store.readLog().filter { $0.context.domain == "d1" })
  }

  @Test("an error of the receiver ends the export and is the one that is thrown")
  func receiver() throws {
    struct Full: Error {}
    let scratch = try Scratch()
    let store = try Store.open(path: scratch.at("s"), mode: .create)
    _ = try store.import([scratch.file("a", rows(3))])
    #expect(throws: Full.self) { try store.exportLog { _ in throw Full() } }
  }

  @Test("gzip in pieces is what gunzip reads, and the same every time")
  func gzipStream() throws {
    func packed(_ pieces: [[UInt8]]) throws -> [UInt8] {
      let stream = try GzipStream()
      var out: [UInt8] = []
      for piece in pieces { out += try stream.add(piece) }
      return out + (try stream.add([], isLast: true))
    }
    var random = SplitMix64(seed: 3)
    let noise = (0..<300_000).map { _ in UInt8(truncatingIfNeeded: random.next() >> 40) }
    for pieces in [[], [[]], [Array("abc".utf8), []], [noise, noise, Array("x".utf8)]]
      as [[[UInt8]]]
    {
      let bytes = try packed(pieces)
      #expect(try packed(pieces) == bytes)
      let scratch = try Scratch()
      let source = try ByteSource(path: scratch.file("a.gz", bytes))
      var back: [UInt8] = []
      while try source.read(appendingTo: &back) {}
      #expect(back == pieces.flatMap { $0 })
    }
  }

  @Test("a time is written as it is read")
  func times() throws {
    for (count, text) in [
      (0, "1970-01-01T00:00:00Z"), (-1, "1969-12-31T23:59:59.999999Z"),
      (951_825_600_500_000, "2000-02-29T12:00:00.5Z"),
      (1_772_438_400_000_000, "2026-03-02T08:00:00Z"),
    ] as [(Int64, String)] {
      #expect(Microseconds(count).time == text)
    }
    var random = SplitMix64(seed: 1)
    for _ in 0..<2000 {
      let count = Int64(random.next() % 315_537_897_600_000_000) - 62_135_596_800_000_000
      #expect(Microseconds(time: Microseconds(count).time) == Microseconds(count))
    }
  }
}
