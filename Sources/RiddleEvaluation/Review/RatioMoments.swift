/// Sums over units (conversations) from which a ratio Σ y / Σ x and its interval follow: one pass, constant memory.
///
/// The variance of r = Σ y / Σ x is G/(G − 1) · Σ_c (y_c − r x_c)² / (Σ x)² over G units, by linearisation (Liang & Zeger, 1986,
/// doi:10.1093/biomet/73.1.13; Cochran, Sampling Techniques, 1977, 6.4); the square is expanded, so that only five sums are kept. With
/// x = 1 for every row that counts it is the cluster-robust variance of a mean.
public struct RatioMoments: Equatable, Sendable {
  /// Units with a row that counts.
  public private(set) var units = 0
  /// Rows that count.
  public private(set) var rows = 0
  /// Σ y.
  public private(set) var numerator = 0.0
  /// Σ x.
  public private(set) var denominator = 0.0
  private var squares = (yy: 0.0, xy: 0.0, xx: 0.0)

  /// Nothing yet.
  public init() {}

  /// Equal sums.
  public static func == (a: RatioMoments, b: RatioMoments) -> Bool {
    a.units == b.units && a.rows == b.rows && a.numerator == b.numerator
      && a.denominator == b.denominator && a.squares == b.squares
  }

  /// Adds a unit's own sums over its rows that count.
  public mutating func add(y: Double, x: Double, rows: Int) {
    units += 1
    self.rows += rows
    numerator += y
    denominator += x
    squares.yy += y * y
    squares.xy += x * y
    squares.xx += x * x
  }

  /// Adds the units of others; a unit in both counts as two.
  public mutating func add(_ others: RatioMoments) {
    units += others.units
    rows += others.rows
    numerator += others.numerator
    denominator += others.denominator
    squares.yy += others.squares.yy
    squares.xy += others.squares.xy
    squares.xx += others.squares.xx
  }

  /// The estimate; nil without rows.
  public var value: Double? { denominator == 0 ? nil : numerator / denominator }

  /// The estimate's variance; nil below two units.
  public var variance: Double? {
    guard let r = value, units > 1 else { return nil }
    let residuals = squares.yy - 2 * r * squares.xy + r * r * squares.xx
    let g = Double(units)
    return max(0, g / (g - 1) * residuals / (denominator * denominator))
  }

  /// The ratio with a normal interval.
  public func ratio(confidence: Double) -> Figure {
    guard let value else { return .undefined }
    guard let variance else { return Figure(value) }
    let half = normalQuantile(0.5 + confidence / 2) * variance.squareRoot()
    return Figure(value, low: value - half, high: value + half)
  }

  /// The mean of values in [0, 1] with Wilson's interval (1927) at the effective number of rows p(1 − p) / variance, at most the
  /// number of rows; for means of 0 and 1, where the sample shows no variance, the number of units. One unit has no interval.
  public func share(confidence: Double) -> Figure {
    guard let value else { return .undefined }
    let p = min(1, max(0, value))
    guard units > 1 else { return Figure(p) }
    let z = normalQuantile(0.5 + confidence / 2)
    let spread = p * (1 - p)
    var n = Double(units)
    if let variance, variance > 0, spread > 0 { n = min(Double(rows), spread / variance) }
    let centre = p + z * z / (2 * n)
    let half = z * (spread / n + z * z / (4 * n * n)).squareRoot()
    let scale = 1 + z * z / n
    return Figure(
      p, low: p == 0 ? 0 : max(0, (centre - half) / scale),
      high: p == 1 ? 1 : min(1, (centre + half) / scale))
  }
}

/// The difference `a` − `b` of independent figures, with the interval that follows from theirs: each side is as far from the
/// difference as the root of the sum of squares of the ends that matter (Newcombe, 1998, method 10; Zou & Donner, 2008,
/// doi:10.1002/sim.3095).
public func difference(_ a: Figure, _ b: Figure) -> Figure {
  guard let x = a.value, let y = b.value else { return .undefined }
  guard let aLow = a.low, let aHigh = a.high, let bLow = b.low, let bHigh = b.high else {
    return Figure(x - y)
  }
  let down = ((x - aLow) * (x - aLow) + (bHigh - y) * (bHigh - y)).squareRoot()
  let up = ((aHigh - x) * (aHigh - x) + (y - bLow) * (y - bLow)).squareRoot()
  return Figure(x - y, low: x - y - down, high: x - y + up)
}
