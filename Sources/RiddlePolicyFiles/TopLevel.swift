import RiddlePolicies
import Yams

/// Reads the top level of a policy file.
struct TopLevel {
  var plan: PolicyPlan

  init(_ reader: Settings, _ fallbackName: String) throws(PolicyFileError) {
    plan = PolicyPlan(
      name: try reader.optionalText("name", "the name in tables") ?? fallbackName)
    _ = try reader.optionalText("description", "what it is for")
    let router = try reader.optionalText(
      "router", "weight file or run folder, relative to this file: gives probability and thresholds"
    )
    let rules = try reader.value(
      "rules", .rules, nil, false, "rules that come before all stages: short for a rules stage")
    let stages = try reader.value(
      "stages", .texts, nil, false,
      "list of {kind: settings}; the first that does not pass on decides")
    let threshold = try reader.optionalNumber(
      "threshold", in: 0...1, "short for a last stage classifier: {threshold: …}")
    let guards = try reader.value(
      "guards", .texts, nil, false, "list of {kind: settings}; each may change what was decided")
    let fallback = try reader.optionalCandidate(
      "default", "for what no stage claims; left out: the strongest, and a lint warns")
    plan.decisionPrice = try reader.dollars(
      "decision_price_usd", default: 0, "what one decision of the router costs")
    plan.decisionTime = try reader.milliseconds(
      "decision_time_ms", default: 0, "how long one decision of the router takes")
    let predict = try reader.value(
      "predict", .text, nil, false,
      "{with: segments, by: FIELD, shrink: 20}, {with: neighbours, count: 50} or {with: router}")
    plan.judgeErrorRate = try reader.optionalNumber(
      "judge_error", in: 0...1, "a replay simulates a judge that errs this often")
    plan.preCheckErrorRate = try reader.optionalNumber(
      "pre_check_error", in: 0...1, "a replay simulates a pre-check that errs this often")
    let upstreams = try reader.value(
      "upstreams", .text, nil, false,
      "where a server finds each candidate, cheapest first: {NAME: {base_url, key_env, model, …}}")
    // A replay asks nobody, but a mistake should show before a server is started.
    if let upstreams { _ = try UpstreamEntry.read(upstreams, path: reader.path) }
    try reader.finish("a policy")
    plan.fallback = fallback

    if let rules {
      let list = try readRules(rules, reader)
      plan.stages.append(
        .init(kind: "rules", line: rules.mark?.line ?? 0, needs: Self.text) { _ in
          RuleTable(rules: list)
        })
    }
    if let stages {
      plan.stages += try Self.parts(stages, reader, kinds: PolicyKinds.stages, "stage")
    }
    if let guards {
      plan.guards = try Self.parts(guards, reader, kinds: guardKinds, "guard")
    }
    if let predict { plan.predictor = try Self.predictor(predict, reader) }
    let decides = plan.stages.contains { $0.kind == "classifier" }
    if threshold != nil || (router != nil && !plan.needs.router && !decides && stages == nil) {
      if threshold != nil && router == nil {
        throw reader.failure(reader.node?["threshold"], "a threshold needs a router")
      }
      plan.stages.append(Self.classifier(threshold))
    }
    if plan.stages.isEmpty && plan.guards.isEmpty && fallback == nil {
      throw reader.failure(
        reader.node, "nothing decides: give stages, rules, a router or a default")
    }
  }

  private static var text: PolicyNeeds {
    var needs = PolicyNeeds()
    needs.text = true
    return needs
  }

  /// The router's own thresholds, or one probability for every step of the ladder.
  private static func classifier(_ threshold: Double?) -> PolicyPlan.Part<any Policy> {
    var needs = PolicyNeeds()
    needs.router = true
    return .init(kind: "classifier", line: 0, needs: needs) { facts in
      if threshold == nil && !facts.thresholds.isEmpty {
        return Ladder(thresholds: facts.thresholds)
      }
      return ScoreTiers(
        source: .probability, cuts: [threshold ?? 0.5], candidates: [0, facts.candidates.count - 1])
    }
  }

  private static func parts<Value>(
    _ list: Node, _ reader: Settings, kinds: [PartKind<Value>], _ what: String
  ) throws(PolicyFileError) -> [PolicyPlan.Part<Value>] {
    guard let items = list.sequence else {
      throw reader.failure(list, "expected a list of \(what)s, each `- kind: {settings}`")
    }
    var parts: [PolicyPlan.Part<Value>] = []
    for item in items {
      let (key, value): (Node, Node?)
      if let mapping = item.mapping, mapping.count == 1, let only = mapping.first {
        (key, value) = (only.key, only.value.null == nil ? only.value : nil)
      } else if item.scalar != nil {
        (key, value) = (item, nil)
      } else {
        throw reader.failure(item, "a \(what) is one kind with its settings: `- kind: {settings}`")
      }
      let name = key.scalar?.string ?? ""
      guard let kind = kinds.first(where: { $0.name == name }) else {
        if PolicyKinds.all.contains(where: { $0.name == name }) {
          throw reader.failure(
            key,
            what == "stage"
              ? "'\(name)' is a guard; put it under guards:"
              : "'\(name)' is a stage; put it under stages:")
        }
        let hint = nearest(name, in: kinds.map(\.name)).map { "; did you mean '\($0)'?" } ?? ""
        throw reader.failure(
          key,
          "unknown \(what) '\(name.prefix(80))'\(hint)\(hint.isEmpty ? "; known: \(kinds.map(\.name).joined(separator: ", "))" : "")"
        )
      }
      // A bare kind has no settings; an empty mapping at its place keeps the line.
      var body = value ?? Node.mapping(Node.Mapping([], Tag(.map), .flow, key.mark))
      if name == "rules", body.sequence != nil {
        body = Node.mapping(Node.Mapping([(Node("list"), body)], Tag(.map), .flow, key.mark))
      }
      guard body.mapping != nil else {
        throw reader.failure(body, "the settings of \(name) must be a mapping")
      }
      let settings = Settings(body, path: reader.path, names: reader.names)
      do {
        var part = try kind.read(settings)
        part.line = key.mark?.line ?? part.line
        try settings.finish(name)
        parts.append(part)
      } catch let error as PolicyFileError {
        throw error
      } catch {
        throw reader.failure(item, "\(error)")
      }
    }
    return parts
  }

  private static func predictor(_ node: Node, _ reader: Settings) throws(PolicyFileError)
    -> PolicyPlan.Predictor
  {
    guard node.mapping != nil else {
      throw reader.failure(node, "predict needs {with: segments | neighbours | router}")
    }
    let settings = Settings(node, path: reader.path, names: reader.names)
    let predictor = try predictor(settings)
    try settings.finish("predict")
    return predictor
  }

  private enum With: String, CaseIterable { case segments, neighbours, router }

  static func predictor(_ settings: Settings) throws(PolicyFileError) -> PolicyPlan.Predictor {
    let with = try settings.choice("with", default: With.segments, "where predictions come from")
    let field = try settings.text("by", default: "task_type", "field of the segments")
    let shrink = try settings.optionalNumber(
      "shrink", in: 0...1e6, "imaginary rows of the overall mean; left out: empirical Bayes")
    let count = try settings.integer("count", default: 50, in: 1...10_000, "neighbours")
    switch with {
    case .segments: return .segments(field: field, shrink: shrink)
    case .neighbours: return .neighbours(count: count)
    case .router: return .router
    }
  }
}
