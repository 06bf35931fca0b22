/// How drift is told from noise.
public struct DriftSettings: Equatable, Sendable, Codable {
  /// α: chance that a period without drift raises any alarm, over all columns together. In (0, ½).
  public var falseAlarms = 0.01
  /// Permutations behind each line, at least 1/α.
  public var permutations = 999
  /// Stability index below which a shift is too small to matter, however sure it is. 0 for none.
  public var smallestShift = 0.02
  /// Seed of the permutations and folds.
  public var seed: UInt64 = 1
  /// Threads. The report does not depend on it.
  public var threads = 2
  /// Rows of the reference and of a period below which nothing is said.
  public var fewestRows = 30
  /// Units of both below which nothing is said.
  public var fewestUnits = 10

  /// The documented defaults.
  public init() {}

  private enum CodingKeys: String, CodingKey {
    case permutations, seed, threads
    case falseAlarms = "false_alarms"
    case smallestShift = "smallest_shift"
    case fewestRows = "fewest_rows"
    case fewestUnits = "fewest_units"
  }
}

/// A period after the reference, and which of its rows belong together.
public struct DriftPeriod: Equatable, Sendable {
  /// Start, microseconds since 1970; inclusive.
  public var start: Int64
  /// End, exclusive.
  public var end: Int64
  /// Rows, by number in the columns.
  public var rows: [Int]

  /// A period.
  public init(start: Int64, end: Int64, rows: [Int]) {
    self.start = start
    self.end = end
    self.rows = rows
  }
}
