import RiddleData

/// What routing could gain on these data, before any training: the room between the candidates, how much of it luck reaches, how
/// many labels it takes to see a difference, and whether the prices make sense.
public struct Headroom: Equatable, Sendable, Codable {
  /// One candidate asked every time.
  public struct Candidate: Equatable, Sendable, Codable {
    /// Its name.
    public var name: String
    /// Mean quality.
    public var quality: Figure
    /// Mean cost of a query in dollars; undefined where costs are missing.
    public var costDollars: Figure
    /// Share of rows that the cheapest-adequate oracle gives to it.
    public var oracleShare: Figure

    private enum CodingKeys: String, CodingKey {
      case name, quality
      case costDollars = "cost_usd"
      case oracleShare = "oracle_share"
    }
  }

  /// Rows of one segment.
  public struct Segment: Equatable, Sendable, Codable {
    /// Value of the segment's field.
    public var name: String
    /// Rows.
    public var rows: Int
    /// Mean quality of the cheapest candidate.
    public var cheapest: Figure
    /// Mean quality of the strongest candidate.
    public var strongest: Figure
    /// Mean of strongest − cheapest.
    public var gap: Figure
    /// Share of rows on which all candidates have the same quality.
    public var ties: Figure
    /// Saving of a perfect router at no loss of quality, within the segment.
    public var oracleSaving: Figure

    private enum CodingKeys: String, CodingKey {
      case name, rows, cheapest, strongest, gap, ties
      case oracleSaving = "oracle_saving"
    }
  }

  /// Labels that a difference takes.
  public struct Power: Equatable, Sendable, Codable {
    /// The difference of mean quality.
    public var difference: Double
    /// Probability that it shows.
    public var power: Double
    /// Root mean square over rows of best − worst quality: the standard deviation of the difference between any two policies is at
    /// most this. Policies that agree on a share a of the rows need a share 1 − a of the rows below.
    public var deviation: Figure
    /// Labelled rows when both policies are judged on the same rows.
    public var pairedRows: Figure
    /// Labelled rows of each policy when each is judged on rows of its own; nil where quality is not 0 or 1.
    public var separateRows: Int?
    /// Smallest difference that these rows show when paired.
    public var detectable: Figure

    private enum CodingKeys: String, CodingKey {
      case difference, power, deviation, detectable
      case pairedRows = "paired_rows"
      case separateRows = "separate_rows"
    }
  }

  /// Rows with complete outcomes.
  public var rows: Int
  /// What intervals resample: query, conversation or group, and how many there are.
  public var unit: String
  /// Number of units.
  public var units: Int
  /// The ladder, cheapest first.
  public var candidates: [Candidate]
  /// Mean of strongest − cheapest quality.
  public var gap: Figure
  /// Share of rows on which all candidates have the same quality: there any choice is right.
  public var ties: Figure
  /// Share of rows on which the strongest candidate is better than the cheapest, and on which it is worse.
  public var strongWins: Figure
  /// Share of rows on which the cheapest candidate is better than the strongest.
  public var weakWins: Figure
  /// Saving of the cheapest policy with at least always-strongest's mean quality (``CheapestMix``), against
  /// always-strongest. In calls instead of dollars where costs are missing.
  public var oracleSaving: Figure
  /// Saving of the cheapest-adequate oracle, which also pays for quality beyond always-strongest's.
  public var adequateSaving: Figure
  /// Mean quality of that oracle.
  public var adequateQuality: Figure
  /// Whether savings are dollars; else rungs of the ladder stand for prices.
  public var savingsAreDollars: Bool
  /// APGR that random routing reaches on these rows: a router inside this band has shown nothing.
  public var randomBand: Figure
  /// Labels needed.
  public var power: Power
  /// Field of ``segments``; nil when the log has none.
  public var segmentField: String?
  /// Segments, largest first; at most 60.
  public var segments: [Segment]
  /// What is odd about the prices, in sentences.
  public var priceFindings: [String]

  private enum CodingKeys: String, CodingKey {
    case rows, unit, units, candidates, gap, ties, power, segments
    case strongWins = "strong_wins"
    case weakWins = "weak_wins"
    case oracleSaving = "oracle_saving"
    case adequateSaving = "adequate_saving"
    case adequateQuality = "adequate_quality"
    case savingsAreDollars = "savings_are_dollars"
    case randomBand = "random_band"
    case segmentField = "segment_field"
    case priceFindings = "price_findings"
  }
}

/// How headroom is measured.
public struct HeadroomSettings: Equatable, Sendable {
  /// Which candidate is right.
  public var oracle: Oracle
  /// Bootstrap replicates; 0 for no intervals, else at least 2.
  public var replicates: Int
  /// Coverage of every interval.
  public var confidence: Double
  /// Seed of the replicates.
  public var seed: UInt64
  /// Threads of the replicates; no figure depends on it.
  public var threads: Int
  /// Difference of mean quality whose label needs are asked for.
  public var difference: Double

  /// Settings.
  public init(
    oracle: Oracle = .cheapestAdequate(qualityThreshold: 0.5), replicates: Int = 1000,
    confidence: Double = 0.95, seed: UInt64 = 1, threads: Int = 2, difference: Double = 0.02
  ) {
    self.oracle = oracle
    self.replicates = replicates
    self.confidence = confidence
    self.seed = seed
    self.threads = threads
    self.difference = difference
  }
}
