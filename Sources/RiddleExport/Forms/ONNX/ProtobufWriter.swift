/// Writes protocol-buffer messages: fields as key (number · 8 + wire type) and value.
///
/// Source: the encoding reference of Protocol Buffers; wire types 0 (varint), 2 (length and bytes) and 5 (32 bits) are
/// all that ONNX needs.
struct ProtobufWriter {
  private(set) var bytes: [UInt8] = []

  /// Seven bits a byte, lowest first, the eighth set on all but the last.
  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  /// An integer; negative ones take ten bytes.
  mutating func add(_ field: Int, _ value: Int) {
    varint(UInt64(field) << 3)
    varint(UInt64(bitPattern: Int64(value)))
  }

  /// A string of bytes.
  mutating func add(_ field: Int, _ value: [UInt8]) {
    varint(UInt64(field) << 3 | 2)
    varint(UInt64(value.count))
    bytes += value
  }

  /// UTF-8 text.
  mutating func add(_ field: Int, _ value: String) { add(field, Array(value.utf8)) }

  /// A message.
  mutating func add(_ field: Int, _ value: ProtobufWriter) { add(field, value.bytes) }

  /// Repeated integers, packed.
  mutating func add(_ field: Int, _ values: [Int]) {
    var packed = ProtobufWriter()
    for value in values { packed.varint(UInt64(bitPattern: Int64(value))) }
    add(field, packed.bytes)
  }

  /// Repeated floats, packed.
  mutating func add(_ field: Int, _ values: [Float]) {
    var packed = ByteWriter()
    for value in values { packed.add(value) }
    add(field, packed.bytes)
  }
}
