/// ε-greedy (ROUTING-SYSTEMS A22): the candidate with the best running reward, and with probability ε any of them.
///
/// A candidate's running reward is the exponential moving average of its last ``window`` rewards, oldest first, seeded with
/// the oldest of these: v ← v + α (r − v). While fewer have come, that is the plain moving average seeded with the first reward
/// (1, 0, 1 with α = 0.3 gives 0.79); later the window cuts its tail off, which at α = 0.3 moves nothing, since a reward 100
/// steps back weighs 0.7¹⁰⁰ ≈ 3·10⁻¹⁶, and at small α makes it forget. A candidate without rewards has ``prior``. Of equals the
/// cheaper is greedy.
///
/// With K candidates the greedy one is asked with probability 1 − ε + ε/K and every other with ε/K; that is the reason's
/// propensity. One number, drawn from the request and the seed, decides.
public struct EpsilonGreedy: PickingPolicy, Equatable {
  /// Reward, seed, delay and round robin.
  public internal(set) var settings: BanditSettings
  /// Probability of exploring, in [0, 1].
  public let epsilon: Double
  /// Requests after which ε has halved, εₜ = ε · n / (n + t); nil keeps it.
  public let halving: Int?
  /// α, the weight of the newest reward, in (0, 1].
  public let rate: Double
  /// Value of a candidate that has no rewards.
  public let prior: Double
  /// How many of a candidate's rewards count, 1 to 100 000.
  public let window: Int
  private var arms: [RewardWindow]
  private var feedback: DelayedFeedback<ArmReward>

  /// A policy that has seen nothing.
  public init(
    settings: BanditSettings = BanditSettings(reward: .speed()), epsilon: Double = 0.1,
    halving: Int? = nil, rate: Double = 0.3, prior: Double = 0.5, window: Int = 100
  ) {
    precondition((0...1).contains(epsilon), "ε is 0 to 1, got \(epsilon)")
    precondition(halving.map { $0 >= 1 } ?? true, "ε halves after 1 request or more")
    precondition(rate > 0 && rate <= 1, "a weight is above 0 and at most 1, got \(rate)")
    precondition((1...100_000).contains(window), "a window is 1 to 100 000, got \(window)")
    self.settings = settings
    self.epsilon = epsilon
    self.halving = halving
    self.rate = rate
    self.prior = prior
    self.window = window
    arms = [RewardWindow](repeating: RewardWindow(), count: 64)
    feedback = DelayedFeedback(delay: settings.delay)
  }

  /// A candidate's running reward.
  public func value(of candidate: Int) -> Double { arms[candidate].average ?? prior }

  /// ε now.
  public var currentEpsilon: Double {
    guard let halving else { return epsilon }
    return epsilon * Double(halving) / Double(halving + feedback.observed)
  }

  /// The probability with which each candidate is asked; they sum to 1.
  public func propensities(for request: Request) -> [Double] {
    let count = request.candidateCount
    if settings.turn(observed: feedback.observed, of: count) != nil {
      return [Double](repeating: 1 / Double(count), count: count)
    }
    let epsilon = currentEpsilon
    var result = [Double](repeating: epsilon / Double(count), count: count)
    result[greedy(count)] += 1 - epsilon
    return result
  }

  /// The drawn candidate.
  public func pick(_ request: Request) -> Pick? {
    let count = request.candidateCount
    let everybody = CandidateSet.all(count)
    if let turn = settings.turn(observed: feedback.observed, of: count) {
      return Pick(
        turn,
        Reason(
          "epsilon-greedy", "in turn", score: value(of: turn), alternatives: everybody,
          propensity: 1 / Double(count)))
    }
    let epsilon = currentEpsilon
    let best = greedy(count)
    let chance = request.chance(settings.seed)
    let isExploring = chance < epsilon
    // Given chance < ε, chance / ε is uniform again.
    let choice = isExploring ? min(count - 1, Int(chance / epsilon * Double(count))) : best
    let share = epsilon / Double(count)
    return Pick(
      choice,
      Reason(
        "epsilon-greedy", isExploring ? "explored" : "greedy", score: value(of: choice),
        alternatives: everybody, propensity: choice == best ? 1 - epsilon + share : share))
  }

  /// Counts the reward of the candidate that answered, once it is due.
  public mutating func observe(_ served: Served) {
    let credit = settings.reward.credit(served).map {
      ArmReward(arm: $0.candidate, reward: $0.reward)
    }
    guard let due = feedback.exchange(credit) else { return }
    arms[due.arm].add(due.reward, rate: rate, window: window)
  }

  /// Yes.
  public var learns: Bool { true }

  private func greedy(_ count: Int) -> Int {
    var best = 0
    for candidate in 1..<count where value(of: candidate) > value(of: best) { best = candidate }
    return best
  }
}

/// The last rewards of one candidate and their moving average.
private struct RewardWindow: Equatable, Sendable {
  private(set) var average: Double?
  private var rewards: [Double] = []
  private var oldest = 0

  mutating func add(_ reward: Double, rate: Double, window: Int) {
    if rewards.count < window {
      rewards.append(reward)
      average = average.map { $0 + rate * (reward - $0) } ?? reward
      return
    }
    rewards[oldest] = reward
    oldest = (oldest + 1) % window
    var value = rewards[oldest]
    for step in 1..<max(1, window) {
      let index = oldest + step
      value += rate * (rewards[index < window ? index : index - window] - value)
    }
    average = value
  }
}
