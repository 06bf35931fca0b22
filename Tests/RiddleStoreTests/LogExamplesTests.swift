import Foundation
import RiddleData
import Testing

@testable import RiddleStore

/// The example logs of `datasets/logs` come to what the script that wrote them counted.
@Suite("Example logs")
struct LogExamplesTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("datasets/logs").path

  struct Expected: Decodable {
    struct Candidate: Decodable, Equatable {
      var answered = 0
      var judged = 0
      var priced = 0
      var timed = 0
      var quality = 0.0
      var cost_nanousd: Int64 = 0
      var latency_us: Int64 = 0
      var in_tokens: Int64 = 0
      var out_tokens: Int64 = 0
    }
    var rows_read: Int
    var inserted: Int
    var unchanged: Int
    var conflicts: Int
    var rejected: Int
    var left_out: Int
    var candidates: [String: Candidate]
  }

  static let expected: [String: Expected] = {
    let data = FileManager.default.contents(atPath: folder + "/expected.json") ?? Data()
    // An empty table would test nothing: `everyExample` fails then.
    return (try? JSONDecoder().decode([String: Expected].self, from: data)) ?? [:]
  }()

  /// The files of one example, and how to read them.
  static func options(_ example: String) throws -> (paths: [String], options: ImportOptions) {
    var options = ImportOptions()
    if example.contains("scores") || example.contains("evaluations") {
      options.scores.name = "resolved"
    }
    if example.contains("otel") {
      options.prices = TokenPrices(
        date: nil,
        entries: [
          "gpt-4o-mini": .init(
            input: NanoDollars(150_000_000), cachedInput: NanoDollars(75_000_000),
            output: NanoDollars(600_000_000)),
          "gpt-4o": .init(
            input: NanoDollars(2_500_000_000), cachedInput: NanoDollars(1_250_000_000),
            output: NanoDollars(10_000_000_000)),
        ])
    }
    var paths: [String] = []
    for name in example.split(separator: " ") {
      let path = "\(folder)/\(name)"
      if name.hasSuffix(".yaml") {
        try LogFile.readMapping(path: path, into: &options)
      } else {
        paths.append(path)
      }
    }
    return (paths, options)
  }

  @Test("the table of expectations is there, with every format")
  func everyExample() {
    #expect(Self.expected.count == 17)
  }

  @Test("counts, money, time and tokens are exact", arguments: expected.keys.sorted())
  func counts(example: String) throws {
    let want = try #require(Self.expected[example])
    let (paths, options) = try Self.options(example)
    let (queries, report) = try LogFile.read(paths: paths, options: options)
    #expect(try LogFile.survey(paths: paths, options: options) == report)
    #expect(report.rowsRead == want.rows_read)
    #expect(report.inserted == want.inserted)
    #expect(report.unchanged == want.unchanged)
    #expect(report.conflicts == want.conflicts)
    #expect(report.rejected == want.rejected, "\(report.firstRejects)")
    #expect(report.leftOut == want.left_out)
    var found: [String: Expected.Candidate] = [:]
    for entry in queries.flatMap(\.outcomes) {
      var sum = found[entry.candidate] ?? Expected.Candidate()
      let outcome = entry.outcome
      sum.answered += 1
      sum.judged += outcome.quality == nil ? 0 : 1
      sum.priced += outcome.cost == nil ? 0 : 1
      sum.timed += outcome.latency == nil ? 0 : 1
      sum.quality = ((sum.quality + (outcome.quality ?? 0)) * 1e6).rounded() / 1e6
      sum.cost_nanousd += outcome.cost?.count ?? 0
      sum.latency_us += outcome.latency?.count ?? 0
      sum.in_tokens += outcome.inputTokens ?? 0
      sum.out_tokens += outcome.outputTokens ?? 0
      found[entry.candidate] = sum
    }
    #expect(found == want.candidates)
    #expect(queries.allSatisfy { $0.text?.isEmpty == false })
  }

  @Test(
    "a second import changes nothing, through the store and from packed copies",
    arguments: expected.keys.sorted())
  func again(example: String) throws {
    let (paths, options) = try Self.options(example)
    let scratch = try Scratch()
    let store = try Store.open(path: scratch.at("s.sqlite"), mode: .create)
    let first = try store.import(paths, options: options)
    let hash = try store.contentHash()
    #expect(first.inserted == (try #require(Self.expected[example])).inserted)
    // Gzip and Zstandard under names that say nothing of it.
    for pack in [gzip, zstandard] {
      let packed = try paths.enumerated().map { index, path in
        let bytes = [UInt8](try #require(FileManager.default.contents(atPath: path)))
        let name = (path as NSString).lastPathComponent
        return try scratch.file("\(index)/\(name)", pack(bytes))
      }
      let second = try store.import(packed, options: options)
      #expect(second.inserted == 0)
      #expect(second.conflicts == first.conflicts)
      #expect(second.unchanged == first.inserted + first.unchanged)
      #expect(try store.contentHash() == hash)
    }
  }

  @Test("what is written in two ways reads as the same rows")
  func twoShapes() throws {
    func rows(_ name: String) throws -> [LoggedQuery] {
      let (paths, options) = try Self.options(name)
      return try LogFile.read(paths: paths, options: options).queries
    }
    #expect(try rows("litellm-spend.csv") == rows("litellm-spend.json"))
    #expect(
      try rows("langfuse-observations.csv langfuse-scores.jsonl")
        == rows("langfuse-observations.jsonl langfuse-scores.jsonl"))
    let document = try rows("promptfoo-results.json")
    let table = try rows("promptfoo-table.json")
    // The older shape has no run of its own name; all else agrees, in another order of answers.
    let byText = Dictionary(uniqueKeysWithValues: document.map { ($0.text ?? "", $0.outcomes) })
    #expect(table.count == document.count)
    #expect(table.allSatisfy { byText[$0.text ?? ""] == $0.outcomes })
  }

  @Test("the script that wrote the examples writes them still, byte for byte")
  func reproducible() throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", Self.folder + "/generate.py", "--check"]
    try process.run()
    process.waitUntilExit()
    if process.terminationStatus == 127 {
      print("left out: python3 is not on this machine, so the example logs were not compared")
      return
    }
    #expect(process.terminationStatus == 0)
  }

  @Test("where blocks are cut changes nothing", arguments: expected.keys.sorted())
  func blocks(example: String) throws {
    var (paths, options) = try Self.options(example)
    let whole = try LogFile.read(paths: paths, options: options)
    for bytes in [1, 777] {
      options.blockBytes = bytes
      let cut = try LogFile.read(paths: paths, options: options)
      #expect(cut.queries == whole.queries)
      #expect(cut.report.firstRejects == whole.report.firstRejects)
      #expect(cut.report.rowsRead == whole.report.rowsRead)
    }
  }

  @Test("dialects of OpenTelemetry are told apart and said")
  func dialects() throws {
    for (name, dialect) in [
      ("otel-openllmetry.jsonl", "OpenLLMetry"), ("otel-openinference.jsonl", "OpenInference"),
      ("otel-vercel.jsonl", "Vercel AI SDK"),
    ] {
      let (paths, options) = try Self.options(name)
      let report = try LogFile.read(paths: paths, options: options).report
      #expect(report.notes.contains("spans: 107 of \(dialect)"))
      #expect(report.sources[0].recognisedBy.hasPrefix("sniffed from"))
    }
  }

  @Test("what the incumbent router decided is kept")
  func routingDecision() throws {
    for name in ["litellm-spend.csv", "litellm-payload.jsonl"] {
      let (paths, options) = try Self.options(name)
      let queries = try LogFile.read(paths: paths, options: options).queries
      #expect(
        queries.allSatisfy { query in
          ["simple", "complex"].contains(query.context.metadata["routing_decision.tier"])
            && query.context.metadata["routing_decision.score"] != nil
        })
    }
  }
}
