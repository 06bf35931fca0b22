import RiddleData
import Testing

@testable import RiddleStore

@Suite struct EqualPromptsTests {
  private func line(_ id: String, _ query: String, _ candidate: String, turn: Int? = nil) -> String
  {
    let turn = turn.map { ",\"turn\":\($0)" } ?? ""
    return
      "{\"id\":\"\(id)\",\"query\":\"\(query)\"\(turn),\"outcomes\":{\"\(candidate)\":{\"quality\":1}}}\n"
  }

  @Test("rows with an equal prompt and other candidates become one query")
  func joins() throws {
    let folder = try Scratch()
    let path = try folder.file(
      "log.jsonl",
      line("1", "how  are\\nyou ", "small") + line("2", "How are you", "large")
        + line("3", "how are you", "large") + line("4", "how are you", "small")
        + line("5", "how are you", "medium") + line("6", "how are you", "large", turn: 2))
    var options = ImportOptions()
    #expect(try LogFile.read(paths: [path], options: options).queries.count == 6)
    options.joinsEqualPrompts = true
    let (queries, report) = try LogFile.read(paths: [path], options: options)
    #expect(queries.map(\.id) == ["1", "2", "4", "6"])
    #expect(queries[0].outcomes.map(\.candidate) == ["large", "medium", "small"])
    #expect(queries[2].outcomes.map(\.candidate) == ["small"])
    #expect(report.rowsRead == 6)
    #expect(report.comparable == 1)
    #expect(report.notes.contains { $0.hasPrefix("2 rows joined") })

    let store = try Store.open(path: folder.at("s.sqlite"), mode: .create)
    #expect(try store.import([path], options: options).inserted == 4)
    let again = try store.import([path], options: options)
    #expect(again.inserted == 0 && again.unchanged == 4)
    try store.close()
  }

  @Test("more queries than may be held are refused by name")
  func limit() throws {
    var merger = QueryMerger()
    for id in ["a", "b", "c"] {
      _ = try merger.add(LoggedQuery(id: id, text: nil, outcomes: []), line: 1)
    }
    try merger.checkSize(path: "x.csv", limit: 3)
    #expect(throws: StoreError.self) { try merger.checkSize(path: "x.csv", limit: 2) }
  }
}
