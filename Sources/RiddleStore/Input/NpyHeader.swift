/// The header of a `.npy` file: magic, version, and a Python literal of three keys.
struct NpyHeader: Equatable {
  /// How a number is stored; all little-endian.
  enum Element: String, CaseIterable {
    case float16 = "<f2"
    case float32 = "<f4"
    case float64 = "<f8"

    var byteCount: Int {
      switch self {
      case .float16: 2
      case .float32: 4
      case .float64: 8
      }
    }

    /// The number whose bytes begin at `start`, as the nearest `Float`.
    func value(_ bytes: [UInt8], at start: Int) -> Float {
      var bits: UInt64 = 0
      for i in 0..<byteCount { bits |= UInt64(bytes[start + i]) << UInt64(8 * i) }
      switch self {
      case .float16: return Self.widened(UInt16(truncatingIfNeeded: bits))
      case .float32: return Float(bitPattern: UInt32(truncatingIfNeeded: bits))
      case .float64: return Float(Double(bitPattern: bits))
      }
    }

    /// IEEE 754 binary16 to binary32, exact: `Float16` is not on every machine Swift runs on.
    private static func widened(_ half: UInt16) -> Float {
      let sign: Float = half & 0x8000 == 0 ? 1 : -1
      let exponent = Int(half >> 10 & 0x1f)
      let fraction = Float(half & 0x3ff)
      switch exponent {
      case 0: return sign * fraction / 16_777_216  // subnormal: fraction · 2⁻²⁴
      case 31: return fraction == 0 ? sign * .infinity : .nan
      default:
        return sign * Float(sign: .plus, exponent: exponent - 15, significand: 1 + fraction / 1024)
      }
    }
  }

  /// Why bytes are not a header that is read.
  struct Fault: Error, Equatable {
    var reason: String
    init(_ reason: String) { self.reason = reason }
  }

  /// Longest header read. NumPy itself refuses headers above 10 000 bytes.
  static let maximumBytes = 10_000

  let element: Element
  let rows: Int
  let columns: Int
  /// Bytes before the first number.
  let byteCount: Int

  private static let remedy =
    "write it with numpy.save(\"vectors.npy\", array.astype(\"float32\", order=\"C\"))"

  /// Parses the beginning of a file.
  init(parsing bytes: [UInt8]) throws(Fault) {
    guard bytes.count >= 10, bytes.starts(with: [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]) else {
      throw Fault("is no .npy file: it does not begin with 93 'NUMPY'; \(Self.remedy)")
    }
    let start: Int
    let length: Int
    switch (bytes[6], bytes[7]) {
    case (1, 0):
      start = 10
      length = Int(bytes[8]) | Int(bytes[9]) << 8
    case (2, 0):
      guard bytes.count >= 12 else { throw Fault("ends inside its header") }
      start = 12
      length =
        Int(bytes[8]) | Int(bytes[9]) << 8 | Int(bytes[10]) << 16 | Int(bytes[11]) << 24
    default:
      throw Fault(
        "is of .npy version \(bytes[6]).\(bytes[7]); versions 1.0 and 2.0 are read; \(Self.remedy)")
    }
    guard length <= Self.maximumBytes else {
      throw Fault("has a header of \(length) bytes; at most \(Self.maximumBytes) are read")
    }
    guard start + length <= bytes.count else { throw Fault("ends inside its header") }
    byteCount = start + length
    var literal = PythonLiteral(bytes, from: start, to: start + length)
    (element, rows, columns) = try literal.header()
  }

  /// Reads the one dictionary that a header may be.
  private struct PythonLiteral {
    let bytes: [UInt8]
    var position: Int
    let end: Int

    init(_ bytes: [UInt8], from: Int, to: Int) {
      self.bytes = bytes
      position = from
      end = to
    }

    mutating func header() throws(Fault) -> (Element, Int, Int) {
      var element: Element?
      var isFortran: Bool?
      var shape: [Int]?
      try expect(0x7b)
      while true {
        if take(0x7d) { break }
        let key = try string()
        try expect(0x3a)
        switch key {
        case "descr" where element == nil:
          guard peek() == 0x27 || peek() == 0x22 else {
            throw Fault("holds records, not numbers; \(NpyHeader.remedy)")
          }
          let name = try string()
          guard let known = Element(rawValue: name) else {
            throw Fault(
              "holds numbers of type \(Self.printable(name)); <f2, <f4 and <f8 are read; "
                + NpyHeader.remedy)
          }
          element = known
        case "fortran_order" where isFortran == nil: isFortran = try bool()
        case "shape" where shape == nil: shape = try tuple()
        default: throw Fault("has an unknown or repeated key in its header; \(NpyHeader.remedy)")
        }
        if take(0x2c) { continue }
        try expect(0x7d)
        break
      }
      skipSpace()
      guard position == end else { throw Fault("has text behind its header's dictionary") }
      guard let element, let isFortran, let shape else {
        throw Fault("lacks descr, fortran_order or shape in its header")
      }
      if isFortran { throw Fault("is in Fortran order; \(NpyHeader.remedy)") }
      guard shape.count == 2 else {
        throw Fault("has \(shape.count) dimensions; expected 2, one vector a row")
      }
      return (element, shape[0], shape[1])
    }

    private static func printable(_ text: String) -> String {
      let safe = text.unicodeScalars.prefix(20).filter { $0.value > 0x20 && $0.value < 0x7f }
      return String(String.UnicodeScalarView(safe))
    }

    private mutating func skipSpace() {
      while position < end, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[position]) { position += 1 }
    }

    private mutating func peek() -> UInt8? {
      skipSpace()
      return position < end ? bytes[position] : nil
    }

    private mutating func take(_ byte: UInt8) -> Bool {
      guard peek() == byte else { return false }
      position += 1
      return true
    }

    private mutating func expect(_ byte: UInt8) throws(Fault) {
      guard take(byte) else { throw Fault("has a header that is not the literal NumPy writes") }
    }

    private mutating func string() throws(Fault) -> String {
      guard let quote = peek(), quote == 0x27 || quote == 0x22 else {
        throw Fault("has a header that is not the literal NumPy writes")
      }
      position += 1
      let start = position
      while position < end, bytes[position] != quote {
        guard bytes[position] != 0x5c, bytes[position] < 0x80 else {
          throw Fault("has an escape or a foreign character in its header")
        }
        position += 1
      }
      guard position < end else { throw Fault("ends inside its header") }
      let text = String(decoding: bytes[start..<position], as: UTF8.self)
      position += 1
      return text
    }

    private mutating func bool() throws(Fault) -> Bool {
      skipSpace()
      for (word, value) in [("True", true), ("False", false)]
      where bytes[position..<end].starts(with: word.utf8) {
        position += word.utf8.count
        return value
      }
      throw Fault("has a fortran_order that is neither True nor False")
    }

    private mutating func tuple() throws(Fault) -> [Int] {
      try expect(0x28)
      var values: [Int] = []
      while true {
        if take(0x29) { return values }
        guard values.count < 32 else { throw Fault("has more than 32 dimensions") }
        values.append(try number())
        if take(0x2c) { continue }
        try expect(0x29)
        return values
      }
    }

    private mutating func number() throws(Fault) -> Int {
      skipSpace()
      var value = 0
      let start = position
      while position < end, bytes[position] >= 0x30, bytes[position] <= 0x39 {
        let (product, overflow) = value.multipliedReportingOverflow(by: 10)
        let (sum, overflow2) = product.addingReportingOverflow(Int(bytes[position]) - 0x30)
        if overflow || overflow2 { throw Fault("has a dimension beyond 64 bits") }
        value = sum
        position += 1
      }
      guard position > start else { throw Fault("has a shape that is not whole numbers") }
      return value
    }
  }
}
