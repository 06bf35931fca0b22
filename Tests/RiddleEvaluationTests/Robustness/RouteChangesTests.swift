import Glibc
import RiddleData
import RiddleTestSupport
import Testing

@testable import RiddleEvaluation

@Suite("What changed texts do to routes")
struct RouteChangesTests {
  private let table = OutcomeTable(
    candidates: ["weak", "strong"], quality: [0, 1, 1, 1, 1, 0, 0, 1],
    cost: [1, 10, 2, 20, 3, 30, 4, 40].map { $0 * 1_000_000_000 },
    latency: [Int64](repeating: OutcomeTable.missingLatency, count: 8))

  @Test("shares, dollars and quality by hand; texts that did not change do not count")
  func byHand() throws {
    let found = RouteChanges(
      "x", family: .typos, before: [0, 1, 1, 0], after: [1, 0, 1, nil], outcomes: table,
      clusters: nil, confidence: 0.95)
    #expect(found.queries == 3)
    expectClose(try #require(found.unchanged.value), 1 / 3.0, tolerance: 1e-9)
    expectClose(try #require(found.upgraded.value), 1 / 3.0, tolerance: 1e-9)
    expectClose(try #require(found.downgraded.value), 1 / 3.0, tolerance: 1e-9)
    // +9 for row 0, −18 for row 1, 0 for row 2.
    expectClose(try #require(found.dollars.value), -3, tolerance: 1e-9)
    // Row 0 gains 1; row 1 was right either way; row 2 stays.
    expectClose(try #require(found.quality.value), 1 / 3.0, tolerance: 1e-9)
  }

  @Test("a price that is missing where the route moved leaves the dollars undefined")
  func missingPrice() {
    var cost = table.cost
    cost[1] = OutcomeTable.missingCost
    let broken = OutcomeTable(
      candidates: table.candidates, quality: table.quality, cost: cost, latency: table.latency)
    func dollars(_ after: [Int?]) -> Double? {
      RouteChanges(
        "x", family: .typos, before: [0, 1, 1, 0], after: after, outcomes: broken, clusters: nil,
        confidence: 0.95
      ).dollars.value
    }
    #expect(dollars([1, 0, 1, 0]) == nil)
    #expect(dollars([0, 0, 1, 0]) == -18 / 4.0)
  }

  @Test("nothing changed, nothing known")
  func empty() {
    let found = RouteChanges(
      "x", family: .typos, before: [0, 1], after: [nil, nil], outcomes: nil, clusters: nil,
      confidence: 0.95)
    #expect(found.queries == 0 && found.unchanged.value == nil && found.quality.value == nil)
  }

  /// Of independent rows the variance estimate is p(1 − p)/(n − 1): Wilson's interval at n − 1 rows.
  @Test("the interval is Wilson's at the effective number of rows")
  func interval() throws {
    let n = 201
    let after: [Int?] = (0..<n).map { $0 % 20 == 0 ? 1 : 0 }
    let figure = RouteChanges(
      "x", family: .typos, before: [Int](repeating: 0, count: n), after: after, outcomes: nil,
      clusters: nil, confidence: 0.95
    ).unchanged
    let p = 190 / 201.0
    let (z, m) = (1.959963984540054, 200.0)
    let centre = (p + z * z / (2 * m)) / (1 + z * z / m)
    let half = z * (p * (1 - p) / m + z * z / (4 * m * m)).squareRoot() / (1 + z * z / m)
    expectClose(try #require(figure.low), centre - half, tolerance: 1e-9)
    expectClose(try #require(figure.high), centre + half, tolerance: 1e-9)
  }

  @Test("rows of one conversation count as one: twice the rows, the same interval")
  func clusters() throws {
    let before = [Int](repeating: 0, count: 80)
    let after: [Int?] = (0..<80).map { $0 % 7 == 0 ? 1 : 0 }
    func unchanged(_ before: [Int], _ after: [Int?], _ clusters: [Int]?) -> Figure {
      RouteChanges(
        "x", family: .typos, before: before, after: after, outcomes: nil, clusters: clusters,
        confidence: 0.95
      ).unchanged
    }
    let once = unchanged(before, after, nil)
    let twice = unchanged(before + before, after + after, Array(0..<80) + Array(0..<80))
    let apart = unchanged(before + before, after + after, nil)
    expectClose(try #require(once.low), try #require(twice.low), tolerance: 1e-9)
    #expect(try #require(apart.low) > once.low ?? 1)
  }

  @Test("the verdict is that of the weakest benign change")
  func verdict() throws {
    func changes(_ family: Perturbation.Family, _ moved: Int, of n: Int) -> RouteChanges {
      RouteChanges(
        "\(family) \(moved)", family: family, before: [Int](repeating: 0, count: n),
        after: (0..<n).map { $0 < moved ? 1 : 0 }, outcomes: nil, clusters: nil, confidence: 0.95)
    }
    var report = RobustnessReport(
      router: "r", candidates: ["a", "b"], rows: "all", queries: 1000, shares: [1, 0],
      unit: "query", confidence: 0.95, seed: 1)
    #expect(report.verdict(requiring: 0.95) == .undecided && report.weakest == nil)
    report.changes = [changes(.typos, 5, of: 1000), changes(.hostile, 900, of: 1000)]
    #expect(report.verdict(requiring: 0.95) == .pass)
    report.changes.append(changes(.whitespace, 48, of: 1000))
    #expect(report.verdict(requiring: 0.95) == .undecided)
    #expect(report.weakest?.name == "whitespace 48")
    report.changes.append(changes(.letterCase, 200, of: 1000))
    #expect(report.verdict(requiring: 0.95) == .fail)
    #expect(report.verdict(requiring: 0.5) == .pass)
  }
}

@Suite("Tokens of gadgets")
struct GadgetVocabularyTests {
  @Test("a token needs five distinct units in every sense; what one person wrote is left out")
  func support() {
    var texts: [String] = []
    var families: [Int] = []
    var conversations: [Int] = []
    func add(_ text: String, _ family: Int, _ conversation: Int) {
      texts.append(text)
      families.append(family)
      conversations.append(conversation)
    }
    for i in 0..<5 { add("zebra five\(i)", i, i) }
    for i in 0..<4 { add("canary four", 10 + i, 10 + i) }
    for i in 0..<9 { add("copied text", 20, 20 + i) }
    for i in 0..<9 { add("chatty turn", 40 + i, 40) }
    for i in 0..<9 { add(String(repeating: "x", count: 25), 60 + i, 60 + i) }
    let tokens = GadgetVocabulary(texts: texts, partitions: [families, conversations]).tokens
    #expect(tokens == GadgetVocabulary.builtIn + ["zebra"])
    let strict = GadgetVocabulary(
      texts: texts, partitions: [families, conversations], support: 6)
    #expect(strict.tokens == GadgetVocabulary.builtIn)
    // Lower than five is not to be had.
    let lax = GadgetVocabulary(texts: texts, partitions: [families, conversations], support: 1)
    #expect(lax.tokens == tokens)
  }

  @Test("the order of rows does not matter; frequent tokens come first")
  func order() {
    let texts = (0..<40).map {
      "always " + ($0 % 2 == 0 ? "even" : $0 % 4 == 1 ? "odd one" : "odd")
    }
    let units = Array(0..<40)
    let forward = GadgetVocabulary(texts: texts, partitions: [units]).tokens
    let backward = GadgetVocabulary(
      texts: texts.reversed(), partitions: [units.reversed()]
    ).tokens
    #expect(forward == backward)
    #expect(Array(forward.dropFirst(GadgetVocabulary.builtIn.count)) == ["always", "even", "odd"])
  }

  @Test("built-in tokens are distinct, short and without white space")
  func builtIn() {
    #expect(Set(GadgetVocabulary.builtIn).count == GadgetVocabulary.builtIn.count)
    for token in GadgetVocabulary.builtIn {
      #expect(!token.isEmpty && token.utf8.count <= GadgetVocabulary.longestToken)
      #expect(!token.unicodeScalars.contains { $0.properties.isWhitespace })
    }
  }
}
