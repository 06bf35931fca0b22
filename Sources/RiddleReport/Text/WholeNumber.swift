/// A non-negative integer of any size, just able enough to print doubles exactly.
struct WholeNumber {
  /// Base 2³², least significant first; no leading zero limb, empty for zero.
  private var limbs: [UInt32]

  init(_ value: UInt64) {
    limbs = [UInt32(truncatingIfNeeded: value), UInt32(value >> 32)]
    trim()
  }

  mutating func multiply(by factor: UInt32) {
    var carry: UInt64 = 0
    for index in limbs.indices {
      let product = UInt64(limbs[index]) * UInt64(factor) + carry  // < 2^64: (2^32−1)² + 2^32
      limbs[index] = UInt32(truncatingIfNeeded: product)
      carry = product >> 32
    }
    if carry > 0 { limbs.append(UInt32(carry)) }
  }

  mutating func shiftLeft(by bits: Int) {
    guard !limbs.isEmpty else { return }
    for _ in 0..<(bits % 32) { multiply(by: 2) }
    limbs.insert(contentsOf: repeatElement(0, count: bits / 32), at: 0)
  }

  /// Divides by 2^bits to the nearest integer; a remainder of exactly one half rounds up.
  mutating func shiftRightRoundingHalfUp(by bits: Int) {
    guard bits > 0 else { return }
    // The highest bit shifted out is the half.
    let half = bits - 1
    let isUp = half / 32 < limbs.count && limbs[half / 32] >> UInt32(half % 32) & 1 == 1
    limbs.removeFirst(min(bits / 32, limbs.count))
    let rest = UInt32(bits % 32)
    if rest > 0 {
      for index in limbs.indices {
        let above = index + 1 < limbs.count ? limbs[index + 1] : 0
        limbs[index] = limbs[index] >> rest | above << (32 - rest)
      }
    }
    if isUp { increment() }
    trim()
  }

  /// Decimal digits, most significant first; `[0]` for zero.
  func decimalDigits() -> [UInt8] {
    var rest = self
    var reversed: [UInt8] = []
    while !rest.limbs.isEmpty {
      var chunk = rest.divide(by: 1_000_000_000)
      for _ in 0..<9 {
        reversed.append(UInt8(chunk % 10))
        chunk /= 10
      }
    }
    while reversed.last == 0 { reversed.removeLast() }
    return reversed.isEmpty ? [0] : reversed.reversed()
  }

  /// Divides in place and returns the remainder.
  private mutating func divide(by divisor: UInt32) -> UInt32 {
    var remainder: UInt64 = 0
    for index in limbs.indices.reversed() {
      let dividend = remainder << 32 | UInt64(limbs[index])
      limbs[index] = UInt32(dividend / UInt64(divisor))
      remainder = dividend % UInt64(divisor)
    }
    trim()
    return UInt32(remainder)
  }

  private mutating func increment() {
    for index in limbs.indices {
      let (sum, overflow) = limbs[index].addingReportingOverflow(1)
      limbs[index] = sum
      if !overflow { return }
    }
    limbs.append(1)
  }

  private mutating func trim() {
    while limbs.last == 0 { limbs.removeLast() }
  }
}
