import Foundation
import GRDB
import RiddleData
import Testing

@testable import RiddleStore

@Suite("Metadata")
struct MetadataTests {
  func line(_ metadata: String, id: String = "a") -> String {
    #"{"id":"\#(id)","query":"canary","metadata":\#(metadata),"outcomes":{"m":{"quality":1}}}"#
  }

  func read(_ text: String, _ name: String = "log.jsonl") throws -> (
    queries: [LoggedQuery], report: ImportReport
  ) {
    let scratch = try Scratch()
    return try LogFile.read(paths: [scratch.file(name, text)], options: ImportOptions())
  }

  @Test("strings stay, numbers and booleans are kept as written, null is absent")
  func values() throws {
    let (queries, report) = try read(
      line(
        #"{"x-model-tier":"premium","n":5.0,"big":-1.5E+3,"yes":true,"no":false,"none":null,"":1}"#)
        + "\n"
        + line(
          #"{"x-model-tier":"premium","n":5.0,"big":-1.5E+3,"yes":true,"no":false,"none":null,"e":""}"#
        )
        + "\n" + line("null", id: "b") + "\n" + line("{}", id: "c"))
    #expect(report.firstRejects.map(\.field) == ["metadata"])
    #expect(queries.map(\.id) == ["a", "b", "c"])
    #expect(
      queries[0].context.metadata == [
        "x-model-tier": "premium", "n": "5.0", "big": "-1.5E+3", "yes": "true", "no": "false",
        "e": "",
      ])
    #expect(queries[0].context.number(of: "big") == -1500)
    #expect(queries[0].context.value(of: "x-model-tier") == "premium")
    #expect(queries[1].context.metadata.isEmpty && queries[2].context.metadata.isEmpty)
  }

  static let manyNames = "{" + (0..<65).map { "\"k\($0)\":1" }.joined(separator: ",") + "}"

  @Test(
    "what cannot be kept is rejected with its field",
    arguments: [
      (#"{"a":{"b":1}}"#, "metadata.a"), (#"{"a":[1]}"#, "metadata.a"), ("[]", "metadata"),
      (#""x""#, "metadata"), (#"{"a":1,"a":1}"#, "metadata.a"),
      (#"{"a":null,"a":1}"#, "metadata.a"), (#"{"a":"\u0000"}"#, "metadata.a"),
      (#"{"a":01}"#, "metadata.a"), (#"{"a":NaN}"#, "metadata.a"), (manyNames, "metadata"),
      (#"{"a":1},"metadata":{"a":1}"#, "metadata"),
      (#"{"\#(String(repeating: "k", count: 129))":1}"#, "metadata"),
      (#"{"a":"\#(String(repeating: "v", count: 4097))"}"#, "metadata.a"),
    ])
  func bad(_ metadata: String, _ field: String) throws {
    let (queries, report) = try read(line(metadata) + "\n" + line("{}", id: "b"))
    #expect(queries.map(\.id) == ["b"])
    #expect(report.firstRejects.map(\.field) == [field])
    #expect(report.firstRejects.allSatisfy { !$0.jsonLine.contains("canary") })
  }

  @Test("the limits themselves are within them")
  func limits() throws {
    let names = (0..<63).map { "\"k\($0)\":1" }.joined(separator: ",")
    let name = String(repeating: "é", count: 64)
    let value = String(repeating: "v", count: 4096)
    let (queries, _) = try read(line("{\(names),\"\(name)\":\"\(value)\"}"))
    #expect(queries.first?.context.metadata.count == 64)
    #expect(queries.first?.context.metadata[name] == value)
  }

  @Test("a store gives back what went in, and rows without metadata keep their hash")
  func store() throws {
    let scratch = try Scratch()
    let path = try scratch.file(
      "log.jsonl",
      [
        line(#"{"b":"q\"\\\n\u0001é😀","a":1}"#, id: "a"),
        line(#"{"a":"1","b":"q\"\\\n\u0001é😀"}"#, id: "a"),
        line(#"{"a":2}"#, id: "a"), line("{}", id: "b"), line("null", id: "c"), row("d"),
      ].joined(separator: "\n"))
    let store = try Store.open(path: scratch.at("store"), mode: .create)
    let report = try store.import([path])
    // The order of names is none of the content; another value is.
    #expect(report.inserted == 4 && report.unchanged == 1 && report.conflicts == 1)
    let log = try store.readLog()
    #expect(log[0].context.metadata == ["a": "1", "b": "q\"\\\n\u{1}é😀"])
    #expect(log.dropFirst().allSatisfy { $0.context.metadata.isEmpty })
    #expect(try store.contentHash() == ContentHash.text(of: log))
    let texts = try store.read { try String?.fetchAll($0, sql: "SELECT metadata FROM queries") }
    #expect(texts == ["{\"a\":\"1\",\"b\":\"q\\\"\\\\\\n\\u0001é😀\"}", nil, nil, nil])
    var bare = log[0]
    bare.context.metadata = [:]
    var other = log[0]
    other.context.metadata["a"] = "2"
    let hashes = [log[0], bare, other].map { ContentHash.row($0) }
    #expect(Set(hashes).count == 3)
    // Names and values do not run into each other.
    bare.context.metadata = ["ab": "c"]
    other.context.metadata = ["a": "bc"]
    #expect(ContentHash.row(bare) != ContentHash.row(other))
  }

  @Test("metadata of another program's making is a damaged store, not a crash")
  func foreign() throws {
    let scratch = try Scratch()
    let path = scratch.at("store")
    let store = try Store.open(path: path, mode: .create)
    _ = try store.import([try scratch.file("log.jsonl", row("d"))])
    for text in ["[1]", "{\"a\":[1]}", "1"] {
      try store.write { try $0.execute(sql: "UPDATE queries SET metadata = ?", arguments: [text]) }
      #expect {
        try store.readLog()
      } throws: {
        guard case .storeDamaged(path, _)? = $0 as? StoreError else { return false }
        return true
      }
    }
    #expect(throws: StoreError.self) {
      try store.write { try $0.execute(sql: "UPDATE queries SET metadata = 'no json'") }
    }
  }

  @Test("columns metadata.NAME of wide and long CSV, guessed and mapped")
  func columns() throws {
    var (queries, report) = try read(
      "id,query,metadata.x-model-tier,metadata.n,m_quality\n1,x,premium,5,1\n2,y,,\" 7\",0\n",
      "a.csv")
    #expect(report.rejected == 0, "\(report.firstRejects)")
    #expect(
      queries.map(\.context.metadata) == [["x-model-tier": "premium", "n": "5"], ["n": " 7"]])

    (queries, report) = try read(
      "id,query,metadata.n,model,quality\n1,x,5,a,1\n1,x,5,b,1\n1,x,6,c,1\n", "a.csv")
    #expect(queries.map(\.context.metadata) == [["n": "5"]])
    #expect(queries.first?.outcomes.count == 2)
    #expect(report.firstRejects.map(\.field) == ["metadata.n"])

    let scratch = try Scratch()
    var options = ImportOptions()
    options.mapping = try CSVMapping(
      parsing: Array(
        #"{"format":"csv-wide","query":"q","metadata.tier":"t","candidates":{"m":{"quality":"s"}}}"#
          .utf8), path: "m")
    queries = try LogFile.read(
      paths: [try scratch.file("b.csv", "q,t,s\nx,gold,1\n")], options: options
    ).queries
    #expect(queries.map(\.context.metadata) == [["tier": "gold"]])
  }

  @Test("a mapping of metadata without a name is refused", arguments: ["metadata.", "metadata"])
  func badMapping(_ key: String) {
    #expect {
      try CSVMapping(
        parsing: Array(
          #"{"format":"csv-wide","\#(key)":"t","candidates":{"m":{"quality":"s"}}}"#.utf8),
        path: "m")
    } throws: {
      guard case .badMapping(_, key, _)? = $0 as? StoreError else { return false }
      return true
    }
  }
}
