import RiddleData
import Testing

@testable import RiddleEvaluation

@Suite("Retraining: verdict and changed decisions") struct ChallengeTests {
  /// A comparison in which `metric` has `verdict`.
  static func change(
    rows: Int = 200, _ verdicts: [(metric: String, verdict: String)], unchanged: [String] = []
  ) throws -> RouterChange {
    var random = SplitMix64(seed: 1)
    let table = OutcomeTable(
      candidates: ["a", "b"], quality: (0..<80).map { _ in random.unit() },
      cost: (0..<80).map { $0 % 2 == 0 ? 1 : 5 },
      latency: [Int64](repeating: OutcomeTable.missingLatency, count: 80))
    let policy = ScoredPolicy(
      name: "p", kind: "test", margins: (0..<40).map { _ in random.unit() }, thresholds: [0.5])
    let rowsOf = RecordedRows(
      table: table, policy: policy,
      wall: BaselineInputs(texts: (0..<40).map { "text \($0)" }))
    var settings = EvaluationSettings()
    settings.replicates = 50
    var change = try #require(try RouterChange(before: rowsOf, after: rowsOf, settings: settings))
    change.rows = rows
    change.unchanged = unchanged
    change.changes = verdicts.map {
      RouterChange.Change(
        metric: $0.metric, before: Figure(0.1), after: Figure(0.2),
        difference: Figure(0.1, low: 0.05, high: 0.15), verdict: $0.verdict)
    }
    return change
  }

  @Test("only a significant gain in the figure that counts promotes")
  func gain() throws {
    let same = "utility at same cost"
    func verdict(_ verdicts: [(String, String)], _ terms: ChallengeVerdict.Terms = .init())
      throws -> Bool
    {
      ChallengeVerdict(try Self.change(verdicts.map { ($0.0, $0.1) }), terms: terms).isPromoted
    }
    #expect(try verdict([(same, "better")]))
    #expect(try !verdict([(same, "undecided"), ("auc", "better")]))
    #expect(try !verdict([(same, "worse")]))
    #expect(try !verdict([("quality", "better")]))
    var terms = ChallengeVerdict.Terms()
    terms.costWeight = 2
    #expect(try verdict([("utility", "better"), (same, "worse")], terms))
    terms = .init()
    terms.hasCosts = false
    #expect(try verdict([("label_match", "better")], terms))
    terms = .init()
    terms.hasTiers = true
    #expect(try !verdict([(same, "better")], terms))
    terms = .init()
    terms.holdsQuality = true
    #expect(try !verdict([(same, "better"), ("quality", "worse")], terms))
    #expect(try verdict([(same, "better"), ("quality", "undecided")], terms))
    terms.lostPromise = "to lose at most 0.02"
    #expect(try !verdict([(same, "better")], terms))
  }

  @Test("no rows, few rows and equal routers keep the champion, and say so")
  func kept() throws {
    #expect(ChallengeVerdict(nil, terms: .init()).sentence.contains("no row"))
    let few = ChallengeVerdict(
      try Self.change(rows: 29, [("utility at same cost", "better")]), terms: .init())
    #expect(!few.isPromoted && few.sentence.contains("29 rows"))
    let equal = ChallengeVerdict(
      try Self.change([], unchanged: ["utility at same cost"]), terms: .init())
    #expect(equal.sentence.contains("equal"))
  }

  @Test("changed decisions are counted by move, with examples of the largest change first")
  func decisions() throws {
    let table = OutcomeTable(
      candidates: ["a", "b"], quality: [0, 1, 1, 0, 0.5, 0.5, 0, 0.25],
      cost: [1, 3, 1, 3, 1, 3, 1, OutcomeTable.missingCost],
      latency: [Int64](repeating: OutcomeTable.missingLatency, count: 8))
    let before = ScoredPolicy(name: "x", kind: "", margins: [0, 1, 0, 0], thresholds: [0.5])
    let after = ScoredPolicy(name: "y", kind: "", margins: [1, 0, 0, 1], thresholds: [0.5])
    let found = ChangedDecisions(
      before: before, after: after, table: table, ids: ["p", "q", "r", "s"])
    #expect(found.moves.map(\.rows) == [2, 1])
    #expect(found.moves[0].from == "a" && found.moves[0].to == "b")
    #expect(found.moves[0].quality == 0.625)
    #expect(found.moves[0].costDollars == nil)
    #expect(found.moves[1].quality == 1)
    #expect(found.moves[1].costDollars == -2e-9)
    #expect(found.examples.map(\.id) == ["p", "q", "s"])
    #expect(found.examples[0].marginBefore == -0.5 && found.examples[0].marginAfter == 0.5)
    #expect(
      ChangedDecisions(before: before, after: before, table: table, ids: ["p", "q", "r", "s"])
        .examples.isEmpty)
  }
}
