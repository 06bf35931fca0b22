import Foundation
import RiddleData
import Testing

@testable import RiddleStore

@Suite("Tiers")
struct TierTests {
  static func line(_ id: String, tier: String? = nil) -> String {
    let field = tier.map { ",\"tier\":\(JSONText.quoted($0))" } ?? ""
    return
      "{\"id\":\"\(id)\",\"query\":\"text \(id)\"\(field),\"outcomes\":{\"m\":{\"answer\":\"a\"},\"n\":{\"quality\":1}}}"
  }

  @Test("tiers come back as they went in, from JSON lines and from CSV")
  func roundTrip() throws {
    let scratch = try Scratch()
    let store = try Store.open(path: scratch.at("s"), mode: .create)
    let json = try scratch.file(
      "a.jsonl", [Self.line("a", tier: "simple"), Self.line("b")].joined(separator: "\n"))
    let csv = try scratch.file(
      "b.csv", "id,query,tier,m|quality\nc,third,complex,0.5\nd,fourth,,1\n")
    let long = try scratch.file(
      "c.csv",
      "id,query,tier,candidate,quality\ne,x,moderate,m,1\ne,x,,n,0\nf,y,simple,m,1\nf,y,complex,n,1\n"
    )
    let report = try store.import([json, csv, long])
    #expect(report.inserted == 6 && report.withTier == 4)
    #expect(report.rejected == 1, "one id, two tiers")
    let log = try store.readLog()
    #expect(log.map(\.tier) == ["simple", nil, "complex", nil, "moderate", "simple"])
    let (direct, _) = try LogFile.read(paths: [json, csv, long])
    #expect(direct == log)
    #expect(try store.contentHash() == ContentHash.text(of: log))
  }

  @Test(
    "what is no tier is rejected",
    arguments: [#""tier":"""#, #""tier":5"#, #""tier":["a"]"#, #""tier":"a","tier":"b""#])
  func bad(_ field: String) throws {
    let scratch = try Scratch()
    let path = try scratch.file(
      "a", "{\"id\":\"a\",\(field),\"query\":\"canary\",\"outcomes\":{\"m\":{}}}")
    let (queries, report) = try LogFile.read(
      paths: [path], options: ImportOptions(format: .riddleJSONL))
    #expect(queries.isEmpty)
    #expect(report.firstRejects.first?.field == "tier")
  }

  @Test("a tier changes the hash; logs without tiers keep theirs")
  func hash() {
    let plain = LoggedQuery(id: "a", text: "t", outcomes: [])
    var tiered = plain
    tiered.tier = "simple"
    var other = plain
    other.tier = "complex"
    let hashes = [plain, tiered, other].map { ContentHash.row($0) }
    #expect(Set(hashes).count == 3)
    var embedded = plain
    embedded.embedding = LoggedEmbedding(model: "m", values: [1])
    #expect(ContentHash.row(embedded) == hashes[0])
  }

  @Test("a later import may add a tier and nothing else; another tier is a conflict")
  func added() throws {
    let scratch = try Scratch()
    let store = try Store.open(path: scratch.at("s"), mode: .create)
    let bare = try scratch.file("1", Self.line("a") + "\n" + Self.line("b"))
    let tiered = try scratch.file("2", Self.line("a", tier: "simple"))
    let other = try scratch.file("3", Self.line("a", tier: "complex"))
    _ = try store.import([bare])
    let report = try store.import([tiered])
    #expect((report.updated, report.inserted, report.conflicts) == (1, 0, 0))
    #expect(try store.readLog().map(\.tier) == ["simple", nil])
    #expect(try store.import([tiered]).unchanged == 1)
    #expect(try store.import([other]).conflicts == 1)
    #expect(try store.counts().imports == 2)
    let (direct, directReport) = try LogFile.read(paths: [bare, tiered, other])
    #expect(try direct == store.readLog())
    #expect((directReport.updated, directReport.conflicts) == (1, 1))
    #expect(try store.contentHash() == ContentHash.text(of: direct))
  }
}

@Suite("Verdicts")
struct VerdictTests {
  let scratch: Scratch
  let store: Store
  static let hash = String(repeating: "0", count: 64)

  init() throws {
    scratch = try Scratch()
    store = try Store.open(path: scratch.at("s"), mode: .create)
    _ = try store.import([
      scratch.file(
        "a.jsonl",
        [
          TierTests.line("a"), TierTests.line("b", tier: "simple"),
          #"{"id":"c","query":"q","outcomes":{"m":{"answer":"x","quality":0.25}}}"#,
          #"{"id":"d","query":null,"outcomes":{"m":{"answer":"x"}}}"#,
        ].joined(separator: "\n"))
    ])
    try store.savePrompt(JudgePromptRecord(hash: Self.hash, name: "p", template: "t"))
    try store.savePrompt(JudgePromptRecord(hash: Self.hash, name: "p", template: "t"))
  }

  private func save(_ id: String, _ candidate: String?, _ result: JudgeVerdict.Result) throws {
    let call = try store.openCall(job: "j", reserving: NanoDollars(10), time: Microseconds(1))
    try store.saveVerdict(
      JudgeVerdict(
        queryID: id, candidate: candidate, result: result, calls: 1, inputTokens: 5,
        outputTokens: 2, cost: NanoDollars(7), time: Microseconds(9)), prompt: Self.hash,
      judge: "judge",
      settling: SettledCall(call, inputTokens: 5, outputTokens: 2, cost: NanoDollars(7)))
  }

  @Test("what can be judged is told from what was judged, by people and by judges")
  func subjects() throws {
    let before = try store.answersToJudge(candidates: nil, prompt: Self.hash, judge: "judge")
    #expect(before.map(\.queryID) == ["a", "b", "c"])
    #expect(before.map(\.loggedQuality) == [nil, nil, 0.25])
    #expect(before.map(\.byteCount) == [7, 7, 2])
    try save("a", "m", .quality(0.5))
    try save("b", "m", .failed("not JSON"))
    try save("a", nil, .tier("complex"))
    let after = try store.answersToJudge(candidates: ["m"], prompt: Self.hash, judge: "judge")
    #expect(after.map(\.verdict) == [.quality(0.5), .failed("not JSON"), nil])
    let queries = try store.queriesToRate(prompt: Self.hash, judge: "judge")
    #expect(queries.map(\.queryID) == ["a", "b", "c"])
    #expect(queries.map(\.verdict) == [.tier("complex"), nil, nil])
    #expect(queries.map(\.loggedTier) == [nil, "simple", nil])
    #expect(
      try store.answersToJudge(candidates: nil, prompt: Self.hash, judge: "other")
        .allSatisfy { $0.verdict == nil })
    #expect(throws: StoreError.unknownCandidate(name: "x", available: ["m", "n"])) {
      try store.answersToJudge(candidates: ["x"], prompt: Self.hash, judge: "judge")
    }
    #expect(try store.forgetFailedVerdicts(prompt: Self.hash, judge: "judge") == 1)
    #expect(try store.texts(of: after[2]).answer == "x")
  }

  @Test("the same is never kept twice, and the call stays open when its verdict is not kept")
  func once() throws {
    try save("a", "m", .quality(0.5))
    #expect(throws: StoreError.self) { try save("a", "m", .quality(0.6)) }
    try save("a", nil, .tier("x"))
    #expect(throws: StoreError.self) { try save("a", nil, .tier("y")) }
    #expect(throws: StoreError.unknownQuery(id: "zz")) { try save("zz", "m", .quality(0)) }
    let spending = try store.spending(of: "j")
    #expect(spending.calls == 2 && spending.costNanoDollars == 14)
    #expect(spending.inputTokens == 10 && spending.outputTokens == 4)
    #expect(spending.openCalls == 3 && spending.openNanoDollars == 30)
    #expect(spending.mostNanoDollars == 44)
    #expect(try store.forgetOpenCalls(of: "j") == 3)
    #expect(try store.spending(of: "j").mostNanoDollars == 14)
    #expect(try store.spending(of: "nothing") == JobSpending())
  }

  @Test("verdicts fill gaps and never overwrite; the log's hash follows, imports stay idempotent")
  func applied() throws {
    try save("a", "m", .quality(0.5))
    try save("c", "m", .quality(1))
    try save("a", nil, .tier("complex"))
    try save("b", nil, .tier("complex"))
    let hash = try store.contentHash()
    #expect(try store.applyVerdicts(prompt: Self.hash, judge: "judge") == 2)
    #expect(try store.applyVerdicts(prompt: Self.hash, judge: "judge") == 0)
    let log = try store.readLog()
    #expect(log[0].outcome(of: "m")?.quality == 0.5)
    #expect(log[2].outcome(of: "m")?.quality == 0.25, "the log's own")
    #expect(log.map(\.tier) == ["complex", "simple", nil, nil])
    #expect(try store.contentHash() != hash)
    #expect(try store.contentHash() == ContentHash.text(of: log))
    let subjects = try store.answersToJudge(candidates: nil, prompt: Self.hash, judge: "judge")
    #expect(subjects.map(\.isApplied) == [true, false, false])
    #expect(subjects[0].loggedQuality == nil, "a judge's word is no human's")
    let again = try store.import([scratch.at("a.jsonl")])
    #expect((again.unchanged, again.conflicts) == (4, 0))
    #expect(try store.readLog() == log)
    // A tier that a person gives takes the place of a judge's.
    let given = try store.import([scratch.file("b.jsonl", TierTests.line("a", tier: "simple"))])
    #expect(given.updated == 1)
    #expect(try store.readLog()[0].tier == "simple")
    #expect(try store.queriesToRate(prompt: Self.hash, judge: "judge")[0].loggedTier == "simple")
    #expect(try store.contentHash() == ContentHash.text(of: store.readLog()))
    #expect(try store.integrityProblems() == [])
  }
}
