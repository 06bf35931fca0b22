/// A decimal number as it was written: sign, digits and a power of ten. Nothing is rounded until someone
/// asks for a type, so 0.1 dollars are exactly 100 000 000 nano-dollars.
struct ExactDecimal: Equatable {
  private(set) var isNegative = false
  /// The significant digits (0...9) as written, without leading zeros; empty for zero.
  /// Up to nineteen digits live in `compact` instead, which no allocation is needed for.
  private var compact: UInt64 = 0
  private var digitCount = 0
  private var longDigits: [UInt8] = []
  /// Power of ten of the last digit. Clamped to ±10⁶ when absurd.
  private var exponent = 0

  /// Parses `bytes[from ..< to]` by the grammar of JSON numbers; nil when it is not one.
  init?(_ bytes: [UInt8], from: Int, to: Int) {
    var i = from
    if i < to, bytes[i] == 0x2d {
      isNegative = true
      i += 1
    }
    let integerStart = i
    while i < to, isDigit(bytes[i]) {
      append(bytes[i] &- 0x30)
      i += 1
    }
    guard i > integerStart, i == integerStart + 1 || bytes[integerStart] != 0x30 else {
      return nil
    }
    if i < to, bytes[i] == 0x2e {
      i += 1
      let fractionStart = i
      while i < to, isDigit(bytes[i]) {
        append(bytes[i] &- 0x30)
        i += 1
      }
      guard i > fractionStart else { return nil }
      exponent = fractionStart - i
    }
    if i < to, bytes[i] | 0x20 == 0x65 {
      i += 1
      var isDown = false
      if i < to, bytes[i] == 0x2b || bytes[i] == 0x2d {
        isDown = bytes[i] == 0x2d
        i += 1
      }
      let exponentStart = i
      var written = 0
      while i < to, isDigit(bytes[i]) {
        written = min(written * 10 + Int(bytes[i] - 0x30), 1_000_000)
        i += 1
      }
      guard i > exponentStart else { return nil }
      exponent += isDown ? -written : written
    }
    guard i == to else { return nil }
  }

  private func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

  private mutating func append(_ digit: UInt8) {
    if digitCount == 0 && digit == 0 { return }
    if digitCount < 19 {
      compact = compact * 10 + UInt64(digit)
    } else {
      if longDigits.isEmpty { longDigits = String(compact).utf8.map { $0 - 0x30 } }
      longDigits.append(digit)
    }
    digitCount += 1
  }

  /// Whether the value is zero, of either sign.
  var isZero: Bool { digitCount == 0 }

  /// The value times 10^`places`, rounded to the nearest integer, halves away from zero; nil when it does
  /// not fit in an `Int64`.
  func scaled(places: Int) -> Int64? {
    guard !isZero else { return 0 }
    let shift = exponent + places
    var value: UInt64 = 0
    if longDigits.isEmpty {
      if shift < -19 { return 0 }
      let unit = shift < 0 ? Self.powerOfTen(-shift) : 1
      let rest = compact % unit
      value = compact / unit + (unit > 1 && rest >= unit - rest ? 1 : 0)
    } else {
      let kept = digitCount + min(shift, 0)
      if kept < 0 { return 0 }
      guard kept <= 19 else { return nil }
      for digit in longDigits[0..<kept] { value = value * 10 + UInt64(digit) }
      if kept < digitCount && longDigits[kept] >= 5 { value += 1 }
    }
    var zeros = shift
    while zeros > 0 {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      if overflow { return nil }
      value = product
      zeros -= 1
    }
    guard value <= UInt64(Int64.max) else { return nil }
    return isNegative ? -Int64(value) : Int64(value)
  }

  /// The value when it is an integer that fits in an `Int64`.
  var integer: Int64? {
    guard !isZero else { return 0 }
    // Digits below the point must all be zero.
    if exponent < 0 {
      if longDigits.isEmpty {
        if exponent < -18 || compact % Self.powerOfTen(-exponent) != 0 { return nil }
      } else if longDigits[max(0, digitCount + exponent)...].contains(where: { $0 != 0 }) {
        return nil
      }
    }
    return scaled(places: 0)
  }

  /// The nearest `Double`; infinite when the value is beyond its range. Never −0.
  var double: Double {
    guard !isZero else { return 0 }
    // Exact operands and one rounding (Clinger, 1990, doi:10.1145/93542.93557).
    if longDigits.isEmpty, compact <= 1 << 53, abs(exponent) <= 22 {
      let power = Self.powers[abs(exponent)]
      let magnitude = exponent < 0 ? Double(compact) / power : Double(compact) * power
      return isNegative ? -magnitude : magnitude
    }
    var text = isNegative ? "-" : ""
    if longDigits.isEmpty {
      text += String(compact)
    } else {
      text += String(decoding: longDigits.map { $0 + 0x30 }, as: UTF8.self)
    }
    return Double("\(text)e\(exponent)") ?? .infinity
  }

  /// 10^`power` for powers of 0 to 19, which fit in 64 bits.
  private static func powerOfTen(_ power: Int) -> UInt64 {
    var value: UInt64 = 1
    for _ in 0..<power { value *= 10 }
    return value
  }

  private static let powers: [Double] = [
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
    1e18, 1e19, 1e20, 1e21, 1e22,
  ]
}
