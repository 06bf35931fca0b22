import RiddleRuntime

/// What all learning policies have in common: what they learn from, when, and how they begin.
public struct BanditSettings: Equatable, Sendable {
  /// What an answer is worth.
  public var reward: Reward
  /// Seed of all draws.
  public var seed: UInt64
  /// Feedback on a request takes effect when this many later requests have been observed: judgements come late. 0: at once.
  public var delay: Int
  /// The first requests, this many, are given to the candidates in turn.
  public var explore: Int

  /// Settings. `delay` is in 0 … 1 000 000, `explore` at least 0.
  public init(
    reward: Reward = .quality, seed: UInt64 = 1, delay: Int = 0, explore: Int = 0
  ) {
    precondition((0...1_000_000).contains(delay), "a delay is 0 to 1 000 000, got \(delay)")
    precondition(explore >= 0, "a number of requests is at least 0, got \(explore)")
    self.reward = reward
    self.seed = seed
    self.delay = delay
    self.explore = explore
  }

  /// The candidate whose turn it is while exploring; nil afterwards.
  ///
  /// Turns start at a place that the seed draws, so that each request has each candidate with probability 1 / K.
  func turn(observed: Int, of candidateCount: Int) -> Int? {
    if observed >= explore { return nil }
    let start = StableHash.mixed(seed ^ 0x7475_726e)  // "turn"
    let offset = Int(start.multipliedFullWidth(by: UInt64(candidateCount)).high)
    return (observed + offset) % candidateCount
  }
}

/// Feedback on its way: what is put in comes out after `delay` others have been put in. Bounded by the delay.
struct DelayedFeedback<Feedback: Sendable & Equatable>: Equatable, Sendable {
  /// Requests observed so far, those without feedback included.
  private(set) var observed = 0
  private let delay: Int
  private var waiting: [Feedback?] = []
  private var oldest = 0

  init(delay: Int) { self.delay = delay }

  /// Puts in what came of one request, nil for nothing, and takes out what is due now.
  mutating func exchange(_ feedback: Feedback?) -> Feedback? {
    observed += 1
    if delay == 0 { return feedback }
    if waiting.count < delay {
      waiting.append(feedback)
      return nil
    }
    let due = waiting[oldest]
    waiting[oldest] = feedback
    oldest = (oldest + 1) % delay
    return due
  }
}

/// A candidate and the reward it earned.
struct ArmReward: Equatable, Sendable {
  var arm: Int
  var reward: Double
}
