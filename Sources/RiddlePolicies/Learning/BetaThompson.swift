/// Thompson sampling without context: a Beta posterior of each candidate's mean reward, and each candidate asked with the
/// probability that it is the best (Thompson 1933, doi:10.1093/biomet/25.3-4.285; Chapelle & Li, NIPS 2011).
///
/// A reward r in [0, 1], clamped, adds r to a candidate's successes and 1 − r to its failures: exact for 0 and 1, and for values
/// between a posterior that is no narrower than it should be, since their variance is below the Bernoulli variance.
///
/// The probabilities P(best) are computed by quadrature to about 10⁻⁶, and the candidate is drawn from them by one number
/// that belongs to the request: the choice has the distribution of a draw from each posterior, and the reason's propensity is
/// exactly the probability with which it was made. They change with the memory only, so a decision costs a look-up.
public struct BetaThompson: PickingPolicy, Equatable {
  /// Reward, seed, delay and round robin.
  public internal(set) var settings: BanditSettings
  /// Successes and failures, each at least 1, that every candidate begins with.
  public let prior: (successes: Double, failures: Double)
  private var successes: [Double]
  private var failures: [Double]
  private var feedback: DelayedFeedback<ArmReward>
  /// P(best) of a ladder of ``known`` candidates.
  private var probabilities: [Double] = []

  /// A policy that has seen nothing.
  public init(
    settings: BanditSettings = BanditSettings(),
    prior: (successes: Double, failures: Double) = (1, 1)
  ) {
    precondition(
      prior.successes >= 1 && prior.failures >= 1,
      "a prior has at least 1 success and 1 failure, got \(prior)")
    self.settings = settings
    self.prior = prior
    successes = [Double](repeating: prior.successes, count: 64)
    failures = [Double](repeating: prior.failures, count: 64)
    feedback = DelayedFeedback(delay: settings.delay)
  }

  /// The posterior of a candidate's mean reward.
  public func posterior(of candidate: Int) -> (successes: Double, failures: Double) {
    (successes[candidate], failures[candidate])
  }

  /// The probability with which each candidate is asked; they sum to 1.
  public func propensities(for request: Request) -> [Double] {
    let count = request.candidateCount
    if settings.turn(observed: feedback.observed, of: count) != nil {
      return [Double](repeating: 1 / Double(count), count: count)
    }
    return count == probabilities.count ? probabilities : best(of: count)
  }

  /// The drawn candidate.
  public func pick(_ request: Request) -> Pick? {
    let count = request.candidateCount
    let turn = settings.turn(observed: feedback.observed, of: count)
    let propensities = propensities(for: request)
    let choice = turn ?? BestArm.draw(propensities, chance: request.chance(settings.seed))
    let mean = successes[choice] / (successes[choice] + failures[choice])
    return Pick(
      choice,
      Reason(
        "beta-thompson", turn == nil ? "drawn" : "in turn", score: mean,
        alternatives: .all(count), propensity: propensities[choice]))
  }

  /// Adds the reward of the candidate that answered to its posterior, once it is due.
  public mutating func observe(_ served: Served) {
    let credit = settings.reward.credit(served).map {
      ArmReward(arm: $0.candidate, reward: $0.reward)
    }
    let due = feedback.exchange(credit)
    if let due {
      let reward = min(1, max(0, due.reward))
      successes[due.arm] += reward
      failures[due.arm] += 1 - reward
    }
    let count = served.request.candidateCount
    if due != nil || count != probabilities.count { probabilities = best(of: count) }
  }

  /// Yes.
  public var learns: Bool { true }

  private func best(of count: Int) -> [Double] {
    BestArm.beta((0..<count).map { (successes[$0], failures[$0]) })
  }

  /// Equal when they decide and learn alike.
  public static func == (one: BetaThompson, other: BetaThompson) -> Bool {
    one.settings == other.settings && one.prior == other.prior && one.successes == other.successes
      && one.failures == other.failures && one.feedback == other.feedback
  }
}
