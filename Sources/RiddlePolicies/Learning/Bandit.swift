/// A policy that learns from the rewards of its own choices.
public protocol Bandit: PickingPolicy {
  /// What it learns from, when, and how it begins.
  var settings: BanditSettings { get }
  /// The same policy with other draws.
  func seeded(_ seed: UInt64) -> Self
}

extension EpsilonGreedy: Bandit {
  /// The same policy with other draws.
  public func seeded(_ seed: UInt64) -> EpsilonGreedy {
    var copy = self
    copy.settings.seed = seed
    return copy
  }
}

extension LinUCB: Bandit {
  /// The same policy: only its first, exploring requests are drawn.
  public func seeded(_ seed: UInt64) -> LinUCB {
    var copy = self
    copy.settings.seed = seed
    return copy
  }
}

extension LinearThompson: Bandit {
  /// The same policy with other draws.
  public func seeded(_ seed: UInt64) -> LinearThompson {
    var copy = self
    copy.settings.seed = seed
    return copy
  }
}

extension BetaThompson: Bandit {
  /// The same policy with other draws.
  public func seeded(_ seed: UInt64) -> BetaThompson {
    var copy = self
    copy.settings.seed = seed
    return copy
  }
}

extension StagedPolicy {
  /// The first stage that learns from rewards; nil when there is none.
  public var bandit: (any Bandit)? { stages.lazy.compactMap { $0 as? any Bandit }.first }

  /// The same policy with other draws of its bandits.
  public func seeded(_ seed: UInt64) -> StagedPolicy {
    var copy = self
    copy.stages = stages.map { ($0 as? any Bandit)?.seeded(seed) ?? $0 }
    return copy
  }
}
