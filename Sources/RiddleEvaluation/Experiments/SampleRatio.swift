/// Whether the arms received the shares of requests that they should have.
///
/// Pearson's χ² test of the counts of units against the expected shares (Fabijan et al. 2019, doi:10.1145/3292500.3330722). A
/// mismatch says that dealing or logging is broken, and then no difference between the arms can be believed: hence the strict
/// bound, p < 0.001.
public struct SampleRatio: Equatable, Sendable, Encodable {
  /// Units of each arm.
  public var observed: [Int]
  /// Share that each arm should have; they sum to 1.
  public var expected: [Double]
  /// Σ (observed − expected)² / expected.
  public var statistic: Double
  /// P(χ²_{k−1} ≥ statistic).
  public var p: Double
  /// Whether p < ``bound``.
  public var isMismatch: Bool { p < Self.bound }

  /// Below this p the test is not to be believed.
  public static let bound = 0.001

  private enum CodingKeys: String, CodingKey {
    case observed, expected, statistic, p
    case isMismatch = "mismatch"
  }

  /// The check of `observed` counts against `shares` above 0, which need not sum to 1.
  public init(observed: [Int], shares: [Double]) {
    precondition(
      observed.count == shares.count && observed.count >= 2,
      "\(observed.count) counts, \(shares.count) shares")
    let total = Double(observed.reduce(0, +))
    let sum = shares.reduce(0, +)
    self.observed = observed
    expected = shares.map { $0 / sum }
    var statistic = 0.0
    for (count, share) in zip(observed, expected) {
      let mean = share * total
      if mean > 0 { statistic += (Double(count) - mean) * (Double(count) - mean) / mean }
    }
    self.statistic = statistic
    p = chiSquareUpperTail(statistic, degrees: observed.count - 1)
  }

  /// Writes the stored parts and `mismatch`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(observed, forKey: .observed)
    try container.encode(expected, forKey: .expected)
    try container.encode(statistic, forKey: .statistic)
    try container.encode(p, forKey: .p)
    try container.encode(isMismatch, forKey: .isMismatch)
  }
}
