import Foundation

/// Vectors as the store keeps them: 32-bit IEEE floats, little-endian, one after the other.
enum VectorBlob {
  /// The bytes of a vector.
  static func encode(_ values: [Float]) -> Data {
    var bytes = Data(capacity: values.count * 4)
    for value in values {
      let bits = value.bitPattern
      bytes.append(UInt8(truncatingIfNeeded: bits))
      bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
      bytes.append(UInt8(truncatingIfNeeded: bits >> 16))
      bytes.append(UInt8(truncatingIfNeeded: bits >> 24))
    }
    return bytes
  }

  /// Writes the vector in `bytes` to `values` from `start` on; false when `bytes` is not `dimension` finite floats.
  static func decode(_ bytes: Data, dimension: Int, into values: inout [Float], at start: Int)
    -> Bool
  {
    guard bytes.count == dimension * 4 else { return false }
    // Within the closure, `raw` is the data's own storage of `dimension × 4` bytes.
    return bytes.withUnsafeBytes { raw in
      for i in 0..<dimension {
        let value = Float(
          bitPattern: UInt32(
            littleEndian: raw.loadUnaligned(fromByteOffset: i * 4, as: UInt32.self)))
        guard value.isFinite else { return false }
        values[start + i] = value
      }
      return true
    }
  }
}
