import RiddleServing
import Synchronization

/// Calls under way by upstream: outlives reloads, so that a new configuration does not forget the calls of the old one.
final class UpstreamLimits: Sendable {
  private let counts = Mutex<[String: Int]>([:])

  /// Takes a place at `target`; nil when all are taken. Candidates at one address have limits of their own.
  func enter(_ target: UpstreamTarget) -> UpstreamPlace? {
    let key = target.address + "\n" + target.model
    let isFree = counts.withLock { counts in
      guard counts[key, default: 0] < target.concurrency else { return false }
      counts[key, default: 0] += 1
      return true
    }
    return isFree ? UpstreamPlace(self, key) : nil
  }

  fileprivate func leave(_ key: String) {
    counts.withLock { counts in
      let left = (counts[key] ?? 1) - 1
      counts[key] = left > 0 ? left : nil
    }
  }
}

/// A place among the calls of an upstream, given back when nobody holds it any more: whoever streams an answer holds it to the end.
final class UpstreamPlace: Sendable {
  private let limits: UpstreamLimits
  private let key: String

  init(_ limits: UpstreamLimits, _ key: String) {
    self.limits = limits
    self.key = key
  }

  deinit { limits.leave(key) }
}
