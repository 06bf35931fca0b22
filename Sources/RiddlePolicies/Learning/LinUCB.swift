/// LinUCB with one linear model per candidate: asks the candidate whose reward could be highest, θᵀφ + α √(φᵀA⁻¹φ)
/// (Li, Chu, Langford & Schapire 2010, algorithm 1, doi:10.1145/1772690.1772758; A = λI + Σ φφᵀ, in the paper λ = 1).
///
/// It draws no lots: the propensity is 1, and 1 / K while candidates take turns. Of equals the cheaper is asked.
public struct LinUCB: PickingPolicy, Equatable {
  /// Reward, seed, delay and round robin.
  public internal(set) var settings: BanditSettings
  /// What is known of a request.
  public let features: ContextVector
  /// α, how much the benefit of doubt counts; at least 0.
  public let width: Double
  private var arms: RidgeArms
  private var feedback: DelayedFeedback<ContextReward>

  /// A policy that has seen nothing; λ = `penalty` is above 0.
  public init(
    settings: BanditSettings = BanditSettings(), features: ContextVector = ContextVector(),
    width: Double = 1, penalty: Double = 1
  ) {
    precondition(width >= 0 && width.isFinite, "α is at least 0, got \(width)")
    precondition(penalty > 0 && penalty.isFinite, "λ is above 0, got \(penalty)")
    self.settings = settings
    self.features = features
    self.width = width
    arms = RidgeArms(dimension: features.dimension, penalty: penalty)
    feedback = DelayedFeedback(delay: settings.delay)
  }

  /// The upper confidence bound of each candidate's reward.
  public func bounds(for request: Request) -> [Double] {
    let (means, variances) = arms.estimates(
      features.vector(of: request), of: request.candidateCount)
    return means.indices.map { means[$0] + width * variances[$0].squareRoot() }
  }

  /// The probability with which each candidate is asked: 1 for one of them, or 1 / K while they take turns.
  public func propensities(for request: Request) -> [Double] {
    let count = request.candidateCount
    if settings.turn(observed: feedback.observed, of: count) != nil {
      return [Double](repeating: 1 / Double(count), count: count)
    }
    let choice = pick(request)?.candidate
    return (0..<count).map { $0 == choice ? 1 : 0 }
  }

  /// The candidate with the highest bound.
  public func pick(_ request: Request) -> Pick? {
    let count = request.candidateCount
    if let turn = settings.turn(observed: feedback.observed, of: count) {
      return Pick(
        turn,
        Reason("linucb", "in turn", alternatives: .all(count), propensity: 1 / Double(count)))
    }
    let bounds = bounds(for: request)
    var best = 0
    for k in 1..<count where bounds[k] > bounds[best] { best = k }
    return Pick(
      best,
      Reason("linucb", "highest bound", score: bounds[best], alternatives: .all(count)))
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

  /// θ of a candidate.
  public func weights(of candidate: Int) -> [Double] { arms.weights(of: candidate) }
}
