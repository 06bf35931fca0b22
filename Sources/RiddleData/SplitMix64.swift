import RiddleRuntime

/// The splitmix64 generator (Steele, Lea & Flood, 2014, doi:10.1145/2660193.2660195): specified, tested by value.
///
/// A run has one seed; each component derives its own stream from (seed, name), so adding a component moves
/// no other component's numbers.
public struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// A stream from a seed.
  public init(seed: UInt64) { state = seed }

  /// The stream of component `name` in the run with `seed`.
  public init(seed: UInt64, stream name: StaticString) {
    var hash = StableHash.start
    for i in 0..<name.utf8CodeUnitCount {
      // In bounds: i < utf8CodeUnitCount; the literal lives as long as the program.
      hash = StableHash.adding(unsafe name.utf8Start[i], to: hash)
    }
    state = StableHash.mixed(hash ^ StableHash.mixed(seed))
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    return StableHash.mixed(state)
  }

  /// Uniform in [0, 1) with 53 random bits.
  public mutating func unit() -> Double { Double(next() >> 11) / 9_007_199_254_740_992 }

  /// Uniform in 0 ..< `bound` by multiplication (Lemire, 2019, without rejection: bias below 2⁻⁶⁴ · bound).
  public mutating func below(_ bound: Int) -> Int {
    Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }
}
