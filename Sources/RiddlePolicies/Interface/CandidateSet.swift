/// Positions on a ladder of at most 64 candidates, as bits: no allocation, iterated cheapest first.
public struct CandidateSet: Hashable, Sendable, Sequence, ExpressibleByArrayLiteral {
  /// Bit k stands for position k.
  public private(set) var bits: UInt64

  /// The positions of these bits.
  public init(bits: UInt64) { self.bits = bits }

  /// One position in 0 ..< 64.
  public init(_ candidate: Int) { bits = 1 << UInt64(candidate) }

  /// These positions; each in 0 ..< 64.
  public init(arrayLiteral candidates: Int...) { self.init(candidates) }

  /// These positions; each in 0 ..< 64.
  public init(_ candidates: some Sequence<Int>) {
    bits = 0
    for candidate in candidates { insert(candidate) }
  }

  /// Nobody.
  public static let none = CandidateSet(bits: 0)

  /// The whole ladder of `count` candidates.
  public static func all(_ count: Int) -> CandidateSet {
    CandidateSet(bits: count >= 64 ? ~0 : (1 << UInt64(count)) - 1)
  }

  /// Everybody on a ladder of `count` candidates but one.
  public static func all(_ count: Int, but candidate: Int) -> CandidateSet {
    CandidateSet(bits: all(count).bits & ~(1 << UInt64(candidate)))
  }

  /// Adds a position.
  public mutating func insert(_ candidate: Int) {
    precondition(
      candidate >= 0 && candidate < 64, "a ladder has positions 0 to 63, got \(candidate)")
    bits |= 1 << UInt64(candidate)
  }

  /// Whether the position is in the set.
  public func contains(_ candidate: Int) -> Bool {
    candidate >= 0 && candidate < 64 && bits & (1 << UInt64(candidate)) != 0
  }

  /// Number of positions.
  public var count: Int { bits.nonzeroBitCount }
  /// Whether nobody is in it.
  public var isEmpty: Bool { bits == 0 }
  /// The cheapest position; 64 when nobody is in the set.
  public var first: Int { bits.trailingZeroBitCount }
  /// The dearest position; −1 when nobody is in the set.
  public var last: Int { 63 - bits.leadingZeroBitCount }

  /// The positions, cheapest first.
  public func makeIterator() -> Iterator { Iterator(rest: bits) }

  /// Goes through the positions, cheapest first.
  public struct Iterator: IteratorProtocol {
    var rest: UInt64

    /// The next position.
    public mutating func next() -> Int? {
      if rest == 0 { return nil }
      let lowest = rest.trailingZeroBitCount
      rest &= rest - 1
      return lowest
    }
  }
}
