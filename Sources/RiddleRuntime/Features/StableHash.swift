/// 64-bit hashes with a written specification: the same value on every machine, in every version.
///
/// FNV-1a over the bytes (offset 14695981039346656037, prime 1099511628211), then the finaliser of
/// splitmix64. Never Swift's `Hasher`, whose seed changes with every process.
public enum StableHash {
  /// FNV-1a's offset basis: the state before the first byte.
  public static let start: UInt64 = 0xcbf2_9ce4_8422_2325

  /// Adds one byte to an FNV-1a state.
  @inlinable
  public static func adding(_ byte: UInt8, to state: UInt64) -> UInt64 {
    (state ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
  }

  /// Spreads every bit of `state` over the result (splitmix64's finaliser: Steele, Lea & Flood, 2014).
  @inlinable
  public static func mixed(_ state: UInt64) -> UInt64 {
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// Hash of a sequence of bytes.
  @inlinable
  public static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
    var state = start
    for byte in bytes { state = adding(byte, to: state) }
    return mixed(state)
  }
}
