import RiddlePolicies
import Synchronization

/// A policy that many requests share: what it learns from one, the next one sees.
///
/// A policy that learns decides under a lock, for microseconds, and learns in place. One that does not is read without any.
public final class LivePolicy: Policy {
  private let fixed: StagedPolicy
  private let learner: Mutex<StagedPolicy>?

  /// Shares `policy`.
  public init(_ policy: StagedPolicy) {
    fixed = policy
    learner = policy.learns ? Mutex(policy) : nil
  }

  /// The name in tables.
  public var name: String { fixed.name }

  /// The next step for `request` after `attempts`.
  public func next(_ request: Request, after attempts: [Attempt]) -> Step? {
    switch learner {
    case nil: fixed.next(request, after: attempts)
    case .some(let policy): policy.withLock { $0.next(request, after: attempts) }
    }
  }

  /// Whether somebody should look at a request that was passed on.
  public func flags(_ request: Request) -> Bool { fixed.flags(request) }

  /// Learns from a request that was served.
  public func observe(_ served: Served) {
    switch learner {
    case nil: break
    case .some(let policy): policy.withLock { $0.observe(served) }
    }
  }

  /// Whether it remembers.
  public var learns: Bool { fixed.learns }
}
