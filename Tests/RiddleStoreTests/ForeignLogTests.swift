import Foundation
import RiddleData
import Testing

@testable import RiddleStore

/// The difficulties of each format, one at a time.
@Suite("Logs of other tools")
struct ForeignLogTests {
  /// One line of each format that is read as lines, with `text` as the query and `id` as its id.
  static let lines: [(format: LogFormat, line: @Sendable (String, String) -> String)] = [
    (
      .liteLLMSpend,
      { id, text in
        #"{"request_id":"\#(id)","call_type":"acompletion","spend":0.001,"startTime":"2026-01-01 00:00:00","endTime":"2026-01-01 00:00:02","model":"m","prompt_tokens":5,"completion_tokens":6,"messages":[{"role":"user","content":"\#(text)"}]}"#
      }
    ),
    (
      .liteLLMPayload,
      { id, text in
        #"{"id":"\#(id)","call_type":"acompletion","response_cost":0.001,"startTime":1767225600.5,"endTime":1767225602.5,"model":"m","prompt_tokens":5,"completion_tokens":6,"messages":[{"role":"user","content":"\#(text)"}]}"#
      }
    ),
    (
      .openTelemetry,
      { id, text in
        #"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"t","spanId":"\#(id)","startTimeUnixNano":"1767225600000000000","endTimeUnixNano":"1767225602000000000","attributes":[{"key":"gen_ai.operation.name","value":{"stringValue":"chat"}},{"key":"gen_ai.request.model","value":{"stringValue":"m"}},{"key":"gen_ai.input.messages","value":{"arrayValue":{"values":[{"kvlistValue":{"values":[{"key":"role","value":{"stringValue":"user"}},{"key":"content","value":{"stringValue":"\#(text)"}}]}}]}}}]}]}]}]}"#
      }
    ),
    (
      .langfuse,
      { id, text in
        #"{"id":"\#(id)","trace_id":"t","type":"GENERATION","start_time":"2026-01-01 00:00:00.000000","end_time":"2026-01-01 00:00:02.000000","provided_model_name":"m","total_cost":0.001,"usage_details":{"input":5,"output":6},"input":"\#(text)"}"#
      }
    ),
    (
      .promptfoo,
      { id, text in
        #"{"testIdx":"\#(id)","promptIdx":0,"provider":{"id":"m"},"prompt":{"raw":"\#(text)"},"vars":{},"score":1,"success":true,"cost":0.001,"latencyMs":2000,"gradingResult":{}}"#
      }
    ),
    (
      .arena,
      { id, text in
        #"{"question_id":"\#(id)","model_a":"m","model_b":"n","winner":"model_a","prompt":"\#(text)"}"#
      }
    ),
  ]

  static let formats = lines.map(\.format)

  private func read(_ text: String, _ options: ImportOptions = ImportOptions()) throws
    -> (queries: [LoggedQuery], report: ImportReport)
  { try read(Array(text.utf8), options) }

  private func read(_ bytes: [UInt8], _ options: ImportOptions = ImportOptions()) throws
    -> (queries: [LoggedQuery], report: ImportReport)
  {
    let scratch = try Scratch()
    return try LogFile.read(paths: [try scratch.file("log", bytes)], options: options)
  }

  private func line(_ format: LogFormat, _ id: String, _ text: String) throws -> String {
    try #require(Self.lines.first { $0.format == format }).line(id, text)
  }

  @Test(
    "one row of each format is sniffed and read, and --format says the same", arguments: formats)
  func oneRow(format: LogFormat) throws {
    let text = try line(format, "7", "What is it?")
    for options in [ImportOptions(), ImportOptions(format: format)] {
      let (queries, report) = try read(text, options)
      #expect(report.sources[0].format == format)
      #expect(!report.sources[0].mapping.isEmpty)
      let query = try #require(queries.first)
      #expect(query.text == "What is it?")
      #expect(query.id.contains("7"))
      #expect(query.outcomes[0].candidate == "m")
      if format != .arena {
        #expect(query.outcomes[0].outcome.latency == Microseconds(2_000_000))
      }
    }
  }

  @Test("hostile lines cost themselves alone", arguments: formats)
  func hostile(format: LogFormat) throws {
    let good = try line(format, "a", "First?")
    let last = try line(format, "b", "Last?")
    let deep = String(repeating: "[", count: 100_000)
    let bad: [[UInt8]] = [
      Array(deep.utf8), Array((deep + String(repeating: "]", count: 100_000)).utf8),
      Array(#"{"messages":\#(deep)"#.utf8), Array("not json".utf8), Array("{".utf8),
      Array(try line(format, "n", #"a\u0000b"#).utf8),
      Array(try line(format, "s", #"a\ud800b"#).utf8),
      Array(try line(format, "u", "X").utf8).flatMap { $0 == 0x58 ? [0xff, 0xfe] : [$0] },
      Array(try line(format, "z", "X").utf8).map { $0 == 0x58 ? 0 : $0 },
      Array(good.dropLast(3).utf8),
    ]
    for line in bad {
      let (queries, report) = try read(Array(good.utf8) + [10] + line + [10] + Array(last.utf8))
      #expect(queries.map(\.text) == ["First?", "Last?"])
      #expect(report.rejected == 1 && report.firstRejects[0].line == 2)
      #expect(!report.firstRejects[0].reason.contains("First"))
    }
    // A line of 10 MB is a row like any other; beyond the limit it is skipped.
    let long = try line(format, "l", String(repeating: "x", count: 10 << 20))
    #expect(try read(good + "\n" + long + "\n" + last).queries.count == 3)
    var options = ImportOptions()
    options.maximumRowBytes = 1 << 20
    let (queries, report) = try read(good + "\n" + long + "\n" + last, options)
    #expect(queries.count == 2 && report.firstRejects[0].reason.contains("longer than"))
  }

  @Test("every byte flipped or cut leaves a report, never a crash", arguments: formats)
  func damaged(format: LogFormat) throws {
    let bytes = Array(try line(format, "a", "First?").utf8)
    for position in stride(from: 0, to: bytes.count, by: 3) {
      var flipped = bytes
      flipped[position] ^= 0x10
      for damaged in [flipped, Array(bytes[..<position])] {
        do {
          _ = try read(damaged, ImportOptions(format: format))
        } catch let error as StoreError {
          #expect(error.exitCode == 65)
        }
      }
    }
  }

  @Test(
    "the same id with another body is a conflict, with the same one nothing", arguments: formats)
  func duplicates(format: LogFormat) throws {
    // Promptfoo joins by test and prompt; there the second answer of one candidate is refused.
    let first = try line(format, "a", "First?")
    let other = try line(format, "a", format == .promptfoo ? "First?" : "Other?")
      .replacingOccurrences(of: "\"score\":1", with: "\"score\":0")
    let (queries, report) = try read([first, first, other].joined(separator: "\n"))
    #expect(queries.count == 1 && report.inserted == 1)
    if format == .promptfoo {
      #expect(report.rejected == 2)
    } else {
      #expect(report.unchanged == 1 && report.conflicts == 1)
      #expect(report.firstRejects[0].reason.contains("other content"))
    }
  }

  @Test("a log without any prompt is stopped, and the setting is named")
  func withoutPrompts() throws {
    for (format, setting) in [
      (LogFormat.liteLLMSpend, "store_prompts_in_spend_logs: true"),
      (.liteLLMPayload, "turn_off_message_logging"),
      (.openTelemetry, "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"),
      (.langfuse, "io"),
    ] {
      let silent = try line(format, "a", " ")
      #expect {
        try read(silent + "\n" + silent)
      } throws: {
        guard case .unsupportedInput(_, let kind, let remedy)? = $0 as? StoreError else {
          return false
        }
        return kind.contains("without prompts") && remedy.contains(setting)
      }
    }
    // A broken first line does not hide what the others are.
    let torn = try read("not json\n" + line(.arena, "a", "x"))
    #expect(torn.report.sources[0].format == .arena && torn.report.rejected == 1)
    // A spend log where only some are kept goes on.
    let mixed = try line(.liteLLMSpend, "b", "Kept") + "\n" + line(.liteLLMSpend, "c", " ")
    #expect(try read(mixed).report.rejected == 1)
  }

  @Test("LiteLLM: a stream's response_time ends at its first token and is not its latency")
  func streamedLatency() throws {
    let row = try line(.liteLLMPayload, "a", "x").replacingOccurrences(
      of: #""endTime":1767225602.5,"#, with: "")
    let streamed = row.replacingOccurrences(
      of: #""model":"m""#, with: #""model":"m","stream":true,"response_time":0.3"#)
    let whole = row.replacingOccurrences(
      of: #""model":"m""#, with: #""model":"m","stream":false,"response_time":0.3"#)
    #expect(try read(streamed).queries[0].outcomes[0].outcome.latency == nil)
    #expect(try read(whole).queries[0].outcomes[0].outcome.latency == Microseconds(300_000))
  }

  @Test("LiteLLM: rows without a request id keep one of their own at every import")
  func emptyRequestIDs() throws {
    let rows = try (0..<3).map { try line(.liteLLMSpend, "", "Question \($0)") }
    let first = try read(rows.joined(separator: "\n")).queries.map(\.id)
    let second = try read(rows.reversed().joined(separator: "\n")).queries.map(\.id)
    #expect(Set(first).count == 3 && Set(first) == Set(second))
  }

  @Test("Langfuse: the unit of latency is told by rows that have both, or given")
  func langfuseUnits() throws {
    func row(_ id: String, _ latency: String, hasEnd: Bool) throws -> String {
      let end = hasEnd ? #""end_time":"2026-01-01 00:00:02.000000","# : ""
      return try line(.langfuse, id, "x").replacingOccurrences(
        of: #""end_time":"2026-01-01 00:00:02.000000","#, with: end + #""latency":\#(latency),"#)
    }
    for (both, alone) in [("2", "3.5"), ("2000", "3500")] {
      let (queries, report) = try read(
        try row("b", alone, hasEnd: false) + "\n" + row("a", both, hasEnd: true))
      #expect(
        queries.map { $0.outcomes[0].outcome.latency }
          == [Microseconds(3_500_000), Microseconds(2_000_000)])
      #expect(report.notes[0].contains("agrees with end_time"))
    }
    // Nothing tells: the latency stays out, and the option is named.
    let alone = try row("b", "3.5", hasEnd: false)
    let (queries, report) = try read(alone)
    #expect(queries[0].outcomes[0].outcome.latency == nil)
    #expect(report.notes.contains { $0.contains("--latency-unit") })
    var options = ImportOptions()
    options.latencyUnit = .seconds
    #expect(
      try read(alone, options).queries[0].outcomes[0].outcome.latency == Microseconds(3_500_000))
  }

  @Test("Langfuse: scores must be chosen when there are several, and belong to a log")
  func langfuseScores() throws {
    let scratch = try Scratch()
    let calls = try scratch.file("calls.jsonl", try line(.langfuse, "o1", "x"))
    func score(_ name: String, _ value: String) -> String {
      #"{"id":"s","name":"\#(name)","trace_id":"t","observation_id":"o1","value":\#(value),"data_type":"NUMERIC"}"#
    }
    let one = try scratch.file("scores.jsonl", score("helpful", "4"))
    let two = try scratch.file(
      "two.jsonl", score("helpful", "1") + "\n" + score("tone", "0") + "\nnot json")
    #expect {
      try LogFile.read(paths: [one])
    } throws: {
      "\($0)".contains("Name it together")
    }
    #expect {
      try LogFile.read(paths: [calls, two])
    } throws: {
      "\($0)".contains("helpful, tone") && "\($0)".contains("--score NAME")
    }
    var options = ImportOptions()
    options.scores = ScoreRule(name: "tone")
    let chosen = try LogFile.read(paths: [two, calls], options: options)
    #expect(chosen.queries[0].outcomes[0].outcome.quality == 0)
    #expect(chosen.report.rejected == 1)
    // On a scale of 1 to 5, said or not.
    let unread = try LogFile.read(paths: [calls, one])
    #expect(unread.queries[0].outcomes[0].outcome.quality == nil)
    #expect(unread.report.notes.contains { $0.contains("--score-range") })
    options.scores = ScoreRule(low: 1, high: 5)
    #expect(
      try LogFile.read(paths: [calls, one], options: options).queries[0].outcomes[0].outcome
        .quality == 0.75)
  }

  @Test("Arena: winners in both spellings, ties, both bad")
  func arenaVerdicts() throws {
    for (winner, shares) in [
      ("model_a", [1.0, 0.0]), ("model_b", [0, 1]), ("tie", [0.5, 0.5]), ("tie (bothbad)", [0, 0]),
      ("Tie (Both_Bad)", [0, 0]),
    ] {
      let row = try line(.arena, "a", "x").replacingOccurrences(
        of: #""winner":"model_a""#, with: #""winner":"\#(winner)""#)
      #expect(try read(row).queries[0].outcomes.map(\.outcome.quality) == shares)
    }
    let same = try line(.arena, "a", "x").replacingOccurrences(of: "\"n\"", with: "\"m\"")
    #expect(try read(same).report.firstRejects[0].field == "model_b")
  }

  @Test("a pretty-printed export, an array and one under `data` are read alike")
  func documents() throws {
    let rows = try ["a", "b"].map { try line(.langfuse, $0, "Question \($0)") }
    let plain = try read(rows.joined(separator: "\n")).queries
    let list = "[\n  " + rows.joined(separator: ",\n  ") + "\n]\n"
    #expect(try read(list).queries == plain)
    #expect(try read("{\"data\": \(list), \"meta\": {\"page\": 1}}").queries == plain)
    // Objects one after the other, each over several lines, as `jq .` prints them.
    let objects = rows.map { $0.replacingOccurrences(of: "{\"id\"", with: "{\n  \"id\"") }
    #expect(try read(objects.joined(separator: "\n") + "\n").queries == plain)
    #expect(try read(objects[0] + "\n[1]").report.firstRejects[0].reason.contains("not whole"))
    let requests = try ["a", "b"].map { try line(.openTelemetry, $0, "Question \($0)") }
    let spread = requests[0].replacingOccurrences(
      of: "{\"resourceSpans\"", with: "{\n\"resourceSpans\"")
    #expect(try read(spread).queries == read(requests[0]).queries)
  }

  @Test("units: a price instead of a cost, cents, and two scales of latency are suspected")
  func unitGuards() throws {
    func log(_ cost: (Int) -> String, _ latency: (Int) -> String) throws -> [String] {
      let rows = (0..<60).map { n in
        #"{"id":"\#(n)","query":"q \#(n)","outcomes":{"m":{"quality":1,"cost_usd":\#(cost(n)),"latency_ms":\#(latency(n)),"in_tokens":\#(100 + n),"out_tokens":\#(50 + 3 * n)}}}"#
      }
      return try read(rows.joined(separator: "\n")).report.warnings
    }
    func usual(_ n: Int) -> String { "0.00\(10 + n)" }
    func time(_ n: Int) -> String { "\(800 + 7 * n)" }
    #expect(try log(usual, time).isEmpty)
    #expect(try log({ _ in "0.00003" }, time).first?.contains("per token") == true)
    #expect(try log({ _ in "0.003" }, time).first?.contains("per 1,000 tokens") == true)
    #expect(try log({ _ in "0.6" }, time).first?.contains("per million tokens") == true)
    #expect(try log({ "0.\(30 + $0)" }, time).first?.contains("cents") == true)
    #expect(try log({ "0.0000000\(100 + $0)" }, time).first?.contains("per million") == true)
    #expect(
      try log(usual, { $0 % 2 == 0 ? "\(800 + $0)" : "0.\(800 + $0)" }).first?.contains(
        "two groups") == true)
    #expect(try log(usual, { "0.\(800 + $0)" }).first?.contains("in seconds") == true)
  }
}
