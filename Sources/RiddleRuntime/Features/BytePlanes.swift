/// Eight bitmaps over a text: for each block of 64 bytes one word per plane, whose bit i says whether byte i is of the
/// plane's kind.
///
/// Sixteen bytes at a time are compared with the ranges of every kind, which gives a class of eight bits for each byte;
/// transposing eight classes as an 8 × 8 bit matrix (Warren, Hacker's Delight, 7-3) gives eight bits of every plane, and
/// interleaving eight such results the planes. Counting and finding the next word are then operations on whole machine
/// words.
enum BytePlanes {
  static let count = 8
  /// Letter, digit, apostrophe, or a byte ≥ 0x80: what words are made of.
  static let wordPart = 0
  static let upper = 1
  static let digit = 2
  /// Punctuation but the apostrophe, and the white space that means something: tab and newline.
  static let mark = 3
  static let space = 4
  static let apostrophe = 5
  /// Bytes ≥ 0x80.
  static let high = 6

  /// Bytes kept behind a lowered text, all zero, so that eight bytes can be read at every position.
  static let margin = 16

  /// Writes the text with A–Z lowered and its planes, block after block, plane after plane within a block.
  ///
  /// Zero bytes fill the last block of `lowered` and ``margin`` bytes more; a block of zeros follows the planes. So `lowered`
  /// has room for 64 · ⌈length / 64⌉ + 16 bytes, `planes` for 8 · (⌈length / 64⌉ + 1) words.
  @_optimize(speed)
  static func write(
    _ text: UnsafePointer<UInt8>, length: Int, lowered: UnsafeMutablePointer<UInt8>,
    to planes: UnsafeMutablePointer<UInt64>
  ) {
    let whole = length >> 6
    for block in 0..<whole {
      unsafe write(text + block &<< 6, lowered + block &<< 6, planes + block &<< 3)
    }
    let rest = length & 63
    var end = unsafe lowered + whole &<< 6
    var next = unsafe planes + whole &<< 3
    if rest > 0 {
      for i in stride(from: 0, to: 64, by: 16) { unsafe clear(end + i) }
      unsafe end.update(from: text + whole &<< 6, count: rest)
      unsafe write(end, end, next)
      unsafe end += 64
      unsafe next += count
    }
    unsafe clear(end)
    unsafe next.update(repeating: 0, count: count)
  }

  @inline(__always)
  private static func clear(_ sixteen: UnsafeMutablePointer<UInt8>) {
    unsafe UnsafeMutableRawPointer(sixteen).storeBytes(of: .zero, as: SIMD16<UInt8>.self)
  }

  /// One block of 64 bytes; `lowered` may be `text` itself. Not inlined: twice in the C library it would be the largest code there.
  @inline(never)
  @_optimize(speed)
  private static func write(
    _ text: UnsafePointer<UInt8>, _ lowered: UnsafeMutablePointer<UInt8>,
    _ planes: UnsafeMutablePointer<UInt64>
  ) {
    let rows = unsafe (
      transposedClasses(text, lowered), transposedClasses(text + 16, lowered + 16),
      transposedClasses(text + 32, lowered + 32), transposedClasses(text + 48, lowered + 48)
    )
    // Byte k of every row belongs to plane k.
    let a = zip(rows.0.lowHalf, rows.0.highHalf)
    let b = zip(rows.1.lowHalf, rows.1.highHalf)
    let c = zip(rows.2.lowHalf, rows.2.highHalf)
    let d = zip(rows.3.lowHalf, rows.3.highHalf)
    let lower = (zip(a.lowHalf, b.lowHalf), zip(c.lowHalf, d.lowHalf))
    let higher = (zip(a.highHalf, b.highHalf), zip(c.highHalf, d.highHalf))
    unsafe store(zip(lower.0.lowHalf, lower.1.lowHalf), planes)
    unsafe store(zip(lower.0.highHalf, lower.1.highHalf), planes + 2)
    unsafe store(zip(higher.0.lowHalf, higher.1.lowHalf), planes + 4)
    unsafe store(zip(higher.0.highHalf, higher.1.highHalf), planes + 6)
  }

  @inline(__always)
  private static func store(_ two: SIMD2<UInt64>, _ target: UnsafeMutablePointer<UInt64>) {
    unsafe UnsafeMutableRawPointer(target).storeBytes(of: two, as: SIMD2<UInt64>.self)
  }

  /// Lowers sixteen bytes. Returns their classes as two transposed matrices: bit i of byte k of either half says whether byte
  /// i of that half is of plane k's kind. A call, so that the matrices stay vectors.
  @inline(never)
  @_optimize(speed)
  private static func transposedClasses(
    _ text: UnsafePointer<UInt8>, _ lowered: UnsafeMutablePointer<UInt8>
  ) -> SIMD16<UInt8> {
    let bytes = unsafe UnsafeRawPointer(text).loadUnaligned(as: SIMD16<UInt8>.self)
    let isUpper = isWithin(bytes, 65, 90)
    let low = bytes | flag(isUpper, bit: 5)
    unsafe UnsafeMutableRawPointer(lowered).storeBytes(of: low, as: SIMD16<UInt8>.self)
    let isDigit = isWithin(bytes, 48, 57)
    let isApostrophe = isWithin(bytes, 39, 39)
    let isHigh = isWithin(bytes, 0x80, 0xff)
    let isPart = isWithin(low, 97, 122) .| isDigit .| isApostrophe .| isHigh
    let isSpace = isWithin(bytes, 9, 13) .| isWithin(bytes, 32, 32)
    let isMark = (isWithin(bytes, 33, 126) .& .!isPart) .| isWithin(bytes, 9, 10)
    let words = flag(isPart, bit: wordPart) | flag(isUpper, bit: upper)
    let marks = flag(isMark, bit: mark) | flag(isSpace, bit: space)
    let rare = flag(isDigit, bit: digit) | flag(isHigh, bit: high)
    return transposed(words | marks | rare | flag(isApostrophe, bit: apostrophe))
  }

  @inline(__always)
  private static func isWithin(
    _ bytes: SIMD16<UInt8>, _ first: UInt8, _ last: UInt8
  ) -> SIMDMask<SIMD16<Int8>> {
    (bytes &- SIMD16(repeating: first)) .<= SIMD16(repeating: last &- first)
  }

  @inline(__always)
  private static func flag(_ mask: SIMDMask<SIMD16<Int8>>, bit: Int) -> SIMD16<UInt8> {
    SIMD16<UInt8>(repeating: 0).replacing(
      with: SIMD16(repeating: 1 &<< UInt8(truncatingIfNeeded: bit)), where: mask)
  }

  /// Two transposed 8 × 8 bit matrices: bit j of byte i becomes bit i of byte j.
  @inline(__always)
  static func transposed(_ matrices: SIMD16<UInt8>) -> SIMD16<UInt8> {
    var x = unsafe unsafeBitCast(matrices, to: SIMD2<UInt64>.self)
    x = swapped(x, 7, 0x00aa_00aa_00aa_00aa)
    x = swapped(x, 14, 0x0000_cccc_0000_cccc)
    x = swapped(x, 28, 0x0000_0000_f0f0_f0f0)
    return unsafe unsafeBitCast(x, to: SIMD16<UInt8>.self)
  }

  /// Exchanges the bits of `mask` with those `distance` above them.
  @inline(__always)
  private static func swapped(_ x: SIMD2<UInt64>, _ distance: UInt64, _ mask: UInt64)
    -> SIMD2<UInt64>
  {
    let t = (x ^ (x &>> SIMD2(repeating: distance))) & SIMD2(repeating: mask)
    return x ^ t ^ (t &<< SIMD2(repeating: distance))
  }

  /// a₀ b₀ a₁ b₁ …, each pair as one number twice as wide.
  @inline(__always)
  private static func zip(_ a: SIMD8<UInt8>, _ b: SIMD8<UInt8>) -> SIMD8<UInt16> {
    var both = SIMD16<UInt8>.zero
    both.evenHalf = a
    both.oddHalf = b
    return unsafe unsafeBitCast(both, to: SIMD8<UInt16>.self)
  }

  @inline(__always)
  private static func zip(_ a: SIMD4<UInt16>, _ b: SIMD4<UInt16>) -> SIMD4<UInt32> {
    var both = SIMD8<UInt16>.zero
    both.evenHalf = a
    both.oddHalf = b
    return unsafe unsafeBitCast(both, to: SIMD4<UInt32>.self)
  }

  @inline(__always)
  private static func zip(_ a: SIMD2<UInt32>, _ b: SIMD2<UInt32>) -> SIMD2<UInt64> {
    var both = SIMD4<UInt32>.zero
    both.evenHalf = a
    both.oddHalf = b
    return unsafe unsafeBitCast(both, to: SIMD2<UInt64>.self)
  }
}
