import Foundation
import RiddleData
import Testing

@testable import RiddleStore

@Suite("Search")
struct SearchTests {
  let scratch: Scratch
  let store: Store

  private static let texts = [
    "Where is my refund?", "The REFUND came late, very late", "Café crème à la carte",
    "drop table queries; -- \"quoted\" words", "late payment, no refund", "パスワードを忘れました", "",
    "NEAR AND OR NOT refund", "e-mail me: col:umn ^start *", "Ünïcode façade",
  ]

  init() throws {
    scratch = try Scratch()
    store = try Store.open(path: scratch.at("s"), mode: .create)
    let lines = Self.texts.enumerated().map { i, text in
      """
      {"id":"q\(i)","query":\(JSONText.quoted(text)),"domain":"\(i % 2 == 0 ? "even" : "odd")",\
      "task_type":"t\(i % 3)","time":"2026-03-\(10 + i)T00:00:00Z",\
      "outcomes":{"small":{"quality":\(i % 2)}\(i < 5 ? ",\"large\":{\"quality\":1}" : "")}}
      """
    }
    _ = try store.import([
      scratch.file(
        "a",
        lines.joined(separator: "\n")
          + "\n{\"id\":\"none\",\"query\":null,\"outcomes\":{\"small\":{}}}\n")
    ])
  }

  private func ids(_ words: SearchRequest.Words, _ change: (inout SearchRequest) -> Void = { _ in })
    throws -> [String]
  {
    var request = SearchRequest()
    request.words = words
    change(&request)
    return try store.search(request).hits.map(\.id).sorted()
  }

  /// Whatever is typed, the index and reading every text find the same.
  @Test(
    "index and scan agree",
    arguments: [
      SearchRequest.Words.plain("refund"), .plain("late refund"), .plain("cafe CREME"),
      .plain("\"quoted\""), .plain("OR"), .plain("refund NOT"), .plain("col:umn"), .plain("e-mail"),
      .plain("^start"), .plain("*start*"), .plain("unicode facade"), .plain("absent"),
      .plain("' OR 1=1 --"), .plain("refund)"), .plain("パスワードを忘れました"), .plain("re\"fund"),
      .expression("refund OR carte"), .expression("\"very late\""), .expression("pay*"),
      .expression("refund NOT late"), .expression("NEAR(no refund, 2)"), .expression("text:refund"),
    ])
  func agree(_ words: SearchRequest.Words) throws {
    var request = SearchRequest()
    request.words = words
    let scanned = try store.search(request)
    #expect(scanned.method == .scan)
    #expect(try store.updateSearchIndex() == Self.texts.count + 1)
    let indexed = try store.search(request)
    #expect(indexed.method == .index)
    #expect(indexed.total == scanned.total)
    #expect(
      indexed.hits.sorted { $0.id < $1.id } == scanned.hits.sorted { $0.id < $1.id })
  }

  @Test("all plain words must occur, whatever their case and accents")
  func words() throws {
    try store.updateSearchIndex()
    #expect(try ids(.plain("refund")) == ["q0", "q1", "q4", "q7"])
    #expect(try ids(.plain("LATE refund")) == ["q1", "q4"])
    #expect(try ids(.plain("creme CAFÉ")) == ["q2"])
    #expect(try ids(.plain("not or near")) == ["q7"])
    #expect(try ids(.plain("fun")) == [])
    var request = SearchRequest()
    request.words = .plain("very")
    #expect(
      try store.search(request).hits.first?.snippet == "The REFUND came late, \u{2}very\u{3} late")
  }

  @Test("filters hold with words and without")
  func filters() throws {
    try store.updateSearchIndex()
    #expect(try ids(.plain("refund")) { $0.filter.domain = "odd" } == ["q1", "q7"])
    #expect(try ids(.none) { $0.filter.domain = "odd" } == ["q1", "q3", "q5", "q7", "q9"])
    #expect(try ids(.none) { $0.filter.taskType = "t0" } == ["q0", "q3", "q6", "q9"])
    #expect(try ids(.plain("refund")) { $0.filter.candidate = "large" } == ["q0", "q1", "q4"])
    #expect(
      try ids(.none) {
        $0.filter.since = Microseconds(time: "2026-03-12T00:00:00Z")
        $0.filter.until = Microseconds(time: "2026-03-14T00:00:00Z")
      } == ["q2", "q3"])
    #expect(try ids(.none) { $0.limit = 3 } == ["q0", "q1", "q2"])
    #expect(throws: StoreError.unknownCandidate(name: "x", available: ["large", "small"])) {
      try ids(.none) { $0.filter.candidate = "x" }
    }
  }

  @Test("labels choose by the pick of a labelling")
  func labels() throws {
    #expect(throws: StoreError.self) { try ids(.none) { $0.label = "small" } }
    try store.saveLabelling(
      Labelling(
        name: "a", candidates: ["small", "large"], oracle: .bestQuality, target: .weakFails,
        qualityThreshold: 0.5),
      verdicts: [LabelVerdict(queryID: "q0", verdict: 1), LabelVerdict(queryID: "q1", verdict: 0)])
    #expect(try ids(.none) { $0.label = "large" } == ["q0"])
    #expect(try ids(.plain("refund")) { $0.label = "small" } == ["q1"])
    #expect(throws: StoreError.self) { try ids(.none) { $0.label = "huge" } }
    #expect(throws: StoreError.self) { try ids(.none) { $0.labelling = "b" } }
  }

  @Test(
    "wrong expressions are the person's fault, with and without an index",
    arguments: [
      "\"open", "refund AND", "col:x", "(", "NEAR(", "a b)", "- x", "^", "re\u{1}fund*\"",
    ])
  func wrongExpressions(_ text: String) throws {
    for _ in 0..<2 {
      do {
        _ = try ids(.expression(text))
        Issue.record("\(text) was read")
      } catch let error as StoreError {
        #expect(error.exitCode == 64, "\(error)")
      }
      try store.updateSearchIndex()
    }
    #expect(throws: StoreError.self) { try ids(.plain("?!  ")) }
  }

  @Test("the index takes what was imported since, and nothing twice")
  func incremental() throws {
    #expect(try store.updateSearchIndex() == Self.texts.count + 1)
    #expect(try store.updateSearchIndex() == 0)
    _ = try store.import([scratch.file("b", row("new", query: "a refund again"))])
    #expect(try store.unindexedQueries() == 1)
    #expect(try ids(.plain("refund")) == ["new", "q0", "q1", "q4", "q7"])
    #expect(try store.updateSearchIndex() == 1)
    #expect(try ids(.plain("refund")) == ["new", "q0", "q1", "q4", "q7"])
    try store.clearSearchIndex()
    #expect(try store.unindexedQueries() == Self.texts.count + 2)
    #expect(try ids(.plain("refund")) == ["new", "q0", "q1", "q4", "q7"])
    #expect(try store.check().findings == [])
  }
}
