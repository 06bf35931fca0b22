/// A position in one section of a weight file. Every read is checked against the section's end first.
struct ByteReader {
  let section: WeightFileLayout.Section
  private(set) var offset: Int
  let end: Int

  init(section: WeightFileLayout.Section, from offset: Int, to end: Int) {
    self.section = section
    self.offset = offset
    self.end = end
  }

  var remaining: Int { end - offset }

  func failure(_ rule: WeightFileError.Rule) -> WeightFileError {
    .badValue(section: section, offset: offset, rule: rule)
  }

  /// Requires room for `count` items of `size` bytes; nothing is allocated before this has passed.
  func require(_ count: Int, of size: Int) throws(WeightFileError) {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: size)
    if count < 0 || overflow || bytes > remaining { throw failure(.countOutOfRange) }
  }

  mutating func byte(_ bytes: Span<UInt8>) throws(WeightFileError) -> UInt8 {
    try require(1, of: 1)
    offset += 1
    return bytes[offset - 1]
  }

  private mutating func integer(_ size: Int, _ bytes: Span<UInt8>) throws(WeightFileError) -> UInt64
  {
    try require(size, of: 1)
    let value = littleEndian(bytes, at: offset, size: size)
    offset += size
    return value
  }

  mutating func uint16(_ bytes: Span<UInt8>) throws(WeightFileError) -> UInt16 {
    UInt16(truncatingIfNeeded: try integer(2, bytes))
  }

  mutating func uint32(_ bytes: Span<UInt8>) throws(WeightFileError) -> UInt32 {
    UInt32(truncatingIfNeeded: try integer(4, bytes))
  }

  mutating func uint64(_ bytes: Span<UInt8>) throws(WeightFileError) -> UInt64 {
    try integer(8, bytes)
  }

  /// A 32-bit count of at most `limit`.
  mutating func count(upTo limit: Int, _ bytes: Span<UInt8>) throws(WeightFileError) -> Int {
    let value = Int(try uint32(bytes))
    if value > limit { throw failure(.countOutOfRange) }
    return value
  }

  mutating func float(_ bytes: Span<UInt8>) throws(WeightFileError) -> Float {
    let value = Float(bitPattern: try uint32(bytes))
    if !value.isFinite { throw failure(.notFinite) }
    return value
  }

  mutating func double(_ bytes: Span<UInt8>) throws(WeightFileError) -> Double {
    let value = Double(bitPattern: try uint64(bytes))
    if !value.isFinite { throw failure(.notFinite) }
    return value
  }

  /// A number that sums and products of a rule of values may take in without leaving the finite numbers.
  mutating func moderate(_ bytes: Span<UInt8>) throws(WeightFileError) -> Double {
    let value = try double(bytes)
    if value.magnitude > WeightFileLayout.maximumMagnitude { throw failure(.notFinite) }
    return value
  }

  mutating func floats(_ count: Int, _ bytes: Span<UInt8>) throws(WeightFileError) -> [Float] {
    try numbers(count, bytes, UInt32.self, exponent: 0x7f80_0000, zero: 0) {
      Float(bitPattern: $0)
    }
  }

  /// Bits of IEEE 754 binary16.
  mutating func halves(_ count: Int, _ bytes: Span<UInt8>) throws(WeightFileError) -> [UInt16] {
    try numbers(count, bytes, UInt16.self, exponent: 0x7c00, zero: 0) { $0 }
  }

  /// `count` finite floating-point numbers with the bits of a `Bits`. The largest exponent stands for infinity and NaN.
  @inline(__always)
  private mutating func numbers<Bits: FixedWidthInteger, Number>(
    _ count: Int, _ bytes: Span<UInt8>, _: Bits.Type, exponent: Bits, zero: Number,
    _ number: (Bits) -> Number
  ) throws(WeightFileError) -> [Number] {
    let size = Bits.bitWidth / 8
    try require(count, of: size)
    var values = [Number](repeating: zero, count: count)
    var read = 0
    var isFinite = true
    // In bounds: required above, and there are `count` values.
    unsafe bytes.withUnsafeBytes { bytes in
      unsafe values.withUnsafeMutableBufferPointer { values in
        while read < count && isFinite {
          let bits = unsafe Bits(
            littleEndian: bytes.loadUnaligned(
              fromByteOffset: offset &+ read &* size, as: Bits.self))
          unsafe values[read] = number(bits)
          isFinite = bits & exponent != exponent
          read &+= 1
        }
      }
    }
    offset += read * size
    if !isFinite { throw failure(.notFinite) }
    return values
  }

  mutating func signedBytes(_ count: Int, _ bytes: Span<UInt8>) throws(WeightFileError) -> [Int8] {
    try require(count, of: 1)
    var values = [Int8](repeating: 0, count: count)
    // In bounds: required above, and there are `count` values.
    unsafe bytes.withUnsafeBytes { bytes in
      unsafe values.withUnsafeMutableBytes {
        unsafe $0.copyMemory(
          from: UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + count)]))
      }
    }
    offset += count
    return values
  }

  /// A number below 2²⁸ in LEB128: seven bits a byte, lowest first, the shortest form alone.
  mutating func gap(_ bytes: Span<UInt8>) throws(WeightFileError) -> UInt32 {
    var value: UInt32 = 0
    for shift: UInt32 in [0, 7, 14, 21] {
      let byte = try byte(bytes)
      value |= UInt32(byte & 0x7f) << shift
      if byte < 0x80 {
        if byte == 0 && shift > 0 { throw failure(.countOutOfRange) }
        return value
      }
    }
    throw failure(.countOutOfRange)
  }

  mutating func zeros(_ count: Int, _ bytes: Span<UInt8>) throws(WeightFileError) {
    for _ in 0..<count where try byte(bytes) != 0 { throw failure(.nonZeroPadding) }
  }

  /// `count` bytes that are valid UTF-8.
  mutating func text(_ count: Int, _ bytes: Span<UInt8>) throws(WeightFileError) -> [UInt8] {
    let value = try raw(count, bytes)
    if !isValidUTF8(value) { throw failure(.badText) }
    return value
  }

  mutating func raw(_ count: Int, _ bytes: Span<UInt8>) throws(WeightFileError) -> [UInt8] {
    try require(count, of: 1)
    var value = [UInt8](repeating: 0, count: count)
    for i in 0..<count { value[i] = bytes[offset + i] }
    offset += count
    return value
  }

  /// Fails when the section holds more than was read.
  func finish() throws(WeightFileError) {
    if remaining != 0 { throw failure(.trailingBytes) }
  }
}

/// The unsigned number in `size` bytes at `offset`, which must lie inside `bytes`.
func littleEndian(_ bytes: Span<UInt8>, at offset: Int, size: Int) -> UInt64 {
  var value: UInt64 = 0
  for i in 0..<size { value |= UInt64(bytes[offset + i]) << UInt64(8 * i) }
  return value
}

/// Whether `bytes` are well-formed UTF-8 (Unicode 15, table 3-7): no overlong forms, no surrogates.
func isValidUTF8(_ bytes: [UInt8]) -> Bool {
  var i = 0
  while i < bytes.count {
    let lead = bytes[i]
    var low: UInt8 = 0x80
    var high: UInt8 = 0xbf
    let following: Int
    switch lead {
    case 0...0x7f: following = 0
    case 0xc2...0xdf: following = 1
    case 0xe0...0xef:
      following = 2
      if lead == 0xe0 { low = 0xa0 }
      if lead == 0xed { high = 0x9f }
    case 0xf0...0xf4:
      following = 3
      if lead == 0xf0 { low = 0x90 }
      if lead == 0xf4 { high = 0x8f }
    default: return false
    }
    if i + following >= bytes.count { return false }
    for k in 0..<following {
      let byte = bytes[i + 1 + k]
      if byte < low || byte > high { return false }
      low = 0x80
      high = 0xbf
    }
    i += following + 1
  }
  return true
}
