/// Thompson sampling with one linear model per candidate: θ has the posterior N(θ̂, v² A⁻¹), so a candidate's drawn reward is
/// N(θ̂ᵀφ, v² φᵀA⁻¹φ) and the candidates' draws are independent (Agrawal & Goyal, ICML 2013, proceedings.mlr.press/v28, with
/// disjoint parameters; A = λI + Σ φφᵀ).
///
/// The probability that a candidate's draw is the largest is computed by quadrature to about 10⁻⁶, and the candidate is drawn
/// from these probabilities by one number that belongs to the request. The choice has the distribution of the sampled one, and the
/// reason's propensity is exactly the probability with which it was made.
public struct LinearThompson: PickingPolicy, Equatable {
  /// Reward, seed, delay and round robin.
  public internal(set) var settings: BanditSettings
  /// What is known of a request.
  public let features: ContextVector
  /// v, the scale of the posterior: about the standard deviation of a reward around its mean. At least 0; 0 is greedy.
  public let scale: Double
  private var arms: RidgeArms
  private var feedback: DelayedFeedback<ContextReward>

  /// A policy that has seen nothing; λ = `penalty` is above 0.
  public init(
    settings: BanditSettings = BanditSettings(), features: ContextVector = ContextVector(),
    scale: Double = 0.3, penalty: Double = 1
  ) {
    precondition(scale >= 0 && scale.isFinite, "v is at least 0, got \(scale)")
    precondition(penalty > 0 && penalty.isFinite, "λ is above 0, got \(penalty)")
    self.settings = settings
    self.features = features
    self.scale = scale
    arms = RidgeArms(dimension: features.dimension, penalty: penalty)
    feedback = DelayedFeedback(delay: settings.delay)
  }

  /// The probability with which each candidate is asked; they sum to 1.
  public func propensities(for request: Request) -> [Double] {
    let count = request.candidateCount
    if settings.turn(observed: feedback.observed, of: count) != nil {
      return [Double](repeating: 1 / Double(count), count: count)
    }
    return best(request).propensities
  }

  /// The drawn candidate.
  public func pick(_ request: Request) -> Pick? {
    let count = request.candidateCount
    if let turn = settings.turn(observed: feedback.observed, of: count) {
      return Pick(
        turn,
        Reason(
          "linear-thompson", "in turn", alternatives: .all(count), propensity: 1 / Double(count)))
    }
    let (propensities, means) = best(request)
    let choice = BestArm.draw(propensities, chance: request.chance(settings.seed))
    return Pick(
      choice,
      Reason(
        "linear-thompson", "drawn", score: means[choice], alternatives: .all(count),
        propensity: propensities[choice]))
  }

  /// Adds the request and the reward to the model of the candidate that answered, once they are due.
  public mutating func observe(_ served: Served) {
    let credit = settings.reward.credit(served).map {
      ContextReward(
        arm: $0.candidate, context: features.vector(of: served.request), reward: $0.reward)
    }
    guard let due = feedback.exchange(credit) else { return }
    arms.update(due.arm, context: due.context, reward: due.reward)
  }

  /// Yes.
  public var learns: Bool { true }

  /// θ̂ of a candidate.
  public func weights(of candidate: Int) -> [Double] { arms.weights(of: candidate) }

  private func best(_ request: Request) -> (propensities: [Double], means: [Double]) {
    let (means, variances) = arms.estimates(
      features.vector(of: request), of: request.candidateCount)
    let deviations = variances.map { scale * $0.squareRoot() }
    return (BestArm.normal(means: means, deviations: deviations), means)
  }
}
