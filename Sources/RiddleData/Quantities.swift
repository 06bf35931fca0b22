/// An amount of money in billionths of a US dollar. Sums are exact; divisions happen last.
///
/// A short answer of a small candidate costs about 10 000 nano-dollars; `Int64` holds nine billion dollars.
public struct NanoDollars: Hashable, Comparable, Sendable, Codable {
  /// The amount, in units of 10⁻⁹ US dollars.
  public var count: Int64

  /// An amount of `count` nano-dollars.
  public init(_ count: Int64) { self.count = count }

  /// The nearest nano-dollar to `dollars`, or nil when `dollars` is not finite or does not fit.
  public init?(dollars: Double) {
    let scaled = (dollars * 1e9).rounded()
    guard scaled.isFinite, abs(scaled) < 9.2e18 else { return nil }
    self.count = Int64(scaled)
  }

  /// The amount in dollars, for display and ratios.
  public var dollars: Double { Double(count) / 1e9 }

  /// No money.
  public static let zero = NanoDollars(0)

  /// Whether `a` is the smaller amount.
  public static func < (a: NanoDollars, b: NanoDollars) -> Bool { a.count < b.count }
  /// The sum, exact; traps on overflow.
  public static func + (a: NanoDollars, b: NanoDollars) -> NanoDollars {
    NanoDollars(a.count + b.count)
  }
  /// Adds `b` to `a`, exact; traps on overflow.
  public static func += (a: inout NanoDollars, b: NanoDollars) { a.count += b.count }
}

/// A duration in millionths of a second.
public struct Microseconds: Hashable, Comparable, Sendable, Codable {
  /// The duration, in units of 10⁻⁶ seconds.
  public var count: Int64

  /// A duration of `count` microseconds.
  public init(_ count: Int64) { self.count = count }

  /// The nearest microsecond to `milliseconds`, or nil when it is not finite or does not fit.
  public init?(milliseconds: Double) {
    let scaled = (milliseconds * 1e3).rounded()
    guard scaled.isFinite, abs(scaled) < 9.2e18 else { return nil }
    self.count = Int64(scaled)
  }

  /// The duration in milliseconds, for display.
  public var milliseconds: Double { Double(count) / 1e3 }

  /// Whether `a` is the shorter duration.
  public static func < (a: Microseconds, b: Microseconds) -> Bool { a.count < b.count }
}
