import RiddleRuntime

/// A weight file taken apart by its section table alone, to be changed and put together again with its lengths and
/// checksum right: what then refuses it has looked inside.
public struct WeightFileParts {
  /// One section.
  public struct Part {
    /// The section's tag.
    public var tag: UInt32
    /// The four bytes behind the tag, zero in every valid file.
    public var reserved: UInt32 = 0
    /// The section's bytes.
    public var content: [UInt8]
  }

  /// Format version of the header.
  public var version: UInt32
  /// Fingerprint of the header.
  public var fingerprint: UInt64
  /// Sections in the order of the table.
  public var parts: [Part]

  /// Takes a valid file apart.
  public init(_ file: [UInt8]) {
    version = UInt32(number(in: file, at: 8, size: 4))
    fingerprint = number(in: file, at: 24, size: 8)
    parts = (0..<Int(number(in: file, at: 12, size: 4))).map { index in
      let entry = WeightFileLayout.headerLength + index * WeightFileLayout.sectionEntryLength
      let start = Int(number(in: file, at: entry + 8, size: 8))
      let length = Int(number(in: file, at: entry + 16, size: 8))
      return Part(
        tag: UInt32(number(in: file, at: entry, size: 4)),
        content: Array(file[start..<(start + length)]))
    }
  }

  /// The bytes of one section; the file must have it.
  public subscript(section: WeightFileLayout.Section) -> [UInt8] {
    get { parts.first { $0.tag == section.rawValue }?.content ?? [] }
    set {
      for i in parts.indices where parts[i].tag == section.rawValue { parts[i].content = newValue }
    }
  }

  /// Writes a little-endian number of `size` bytes into a section.
  public mutating func write(
    _ value: UInt64, _ size: Int, at offset: Int, in section: WeightFileLayout.Section
  ) {
    var content = self[section]
    for i in 0..<size { content[offset + i] = UInt8(truncatingIfNeeded: value >> UInt64(8 * i)) }
    self[section] = content
  }

  /// The little-endian number of `size` bytes in a section.
  public func value(_ size: Int, at offset: Int, in section: WeightFileLayout.Section) -> UInt64 {
    number(in: self[section], at: offset, size: size)
  }

  /// The file again.
  public func sealed() -> [UInt8] {
    var table: [UInt8] = []
    var body: [UInt8] = []
    let start = WeightFileLayout.headerLength + parts.count * WeightFileLayout.sectionEntryLength
    for part in parts {
      append(UInt64(part.tag), 4, to: &table)
      append(UInt64(part.reserved), 4, to: &table)
      append(UInt64(start + body.count), 8, to: &table)
      append(UInt64(part.content.count), 8, to: &table)
      body += part.content
      while body.count % WeightFileLayout.alignment != 0 { body.append(0) }
    }
    var file = (0..<WeightFileLayout.magic.count).map { WeightFileLayout.magic[$0] }
    append(UInt64(version), 4, to: &file)
    append(UInt64(parts.count), 4, to: &file)
    append(UInt64(start + body.count + WeightFileLayout.checksumLength), 8, to: &file)
    append(fingerprint, 8, to: &file)
    return seal(file + table + body + [UInt8](repeating: 0, count: 8))
  }

  private func append(_ value: UInt64, _ size: Int, to bytes: inout [UInt8]) {
    for i in 0..<size { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * i))) }
  }
}

/// `file` with its checksum made right.
public func seal(_ file: [UInt8]) -> [UInt8] {
  var copy = file
  let body = copy.count - WeightFileLayout.checksumLength
  let sum = Checksum().value(copy.span, count: body)
  for i in 0..<8 { copy[body + i] = UInt8(truncatingIfNeeded: sum >> UInt64(8 * i)) }
  return copy
}

/// The little-endian number of `size` bytes at `offset`.
public func number(in bytes: [UInt8], at offset: Int, size: Int) -> UInt64 {
  (0..<size).reduce(0) { $0 | UInt64(bytes[offset + $1]) << UInt64(8 * $1) }
}
