/// How many requests an A/B test takes.
public struct ExperimentSize: Equatable, Sendable, Encodable {
  /// What it is for.
  public var design: ExperimentDesign
  /// Requests of the control; in a paired test, queries that both arms answer.
  public var control: Int
  /// Requests of the treatment; in a paired test the same queries.
  public var treatment: Int
  /// Requests, or queries of a paired test, in all.
  public var total: Int
  /// Users or conversations in all, where they are dealt as a whole.
  public var clusters: Int?
  /// 1 + (m − 1) ρ.
  public var designEffect: Double
  /// Days until `total` have arrived.
  public var days: Int?

  private enum CodingKeys: String, CodingKey {
    case design, control, treatment, total, clusters, days
    case designEffect = "design_effect"
  }

  /// More requests than this are no plan: the effect is a mistake, or should not matter.
  static let most = 1e12

  /// The size of `design`.
  ///
  /// - Parameter perDay: requests a day that enter the test, all arms together, above 0.
  /// - Throws: ``ExperimentError/badSetting(name:value:expected:)`` when it would take more than 10¹² requests.
  public init(_ design: ExperimentDesign, perDay: Double? = nil) throws(ExperimentError) {
    if let perDay, !(perDay > 0 && perDay.isFinite) {
      throw .badSetting(
        name: "requests per day", value: "\(perDay)", expected: "a number above 0")
    }
    let rows = design.exactRows
    let ratio = design.pairing == .separate ? design.ratio : 1
    guard rows.isFinite, rows < Self.most, rows * ratio < Self.most else {
      throw .badSetting(
        name: "effect", value: "\(design.effect)",
        expected: "one that fewer than 10^12 requests can show")
    }
    self.design = design
    designEffect = design.designEffect
    control = Self.up(rows)
    treatment = Self.up(rows * ratio)
    total = design.pairing == .separate ? control + treatment : control
    if design.clusterSize > 1 {
      clusters =
        design.pairing == .separate
        ? Self.up(Double(control) / design.clusterSize)
          + Self.up(Double(treatment) / design.clusterSize)
        : Self.up(Double(control) / design.clusterSize)
    }
    if let perDay { days = Self.up(min(Self.most, Double(total) / perDay)) }
  }

  /// Rounded up, but not for the last bit of a computation.
  private static func up(_ x: Double) -> Int { max(1, Int((x * (1 - 1e-12)).rounded(.up))) }
}
