import RiddlePolicies

/// A kind of stage or guard: its key in the file, the systems it makes real, and how its settings are read.
struct PartKind<Value: Sendable>: Sendable {
  let name: String
  /// Rows of the list of routing systems.
  let ids: [String]
  let summary: String
  let read: @Sendable (Settings) throws -> PolicyPlan.Part<Value>

  init(
    _ name: String, _ ids: [String], _ summary: String,
    read: @escaping @Sendable (Settings) throws -> PolicyPlan.Part<Value>
  ) {
    self.name = name
    self.ids = ids
    self.summary = summary
    self.read = read
  }

  /// Its settings, as the reader asks for them.
  var fields: [SettingsField] {
    let settings = Settings(nil, path: "", names: CandidateNames(nil))
    _ = try? read(settings)
    return settings.fields
  }
}

extension Settings {
  /// A stage made of these settings.
  func stage(
    _ kind: String, _ needs: PolicyNeeds = PolicyNeeds(),
    make: @escaping @Sendable (PolicyFacts) -> any Policy
  ) -> PolicyPlan.Part<any Policy> {
    PolicyPlan.Part(kind: kind, line: line, needs: needs, make: make)
  }

  /// A guard made of these settings.
  func guarding(
    _ kind: String, _ needs: PolicyNeeds = PolicyNeeds(),
    make: @escaping @Sendable (PolicyFacts) -> any Guard
  ) -> PolicyPlan.Part<any Guard> {
    PolicyPlan.Part(kind: kind, line: line, needs: needs, make: make)
  }

  /// Where a score comes from.
  func score() throws(PolicyFileError) -> (source: ScoreSource, needs: PolicyNeeds) {
    let name = try text(
      "score", default: "probability",
      "probability (of the router), complexity, keywords, length, or metadata.NAME")
    var needs = PolicyNeeds()
    switch name {
    case "probability":
      needs.router = true
      return (.probability, needs)
    case "complexity", "keywords", "length":
      needs.text = true
      return (
        name == "complexity" ? .complexity : name == "keywords" ? .keywords : .length, needs
      )
    case let field where field.hasPrefix("metadata."):
      return (.field(String(field.dropFirst("metadata.".count))), needs)
    default:
      throw failure(
        at: "score",
        "score must be probability, complexity, keywords, length or metadata.NAME, got '\(name.prefix(40))'"
      )
    }
  }

  /// A confidence signal, whose maps are filled in when they are known.
  func signal(default source: ConfidenceSignal.Source) throws(PolicyFileError) -> (
    make: @Sendable (PolicyFacts) -> ConfidenceSignal, needs: PolicyNeeds
  ) {
    let source = try choice(
      "confidence", default: source,
      "where confidence comes from: the candidate itself, a judge, a parsed answer, or agreement with an earlier one"
    )
    let calibrates = try boolean(
      "calibrate", default: source == .own || source == .judge,
      "map raw confidence to a probability on other rows first")
    let price = try dollars("check_price_usd", default: 0, "price of looking at one answer")
    let time = try milliseconds("check_time_ms", default: 0, "time of looking at one answer")
    var needs = PolicyNeeds()
    needs.signals[source] = calibrates
    return (
      { facts in
        ConfidenceSignal(
          source, maps: calibrates ? facts.confidenceMaps[source] ?? [] : [], price: price,
          time: time)
      }, needs
    )
  }
}
