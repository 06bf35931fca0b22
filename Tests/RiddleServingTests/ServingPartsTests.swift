import RiddleData
import RiddlePolicies
import RiddleTestSupport
import Testing

@testable import RiddleServing

/// Model names, chat bodies and replies, tokens, metrics and feedback.
@Suite("Parts of the server")
struct ServingPartsTests {
  @Test(
    "what model asks for",
    arguments: [
      (nil, ModelName.routed), ("", .routed), ("riddle", .routed), ("auto", .routed),
      ("small", .candidate(0)), ("large", .candidate(1)), ("router-riddle-0.25", .threshold(0.25)),
      ("router-desk-v2-1", .threshold(1)), ("router-other-0.5", nil), ("router-riddle-1.5", nil),
      ("router-riddle-", nil), ("router-riddle-nan", nil), ("gpt", nil),
    ] as [(String?, ModelName?)])
  func modelNames(_ name: String?, _ expected: ModelName?) {
    #expect(ModelName(name, router: "desk-v2", candidates: ["small", "large"]) == expected)
  }

  @Test(
    "another model in a body changes nothing else",
    arguments: [
      (#"{"model":"a","x":1}"#, #"{"model":"n\"m","x":1}"#),
      (#"{ "x" : {"model":"b"} , "model" : "a" }"#, #"{ "x" : {"model":"b"} , "model" : "n\"m" }"#),
      (#"{"x":1}"#, #"{"model":"n\"m","x":1}"#), ("{}", #"{"model":"n\"m"}"#),
      (#"{"model":null}"#, #"{"model":"n\"m"}"#),
      (#"{"mod\u0065l":"a","x":1}"#, #"{"mod\u0065l":"n\"m","x":1}"#),
    ])
  func replacesModel(_ body: String, _ expected: String) {
    let replaced = ChatBody.replacingModel(Array(body.utf8).span, with: "n\"m")
    #expect(replaced.map { String(decoding: $0, as: UTF8.self) } == expected)
    #expect(ChatBody.replacingModel(Array("[1]".utf8).span, with: "a") == nil)
  }

  @Test("a completion says its text, its tokens and its confidence")
  func reply() throws {
    let json =
      #"{"id":"x","choices":[{"message":{"role":"assistant","content":"4"},"logprobs":{"content":[{"logprob":-0.5,"top_logprobs":[{"logprob":-9}]},{"logprob":-1.5}]}}],"usage":{"prompt_tokens":7,"completion_tokens":2,"details":{"a":1}}}"#
    let whole = ChatReply(Array(json.utf8).span)
    let reply = try #require(whole)
    #expect(reply.content == "4")
    #expect(reply.usage == TokenUsage(input: 7, output: 2))
    #expect(reply.meanLogProbability == -1)
    #expect(reply.key == AnswerKey(" 4 "))
    let events =
      "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\n: comment\ndata:{\"choices\":[{\"delta\":{\"content\":\"4\"}}]}\r\n\r\ndata: {\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":2}}\n\ndata: [DONE]\n\n"
    let pieces = ChatReply(events: Array(events.utf8).span)
    let streamed = try #require(pieces)
    #expect(streamed.content == "4")
    #expect(streamed.usage == reply.usage)
    for garbage in ["", "<html>", "{}", "[]", #"{"choices":[]}"#, #"{"choices":[{"#] {
      #expect(ChatReply(Array(garbage.utf8).span) == nil)
    }
    // What cannot be is unknown, and nothing adds it up.
    for tokens in ["9223372036854775807", "1000000001", "-1", "1e3"] {
      let absurd =
        #"{"choices":[{"message":{"content":"4"}}],"usage":{"prompt_tokens":"# + tokens
        + #","completion_tokens":2}}"#
      let counted = ChatReply(Array(absurd.utf8).span)
      #expect(counted != nil && counted?.usage == nil)
    }
    // A stream without its end is torn.
    #expect(ChatReply(events: Array(events.utf8.dropLast(16)).span) == nil)
  }

  @Test("costs are exact and rounded up")
  func costs() {
    let target = UpstreamTarget(
      address: "a", model: "m", inputPrice: 150_000_000, outputPrice: 600_000_000)
    #expect(target.cost(TokenUsage(input: 1000, output: 500)) == 450_000)
    #expect(target.cost(TokenUsage(input: 1, output: 0)) == 150)
    #expect(target.cost(TokenUsage(input: .max, output: .max)) == UpstreamTarget.mostCost)
    #expect(target.cost(nil) == nil)
    #expect(UpstreamTarget(address: "a", model: "m").cost(TokenUsage(input: 1, output: 1)) == nil)
  }

  @Test("a bearer token lets in who knows all of it")
  func token() throws {
    let token = try #require(BearerToken("sesame"))
    #expect(token.isCarried(by: "Bearer sesame"))
    for wrong in [
      "", "Bearer", "Bearer ", "Bearer sesam", "Bearer sesamee", "bearer sesame", "sesame",
      "Bearer sesameBearer sesame",
    ] {
      #expect(!token.isCarried(by: wrong))
    }
    #expect(!token.isCarried(by: nil))
    #expect(BearerToken("") == nil)
  }

  @Test("histograms count what lies at or below each bound")
  func histogram() {
    var histogram = Histogram(bounds: [1, 2])
    for value in [0.5, 1, 1.5, 2, 3] { histogram.observe(value) }
    var text = ""
    histogram.append("h", labels: "a=\"b\",", to: &text)
    #expect(
      text == """
        h_bucket{a="b",le="1.0"} 2
        h_bucket{a="b",le="2.0"} 4
        h_bucket{a="b",le="+Inf"} 5
        h_sum{a="b"} 8.0
        h_count{a="b"} 5

        """)
  }

  @Test("counters are full rather than the end of the server")
  func saturates() {
    let metrics = ServerMetrics()
    for _ in 0..<3 { metrics.add(.spent, .max) }
    #expect(
      metrics.text(log: nil, inFlight: 0).contains(
        "riddle_spent_nanodollars_total \(Int.max)\n"))
  }

  @Test("what an alert watches stands at 0 before it happens")
  func zeros() {
    let metrics = ServerMetrics()
    let log = ServerMetrics.LogCounts(written: 3, dropped: 2, refused: 1)
    let text = metrics.text(log: log, inFlight: 0)
    for line in [
      #"riddle_reload_total{result="failure"} 0"#, #"riddle_reload_total{result="success"} 0"#,
      #"riddle_fallback_total{reason="empty_text"} 0"#,
      #"riddle_fallback_total{reason="no_text"} 0"#, "riddle_log_written_total 3",
      "riddle_log_dropped_total 2", "riddle_log_refused_total 1",
    ] {
      #expect(text.contains("\n" + line + "\n"), "\(line)")
    }
    metrics.add(.reload, labels: #"result="failure""#)
    #expect(
      metrics.text(log: nil, inFlight: 0).contains(#"riddle_reload_total{result="failure"} 1"#))
  }

  @Test("labels are escaped")
  func labels() {
    #expect(ServerMetrics.escaped("a\"b\\c\nd") == #"a\"b\\c\nd"#)
  }

  @Test("feedback is kept as its reader wants it")
  func feedback() throws {
    let line = try FeedbackLine(
      reading: Array(#"{"thumbs":"up","id":"r-1","comment":"a\nb","best_candidate":null}"#.utf8)
        .span, time: "2026-01-01T00:00:00Z")
    #expect(
      String(decoding: line.line, as: UTF8.self)
        == #"{"thumbs":"up","comment":"a\nb","request_id":"r-1","time":"2026-01-01T00:00:00Z"}"#
        + "\n")
    for bad in [
      "", "{}", #"{"request_id":"a"}"#, #"{"thumbs":"up"}"#, #"{"request_id":"","thumbs":"up"}"#,
      #"{"request_id":"a","quality":1.5}"#, #"{"request_id":"a","thumbs":"maybe"}"#,
      #"{"request_id":"a","thumbs":"up","x":1}"#, #"{"request_id":"a","rating":"5"}"#,
      #"{"request_id":["a"],"thumbs":"up"}"#,
    ] {
      #expect(throws: BadRequest.self) {
        try FeedbackLine(reading: Array(bad.utf8).span, time: "")
      }
    }
  }

  @Test("numbers are written shortest, text with its escapes")
  func writing() {
    var out: [UInt8] = []
    JSONText.append(0.1, to: &out)
    out.append(0x20)
    JSONText.append(-3.0, to: &out)
    out.append(0x20)
    JSONText.append(Double.infinity, to: &out)
    out.append(0x20)
    JSONText.append(quoted: "a\"\\\n\u{1}é", to: &out)
    for thousandths: Int64 in [0, 1, 10, 100, 1000, 1234, 1230, 1200] {
      out.append(0x20)
      JSONText.append(thousandths: thousandths, to: &out)
    }
    #expect(
      String(decoding: out, as: UTF8.self)
        == #"0.1 -3 null "a\"\\\n\u0001é" 0 0.001 0.01 0.1 1 1.234 1.23 1.2"#)
  }
}
