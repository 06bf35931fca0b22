import Foundation
import RiddleData
import Testing

@testable import RiddleStore

@Suite("Riddle JSON lines")
struct RiddleJSONLTests {
  func read(_ text: String) throws -> (queries: [LoggedQuery], report: ImportReport) {
    try read(Array(text.utf8))
  }

  func read(_ bytes: [UInt8], options: ImportOptions = ImportOptions(format: .riddleJSONL)) throws
    -> (queries: [LoggedQuery], report: ImportReport)
  {
    let scratch = try Scratch()
    return try LogFile.read(paths: [scratch.file("log.jsonl", bytes)], options: options)
  }

  @Test("every field is read")
  func everyField() throws {
    let (queries, report) = try read(
      #"{"time":"2024-02-29T11:00:00Z","id":"a","query":"é\n😀","group":"g","conversation":"c","turn":2,"#
        + #""user_tier":"free","task_type":"sql","domain":"legal","extra":{"x":[1,null]},"#
        + #""outcomes":{"z":{"quality":0.25,"cost_usd":0.1,"latency_ms":12.5,"in_tokens":7,"out_tokens":8.0,"#
        + #""confidence":0.5,"gate_score":1,"answer":"42","turn_scores":[1]},"a":{"quality":true,"cost_nanousd":5,"answer":null},"n":null}}"#
    )
    #expect(report.rejected == 0, "\(report.firstRejects)")
    let context = QueryContext(
      group: "g", conversation: "c", turn: 2, userTier: "free", taskType: "sql", domain: "legal",
      time: Microseconds(1_709_204_400_000_000))
    let z = Outcome(
      quality: 0.25, cost: NanoDollars(100_000_000), latency: Microseconds(12_500),
      confidence: 0.5, gateScore: 1, inputTokens: 7, outputTokens: 8, answer: "42")
    let a = Outcome(quality: 1, cost: NanoDollars(5))
    #expect(
      queries == [
        LoggedQuery(
          id: "a", text: "é\n😀", context: context,
          outcomes: [
            CandidateOutcome(candidate: "a", outcome: a),
            CandidateOutcome(candidate: "z", outcome: z),
          ])
      ])
  }

  /// A row with `field` in the outcome of candidate `m`.
  static func outcome(_ field: String) -> String {
    #"{"id":"a","query":"canary","outcomes":{"m":{\#(field)}}}"#
  }

  @Test(
    "a bad value is rejected with its field, and never with the query's text",
    arguments: [
      (outcome(#""quality":1.5"#), "outcomes.m.quality"),
      (outcome(#""quality":-0.1"#), "outcomes.m.quality"),
      (outcome(#""quality":NaN"#), "outcomes.m.quality"),
      (outcome(#""quality":1e400"#), "outcomes.m.quality"),
      (outcome(#""quality":"1""#), "outcomes.m.quality"),
      (outcome(#""quality":1,"quality":1"#), "outcomes.m.quality"),
      (outcome(#""cost_usd":-1"#), "outcomes.m.cost_usd"),
      (outcome(#""cost_usd":1e400"#), "outcomes.m.cost_usd"),
      (outcome(#""cost_usd":Infinity"#), "outcomes.m.cost_usd"),
      (outcome(#""cost_usd":10001"#), "outcomes.m.cost_usd"),
      (outcome(#""cost_usd":"$1""#), "outcomes.m.cost_usd"),
      (outcome(#""cost_usd":"""#), "outcomes.m.cost_usd"),
      (outcome(#""cost_usd":true"#), "outcomes.m.cost_usd"),
      (outcome(#""cost_usd":[1]"#), "outcomes.m.cost_usd"),
      (outcome(#""cost_nanousd":1.5"#), "outcomes.m.cost_nanousd"),
      (outcome(#""cost_usd":1,"cost_nanousd":1"#), "outcomes.m.cost_nanousd"),
      (outcome(#""latency_ms":-1"#), "outcomes.m.latency_ms"),
      (outcome(#""latency_ms":1e12"#), "outcomes.m.latency_ms"),
      (outcome(#""in_tokens":1.5"#), "outcomes.m.in_tokens"),
      (outcome(#""out_tokens":-1"#), "outcomes.m.out_tokens"),
      (outcome(#""confidence":2"#), "outcomes.m.confidence"),
      (outcome(#""gate_score":"x""#), "outcomes.m.gate_score"),
      (outcome(#""answer":5"#), "outcomes.m.answer"),
      (outcome(#""answer":"\u0000""#), "outcomes.m.answer"),
      (outcome(#""answer":"\ud800""#), "outcomes.m.answer"),
      (#"{"query":"canary","outcomes":{"m":{}}}"#, "id"),
      (#"{"id":5,"query":"canary","outcomes":{"m":{}}}"#, "id"),
      (#"{"id":"","query":"canary","outcomes":{"m":{}}}"#, "id"),
      (#"{"id":"\u0000","query":"canary","outcomes":{"m":{}}}"#, "id"),
      (#"{"id":"a","id":"b","query":"canary","outcomes":{"m":{}}}"#, "id"),
      (#"{"id":"a","query":["canary"],"outcomes":{"m":{}}}"#, "query"),
      (#"{"id":"a","query":"canary"}"#, "outcomes"),
      (#"{"id":"a","query":"canary","outcomes":{}}"#, "outcomes"),
      (#"{"id":"a","query":"canary","outcomes":[]}"#, "outcomes"),
      (#"{"id":"a","query":"canary","outcomes":{"m":5}}"#, "outcomes.m"),
      (#"{"id":"a","query":"canary","outcomes":{"m":{},"m":{}}}"#, "outcomes.m"),
      (#"{"id":"a","query":"canary","turn":0,"outcomes":{"m":{}}}"#, "turn"),
      (#"{"id":"a","query":"canary","time":"2024-01-01T00:00:00","outcomes":{"m":{}}}"#, "time"),
      (#"{"id":"a","query":"canary","time":true,"outcomes":{"m":{}}}"#, "time"),
    ])
  func badValues(_ line: String, _ field: String) throws {
    let (queries, report) = try read(row("first") + "\n" + line + "\n" + row("last") + "\n")
    #expect(queries.map(\.id) == ["first", "last"])
    let reject = try #require(report.firstRejects.first)
    #expect(reject.line == 2)
    #expect(reject.field == field, "\(reject)")
    #expect(!reject.jsonLine.contains("canary"))
    #expect(report.rowsRead == 3 && report.rejected == 1 && report.inserted == 2)
  }

  @Test("a cost may be a string that holds a plain decimal")
  func costAsString() throws {
    let (queries, _) = try read(Self.outcome(#""cost_usd":"0.0001452""#))
    #expect(queries.first?.outcome(of: "m")?.cost == NanoDollars(145_200))
  }

  @Test("a decision log is told what it is")
  func decisionLog() throws {
    let (_, report) = try read(#"{"id":"a","query":"x","model":"m","reward":1}"#)
    #expect(report.firstRejects.first?.reason.contains("decision log") == true)
  }

  @Test("byte-order mark, CRLF, blank lines and a last line without newline are read")
  func lineEnds() throws {
    let text = "\u{feff}" + row("a") + "\r\n\r\n  \n" + row("b") + "\r\n" + row("c")
    let (queries, report) = try read(text)
    #expect(queries.map(\.id) == ["a", "b", "c"])
    #expect(report.rowsRead == 3)
  }

  @Test("a torn last line is rejected, the rest goes in")
  func tornLine() throws {
    let whole = row("b")
    for length in 1..<whole.utf8.count {
      let torn = Array((row("a") + "\n").utf8) + Array(whole.utf8.prefix(length))
      let (queries, report) = try read(torn)
      #expect(queries.map(\.id) == ["a"])
      #expect(report.firstRejects.map(\.line) == [2])
    }
  }

  @Test("invalid UTF-8, a raw NUL, deep nesting and long lines cost one row each")
  func hostileLines() throws {
    var bytes = Array((row("a") + "\n").utf8)
    bytes += Array(#"{"id":"b","query":""#.utf8) + [0xc3, 0x28] + Array("\"}\n".utf8)
    bytes += Array(#"{"id":"c","query":""#.utf8) + [0] + Array("\"}\n".utf8)
    bytes += Array((String(repeating: "[", count: 100_000) + "\n").utf8)
    bytes += Array((#"{"id":"d","x":"# + String(repeating: "[", count: 100_000) + "\n").utf8)
    bytes += Array((row("e", query: String(repeating: "x", count: 3000)) + "\n").utf8)
    bytes += Array((row("f", query: "a\u{2028}b") + "\n").utf8)
    var options = ImportOptions(format: .riddleJSONL)
    options.maximumRowBytes = 200_000
    var (queries, report) = try read(bytes, options: options)
    #expect(queries.map(\.id) == ["a", "e", "f"])
    #expect(report.firstRejects.map(\.line) == [2, 3, 4, 5])
    options.maximumRowBytes = 2000
    (queries, report) = try read(bytes, options: options)
    #expect(queries.map(\.id) == ["a", "f"])
    #expect(report.firstRejects.map(\.line) == [2, 3, 4, 5, 6])
    #expect(report.firstRejects.last?.reason == "longer than 2000 bytes")
  }

  @Test("a row of ten megabytes is read")
  func longRow() throws {
    let (queries, _) = try read(row("a", query: String(repeating: "é", count: 5 << 20)))
    #expect(queries.first?.text?.utf8.count == 10 << 20)
  }

  @Test("a repeated row is unchanged, another row of the same id is a conflict")
  func duplicates() throws {
    let (queries, report) = try read(
      [row("a"), row("a"), row("a", quality: "0"), row("b")].joined(separator: "\n"))
    #expect(queries.map(\.id) == ["a", "b"])
    #expect(queries[0].outcome(of: "small")?.quality == 1)
    #expect((report.inserted, report.unchanged, report.conflicts) == (2, 1, 1))
    #expect(report.firstRejects.map(\.line) == [3])
  }

  @Test("the report counts candidates and suspects units")
  func reportCounts() throws {
    let lines = (0..<9).map {
      #"{"id":"\#($0)","query":null,"outcomes":{"a":{"quality":1,"latency_ms":2.1},"b":{"cost_usd":30,"latency_ms":2100}}}"#
    }
    let (_, report) = try read(lines.joined(separator: "\n"))
    #expect(report.withoutText == 9)
    #expect(report.candidates.map(\.name) == ["a", "b"])
    #expect(report.candidates.map(\.judged) == [9, 0])
    #expect(report.candidates.map(\.priced) == [0, 9])
    #expect(report.candidates.map(\.timed) == [9, 9])
    #expect(report.warnings.count == 3, "\(report.warnings)")
  }
}
