import Synchronization

/// Calls under way by upstream: outlives reloads, so that a new configuration does not forget the calls of the old one.
final class UpstreamLimits: Sendable {
  private let counts = Mutex<[String: Int]>([:])

  /// Takes a place at `address`; nil when `most` are taken.
  func enter(_ address: String, most: Int) -> UpstreamPlace? {
    let isFree = counts.withLock { counts in
      guard counts[address, default: 0] < most else { return false }
      counts[address, default: 0] += 1
      return true
    }
    return isFree ? UpstreamPlace(self, address) : nil
  }

  fileprivate func leave(_ address: String) {
    counts.withLock { counts in
      let left = (counts[address] ?? 1) - 1
      counts[address] = left > 0 ? left : nil
    }
  }
}

/// A place among the calls of an upstream, given back when nobody holds it any more: whoever streams an answer holds it to the end.
final class UpstreamPlace: Sendable {
  private let limits: UpstreamLimits
  private let address: String

  init(_ limits: UpstreamLimits, _ address: String) {
    self.limits = limits
    self.address = address
  }

  deinit { limits.leave(address) }
}
