import RiddleData
import Testing

@testable import RiddleStore

@Suite("CSV")
struct CSVTests {
  static let wide = """
    {"format":"csv-wide","id":"id","query":"q","group":"g","candidates":{
      "gpt-4":{"quality":"big","cost_usd":"big $","latency_ms":"big ms"},"small":{"quality":"little"}}}
    """
  static let long = """
    {"format":"csv-long","id":"id","query":"q","candidate":"m","quality":"s","cost_usd":"c"}
    """

  func read(_ csv: String, mapping: String? = nil, format: LogFormat? = nil) throws
    -> (queries: [LoggedQuery], report: ImportReport)
  {
    let scratch = try Scratch()
    let path = try scratch.file("log.csv", csv)
    var options = ImportOptions(format: format)
    if let mapping {
      try LogFile.readMapping(path: scratch.file("mapping.json", mapping), into: &options)
    }
    return try LogFile.read(paths: [path], options: options)
  }

  @Test("quotes, doubled quotes, delimiters, newlines, CRLF and a byte-order mark are read")
  func quoting() throws {
    let csv =
      "\u{feff}id,q,g,big,big $,big ms,little\r\n"
      + "1,\"He said \"\"hi\"\",\r\nthen left\",x,True,0.1, 12.5 ,false\r\n"
      + "\r\n2,plain \"quoted\" text,,1,,,\r\n3,\"\",\"y\",,,,0.5"
    let (queries, report) = try read(csv, mapping: Self.wide)
    #expect(report.rejected == 0, "\(report.firstRejects)")
    #expect(queries.map(\.text) == ["He said \"hi\",\r\nthen left", "plain \"quoted\" text", ""])
    #expect(queries.map(\.context.group) == ["x", nil, "y"])
    #expect(
      queries[0].outcome(of: "gpt-4")
        == Outcome(quality: 1, cost: NanoDollars(100_000_000), latency: Microseconds(12_500)))
    #expect(queries[0].outcome(of: "small")?.quality == 0)
    #expect(queries[1].outcome(of: "small") == nil)
    #expect(queries[2].outcome(of: "gpt-4") == nil)
  }

  @Test("bad records are rejected with line and field, their neighbours are read")
  func badRecords() throws {
    let csv = """
      id,q,g,big,big $,big ms,little
      1,"two
      lines",,1,,,1
      2,x,,2,,,
      3,x,,1,-1,,
      4,x,,NaN,,,
      5,x,,1
      6,"x"y,,1,,,
      7,x,,,,,
      ,x,,1,,,
      8,x,,1,$5,,
      9,x,,1,,,
      10,"open,,1,,,
      """
    let (queries, report) = try read(csv, mapping: Self.wide)
    #expect(queries.map(\.id) == ["1", "9"])
    #expect(report.firstRejects.map(\.line) == [4, 5, 6, 7, 8, 9, 10, 11, 13])
    #expect(
      report.firstRejects.map(\.field) == [
        "gpt-4.quality", "gpt-4.cost_usd", "gpt-4.quality", nil, nil, nil, "id", "gpt-4.cost_usd",
        nil,
      ])
    #expect(report.rowsRead == 11)
  }

  @Test("long records of one id are merged wherever they stand")
  func longRecords() throws {
    let csv = """
      id,q,m,s,c
      1,one,small,0.5,0.001
      2,two,small,1,
      1,,large,1,0.02
      1,one,small,1,
      2,other,large,1,
      3,three,,1,
      """
    let (queries, report) = try read(csv, mapping: Self.long)
    #expect(queries.map(\.id) == ["1", "2"])
    #expect(queries[0].outcomes.map(\.candidate) == ["large", "small"])
    #expect(queries[0].outcome(of: "large")?.cost == NanoDollars(20_000_000))
    #expect(queries[1].outcomes.map(\.candidate) == ["small"])
    #expect(report.firstRejects.map(\.line) == [5, 6, 7])
    #expect(report.firstRejects.map(\.field) == ["candidate", "query", "candidate"])
    #expect(report.rowsRead == 6)
  }

  @Test(
    "obvious column names need no mapping",
    arguments: [
      ("id,prompt,candidate,quality\na,x,m,1\na,x,n,0\n", LogFormat.csvLong),
      ("id,prompt,m.quality,m.cost_usd,n.quality\na,x,1,0.1,0\n", .csvWide),
      ("id;prompt;m_quality;n_quality\na;x;1;0\n", .csvWide),
      ("sample_id\tprompt\tm\tm|total_cost\tn\tn|total_cost\na\tx\t1\t0.1\t0\t0.2\n", .routerBench),
    ])
  func guessed(_ csv: String, _ format: LogFormat) throws {
    let (queries, report) = try read(csv)
    #expect(report.sources.first?.format == format)
    #expect(queries.map(\.id) == ["a"])
    #expect(queries.first?.outcomes.map(\.candidate) == ["m", "n"])
    #expect(queries.first?.outcomes.map(\.outcome.quality) == [1, 0])
  }

  @Test("a header that says nothing is answered with a mapping that works")
  func example() throws {
    let csv = "Frage,Nr id,a \"b\",c\nx,1,1,0\n"
    let error = #expect(throws: StoreError.self) { try read(csv) }
    guard case .mappingNeeded(_, let columns, let example)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(columns == ["Frage", "Nr id", "a \"b\"", "c"])
    #expect(error?.description.contains("\"format\": \"csv-wide\"") == true)
    #expect(error?.exitCode == 65)
    _ = try CSVMapping(parsing: Array(example.utf8), path: "example")
  }

  @Test("without an id column rows are numbered")
  func numbered() throws {
    let mapping = #"{"format":"csv-wide","query":"q","candidates":{"m":{"quality":"s"}}}"#
    let (queries, _) = try read("q,s\nx,1\ny,bad\nz,0\n", mapping: mapping)
    #expect(queries.map(\.id) == ["log/0", "log/2"])
  }

  @Test(
    "a bad mapping is named by its field",
    arguments: [
      ("", "byte 1"), ("[]", "the document"), ("{}", "format"), (#"{"format":"csv"}"#, "format"),
      (#"{"format":"csv-wide"}"#, "candidates"),
      (#"{"format":"csv-wide","candidates":{}}"#, "candidates"),
      (#"{"format":"csv-wide","candidates":{"m":{"qualty":"s"}}}"#, "candidates.m.qualty"),
      (#"{"format":"csv-wide","quary":"q","candidates":{"m":{}}}"#, "quary"),
      (#"{"format":"csv-long","id":"a"}"#, "candidate"), (#"{"format":"csv-long","id":5}"#, "id"),
      (#"{"format":"csv-wide","delimiter":"ab","candidates":{"m":{}}}"#, "delimiter"),
    ])
  func badMapping(_ text: String, _ field: String) {
    #expect {
      try CSVMapping(parsing: Array(text.utf8), path: "m")
    } throws: {
      guard case .badMapping(_, let at, _)? = $0 as? StoreError else { return false }
      return at == field
    }
  }

  @Test("a column the file lacks is named, with those it has")
  func missingColumn() {
    #expect(
      throws: StoreError.self,
      performing: { try read("id,q\n1,x\n", mapping: Self.wide) })
  }

  @Test("ten thousand columns are read, more are refused")
  func manyColumns() throws {
    func csv(_ count: Int) -> String {
      let names = (0..<count).map { "c\($0)_quality" }.joined(separator: ",")
      let cells = (0..<count).map { "\($0 % 2)" }.joined(separator: ",")
      return "id,query," + names + "\na,x," + cells + "\n"
    }
    let (queries, _) = try read(csv(9_998))
    #expect(queries.first?.outcomes.count == 9_998)
    #expect(throws: StoreError.self) { try read(csv(9_999)) }
  }

  @Test("records are the same at every block size")
  func blocks() throws {
    let scratch = try Scratch()
    let csv =
      "id,query,m_quality\n"
      + (0..<200).map { "\($0),\"a\"\"\n,\($0)\(String(repeating: "x", count: $0 % 17))\",1\r\n" }
      .joined()
    let path = try scratch.file("a.csv", csv)
    var expected: [ParsedQuery] = []
    for blockBytes in [1 << 20, 1, 13, 100] {
      var options = ImportOptions()
      options.maximumRowBytes = 1000
      options.blockBytes = blockBytes
      let source = try LogSource(path: path, options: options, sides: SideTables())
      var found: [ParsedQuery] = []
      while let batch = try source.rows.next() {
        for case .row(let row) in batch.items { found.append(ParsedQuery(row.line, row.query)) }
      }
      #expect(found.count == 200)
      if expected.isEmpty { expected = found }
      #expect(found == expected)
    }
  }
}

private struct ParsedQuery: Equatable {
  var line: Int
  var query: LoggedQuery
  init(_ line: Int, _ query: LoggedQuery) {
    self.line = line
    self.query = query
  }
}
