import RiddleData
import RiddleEvaluation
import RiddlePolicies

extension PolicyBench {
  /// Replays with this many seeds tell how much a bandit's draws matter.
  static let regretSeeds = 10

  /// What the plan's bandit gave away against the best fixed candidate and the oracle, in its own reward; nil without a bandit.
  ///
  /// - Parameter confidence: of the intervals over seeds.
  public func regret(_ plan: PolicyPlan, _ prepared: PreparedReplay, confidence: Double)
    -> BanditRegret?
  {
    let policy = plan.policy(prepared.facts)
    guard let bandit = policy.bandit else { return nil }
    let order = timeOrder(prepared.requests)
    let table = data.outcomes
    let reward = bandit.settings.reward
    let utilities = order.flatMap { i in
      (0..<width).map { k -> Double in
        let latency = table.latency[i * width + k]
        return reward.value(
          quality: table.quality(i, k),
          latency: latency == OutcomeTable.missingLatency ? nil : latency, cost: table.cost(i, k),
          candidate: k) ?? .nan
      }
    }
    let settings = ReplaySettings(world: world, judge: prepared.judge)
    let picks = parallelShards(of: Self.regretSeeds, Self.regretSeeds) { seeds in
      seeds.map { seed -> [Int] in
        let own = bandit.settings.seed &+ UInt64(seed)
        let found = replay(
          policy.seeded(own), requests: prepared.requests, table: table, answers: data.answers,
          settings: settings)
        return order.map { found.picks[$0] }
      }
    }.flatMap { $0 }
    return BanditRegret(
      utilities: utilities, candidateCount: width, picks: picks, confidence: confidence)
  }
}
