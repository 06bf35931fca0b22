import RiddleData
import Testing

@testable import RiddleStore

@Suite("Sniffer")
struct SnifferTests {
  @Test(
    "what is not a log is named, with what to do",
    arguments: [
      (Array("PAR1....".utf8), "Parquet", "duckdb -c"),
      ([0x50, 0x4b, 3, 4, 0, 0], "zip", "unzip"), ([0x80, 4, 0x95, 1, 0], "pickle", "CSV"),
      (Array("%PDF-1.7".utf8), "PDF", "JSON"), (Array("SQLite format 3\0".utf8), "SQLite", "store"),
      (Array("BZh9".utf8), "bzip2", "bzip2 -dc"),
      ([0xfd, 0x37, 0x7a, 0x58, 0x5a], "xz", "xz -dc"), ([0xff, 0xfe, 0x7b, 0], "UTF-16", "iconv"),
      (Array("[{\"id\":1}]".utf8), "array", "jq"),
      (Array("{\n  \"id\": 1\n}".utf8), "several lines", "jq"),
      ([0x61, 0, 0x62], "binary", "UTF-8"),
      (Array("{\"request_body\":{},\"model\":\"a\"}\n".utf8), "Helicone", "--suggest-mapping"),
      (Array("{\"custom_id\":\"a\",\"response\":{}}\n".utf8), "batch", "Riddle JSON lines"),
    ] as [([UInt8], String, String)])
  func foreign(_ bytes: [UInt8], _ kind: String, _ remedy: String) throws {
    let scratch = try Scratch()
    let path = try scratch.file("it's a log", bytes)
    #expect {
      try LogFile.read(paths: [path])
    } throws: {
      guard case .unsupportedInput(_, let looksLike, let what)? = $0 as? StoreError else {
        return false
      }
      return looksLike.contains(kind) && what.contains(remedy)
    }
    // Also when it is packed, and when a format is asked for.
    let packed = try scratch.file("packed", gzip(bytes))
    #expect(throws: StoreError.self) {
      try LogFile.read(paths: [packed], options: ImportOptions(format: .riddleJSONL))
    }
  }

  @Test("the Parquet conversion is one line a shell takes as it stands")
  func parquet() {
    let remedy = Sniffer.foreignFormat(Array("PAR1".utf8), path: "it's.parquet")?.remedy
    #expect(
      remedy
        == #"Convert it: duckdb -c 'COPY (FROM read_parquet('\''it'\'''\''s.parquet'\'')) TO '\''log.jsonl'\'' (FORMAT json)'"#
    )
  }

  @Test(
    "an empty file, white space and empty gzip are named errors",
    arguments: ["", " \n\t\r\n", "\u{feff}"])
  func empty(_ text: String) throws {
    let scratch = try Scratch()
    for bytes in [Array(text.utf8), gzip(Array(text.utf8))] {
      let path = try scratch.file("empty", bytes)
      #expect(throws: StoreError.emptyInput(path: path)) { try LogFile.read(paths: [path]) }
    }
  }

  @Test("a folder that is no known layout says what was expected")
  func folder() throws {
    let scratch = try Scratch()
    #expect {
      try LogFile.read(paths: [scratch.path])
    } throws: {
      if case .unknownFolder? = $0 as? StoreError { true } else { false }
    }
  }

  @Test("what was sniffed is in the report")
  func report() throws {
    let scratch = try Scratch()
    let path = try scratch.file("a", gzip(Array(row("a").utf8)))
    let source = try #require(try LogFile.read(paths: [path]).report.sources.first)
    #expect(source.format == .riddleJSONL && source.isGzip)
    #expect(source.recognisedBy.contains("JSON"))
  }
}

@Suite("Torn JSON lines")
struct TornJSONLinesTests {
  @Test(
    "a broken first line does not turn JSON lines into CSV",
    arguments: ["log.jsonl", "log.ndjson", "log.txt"])
  func brokenFirstLine(_ name: String) throws {
    let row = #"{"id":"1","query":"q","outcomes":{"a":{"quality":1},"b":{"quality":0}}}"#
    let scratch = try Scratch()
    let path = try scratch.file(name, "not json\n\(row)\n")
    let (queries, report) = try LogFile.read(paths: [path])
    #expect(queries.map(\.id) == ["1"])
    #expect(report.firstRejects.map(\.line) == [1])
  }
}
