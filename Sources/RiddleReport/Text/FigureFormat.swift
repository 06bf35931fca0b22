import RiddleEvaluation

/// How a figure is printed, in every report alike: en-US digits whatever the locale, `–` for undefined.
///
/// An interval is given only as many digits as its width supports, and the estimate at most one more:
/// `0.712 [0.69, 0.73]`. Numbers are rounded half away from zero on their exact binary value.
public enum FigureFormat: Sendable {
  /// Three decimals, more where the interval or a tiny value needs them.
  case plain
  /// A share as a percentage: 0.421 is `42.1%`.
  case percent
  /// Dollars per query shown as dollars per 1 000 queries: 0.00421 is `$4.21`.
  case dollarsPerThousand

  /// What stands for a value that does not exist on these data.
  public static let undefined = "–"

  /// One value; nil, NaN and infinities are undefined.
  ///
  /// - Parameter isSigned: whether a positive value gets a plus sign, for differences.
  public func text(_ value: Double?, isSigned: Bool = false) -> String {
    text(Figure(value), isSigned: isSigned, withInterval: false)
  }

  /// A setting or a limit as a person would write it: `2`, `0.05`.
  public static func setting(_ value: Double) -> String { CountFormat.setting(value) }

  /// A figure with its interval, if it has one: `0.712 [0.69, 0.73]`.
  ///
  /// - Parameters:
  ///   - isSigned: whether positive numbers get a plus sign, for differences.
  ///   - withInterval: whether to print the interval; its width decides the digits either way.
  public func text(_ figure: Figure, isSigned: Bool = false, withInterval: Bool = true) -> String {
    guard let value = figure.value, value.isFinite else { return Self.undefined }
    let digits = decimals(figure)
    let number = decorated(
      value, decimals: max(digits.value, digits.bounds ?? 0), isSigned: isSigned)
    guard withInterval, let interval = interval(figure, isSigned: isSigned) else { return number }
    return "\(number) \(interval)"
  }

  /// The interval alone, `[0.69, 0.73]`, without unit.
  ///
  /// - Returns: nil unless both ends are known, and nil where both equal the value: a constant policy's
  ///   strong share is exact, and an interval of no width would only look like one.
  public func interval(_ figure: Figure, isSigned: Bool = false) -> String? {
    guard let low = figure.low, let high = figure.high, low.isFinite, high.isFinite else {
      return nil
    }
    if low == high, figure.value == low { return nil }
    let digits = decimals(figure)
    // A difference is read for its sign: its bounds get the value's digits, so that 0.004 is not 0.00.
    let decimals = isSigned ? max(digits.value, digits.bounds ?? 0) : digits.bounds ?? digits.value
    return "[\(number(low, decimals: decimals, isSigned: isSigned)), "
      + "\(number(high, decimals: decimals, isSigned: isSigned))]"
  }

  /// A p-value: three decimals, and no zero that is not one.
  static func pValue(_ p: Double) -> String {
    p < 0.001 ? "<0.001" : DecimalText.fixed(p, decimals: 3)
  }

  /// Whether `figure` has a value to print.
  static func isDefined(_ figure: Figure) -> Bool { figure.value?.isFinite ?? false }

  // MARK: digits

  /// Power of ten between the stored value and the printed one.
  private var scale: Int {
    switch self {
    case .plain: 0
    case .percent: 2
    case .dollarsPerThousand: 3
    }
  }

  private static let powers: [Double] = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8]

  /// From here on a number is printed in scientific notation.
  private static let tooLong = 1e12

  /// Decimals of the value, and of the bounds where the interval's width says so.
  private func decimals(_ figure: Figure) -> (value: Int, bounds: Int?) {
    let unit = Self.powers[scale]
    let size = max(
      finite(figure.value), max(finite(figure.low), finite(figure.high)))
    let magnitude = size * unit
    // Large numbers need no decimals.
    let ceiling = magnitude >= 1_000 ? 0 : magnitude >= 100 ? 1 : magnitude >= 10 ? 2 : 6
    if case .dollarsPerThousand = self {
      let value = finite(figure.value) * unit
      if value >= 1 || value == 0 { return (value >= 1_000 ? 0 : 2, nil) }
      return (significant(value, digits: 3, from: 2), nil)
    }
    let isPercent = self == .percent
    if isPercent {
      let wanted = max(1, resolving(figure, unit: unit, from: 1, to: 3) ?? 1)
      let most = magnitude >= 1_000 ? 0 : 3
      return (min(wanted, most), nil)
    }
    if let bounds = resolving(figure, unit: unit, from: 2, to: 6) {
      return (min(max(3, bounds), ceiling), min(bounds, ceiling))
    }
    return (min(max(3, significant(magnitude, digits: 2, from: 3)), ceiling), nil)
  }

  private func finite(_ value: Double?) -> Double {
    guard let value, value.isFinite else { return 0 }
    return abs(value)
  }

  /// Fewest decimals, within limits, whose unit is at most half the interval's width; nil without width.
  private func resolving(_ figure: Figure, unit: Double, from first: Int, to last: Int) -> Int? {
    guard let low = figure.low, let high = figure.high, low.isFinite, high.isFinite, high > low
    else { return nil }
    let half = (high - low) * unit / 2
    var decimals = first
    while decimals < last && 1 / Self.powers[decimals] > half { decimals += 1 }
    return decimals
  }

  /// Fewest decimals, at least `first` and at most 6, that show so many significant digits.
  private func significant(_ magnitude: Double, digits: Int, from first: Int) -> Int {
    guard magnitude > 0 else { return first }
    var decimals = first
    while decimals < 6 && magnitude * Self.powers[decimals] < Self.powers[digits - 1] {
      decimals += 1
    }
    return decimals
  }

  // MARK: text

  private func decorated(_ value: Double, decimals: Int, isSigned: Bool) -> String {
    let number = number(value, decimals: decimals, isSigned: isSigned)
    switch self {
    case .plain: return number
    case .percent: return number + "%"
    case .dollarsPerThousand:
      // The sign stands before the currency.
      guard let sign = number.first, sign == "+" || String(sign) == DecimalText.minus else {
        return "$" + number
      }
      return "\(sign)$\(number.dropFirst())"
    }
  }

  private func number(_ value: Double, decimals: Int, isSigned: Bool) -> String {
    let magnitude = abs(value) * Self.powers[scale]
    let isVisible = magnitude == 0 || magnitude * Self.powers[decimals] >= 0.5 || decimals < 6
    let text =
      magnitude >= Self.tooLong || !isVisible
      ? DecimalText.scientific(value, scale: scale)
      : DecimalText.fixed(value, decimals: decimals, scale: scale)
    return isSigned && value > 0 ? "+" + text : text
  }
}

/// Counts and shares that are not figures.
enum CountFormat {
  /// `1,234`.
  static func count(_ value: Int) -> String { DecimalText.grouped(value) }

  /// A share of a total as a percentage; `–` when the total is zero.
  static func share(_ part: Int, of total: Double) -> String {
    total > 0 ? FigureFormat.percent.text(Double(part) / total) : FigureFormat.undefined
  }

  /// Adds counts as doubles: a hostile report must not overflow.
  static func total(_ counts: [Int]) -> Double { counts.reduce(0) { $0 + Double($1) } }

  /// A confidence such as 0.95 as `95%`, without needless zeros.
  static func confidence(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e6 else { return FigureFormat.undefined }
    return trimmed(DecimalText.fixed(value, decimals: 2, scale: 2)) + "%"
  }

  /// A setting such as a threshold: up to six decimals, without needless zeros.
  static func setting(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e9 else { return FigureFormat.plain.text(value) }
    return trimmed(DecimalText.fixed(value, decimals: 6))
  }

  private static func trimmed(_ decimal: String) -> String {
    var text = decimal
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }
}
