import Foundation
import RiddleData
import Testing

@testable import RiddleStore

/// What logs of every format bring along that nobody asked for: each bad line costs its own row, and no text of it is said.
@Suite struct HostileLogsTests {
  static let canary = "CANARY7f3a"

  /// A good line of each JSON-lines format; `ID` stands for the record's identifier.
  static let lines: [(format: LogFormat, line: String)] = [
    (
      .riddleJSONL,
      #"{"id":"ID","query":"hello ID","outcomes":{"a":{"quality":1},"b":{"quality":0}}}"#
    ),
    (
      .liteLLMPayload,
      #"{"id":"ID","trace_id":"t","call_type":"acompletion","status":"success","response_cost":0.001,"model":"gpt-4o","messages":[{"role":"user","content":"hello ID"}],"prompt_tokens":3,"completion_tokens":4,"startTime":1764547200.5,"endTime":1764547201.5}"#
    ),
    (
      .langfuse,
      #"{"id":"ID","trace_id":"tID","type":"GENERATION","start_time":"2025-12-01T00:00:00Z","end_time":"2025-12-01T00:00:01Z","input":"hello ID","output":"ok","provided_model_name":"gpt-4o"}"#
    ),
    (
      .arena,
      #"{"question_id":"ID","model_a":"x","model_b":"y","winner":"model_a","conversation_a":[{"role":"user","content":"hello ID"},{"role":"assistant","content":"1"}],"conversation_b":[{"role":"user","content":"hello ID"},{"role":"assistant","content":"2"}]}"#
    ),
  ]

  /// Lines that are no record in any format, with what they are.
  static let hostile: [(what: String, line: [UInt8])] = [
    ("100 000 levels", Array((String(repeating: "{\"a\":[", count: 50_000) + canary).utf8)),
    ("invalid UTF-8", Array("{\"id\":\"\(canary)".utf8) + [0xff, 0xc0, 0x80] + Array("\"}".utf8)),
    ("lone surrogate", Array("{\"id\":\"\(canary)\\udc00\"}".utf8)),
    ("raw NUL", Array("{\"id\":\"\(canary)\0\"}".utf8)),
    ("NaN", Array("{\"id\":\"\(canary)\",\"response_cost\":NaN}".utf8)),
    ("Infinity", Array("{\"id\":\"\(canary)\",\"response_cost\":-Infinity}".utf8)),
    ("torn", Array("{\"id\":\"\(canary)\",\"query\":\"half a".utf8)),
    ("a word", Array(canary.utf8)),
    ("trailing comma", Array("{\"id\":\"\(canary)\",}".utf8)),
    ("two values", Array("{\"id\":\"\(canary)\"} {}".utf8)),
  ]

  @Test("a hostile line costs its own row and is not quoted", arguments: lines.indices)
  func hostileLines(_ index: Int) throws {
    let (format, line) = Self.lines[index]
    let folder = try Scratch()
    var bytes: [UInt8] = []
    var bad: [Int] = []
    var number = 0
    func add(_ line: [UInt8]) {
      bytes += line + [0x0a]
      number += 1
    }
    for (i, hostile) in Self.hostile.enumerated() {
      add(Array(line.replacingOccurrences(of: "ID", with: "r\(i)").utf8))
      add(hostile.line)
      bad.append(number)
    }
    add(Array(line.replacingOccurrences(of: "ID", with: "last\u{2028}line").utf8))
    // CRLF and a byte order mark are no fault.
    let path = try folder.file("log.jsonl", [0xef, 0xbb, 0xbf] + bytes)
    let rejects = RejectsWriter(path: folder.at("rejects.jsonl"))
    let (queries, report) = try LogFile.read(paths: [path], rejects: rejects)
    #expect(report.sources[0].format == format)
    #expect(queries.count == Self.hostile.count + 1, "\(report.firstRejects)")
    #expect(report.firstRejects.map(\.line) == bad)
    let said = try String(contentsOfFile: folder.at("rejects.jsonl"), encoding: .utf8)
    #expect(!said.contains(Self.canary))
  }

  @Test("a line of 20 MB is rejected by its number; the next is read")
  func longLine() throws {
    let folder = try Scratch()
    let long = "{\"id\":\"big\",\"query\":\"" + String(repeating: "x", count: 20 << 20) + "\"}"
    let path = try folder.file("log.jsonl", row("a") + "\n" + long + "\n" + row("b") + "\n")
    let (queries, report) = try LogFile.read(paths: [path])
    #expect(queries.map(\.id) == ["a", "b"])
    #expect(report.firstRejects.map(\.line) == [2])
  }

  @Test("ten thousand columns, quotes and newlines in CSV are read")
  func wideCSV() throws {
    let folder = try Scratch()
    let extra = (0..<9_996).map { "c\($0)" }.joined(separator: ",")
    let cells = [String](repeating: "\"=1+1\"\"x\"\"\n\"", count: 9_996).joined(separator: ",")
    let path = try folder.file(
      "log.csv",
      "id,query,small|quality,large|quality,\(extra)\r\n1,\"a, \"\"b\"\"\nc\",1,0,\(cells)\r\n")
    let (queries, _) = try LogFile.read(paths: [path])
    #expect(queries.count == 1)
    #expect(queries.first?.text == "a, \"b\"\nc")
  }

  @Test(
    "nothing that is stored is ever part of a statement",
    arguments: [
      "'; DROP TABLE queries; --", "\"quoted\"", "a\\'b", "%s%n", "x') ON CONFLICT DO NOTHING; --",
      "=HYPERLINK(\"http://x\")",
    ])
  func injection(_ text: String) throws {
    let folder = try Scratch()
    let quoted = JSONText.quoted(text)
    let line =
      "{\"id\":\(quoted),\"query\":\(quoted),\"group\":\(quoted),"
      + "\"outcomes\":{\(quoted):{\"quality\":1},\"b\":{\"quality\":0}}}\n"
    let path = try folder.file("log.jsonl", line)
    let store = try Store.open(path: folder.at("a'b;--.sqlite"), mode: .create)
    _ = try store.import([path])
    let (queries, _) = try LogFile.read(paths: [path])
    #expect(try store.readLog() == queries)
    try store.saveLabelling(
      Labelling(
        name: text, candidates: [text, "b"], oracle: .bestQuality, target: .strongWins,
        qualityThreshold: 0.5),
      verdicts: [LabelVerdict(queryID: text, verdict: 0)])
    #expect(try store.labelling(named: text)?.candidates == [text, "b"])
    #expect(try store.counts().queries == 1)
    try store.close()
  }

  @Test("an element of a one-line document is named by its number and its first byte")
  func elements() throws {
    let folder = try Scratch()
    let good = Self.lines[1].line
    let text = "[" + good.replacingOccurrences(of: "ID", with: "a") + ", {\"id\":1e},"
    let path = try folder.file(
      "log.json", text + good.replacingOccurrences(of: "ID", with: "b") + "]")
    let (queries, report) = try LogFile.read(
      paths: [path], options: ImportOptions(format: .liteLLMPayload))
    #expect(queries.count == 2)
    let reject = try #require(report.firstRejects.first)
    #expect(reject.line == 1)
    #expect(reject.element == 2)
    #expect(reject.offset == text.utf8.count - "{\"id\":1e},".utf8.count)
    #expect(reject.jsonLine.contains("\"element\":2,\"offset\":"))
  }
}
