import Foundation
import RiddleData
import Synchronization

/// The clocks and identifiers of a running server.
enum Clocks {
  /// The monotonic clock, in nanoseconds.
  @Sendable static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  /// The time since 1970, UTC.
  @Sendable static func wallTime() -> Microseconds {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Microseconds(Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
  }
}

/// Identifiers for requests that have none: a random start and a count, mixed, so that two servers do not meet.
final class RequestIDs: Sendable {
  private let start = UInt64.random(in: 0...UInt64.max)
  private let count = Atomic<UInt64>(0)

  func next() -> String {
    let number = count.add(1, ordering: .relaxed).newValue
    // splitmix64's finaliser: a bijection, so no two counts meet.
    var z = start &+ number &* 0x9e37_79b9_7f4a_7c15
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    z ^= z >> 31
    let digits = String(z, radix: 16)
    return "r-" + String(repeating: "0", count: 16 - digits.count) + digits
  }
}
