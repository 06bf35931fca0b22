/// CRC-64/XZ: polynomial 0x42F0E1EBA9EA3693 reflected, initial value and final xor all ones.
/// Check value for the ASCII digits 1 … 9: 0x995DC9BBDF1939FA.
///
/// A cyclic redundancy check finds every single flipped bit and every burst of up to 64 bits with certainty.
public struct Checksum: Sendable {
  /// Remainders of a byte followed by 0 … 7 zero bytes, 256 of each: eight bytes are taken at a time
  /// (Kounavis & Berry, 2005, doi:10.1109/ISCC.2005.18).
  private let tables: [UInt64]

  /// Builds the tables.
  public init() {
    var tables = [UInt64](repeating: 0, count: 8 * 256)
    // A remainder is linear in its byte: those of the powers of two, 128 first, give all others by xor.
    var remainder: UInt64 = 1
    var bit = 128
    while bit > 0 {
      remainder = (remainder >> 1) ^ (0xc96c_5795_d787_0f42 & (0 &- (remainder & 1)))
      for lower in stride(from: 0, to: 256, by: 2 * bit) {
        tables[lower + bit] = tables[lower] ^ remainder
      }
      bit /= 2
    }
    for i in 256..<tables.count {
      let shorter = tables[i - 256]
      tables[i] = tables[Int(shorter & 0xff)] ^ (shorter >> 8)
    }
    self.tables = tables
  }

  /// Checksum of the first `count` bytes.
  @_optimize(speed)
  public func value(_ bytes: Span<UInt8>, count: Int) -> UInt64 {
    precondition(count >= 0 && count <= bytes.count, "more bytes than there are")
    return unsafe tables.withUnsafeBufferPointer { tables in
      unsafe bytes.withUnsafeBufferPointer { bytes in
        var state = UInt64.max
        var i = 0
        // In bounds: i + 8 ≤ count, and every index of a table is a byte.
        let raw = UnsafeRawBufferPointer(bytes)
        while i &+ 8 <= count {
          state ^= unsafe UInt64(
            littleEndian: raw.loadUnaligned(fromByteOffset: i, as: UInt64.self))
          var next: UInt64 = 0
          for k in 0..<8 {
            let byte = Int(truncatingIfNeeded: (state &>> UInt64(8 &* k)) & 0xff)
            unsafe next ^= tables[(7 &- k) &* 256 &+ byte]
          }
          state = next
          i &+= 8
        }
        while i < count {
          let byte = unsafe UInt8(truncatingIfNeeded: state) ^ bytes[i]
          state = unsafe tables[Int(byte)] ^ (state >> 8)
          i &+= 1
        }
        return ~state
      }
    }
  }
}
