import RiddleData
import RiddlePolicies
import RiddlePolicyFiles
import Testing

@Suite("Policy files")
struct PolicyDocumentTests {
  private func plan(_ text: String, _ candidates: [String]? = ["small", "medium", "large"]) throws
    -> PolicyPlan
  {
    try PolicyDocument(text: text, path: "p.yaml").plan(candidates: candidates, name: "p")
  }

  private func picks(_ text: String, _ request: Request) throws -> Int? {
    let facts = PolicyFacts.unknown(candidates: ["small", "medium", "large"])
    guard case .ask(let ask, _)? = try plan(text).policy(facts).next(request, after: []) else {
      return nil
    }
    return ask.candidates.first
  }

  @Test("stages decide in order, the default takes the rest")
  func stages() throws {
    let text = """
      name: tiers
      stages:
        - override
        - tier_header: {tiers: {premium: large, economy: small}}
        - user_tier: {tiers: {free: small}}
        - rules:
            - {name: legal, when: {domain: [legal, medical]}, ask: large}
            - {name: few fields, when: {metadata.field_count: {below: 5}}, ask: small}
      default: medium
      """
    func request(_ context: QueryContext) -> Request {
      Request(text: "hello", context: context, candidateCount: 3)
    }
    var context = QueryContext()
    #expect(try picks(text, request(context)) == 1)
    context.metadata["field_count"] = "4"
    #expect(try picks(text, request(context)) == 0)
    context.metadata["field_count"] = "5"
    #expect(try picks(text, request(context)) == 1)
    context.domain = "legal"
    #expect(try picks(text, request(context)) == 2)
    context.userTier = "free"
    #expect(try picks(text, request(context)) == 0)
    context.metadata["x-model-tier"] = "Premium"
    #expect(try picks(text, request(context)) == 2)
    context.metadata["override"] = "medium"
    #expect(try picks(text, request(context)) == 1)
    #expect(try plan(text).name == "tiers")
  }

  @Test(
    "errors name line, column and what was meant",
    arguments: [
      (
        "stages:\n  - cascad: {}\n",
        "p.yaml, line 2, column 5: unknown stage 'cascad'; did you mean 'cascade'?"
      ),
      (
        "stages:\n  - cascade: {treshold: 0.7}\n",
        "p.yaml, line 2, column 15: unknown setting 'treshold' of cascade; did you mean 'threshold'?"
      ),
      (
        "stages:\n  - cascade: {threshold: 1.5}\n",
        "p.yaml, line 2, column 26: threshold must lie in 0 … 1, got 1.5"
      ),
      (
        "default: larg\n",
        "p.yaml, line 1, column 10: 'larg' is not one of the candidates small, medium, large, cheapest, middle, strongest; did you mean 'large'?"
      ),
      (
        "stages: [static]\n", "p.yaml, line 1, column 10: ask is missing: name a candidate"
      ),
      (
        "rules:\n  - when: {user_teir: free}\n    ask: small\ndefault: large\n",
        "p.yaml, line 2, column 12: unknown condition 'user_teir'; did you mean 'user_tier'?"
      ),
      ("stages: {cascade: {}}\n", "p.yaml, line 1, column 9: expected a list of stages"),
      ("- a\n", "p.yaml, line 1, column 1: expected a mapping"),
      ("name: x\n", "p.yaml, line 1, column 1: nothing decides"),
      ("a: [1\n", "p.yaml, line 2, column 1: not YAML"),
      ("default: small\ndefault: large\n", "given twice"),
      ("", "p.yaml: empty"),
    ])
  func errors(_ text: String, _ message: String) {
    do {
      _ = try plan(text)
      Issue.record("no error for \(text)")
    } catch {
      #expect("\(error)".contains(message), "\(error)")
    }
  }

  @Test("every kind reads with its documented defaults, and documents every setting")
  func kinds() throws {
    #expect(PolicyKinds.all.count >= 25)
    for kind in PolicyKinds.all {
      #expect(Set(kind.fields.map(\.name)).count == kind.fields.count, "\(kind.name)")
      if kind.fields.contains(where: \.isRequired) { continue }
      let text = kind.isGuard ? "default: small\nguards: [\(kind.name)]" : "stages: [\(kind.name)]"
      _ = try plan(text)
      _ = try plan(text, nil)
    }
  }

  @Test("a sweep changes one setting, and asks which when there are two")
  func overrides() throws {
    let text =
      "stages:\n  - classifier: {threshold: 0.5, score: length}\nguards:\n  - gate: {threshold: 0.7}\n"
    func failure(_ key: String) -> String {
      do {
        _ = try PolicyDocument(
          text: text, path: "p.yaml", overrides: [PolicyOverride(key: key, value: 1)])
        return ""
      } catch { return "\(error)" }
    }
    #expect(failure("threshold").contains("stages.classifier.threshold, guards.gate.threshold"))
    #expect(failure("thresh").contains("no setting 'thresh'"))
    #expect(failure("gate.threshold").isEmpty)
    let document = try PolicyDocument(
      text: text, path: "p.yaml", overrides: [PolicyOverride(key: "classifier.threshold", value: 3)]
    )
    let policy = try document.plan(candidates: ["a", "b"], name: "p").policy(
      .unknown(candidates: ["a", "b"]))
    let tiers = try #require(policy.stages[0] as? ScoreTiers)
    #expect(tiers.cuts == [3])
  }

  @Test("without a ladder the candidates are those that the file names")
  func mentioned() throws {
    let document = try PolicyDocument(
      text: "stages: [{static: {ask: gpt}}]\ndefault: llama\n", path: "p.yaml")
    let names = try document.mentionedCandidates()
    #expect(Set(names) == ["gpt", "llama", "(strongest)"])
    #expect(try document.plan(candidates: nil, name: "p").name == "p")
  }
}
