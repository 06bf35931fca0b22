/// A number with its confidence interval. Nil stands for "undefined on these data", never for zero.
public struct Figure: Equatable, Sendable, Codable {
  /// The estimate on the evaluated rows.
  public var value: Double?
  /// Lower end of the interval.
  public var low: Double?
  /// Upper end of the interval.
  public var high: Double?

  /// A figure; leave out what is undefined.
  public init(_ value: Double?, low: Double? = nil, high: Double? = nil) {
    self.value = value
    self.low = low
    self.high = high
  }

  /// Undefined on these data.
  public static let undefined = Figure(nil)

  private enum CodingKeys: String, CodingKey { case value, low, high }

  /// Writes all three keys, null where undefined, so that readers can rely on them.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(value, forKey: .value)
    try container.encode(low, forKey: .low)
    try container.encode(high, forKey: .high)
  }
}
