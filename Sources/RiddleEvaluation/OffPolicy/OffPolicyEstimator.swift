/// An estimator of what a policy would have earned on the queries of another policy's log.
///
/// With n logged decisions, rewards rᵢ, importance weights wᵢ = π(aᵢ|xᵢ) / π₀(aᵢ|xᵢ), predictions q̂(xᵢ, a) of a reward
/// model, and q̄ᵢ = Σₐ π(a|xᵢ) q̂(xᵢ, a), every estimator is one of two forms:
///
/// | estimator | value |
/// |---|---|
/// | without a model | mean(ŵᵢ rᵢ), for SNIPS divided by mean(wᵢ) |
/// | with a model | mean(q̄ᵢ + ŵᵢ (rᵢ − q̂(xᵢ, aᵢ))) |
///
/// They differ in how ŵ follows from w. The results equal those of Open Bandit Pipeline (Saito et al., 2021,
/// arXiv:2008.07146) to rounding.
public enum OffPolicyEstimator: Equatable, Sendable {
  /// Inverse propensity score: ŵ = w (Horvitz & Thompson, 1952, doi:10.1080/01621459.1952.10483446).
  ///
  /// Unbiased when every candidate that the target may choose could have been logged. Not confined to the range of the
  /// rewards: its error grows with the weights.
  case ips
  /// Self-normalised IPS: Σ w r / Σ w (Swaminathan & Joachims, 2015). Biased by O(1/n), within the range of the rewards, and
  /// usually much less variable.
  case snips
  /// IPS with ŵ = min(w, `most`) (Ionides, 2008, doi:10.1198/106186008X320456): less variance, biased downwards for rewards ≥ 0.
  case clippedIPS(most: Double)
  /// Direct method: ŵ = 0, the model alone. Needs no overlap, and inherits every error of the model.
  case directMethod
  /// Doubly robust: ŵ = w (Dudík, Langford & Li, 2011, arXiv:1103.4601). Consistent when the propensities or the model
  /// are right.
  case doublyRobust
  /// Doubly robust with ŵ = min(w, `most`).
  case clippedDoublyRobust(most: Double)
  /// Switch-DR: ŵ = w where w ≤ `threshold`, else 0: the model alone answers where overlap is poor (Wang, Agarwal &
  /// Dudík, 2017, arXiv:1612.01205).
  case switchDoublyRobust(threshold: Double)
  /// DR with optimistic shrinkage: ŵ = λ w / (w² + λ) (Su, Dimakopoulou, Krishnamurthy & Dudík, 2020, arXiv:1907.09623).
  /// λ = 0 is the direct method, λ → ∞ plain DR; weights beyond √λ count less the larger they are.
  case shrunkDoublyRobust(lambda: Double)

  /// ŵ of a weight w ≥ 0.
  public func effectiveWeight(_ w: Double) -> Double {
    switch self {
    case .ips, .snips, .doublyRobust: w
    case .clippedIPS(let most), .clippedDoublyRobust(let most): min(w, most)
    case .directMethod: 0
    case .switchDoublyRobust(let threshold): w <= threshold ? w : 0
    case .shrunkDoublyRobust(let lambda):
      lambda == .infinity ? w : lambda == 0 ? 0 : lambda * w / (w * w + lambda)
    }
  }

  /// Whether the estimate rests on a reward model.
  public var usesModel: Bool {
    switch self {
    case .ips, .snips, .clippedIPS: false
    case .directMethod, .doublyRobust, .clippedDoublyRobust, .switchDoublyRobust,
      .shrunkDoublyRobust:
      true
    }
  }

  /// Whether Σ ŵ takes the place of n.
  public var isSelfNormalized: Bool { self == .snips }

  /// Short name for tables and JSON.
  public var name: String {
    switch self {
    case .ips: "ips"
    case .snips: "snips"
    case .clippedIPS: "clipped-ips"
    case .directMethod: "dm"
    case .doublyRobust: "dr"
    case .clippedDoublyRobust: "clipped-dr"
    case .switchDoublyRobust: "switch-dr"
    case .shrunkDoublyRobust: "dr-os"
    }
  }

  /// The estimate from columns of n values each; nil when it is undefined (no rows, or no weight for SNIPS).
  public func estimate(_ columns: OffPolicyColumns) -> Double? {
    var sum = OffPolicySum()
    for i in 0..<columns.rewards.count {
      sum.add(
        self, count: 1, reward: columns.rewards[i], weight: columns.weights[i],
        logged: columns.loggedPredictions[i], expected: columns.expectedPredictions[i])
    }
    let value = sum.value(self)
    return value.isFinite ? value : nil
  }
}

/// What the estimators read, one value a logged decision.
public struct OffPolicyColumns: Equatable, Sendable {
  /// Rewards r of the logged candidates.
  public let rewards: [Double]
  /// Importance weights w = π(a|x) / π₀(a|x), at least 0.
  public let weights: [Double]
  /// Model predictions q̂(x, a) for the logged candidates.
  public let loggedPredictions: [Double]
  /// Model predictions under the target policy, Σₐ π(a|x) q̂(x, a).
  public let expectedPredictions: [Double]

  /// Columns of equal length; without predictions the model is 0 everywhere, and DR is IPS.
  public init(
    rewards: [Double], weights: [Double], loggedPredictions: [Double]? = nil,
    expectedPredictions: [Double]? = nil
  ) {
    let zeros = [Double](repeating: 0, count: rewards.count)
    self.rewards = rewards
    self.weights = weights
    self.loggedPredictions = loggedPredictions ?? zeros
    self.expectedPredictions = expectedPredictions ?? zeros
    precondition(
      weights.count == rewards.count && self.loggedPredictions.count == rewards.count
        && self.expectedPredictions.count == rewards.count,
      "\(rewards.count) rewards, \(weights.count) weights, \(self.loggedPredictions.count) and \(self.expectedPredictions.count) predictions"
    )
  }
}

/// The running sums behind one estimate, with Neumaier's compensation: a million terms lose no digit that counts.
struct OffPolicySum {
  private var total = 0.0
  private var lost = 0.0
  private var rows = 0.0
  private var weight = 0.0

  /// Adds a decision that counts `count` times.
  mutating func add(
    _ estimator: OffPolicyEstimator, count: Double, reward: Double, weight w: Double,
    logged: Double, expected: Double
  ) {
    let effective = estimator.effectiveWeight(w)
    let term = estimator.usesModel ? expected + effective * (reward - logged) : effective * reward
    let next = total + count * term
    lost +=
      abs(total) >= abs(count * term)
      ? (total - next) + count * term : (count * term - next) + total
    total = next
    rows += count
    weight += count * effective
  }

  /// The estimate; not finite when undefined.
  func value(_ estimator: OffPolicyEstimator) -> Double {
    (total + lost) / (estimator.isSelfNormalized ? weight : rows)
  }
}
