/// Decimal digits of a `Double`, computed from its exact binary value.
///
/// A double is `m · 2^e`; its decimal expansion ends, so rounding can be exact: the integer
/// `⌊|x| · 10^(scale + decimals)⌉` is formed without error, halves going away from zero. What is rounded is the
/// number stored, not the literal someone typed: 2.675 is stored as 2.67499…, hence `2.67`.
enum DecimalText {
  /// The minus sign of every printed number: U+2212, as wide as the digits.
  static let minus = "\u{2212}"

  /// `value · 10^scale` with exactly `decimals` digits after the point, thousands separated by commas.
  ///
  /// A number that rounds to zero loses its sign.
  ///
  /// - Parameters:
  ///   - value: a finite number.
  ///   - decimals: digits after the point, at least 0.
  ///   - scale: power of ten to multiply by first, at least 0; 2 makes a percentage. No rounding happens there.
  static func fixed(_ value: Double, decimals: Int, scale: Int = 0) -> String {
    precondition(value.isFinite, "a number to print must be finite, got \(value)")
    precondition(
      decimals >= 0 && scale >= 0, "decimals \(decimals) and scale \(scale) must be >= 0")
    let digits = roundedDigits(value, power: decimals + scale)
    let padding = max(0, decimals + 1 - digits.count)
    let padded = [UInt8](repeating: 0, count: padding) + digits
    let whole = padded.count - decimals
    var text = value < 0 && digits != [0] ? minus : ""
    for index in 0..<padded.count {
      if index == whole {
        text.append(".")
      } else if index > 0 && index < whole && (whole - index) % 3 == 0 {
        text.append(",")
      }
      text.unicodeScalars.append(Unicode.Scalar(48 + padded[index]))
    }
    return text
  }

  /// `value · 10^scale` as `d.dde±x` with three significant digits; for numbers too long to read otherwise.
  static func scientific(_ value: Double, scale: Int = 0) -> String {
    precondition(value.isFinite, "a number to print must be finite, got \(value)")
    if value == 0 { return "0" }
    // 800 places hold the first significant digits of the smallest double (4.9e-324) unrounded.
    let places = 800
    let digits = roundedDigits(value, power: places + scale)
    var exponent = digits.count - 1 - places
    var leading = digits.prefix(3).reduce(0) { $0 * 10 + Int($1) }
    if digits.count > 3, digits[3] >= 5 { leading += 1 }
    if leading == 1000 {
      leading = 100
      exponent += 1
    }
    let sign = value < 0 ? minus : ""
    let power = exponent < 0 ? "\(minus)\(-exponent)" : "\(exponent)"
    return "\(sign)\(leading / 100).\(leading / 10 % 10)\(leading % 10)e\(power)"
  }

  /// An integer with its thousands separated by commas.
  static func grouped(_ value: Int) -> String {
    let digits = Array(String(value.magnitude))
    var text = value < 0 ? minus : ""
    for (index, digit) in digits.enumerated() {
      if index > 0 && (digits.count - index) % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return text
  }

  /// Digits of `⌊|value| · 10^power⌉`, most significant first; `[0]` for zero.
  private static func roundedDigits(_ value: Double, power: Int) -> [UInt8] {
    if value == 0 { return [0] }
    // |value| = significand · 2^exponent with an integer significand below 2^53.
    let isSubnormal = value.exponentBitPattern == 0
    let fraction = value.significandBitPattern
    let significand = isSubnormal ? fraction : fraction | 1 << 52
    let exponent = max(Int(value.exponentBitPattern), 1) - 1075
    var number = WholeNumber(significand)
    for _ in 0..<power { number.multiply(by: 10) }
    if exponent >= 0 {
      number.shiftLeft(by: exponent)
    } else {
      number.shiftRightRoundingHalfUp(by: -exponent)
    }
    return number.decimalDigits()
  }
}
