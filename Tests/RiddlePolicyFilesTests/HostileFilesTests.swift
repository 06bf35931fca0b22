import RiddleData
import RiddlePolicies
import RiddlePolicyFiles
import RiddleTestSupport
import Testing

/// Files that nobody would write in good faith: a plan or an error that says where, never a crash, never a hang.
@Suite("Hostile policy files")
struct HostileFilesTests {
  private func plan(_ text: String, candidates: [String]? = ["small", "medium", "large"])
    throws -> PolicyPlan
  {
    try PolicyDocument(text: text, path: "p.yaml").plan(candidates: candidates, name: "p")
  }

  /// The error of a file; nil when it is a plan.
  private func failure(_ text: String, candidates: [String]? = ["small", "medium", "large"])
    -> PolicyFileError?
  {
    do {
      _ = try plan(text, candidates: candidates)
      return nil
    } catch let error as PolicyFileError { return error } catch {
      Issue.record("another error: \(error)")
      return nil
    }
  }

  private func expectFailure(
    _ text: String, _ reason: String, line: Int?, column: Int? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    guard let error = failure(text) else {
      Issue.record("no error for \(text.prefix(60))", sourceLocation: sourceLocation)
      return
    }
    #expect(error.reason.contains(reason), "\(error)", sourceLocation: sourceLocation)
    #expect(error.line == line, "\(error)", sourceLocation: sourceLocation)
    if let column { #expect(error.column == column, "\(error)", sourceLocation: sourceLocation) }
  }

  // MARK: anchors

  @Test("a few aliases are written out")
  func aliases() throws {
    let text = """
      stages:
        - rules:
            - {when: {contains: &words [code, debug]}, ask: &top large}
            - {when: {contains: *words, user_tier: free}, ask: small}
      default: *top
      """
    #expect(try plan(text).fallback == 2)
  }

  @Test("a billion laughs are an error, in values and in keys")
  func billionLaughs() {
    func laughs(_ levels: Int, width: Int) -> String {
      var text = "a0: &a0 [x, x, x]\n"
      for level in 1...levels {
        let aliases = [String](repeating: "*a\(level - 1)", count: width).joined(separator: ", ")
        text += "a\(level): &a\(level) [\(aliases)]\n"
      }
      return text
    }
    expectFailure(laughs(9, width: 9), "more than 16 aliases", line: 3, column: 45)
    expectFailure(laughs(20, width: 2), "more than 16 aliases", line: 10)
    expectFailure(laughs(3, width: 5) + "? *a3 : x\n", "unknown setting", line: 1)
    // Few aliases of a large list.
    let words = [String](repeating: "w", count: 100_000).joined(separator: ", ")
    let large =
      "a: &a [\(words)]\nb: [\([String](repeating: "*a", count: 15).joined(separator: ", "))]\n"
    expectFailure(large, "1000000 values", line: 1)
  }

  @Test("an alias without an anchor, or inside its own anchor, is an error")
  func undefinedAliases() {
    expectFailure("default: *nobody\n", "undefined alias", line: 1, column: 10)
    expectFailure("stages: &a\n  - *a\n", "undefined alias", line: 2, column: 5)
    expectFailure("default: small\nstages: &a {b: *a}\n", "undefined alias", line: 2)
  }

  @Test("stars in texts are no aliases")
  func stars() throws {
    let words = (0..<40).map { "\"* w\($0)\"" }.joined(separator: ", ")
    let text = "rules: [{when: {contains: [\(words), '*x', '**']}, ask: large}]\ndefault: small\n"
    #expect(try plan(text).stages.count == 1)
  }

  // MARK: size and depth

  @Test("10 000 levels are an error, in brackets, braces, dashes and keys")
  func deep() {
    let n = 10_000
    for text in [
      "default: " + String(repeating: "[", count: n), String(repeating: "[", count: n),
      String(repeating: "{a: ", count: n), String(repeating: "- ", count: n),
      String(repeating: "? ", count: n), "stages: " + String(repeating: "[{a: ", count: n),
      String(repeating: "[", count: 1_000_000),
      (0..<1_200).map { String(repeating: " ", count: $0) + "a:\n" }.joined(),
    ] {
      guard let error = failure(text) else {
        Issue.record("no error for \(text.prefix(20))")
        continue
      }
      #expect(error.line != nil && error.column != nil, "\(error)")
      #expect(error.reason.contains("nested too deeply"), "\(error)")
    }
  }

  @Test("900 levels that close again are read, and refused for what they are")
  func fairlyDeep() {
    let text =
      "default: " + String(repeating: "[", count: 900) + String(repeating: "]", count: 900) + "\n"
    expectFailure(text, "expected a candidate's name, got a list", line: 1, column: 10)
  }

  @Test("a megabyte is read, one byte more is not")
  func size() throws {
    let start = "default: small\n#"
    let filling = String(repeating: "x", count: (1 << 20) - start.utf8.count)
    #expect(try plan(start + filling).fallback == 0)
    expectFailure(start + filling + "x", "longer than 1 MB", line: nil)
  }

  @Test("huge lists are read")
  func hugeLists() throws {
    let words = (0..<100_000).map { "w\($0)" }.joined(separator: ", ")
    let listed = try plan("rules: [{when: {contains: [\(words)]}, ask: large}]\ndefault: small\n")
    let request = Request(text: "has w99999 in it", candidateCount: 3)
    let policy = listed.policy(.unknown(candidates: ["small", "medium", "large"]))
    #expect(policy.next(request, after: [])?.reason.stage == "rules")
    let rules = (0..<1_000).map { "  - {when: {min_length: \($0)}, ask: large}" }
      .joined(separator: "\n")
    #expect(try plan("rules:\n\(rules)\ndefault: small\n").stages.count == 1)
    let guards = [String](repeating: "retry", count: 20_000).joined(separator: ", ")
    #expect(try plan("default: small\nguards: [\(guards)]\n").guards.count == 20_000)
    expectFailure(
      "stages: [{cascade: {ladder: [\(words)]}}]\n", "'w0' is not one of the candidates", line: 1)
  }

  @Test("more than 64 candidates are no ladder, whoever names them")
  func manyCandidates() throws {
    let stages = (0..<65).map { "  - static: {ask: m\($0)}" }
    let text = "stages:\n" + stages.joined(separator: "\n") + "\n"
    #expect(failure(text, candidates: nil)?.reason.contains("at most 64") == true)
    let fewer = "stages:\n" + stages.prefix(64).joined(separator: "\n") + "\n"
    #expect(try plan(fewer, candidates: nil).stages.count == 64)
  }

  // MARK: values

  @Test(
    "numbers that are none, or too large, or whole where they must be",
    arguments: [
      (".nan", "must be a number"), ("nan", "must be a number"), (".inf", "must be a number"),
      ("-.inf", "must be a number"), ("inf", "must be a number"), ("1e999", "must be a number"),
      ("1e400", "must be a number"), ("-1", "must lie in"), ("1.0000001", "must lie in"),
      ("half", "must be a number"), ("[0.5]", "must be a number"), ("{a: 1}", "must be a number"),
      ("'0,5'", "must be a number"), ("0.5 0.6", "must be a number"), ("\"\"", "must be a number"),
    ])
  func badNumbers(value: String, reason: String) {
    expectFailure(
      "stages:\n  - cascade: {threshold: \(value)}\n", reason, line: 2, column: 26)
  }

  @Test("numbers as texts are numbers; null is as good as left out")
  func numberTexts() throws {
    for value in ["'0.5'", "\"0.5\"", "5e-1", "0.50", "+0.5"] {
      let policy = try plan("stages: [{cascade: {threshold: \(value)}}]\n").policy(
        .unknown(candidates: ["small", "medium", "large"]))
      #expect((policy.stages[0] as? Cascade)?.threshold == 0.5)
    }
    for value in ["", "~", "null"] {
      let policy = try plan("stages: [{cascade: {threshold: \(value)}}]\n").policy(
        .unknown(candidates: ["small", "medium", "large"]))
      #expect((policy.stages[0] as? Cascade)?.threshold == 0.8)
    }
  }

  @Test(
    "whole numbers at their limits",
    arguments: [
      "9223372036854775807", "9223372036854775808", "-9223372036854775808", "1e18",
      "0x7fffffffffffffff",
      "99999999999999999999999999", "-1", "2.5", "1_000",
    ])
  func wholeNumbers(value: String) {
    // A plan or an error with a place: never a trap.
    for text in [
      "rules: [{when: {max_turn: \(value)}, ask: large}]\ndefault: small\n",
      "rules: [{when: {min_turn: \(value)}, ask: large}]\ndefault: small\n",
      "rules: [{when: {max_length: \(value)}, ask: large}]\ndefault: small\n",
      "default: small\nguards: [{gate: {retries: \(value)}}]\n",
      "stages: [{sticky: {capacity: \(value)}}]\n",
      "stages: [{epsilon_greedy: {seed: \(value)}}]\n",
      "stages: [{latency_sla: {sla_ms: \(value)}}]\n",
      "decision_price_usd: \(value)\ndefault: small\n",
    ] {
      if let error = failure(text) {
        #expect(error.line != nil && error.column != nil, "\(error)")
        continue
      }
      let facts = PolicyFacts.unknown(candidates: ["small", "medium", "large"])
      guard let policy = try? plan(text).policy(facts) else { continue }
      checkPolicy(
        policy, requests: generatedRequests(4, candidateCount: 3, seed: 1), text)
    }
  }

  // MARK: syntax

  @Test(
    "what is no YAML says where",
    arguments: [
      ("default: small\n\tname: x\n", 2), ("stages:\n\t- cascade\n", 2), ("a: b: c\n", 1),
      ("default: small\n---\ndefault: large\n", 2), ("default: \"small\n", 2), ("{", nil),
      ("default: small\n]\n", 2), ("%YAML 9.9\n---\ndefault: small\n", 1), ("@x: 1\n", 1),
      ("default: !!binary |\n  x\n  y: [\n", nil), ("default: \"\\uD800\"\n", 1),
      ("default: small\nname: a\u{7}b\n", 2), ("name: \u{0}\n", 1), ("\u{FFFE}\n", 1),
      ("name: e\u{301}\u{1}\n", 1),
    ] as [(String, Int?)])
  func syntax(text: String, line: Int?) {
    guard let error = failure(text) else {
      Issue.record("no error for \(text)")
      return
    }
    if let line { #expect(error.line == line, "\(error)") }
    #expect(error.line != nil && error.column != nil, "\(error)")
  }

  @Test("keys given twice, at any depth, plain or quoted, are refused with their place")
  func duplicates() {
    expectFailure("default: small\nname: x\ndefault: large\n", "given twice", line: 1)
    expectFailure("default: small\n\"default\": large\n", "given twice", line: 1)
    expectFailure(
      "stages:\n  - cascade:\n      threshold: 0.1\n      threshold: 0.2\n", "given twice", line: 3,
      column: 7)
    expectFailure("default: small\n? [a]\n: x\n? [a]\n: y\n", "given twice", line: 2)
  }

  @Test("keys that are no words are refused")
  func keys() {
    expectFailure("default: small\n? [a, b]\n: x\n", "unknown setting", line: 2)
    expectFailure("default: small\n? {a: b}\n: x\n", "unknown setting", line: 2)
    expectFailure("default: small\n1: x\n", "unknown setting '1'", line: 2)
    expectFailure("default: small\n<<: {name: x}\n", "unknown setting '<<'", line: 2)
    expectFailure(
      "stages: [{classes: {candidates: {? [a] : small}}}]\n", "maps words to candidates", line: 1)
    expectFailure("stages: [{? [a] : small}]\n", "unknown stage ''", line: 1)
  }

  @Test("broken UTF-8 is replaced, and a name with it is a name")
  func encoding() throws {
    let bytes: [UInt8] =
      Array("name: ".utf8) + [0xff, 0xc3, 0x28] + Array("\ndefault: small\n".utf8)
    #expect(try plan(String(decoding: bytes, as: UTF8.self)).name.hasPrefix("\u{FFFD}"))
    #expect(try plan("\u{FEFF}default: small\n").fallback == 0)
    #expect(try plan("default: small\r\nname: x\r\n").name == "x")
  }

  @Test("random cuts and flips of a good file are plans or errors", arguments: 0..<200)
  func mutations(seed: UInt64) {
    let good = Array(
      """
      name: tiers
      stages:
        - override
        - tier_header: {tiers: {premium: large, economy: small}, default: medium}
        - rules:
            - {name: legal, when: {domain: [legal, medical], max_turn: 3}, ask: large}
            - {when: {metadata.field_count: {below: 5}}, ask: &a small, adjust: -0.2}
        - band: {score: complexity, low: 0.2, high: 0.8, threshold: 0.7}
        - best_of: {candidates: [*a, large]}
      guards: [retry, {gate: {retries: 2}}, {budget: {usd_per_day: 5, per: metadata.user}}]
      default: medium
      """.utf8)
    let signs = Array("[]{}:,-&*!|>'\"%@`#?\n\t 0".utf8)
    var random = SplitMix64(seed: seed)
    var bytes = good
    for _ in 0..<(1 + random.below(6)) {
      let place = random.below(bytes.count)
      switch random.below(4) {
      case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
      case 1: bytes.remove(at: place)
      case 2: bytes.insert(signs[random.below(signs.count)], at: place)
      default: bytes.removeLast(random.below(bytes.count / 2))
      }
    }
    let text = String(decoding: bytes, as: UTF8.self)
    for candidates in [["small", "medium", "large"], nil] {
      guard failure(text, candidates: candidates) == nil else { continue }
      let names = candidates ?? ["x", "y", "z"]
      guard let plan = try? plan(text, candidates: candidates) else { continue }
      let policy = plan.policy(.unknown(candidates: names))
      checkPolicy(
        policy, requests: generatedRequests(3, candidateCount: 3, seed: seed), "seed \(seed)")
    }
  }
}
