import RiddlePolicies

/// Every kind of stage that a policy file may name.
let stageKinds: [PartKind<any Policy>] = [
  PartKind("static", ["A1"], "always the same candidate") { settings in
    let candidate = try settings.candidate("ask", default: nil, "name a candidate")
    return settings.stage("static") { _ in Static(candidate: candidate) }
  },
  PartKind("override", ["B4"], "the user names a candidate and gets it, whatever guards say") {
    settings in
    let field = try settings.text("field", default: "override", "metadata field with the name")
    return settings.stage("override") { facts in
      Override(
        field: field,
        candidates: Dictionary(
          uniqueKeysWithValues: facts.candidates.enumerated().map { ($1, $0) }))
    }
  },
  PartKind("tier_header", ["A6"], "the caller names a tier") { settings in
    let header = try settings.text("header", default: "x-model-tier", "metadata field")
    let tiers = try settings.candidateMap(
      "tiers", default: "{premium: strongest, standard: middle, economy: cheapest}",
      "candidate of each tier")
    let unknown = try settings.optionalCandidate(
      "default", "candidate without a header, or with a bad one; left out: the next stage")
    return settings.stage("tier_header") { facts in
      guard let tiers else {
        var standard = TierHeader.standard(count: facts.candidates.count, unknown: unknown)
        standard.header = header
        return standard
      }
      return TierHeader(header: header, tiers: tiers, unknown: unknown)
    }
  },
  PartKind("user_tier", ["A16"], "who pays decides; other users go to the next stage") {
    settings in
    let tiers = try settings.candidateMap(
      "tiers", default: "{premium: strongest, free: cheapest}", "candidate of each user tier")
    return settings.stage("user_tier") { facts in
      tiers.map { UserTier(tiers: $0) } ?? UserTier.standard(count: facts.candidates.count)
    }
  },
  PartKind("sticky", ["B1"], "a conversation that started on a strong candidate stays there") {
    settings in
    let from = try settings.candidate(
      "from", default: "strongest", "candidate from which a conversation sticks")
    let highest = try settings.boolean(
      "highest", default: false, "remember later, dearer answers too")
    let capacity = try settings.integer(
      "capacity", default: 100_000, in: 2...100_000_000, "conversations remembered")
    return settings.stage("sticky") { _ in
      Stickiness(from: from, sticksToHighest: highest, capacity: capacity)
    }
  },
  PartKind("workflow", ["B3"], "known workflows use one candidate for every step") { settings in
    let field = try settings.text("field", default: "workflow", "field that names the workflow")
    let workflows = try settings.texts("workflows", "known workflows; left out: every one")
    let ask = try settings.candidate("ask", default: "strongest", "their candidate")
    return settings.stage("workflow") { _ in
      WorkflowStickiness(field: field, workflows: Set(workflows), candidate: ask)
    }
  },
  PartKind("rules", ["A20"], "hand-written rules, the first that holds decides") { settings in
    var needs = PolicyNeeds()
    needs.text = true
    let list = try settings.value(
      "list", .rules, nil, true, "the rules: {name, when, ask, adjust}")
    let rules = try list.map { try readRules($0, settings) } ?? []
    return settings.stage("rules", needs) { _ in RuleTable(rules: rules) }
  },
  PartKind(
    "heuristic_rules", ["A10"],
    "over 500 characters, four words, premium users, follow-ups go to the strongest, else cheapest"
  ) { settings in
    var needs = PolicyNeeds()
    needs.text = true
    return settings.stage("heuristic_rules", needs) {
      HeuristicRules.table(strongest: $0.candidates.count - 1)
    }
  },
  PartKind("keywords", ["A26"], "two word lists and a length") { settings in
    let borderline = try settings.choice(
      "borderline", default: KeywordDifficulty.Borderline.cheapest,
      "where queries go that neither list decides")
    var needs = PolicyNeeds()
    needs.text = true
    return settings.stage("keywords", needs) { _ in KeywordDifficulty(borderline: borderline) }
  },
  PartKind("pre_check", ["A27"], "an LLM is asked how hard the query is; only what gets here pays")
  {
    settings in
    let field = try settings.text("field", default: "pre_check", "field with simple or complex")
    let price = try settings.dollars("price_usd", default: 0, "price of one check")
    let time = try settings.milliseconds("time_ms", default: 0, "time of one check")
    return settings.stage("pre_check") { _ in PreCheck(field: field, price: price, time: time) }
  },
  PartKind("length", ["A3"], "long queries to the strongest candidate") { settings in
    let threshold = try settings.number(
      "threshold", default: 500, in: 0...1e9, "Unicode scalars from which a query goes up")
    var needs = PolicyNeeds()
    needs.text = true
    return settings.stage("length", needs) { _ in PromptLength(threshold: threshold) }
  },
  PartKind("tiers", ["A3"], "a score cut into tiers") { settings in
    let (source, needs) = try settings.score()
    let cuts = try settings.numbers("cuts", in: -1e9...1e9, "non-decreasing cuts")
    let candidates = try settings.candidates(
      "candidates", default: nil, repeats: true, "candidates below, between and above the cuts")
    let strict = try settings.boolean(
      "strict", default: false, "a score equal to a cut stays below")
    if settings.node != nil && candidates?.count != cuts.count + 1 {
      throw settings.failure(
        settings.node,
        "tiers has \(candidates?.count ?? 0) candidates for \(cuts.count) cuts; give one more than cuts"
      )
    }
    for (a, b) in zip(cuts, cuts.dropFirst()) where a > b {
      throw settings.failure(settings.node, "cuts must not fall: \(plain(a)) before \(plain(b))")
    }
    return settings.stage("tiers", needs) { _ in
      ScoreTiers(source: source, cuts: cuts, candidates: candidates ?? [0], isStrict: strict)
    }
  },
  PartKind(
    "classifier", ["A11", "A15", "A24"], "a probability, or another score, against a threshold"
  ) { settings in
    let (source, scoreNeeds) = try settings.score()
    let threshold = try settings.optionalNumber(
      "threshold", in: -1e9...1e9, "score from which a query goes up; left out: the router's own")
    let strict = try settings.boolean(
      "strict", default: false, "only scores above the threshold go up, not one equal to it")
    let failure = try settings.optionalNumber(
      "failure_cost", in: 1e-9...1e9,
      "cost of a hard query sent cheap: with overspend_cost gives the threshold")
    let overspend = try settings.optionalNumber(
      "overspend_cost", in: 1e-9...1e9, "cost of an easy query sent dear")
    let low = try settings.candidate("low", default: "cheapest", "candidate below")
    let high = try settings.candidate("high", default: "strongest", "candidate above")
    if threshold != nil && (failure != nil || overspend != nil) {
      throw settings.failure(
        settings.node, "threshold and costs say the same thing twice; give one of them")
    }
    if (failure == nil) != (overspend == nil) {
      throw settings.failure(settings.node, "failure_cost and overspend_cost go together")
    }
    var cut = threshold
    if let failure, let overspend {
      cut = ErrorCosts(failure: failure, overspend: overspend).threshold
    }
    if settings.node != nil && cut == nil && source != .probability {
      throw settings.failure(settings.node, "threshold is missing: this score has none of its own")
    }
    guard let cut else {
      return settings.stage("classifier", scoreNeeds) { facts in
        if facts.thresholds.isEmpty {
          return ScoreTiers(source: .probability, cuts: [0.5], candidates: [low, high])
        }
        return Ladder(thresholds: facts.thresholds)
      }
    }
    return settings.stage("classifier", scoreNeeds) { _ in
      ScoreTiers(source: source, cuts: [cut], candidates: [low, high], isStrict: strict)
    }
  },
  PartKind("classes", ["A2", "A19"], "a class of queries, a candidate for each") { settings in
    let by = try settings.text(
      "by", default: "task_type", "field with the class; router: the tier the router climbs to")
    let candidates = try settings.candidateMap(
      "candidates", default: nil, "candidate of each class")
    let unknown = try settings.optionalCandidate(
      "default", "candidate of any other class; left out: the next stage")
    var needs = PolicyNeeds()
    needs.router = by == "router"
    return settings.stage("classes", needs) { facts in
      ContentClasses(
        source: by == "router"
          ? .router(thresholds: facts.thresholds, names: facts.candidates) : .field(by),
        candidates: candidates ?? [:], unknown: unknown)
    }
  },
]
