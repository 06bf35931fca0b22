/// CRC-64/XZ: polynomial 0x42F0E1EBA9EA3693 reflected, initial value and final xor all ones.
/// Check value for the ASCII digits 1 … 9: 0x995DC9BBDF1939FA.
///
/// A cyclic redundancy check finds every single flipped bit and every burst of up to 64 bits with certainty.
public struct Checksum {
  private let table: [UInt64]

  /// Builds the table of 256 remainders.
  public init() {
    var table: [UInt64] = []
    table.reserveCapacity(256)
    for value in 0..<256 {
      var remainder = UInt64(value)
      for _ in 0..<8 {
        remainder = remainder & 1 == 1 ? (remainder >> 1) ^ 0xc96c_5795_d787_0f42 : remainder >> 1
      }
      table.append(remainder)
    }
    self.table = table
  }

  /// Checksum of the first `count` bytes.
  public func value(_ bytes: Span<UInt8>, count: Int) -> UInt64 {
    var state = UInt64.max
    for i in 0..<count {
      state = table[Int(UInt8(truncatingIfNeeded: state) ^ bytes[i])] ^ (state >> 8)
    }
    return ~state
  }
}
