import RiddlePolicies

/// Kinds of stage that choose by predicted quality, or learn from what they are told.
let learningKinds: [PartKind<any Policy>] = [
  PartKind("cheapest_adequate", ["A5"], "the cheapest whose lower bound of quality clears a bar") {
    settings in
    let bar = try settings.number("quality", default: 0.8, in: 0...1, "the bar")
    let z = try settings.number(
      "z", default: 1.645, in: 0...10, "standard errors below the prediction; 0 takes it as it is")
    return settings.stage("cheapest_adequate", predicting) { _ in CheapestAdequate(bar: bar, z: z) }
  },
  PartKind("utility", ["A17", "A19"], "the largest predicted quality − λ · dollars") { settings in
    let lambda = try settings.number("lambda", default: 0, in: 0...1e9, "quality worth one dollar")
    return settings.stage("utility", pricedPredicting) { facts in
      UtilityArgmax(dollarWeight: lambda, dollars: facts.prices.map { Double($0) / 1e9 })
    }
  },
  PartKind(
    "statistical_guard", [], "leave the fallback only for a gain that clears z standard errors"
  ) { settings in
    let fallback = try settings.candidate(
      "fallback", default: "strongest", "who is asked otherwise")
    let lambda = try settings.number("lambda", default: 0, in: 0...1e9, "quality worth one dollar")
    let z = try settings.number("z", default: 1.645, in: 0...10, "standard errors")
    return settings.stage("statistical_guard", pricedPredicting) { facts in
      StatisticalGuard(
        fallback: min(fallback, facts.candidates.count - 1), z: z, dollarWeight: lambda,
        dollars: facts.prices.map { Double($0) / 1e9 })
    }
  },
  PartKind("epsilon_greedy", ["A22", "A12"], "the best so far, now and then another") { settings in
    let bandit = try settings.bandit(default: .speed)
    let epsilon = try settings.number("epsilon", default: 0.1, in: 0...1, "share of random choices")
    let halving = try settings.optionalInteger(
      "halving", in: 1...1_000_000_000, "requests after which epsilon halves; left out: never")
    let rate = try settings.number("alpha", default: 0.3, in: 1e-6...1, "weight of a new reward")
    let prior = try settings.number(
      "prior", default: 0.5, in: -1e6...1e6, "value before any reward")
    let window = try settings.integer("window", default: 100, in: 1...100_000, "rewards that count")
    return settings.stage("epsilon_greedy") { facts in
      EpsilonGreedy(
        settings: bandit(facts), epsilon: epsilon, halving: halving, rate: rate, prior: prior,
        window: window)
    }
  },
  PartKind("lin_ucb", ["A22", "A12"], "contextual bandit: optimism by linear regression") {
    settings in
    let bandit = try settings.bandit(default: .quality)
    let width = try settings.number("width", default: 1, in: 0...1e3, "standard errors of optimism")
    let penalty = try settings.number("ridge", default: 1, in: 1e-9...1e9, "ridge penalty")
    return settings.stage("lin_ucb") { facts in
      LinUCB(settings: bandit(facts), width: width, penalty: penalty)
    }
  },
  PartKind("lin_thompson", ["A22", "A12"], "contextual bandit: draws from linear posteriors") {
    settings in
    let bandit = try settings.bandit(default: .quality)
    let scale = try settings.number("scale", default: 0.3, in: 0...1e3, "scale of the draws")
    let penalty = try settings.number("ridge", default: 1, in: 1e-9...1e9, "ridge penalty")
    return settings.stage("lin_thompson") { facts in
      LinearThompson(settings: bandit(facts), scale: scale, penalty: penalty)
    }
  },
  PartKind("thompson", ["A22", "A12"], "bandit without context: draws from Beta posteriors") {
    settings in
    let bandit = try settings.bandit(default: .quality)
    return settings.stage("thompson") { facts in BetaThompson(settings: bandit(facts)) }
  },
]

private var predicting: PolicyNeeds {
  var needs = PolicyNeeds()
  needs.predictions = true
  return needs
}

private var pricedPredicting: PolicyNeeds {
  var needs = predicting
  needs.prices = true
  return needs
}

extension Settings {
  /// What a bandit is rewarded for.
  enum RewardKind: String, CaseIterable {
    case quality, utility, speed
  }

  /// What all bandits share.
  func bandit(default kind: RewardKind) throws(PolicyFileError)
    -> @Sendable (PolicyFacts) ->
    BanditSettings
  {
    let kind = try choice(
      "reward", default: kind,
      "quality; utility: quality − λ · dollars; speed: max(0, quality / cost factor − latency_ms / latency_scale)"
    )
    let lambda = try number(
      "lambda", default: 0, in: 0...1e9, "of utility: quality worth one dollar")
    let scale = try number(
      "latency_scale", default: 10_000, in: 1e-3...1e12,
      "of speed: milliseconds worth one of quality")
    let factors = try optionalNumbers(
      "cost_factors", in: 1e-9...1e9, "of speed: one number a candidate; left out: 1")
    let seed = try integer("seed", default: 1, in: 0...1_000_000_000, "of all draws")
    let delay = try integer(
      "delay", default: 0, in: 0...1_000_000, "requests until feedback counts")
    let explore = try integer(
      "explore", default: 0, in: 0...1_000_000_000, "first requests that go to everybody in turn")
    let reward: Reward =
      switch kind {
      case .quality: .quality
      case .utility: .utility(dollarWeight: lambda)
      case .speed: .speed(costFactors: factors, latencyScale: scale)
      }
    return { _ in
      BanditSettings(reward: reward, seed: UInt64(seed), delay: delay, explore: explore)
    }
  }
}
