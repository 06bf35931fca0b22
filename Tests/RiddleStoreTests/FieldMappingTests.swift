import Foundation
import GRDB
import RiddleData
import Testing

@testable import RiddleStore

/// Mapping files: what they read, what they refuse, and the ones that are suggested.
@Suite("Mapping files")
struct FieldMappingTests {
  private func mapping(_ yaml: String) throws -> FieldMapping {
    try FieldMapping(yaml: Array(yaml.utf8), path: "mapping.yaml")
  }

  private func read(_ log: String, _ yaml: String, name: String = "log") throws
    -> (queries: [LoggedQuery], report: ImportReport)
  {
    let scratch = try Scratch()
    var options = ImportOptions()
    options.fields = try mapping(yaml)
    return try LogFile.read(paths: [try scratch.file(name, log)], options: options)
  }

  @Test("paths lead into nested values, lists and texts that hold JSON")
  func paths() throws {
    let record = try LogValue(
      json: Array(
        #"{"a":{"b":[{"c":1},{"c":2}]},"d.e":"dotted","t":"{\"x\":{\"y\":\"in a text\"}}"}"#.utf8))
    for (path, value) in [
      ("a.b[1].c", LogValue.number("2")), ("a.b[-1].c", .number("2")), ("a.b[7].c", .null),
      ("d.e", .string("dotted")), ("t.x.y", .string("in a text")), ("a.nothing.c", .null),
    ] {
      #expect(FieldPath(path).value(in: record) == value, "\(path)")
    }
  }

  @Test("units: cents, nano-dollars, prices of tokens, another currency; seconds and nanoseconds")
  func units() throws {
    let log = #"{"q":"x","m":"m","c":"0.03","n":30000000,"l":1.5,"i":600,"o":400}"#
    let base = "query: q\ncandidate: m\nin_tokens: i\nout_tokens: o\nlatency: l\n"
    func cost(_ yaml: String) throws -> Int64? {
      try read(log, base + yaml).queries[0].outcomes[0].outcome.cost?.count
    }
    #expect(try cost("cost: c\n") == 30_000_000)
    #expect(try cost("cost: c\ncost_unit: cents\n") == 300_000)
    #expect(try cost("cost: n\ncost_unit: nanousd\n") == 30_000_000)
    #expect(try cost("cost: c\ncost_unit: usd_per_token\n") == 30_000_000_000)
    #expect(try cost("cost: c\ncost_unit: usd_per_1k_tokens\n") == 30_000_000)
    #expect(try cost("cost: c\ncost_unit: usd_per_million_tokens\n") == 30_000)
    #expect(try cost("cost: c\ncurrency: EUR\nusd_per_currency: 1.1\n") == 33_000_000)
    let euros = try read(log, base + "cost: c\ncurrency: EUR\nusd_per_currency: 1.1\n").queries[0]
    #expect(euros.context.metadata["currency"] == "EUR")
    for (unit, count) in [("ms", 1500), ("s", 1_500_000), ("us", 2), ("ns", 0)] as [(String, Int64)]
    {
      let query = try read(log, base + "latency_unit: \(unit)\n").queries[0]
      #expect(query.outcomes[0].outcome.latency == Microseconds(count), "\(unit)")
    }
  }

  @Test("times without a zone need one, and take it")
  func zones() throws {
    let log = #"{"q":"x","m":"m","t":"2026-01-01 01:00:00"}"#
    let base = "query: q\ncandidate: m\ntime: t\n"
    #expect(try read(log, base).report.firstRejects[0].reason.contains("time_zone"))
    let berlin = try read(log, base + "time_zone: \"+01:00\"\n").queries[0]
    #expect(berlin.context.time == Microseconds(time: "2026-01-01T00:00:00Z"))
    let utc = try read(log, base + "time_zone: UTC\n").queries[0]
    #expect(utc.context.time == Microseconds(time: "2026-01-01T01:00:00Z"))
  }

  @Test(
    "what is wrong with a mapping is named with its line",
    arguments: [
      ("query: q\n", "candidate"), ("candidate: m\n", "query"),
      ("query: q\ncandidate: m\nqualty: x\n", "qualty (line 3)"),
      ("query: q\ncandidate: m\ncost_unit: euro\n", "cost_unit (line 3)"),
      ("query: q\ncandidate: m\nquality_range: [5, 1]\n", "quality_range (line 3)"),
      ("query: q\ncandidate: m\ncurrency: EUR\n", "usd_per_currency"),
      ("query: q\ncandidate: m\ntime_zone: Berlin\n", "time_zone (line 3)"),
      ("query: q\nquality: x\ncandidates: {m: {quality: a}}\n", "quality"),
      ("query: q\ncandidates: {m: {worth: a}}\n", "candidates.m.worth"),
      ("query: [\n", "line"), ("- a\n", "document"), ("", "document"),
      ("query: q\nquery: r\ncandidate: m\n", "line"),
      ("query: q\ncandidate: m\njoin: perhaps\n", "join (line 3)"),
    ])
  func faults(_ yaml: String, _ place: String) {
    #expect {
      try mapping(yaml)
    } throws: {
      guard case .badMapping(_, let field, _)? = $0 as? StoreError else { return false }
      return field.contains(place)
    }
  }

  @Test("candidates side by side, kept rows, nested metadata")
  func wide() throws {
    let log = """
      {"id":1,"q":"one","s":{"ok":true,"usd":0.001},"l":{"ok":false},"state":"done","x":{"y":"z"}}
      {"id":2,"q":"two","s":{"ok":true},"state":"spam"}
      {"id":3,"q":"three","state":"done"}
      """
    let yaml = """
      id: id
      query: q
      candidates:
        small: {quality: s.ok, cost: s.usd}
        large: {quality: l.ok}
      keep: {state: done}
      metadata: {where: x.y}
      """
    let (queries, report) = try read(log, yaml)
    #expect(queries.map(\.id) == ["1"])
    #expect(queries[0].outcomes.map(\.outcome.quality) == [0, 1])
    #expect(queries[0].context.metadata == ["where": "z"])
    #expect(report.leftOut == 1 && report.rejected == 1)
  }

  @Test("a SQLite table is read in order, whole, and nothing but a table")
  func sqlite() throws {
    let scratch = try Scratch()
    let path = scratch.at("calls.db")
    let database = try DatabaseQueue(path: path)
    try database.write { db in
      try db.execute(
        sql: """
          CREATE TABLE "my calls" (id TEXT PRIMARY KEY, prompt TEXT, model TEXT, score REAL, blob BLOB);
          CREATE TABLE other (a INTEGER PRIMARY KEY, b TEXT) WITHOUT ROWID;
          CREATE VIEW v AS SELECT * FROM "my calls";
          """)
      for n in 0..<4500 {
        try db.execute(
          sql: #"INSERT INTO "my calls" VALUES (?, ?, ?, ?, x'00')"#,
          arguments: ["c\(n)", "Question \(n)", n % 2 == 0 ? "a" : "b", Double(n % 5) / 4])
        try db.execute(sql: "INSERT INTO other VALUES (?, 'x')", arguments: [n])
      }
    }
    try database.close()
    func yaml(_ table: String?) -> String {
      "id: id\nquery: prompt\ncandidate: model\nquality: score\n"
        + (table.map { "table: \($0)\n" } ?? "")
    }
    var options = ImportOptions()
    options.fields = try mapping(yaml("my calls"))
    let (queries, report) = try LogFile.read(paths: [path], options: options)
    #expect(queries.count == 4500 && report.rejected == 0)
    #expect(queries.map(\.id) == (0..<4500).map { "c\($0)" })
    #expect(queries[3].outcomes[0].outcome.quality == 0.75)
    for (table, words) in [(nil, "several tables"), ("v", "no table"), ("x\"; DROP", "no table")] {
      options.fields = try mapping(yaml(table.map { "'\($0)'" }))
      #expect {
        try LogFile.read(paths: [path], options: options)
      } throws: {
        "\($0)".contains(words) && "\($0)".contains("my calls")
      }
    }
    // A table without row numbers is counted instead.
    let counted = try SQLiteRecords(path: path, table: "other")
    var seen = 0
    while let (records, _) = try counted.next() { seen += records.count }
    #expect(seen == 4500)
    // The suggestion picks the likelier table, and works as it stands.
    let suggested = try MappingSuggestion.yaml(path: path)
    #expect(suggested.contains("table: \"my calls\""))
    options.fields = try mapping(suggested)
    #expect(try LogFile.read(paths: [path], options: options).queries.count == 4500)
  }

  @Test(
    "a suggested mapping parses and reads the log it was made for",
    arguments: [
      "tickets.tsv", "tickets.jsonl", "langfuse-observations.csv", "litellm-spend.json",
    ])
  func suggestions(name: String) throws {
    let path = LogExamplesTests.folder + "/" + name
    let yaml = try MappingSuggestion.yaml(path: path)
    var options = ImportOptions()
    options.fields = try mapping(yaml)
    let (queries, report) = try LogFile.read(paths: [path], options: options)
    #expect(queries.count > 100, "\(report.firstRejects)\n\(yaml)")
    // No text of a query is in it.
    #expect(!yaml.contains("Where is my") && !yaml.contains("Prove that"))
  }

  @Test("suggestions for small and odd files")
  func oddSuggestions() throws {
    let scratch = try Scratch()
    let wide = try scratch.file(
      "wide.csv", "nr,question,small_ok,small_cost,large_ok,large_cost\n1,Hm?,1,0.1,0,0.2\n")
    let yaml = try MappingSuggestion.yaml(path: wide)
    #expect(yaml.contains("small: {quality: small_ok, cost: small_cost}"))
    var options = ImportOptions()
    options.fields = try mapping(yaml)
    let query = try #require(try LogFile.read(paths: [wide], options: options).queries.first)
    #expect(query.outcomes.map(\.outcome.quality) == [0, 1])
    // A list under a key of its own, names that need quotes.
    let nested = try scratch.file(
      "nested.json", "{\"meta\": 1, \"items\": [{\"my question #1\": \"Hm?\", \"model\": \"a\"}]}")
    let second = try MappingSuggestion.yaml(path: nested)
    options.fields = try mapping(second)
    #expect(second.contains("rows: items"))
    #expect(try LogFile.read(paths: [nested], options: options).queries.count == 1)
    let single = try scratch.file(
      "single.jsonl",
      #"{"messages": [{"role": "user", "content": "Hm?"}, {"role": "assistant"}], "model": "a"}"#)
    options.fields = try mapping(try MappingSuggestion.yaml(path: single))
    #expect(try LogFile.read(paths: [single], options: options).queries.map(\.text) == ["Hm?"])
    let spread = try scratch.file(
      "spread.json",
      "{\n\"prompt\": \"Hm?\",\n\"model\": \"a\"}\n{\n\"prompt\": \"Ah.\", \"model\": \"b\"}")
    let third = try MappingSuggestion.yaml(path: spread)
    options.fields = try mapping(third)
    #expect(try LogFile.read(paths: [spread], options: options).queries.count == 2)
    for text in ["", "[]", "{}\n", "only a header\n"] {
      let path = try scratch.file("empty", text)
      #expect(throws: StoreError.self) { try MappingSuggestion.yaml(path: path) }
    }
  }
}
