import RiddleData
import RiddleTestSupport
import Testing

@testable import RiddleStore

/// Records cut out of documents, prompts found in chats, prices and scores.
@Suite("Records of other logs")
struct LogRecordTests {
  /// A random JSON value as text, at most `depth` levels deep.
  private static func json(_ random: inout SplitMix64, depth: Int) -> String {
    switch random.next() % (depth > 0 ? 7 : 5) {
    case 0: return "null"
    case 1: return "true"
    case 2: return "-\(random.next() % 1000).5e1"
    case 3: return #""a\"]},{[\\ \u00e9""#
    case 4: return #""results""#
    case 5:
      let items = (0..<(random.next() % 4)).map { _ in json(&random, depth: depth - 1) }
      return "[ " + items.joined(separator: " ,\n") + "]"
    default:
      let members = (0..<(random.next() % 4)).map {
        #""k\#($0)" : "# + json(&random, depth: depth - 1)
      }
      return "{" + members.joined(separator: ",") + "\n}"
    }
  }

  @Test("elements cut out of a document are those of a parser, wherever it is split")
  func elements() throws {
    for seed in 0..<200 {
      var random = SplitMix64(seed: UInt64(seed))
      let wanted = (0..<Int(random.next() % 5)).map { _ in Self.json(&random, depth: 4) }
      let list = "[" + wanted.joined(separator: ", ") + "]"
      let document =
        #"{"x": \#(Self.json(&random, depth: 3)), "results": {"a": [1], "results": \#(list), "b": {"results": [7]}}, "id": "run"}"#
      let bytes = Array(document.utf8)
      let targets: [JSONElementScanner.Target] = [
        .init(path: ["results", "results"], isList: true), .init(path: ["id"], isList: false),
      ]
      for step in [1, 3, bytes.count] {
        var scanner = JSONElementScanner(targets, maximumBytes: 1 << 20)
        var cuts: [JSONElementScanner.Cut] = []
        for start in stride(from: 0, to: bytes.count, by: step) {
          scanner.scan(Array(bytes[start..<min(bytes.count, start + step)]), into: &cuts)
        }
        #expect(scanner.problemAtEnd == nil, "seed \(seed)")
        let found = try cuts.filter { $0.target == 0 }.map {
          try LogValue(json: try #require($0.bytes))
        }
        let expected = try wanted.map { try LogValue(json: Array($0.utf8)) }
        #expect(found == expected, "seed \(seed)")
        #expect(cuts.filter { $0.target == 1 }.map(\.bytes) == [Array(#""run""#.utf8)])
      }
    }
  }

  @Test("a document that is cut off, or goes on, says so; what was whole is kept")
  func brokenDocuments() throws {
    let scratch = try Scratch()
    let document = #"[{"model_a":"a","model_b":"b","winner":"tie","prompt":"x","id":1}"#
    for (tail, isWhole) in [("]", true), ("]\n", true), ("", false), ("] {", false), ("}", false)] {
      let path = try scratch.file("a.json", document + tail)
      let (queries, report) = try LogFile.read(paths: [path])
      #expect(queries.count == 1 || !isWhole)
      #expect(report.rejected == (isWhole ? 0 : 1), "\(tail)")
      #expect(isWhole || report.firstRejects[0].reason.contains("not whole JSON"))
    }
  }

  @Test(
    "the query is the last text of a user, whatever the shape",
    arguments: [
      (#""plain""#, "plain", nil), (#""  ""#, nil, nil), ("{}", nil, nil), ("[]", nil, nil),
      ("null", nil, nil), ("7", nil, nil),
      (#"[{"role":"system","content":"s"},{"role":"user","content":"q"}]"#, "q", 1),
      (
        #"[{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"c"}]"#,
        "c", 2
      ),
      (#""[{\"role\":\"user\",\"content\":\"in a text\"}]""#, "in a text", 1),
      (
        #"[{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url"},{"type":"input_text","text":"b"}]}]"#,
        "a\nb", 1
      ),
      (#"[{"role":"user","content":[{"type":"image_url","image_url":{"url":"u"}}]}]"#, nil, nil),
      (#"[{"role":"user","parts":[{"type":"text","content":"otel"}]}]"#, "otel", 1),
      (#"[{"role":"user","parts":[{"text":"gemini"}]}]"#, "gemini", 1),
      (#"{"messages":[{"role":"user","content":"body"}],"model":"m"}"#, "body", 1),
      (#"{"prompt":"p"}"#, "p", nil), (#"{"input":[{"role":"user","content":"i"}]}"#, "i", 1),
      (#"[{"role":"user","content":"q"},{"role":"tool","content":"t"}]"#, "q", 1),
      (#"["first","second"]"#, "second", 2),
      (#"[{"role":"assistant","content":"only me"}]"#, nil, nil),
    ] as [(String, String?, Int?)])
  func prompts(_ json: String, _ text: String?, _ turn: Int?) throws {
    let prompt = ChatPrompt(try LogValue(json: Array(json.utf8)))
    #expect(prompt?.text == text)
    #expect(prompt?.turn == turn)
  }

  @Test("prices are exact, cached tokens have their own, and names are found")
  func prices() {
    let table = TokenPrices(
      date: "2025-01-01",
      entries: [
        "gpt-4o": .init(
          input: NanoDollars(2_500_000_000), cachedInput: NanoDollars(1_250_000_000),
          output: NanoDollars(10_000_000_000)),
        "tiny": .init(input: NanoDollars(1), cachedInput: nil, output: NanoDollars(1)),
      ])
    for name in [
      "gpt-4o", "openai/gpt-4o", "azure/eu/gpt-4o", "openai:chat:gpt-4o", "gpt-4o-2024-08-06",
      "openai/gpt-4o-20240806",
    ] {
      #expect(table.entry(of: name) != nil, "\(name)")
    }
    for name in ["gpt-4o-mini", "gpt-4", "gpt-4o-2024-08", "", "/", "x:"] {
      #expect(table.entry(of: name) == nil, "\(name)")
    }
    #expect(
      table.cost(of: "gpt-4o", input: 1000, cached: 400, output: 10)
        == NanoDollars(600 * 2500 + 400 * 1250 + 10 * 10_000))
    // More cached tokens than tokens cannot make a call cheaper than all cached.
    #expect(
      table.cost(of: "gpt-4o", input: 10, cached: 400, output: 0) == NanoDollars(10 * 1250))
    // Half a nano-dollar and more is one.
    #expect(table.cost(of: "tiny", input: 499_999, cached: 0, output: 0) == NanoDollars(0))
    #expect(table.cost(of: "tiny", input: 250_000, cached: 0, output: 250_000) == NanoDollars(1))
    #expect(table.cost(of: "gpt-4o", input: nil, cached: 0, output: 1) == nil)
    // Too dear to be true.
    #expect(
      table.cost(of: "gpt-4o", input: 1_000_000_000_000, cached: 0, output: 0) == nil)
  }

  @Test("scores: numbers on their scale, words, and one name only")
  func scores() {
    func quality(_ value: LogValue, _ rule: ScoreRule = ScoreRule(), label: LogValue = .null)
      -> Double?
    { rule.quality(value: value, label: label) }
    #expect(quality(.number("0.25")) == 0.25)
    #expect(quality(.number("4"), ScoreRule(low: 1, high: 5)) == 0.75)
    #expect(quality(.number("4")) == nil)
    #expect(quality(.bool(true)) == 1)
    #expect(quality(.null, label: .string("Thumbs Up")) == 1)
    #expect(quality(.null, label: .string("not_relevant")) == 0)
    #expect(quality(.null, label: .string("friendly")) == nil)
    var table = ScoreTable(ScoreRule())
    table.add("a", name: "x", value: .number("1"), label: .null)
    table.add("a", name: "x", value: .number("0"), label: .null)
    #expect(table.quality(of: "a") == 0.5)
    #expect(table.fault == nil)
    table.add("b", name: "y", value: .number("1"), label: .null)
    #expect(table.fault?.contains("--score NAME") == true)
    var chosen = ScoreTable(ScoreRule(name: "y"))
    chosen.add("a", name: "x", value: .number("1"), label: .null)
    chosen.add("b", name: "y", value: .number("1"), label: .null)
    #expect(chosen.fault == nil && chosen.quality(of: "a") == nil && chosen.quality(of: "b") == 1)
  }

  @Test(
    "a list as Python writes it is read, never run",
    arguments: [
      ("['a']", "a"), (#"["it's", 'b\n"c"']"#, "it's\nb\n\"c\""), (#"['\u00e9\x41\\']"#, "éA\\"),
      ("[]", "[]"), ("plain [text]", "plain [text]"), ("['open", "['open"),
      ("[__import__('os')]", "[__import__('os')]"), (#"['\ud800']"#, #"['\ud800']"#),
      ("['a', ]", "a"), ("['a'] + ['b']", "['a'] + ['b']"),
    ])
  func pythonLists(_ cell: String, _ text: String) {
    #expect(RouterBench.plain(cell) == text)
  }

  @Test("Zstandard: several frames join; cut off anywhere it is an error, never a shorter log")
  func zstd() throws {
    let scratch = try Scratch()
    let first = Array((row("a") + "\n").utf8)
    let second = Array((row("b") + "\n").utf8)
    let packed = zstandard(first) + zstandard(second)
    let path = try scratch.file("log", packed)
    let (queries, report) = try LogFile.read(paths: [path])
    #expect(queries.map(\.id) == ["a", "b"])
    #expect(report.sources[0].compression == "zstd")
    for length in 4..<packed.count where length != zstandard(first).count {
      let cut = try scratch.file("cut", Array(packed[..<length]))
      #expect {
        try LogFile.read(paths: [cut])
      } throws: {
        if case .damagedZstd? = $0 as? StoreError { true } else { false }
      }
    }
  }

  @Test("patterns stand for files in order; one that matches nothing is missing")
  func patterns() throws {
    let scratch = try Scratch()
    for name in ["b.jsonl", "a.jsonl", "c.csv", "odd[1].jsonl"] { _ = try scratch.file(name, "") }
    #expect(
      try PathPattern.expand([scratch.at("[ab].jsonl"), "-", scratch.at("odd[1].jsonl")])
        == [
          scratch.at("a.jsonl"), scratch.at("b.jsonl"), "-", scratch.at("odd[1].jsonl"),
        ])
    #expect(throws: StoreError.inputMissing(path: scratch.at("*.gz"))) {
      try PathPattern.expand([scratch.at("*.gz")])
    }
  }
}
