/// What advice looks at, and what it takes to be given.
public struct AdviceSettings: Equatable, Sendable {
  /// Quality that a dollar is worth; nil takes the data's own price: what always asking the strongest candidate gains over the
  /// cheapest for each dollar more, at which mixing the two at random neither wins nor loses.
  public var pricePerQuality: Double?
  /// Quality below which an answer is low.
  public var adequateQuality = 0.5
  /// Mean quality of the cheapest candidate on complex queries below which the threshold is too high.
  public var complexFloor = 0.85
  /// Mean quality of what goes to the cheapest candidate from which more could go there.
  public var excellentQuality = 0.98
  /// Share of low answers among those of the cheapest candidate above which the routing is wrong.
  public var lowShare = 0.3
  /// Mean quality that does not matter: what saves money may lose so much at most.
  public var tolerance = 0.01
  /// Share of the spend from which a segment may deserve a route of its own.
  public var dominantShare = 0.4
  /// Most actions that are given.
  public var mostActions = 5
  /// Folds in which choices are made on other rows than those that judge them.
  public var folds = 5
  /// Units (rows, or conversations) below which nothing is said about a subset.
  public var leastUnits = 30
  /// Bootstrap replicates.
  public var replicates = 2000
  /// Coverage of the intervals; 1 − α of the correction.
  public var confidence = 0.95
  /// Seed of folds and replicates.
  public var seed: UInt64 = 1
  /// Threads; nothing depends on them.
  public var threads = 1

  /// The defaults.
  public init() {}

  func check() throws(EvaluationError) {
    func require(_ name: String, _ value: Double, _ isGood: Bool, _ expected: String)
      throws(EvaluationError)
    {
      guard isGood else { throw .badSetting(name: name, value: "\(value)", expected: expected) }
    }
    if let price = pricePerQuality {
      try require("lambda", price, price >= 0 && price.isFinite, "0 or more")
    }
    try require("confidence", confidence, confidence > 0 && confidence < 1, "between 0 and 1")
    try require("replicates", Double(replicates), replicates >= 100, "100 or more")
    try require("folds", Double(folds), folds >= 2, "2 or more")
  }
}

/// What advice needs to know of the judged rows beside outcomes and decisions.
public struct AdviceRows: Sendable {
  /// Resampling unit of each row; nil: every row by itself.
  public var clusters: [Int]?
  /// What a unit is.
  public var unit: String
  /// Fields by which spend is looked at, with their value on each row.
  public var segments: [(field: String, values: [String])]
  /// Which rows are complex, where the user says so; nil takes the half that the router finds harder.
  public var complex: [Bool]?
  /// How `complex` was said.
  public var complexName: String?

  /// Columns of one entry a row.
  public init(
    clusters: [Int]? = nil, unit: String = "query",
    segments: [(field: String, values: [String])] = [], complex: [Bool]? = nil,
    complexName: String? = nil
  ) {
    self.clusters = clusters
    self.unit = unit
    self.segments = segments
    self.complex = complex
    self.complexName = complexName
  }
}
