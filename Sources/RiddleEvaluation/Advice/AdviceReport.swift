/// The few actions that the data support, and what was looked at beside them.
public struct AdviceReport: Equatable, Sendable, Encodable {
  /// What to do.
  public enum Kind: String, CaseIterable, Equatable, Sendable, Codable {
    /// Lower the threshold: more goes to dearer candidates.
    case tighten
    /// Raise the threshold: more goes to the cheapest candidate.
    case routeMore = "route-more"
    /// Send to the cheapest candidate what the router sends up: it is as good there.
    case tooConservative = "too-conservative"
    /// Ask a dearer candidate where the router asks the cheapest: too much of it is low.
    case routingWrong = "routing-wrong"
    /// Give a segment that dominates the spend a route of its own.
    case ownRoute = "own-route"
    /// Ask one candidate always.
    case always
  }

  /// What an action changes, over all queries: its total, not that of one tier.
  public struct Gain: Equatable, Sendable, Encodable {
    /// Mean quality, new − old.
    public var quality: Figure
    /// The same as a share of the old mean quality.
    public var qualityShare: Figure
    /// Dollars per query, new − old; undefined where costs are missing.
    public var cost: Figure
    /// The same as a share of the old cost.
    public var costShare: Figure
    /// Quality − price · dollars, new − old: what ranks the actions.
    public var worth: Figure

    private enum CodingKeys: String, CodingKey {
      case quality, worth
      case qualityShare = "quality_share"
      case cost = "cost_usd"
      case costShare = "cost_share"
    }
  }

  /// A fact on which a finding rests, beside its bound.
  public struct Evidence: Equatable, Sendable, Encodable {
    /// What was measured.
    public var name: String
    /// The figure.
    public var figure: Figure
    /// What it is compared with.
    public var bound: String
  }

  /// Something that was looked at.
  public struct Finding: Equatable, Sendable, Encodable {
    /// What to do.
    public var kind: Kind
    /// In words.
    public var action: String
    /// The candidate to ask, where one is named.
    public var candidate: String?
    /// The segment, as field=value.
    public var segment: String?
    /// The new thresholds, one a head, where they move; infinite ones are null: never, or always, up.
    public var thresholds: [Double?]?
    /// Share of queries that leave the cheapest candidate then.
    public var upShare: Double?
    /// What it rests on.
    public var evidence: [Evidence]
    /// What it changes, estimated on other rows than those that chose it; nil where nothing could be estimated.
    public var gain: Gain?
    /// p of "no gain, or a condition does not hold": the largest of all.
    public var p: Double?
    /// Corrected for everything that was looked at (Holm).
    public var pHolm: Double?
    /// Whether the data support it.
    public var isSupported: Bool
    /// Why not, or what else says the same.
    public var reason: String?

    private enum CodingKeys: String, CodingKey {
      case kind, action, candidate, segment, thresholds, evidence, gain, p, reason
      case upShare = "up_share"
      case pHolm = "p_holm"
      case isSupported = "supported"
    }
  }

  /// What one tier or segment takes of the spend.
  public struct Share: Equatable, Sendable, Encodable {
    /// Candidate, or field=value.
    public var name: String
    /// Share of the queries.
    public var queries: Double
    /// Share of the spend; undefined where costs are missing.
    public var spend: Figure
    /// Mean quality of what was answered there.
    public var quality: Figure
  }

  /// The router.
  public var router: String
  /// Rows that were judged.
  public var rows: Int
  /// Units: rows, or conversations.
  public var units: Int
  /// What a unit is.
  public var unit: String
  /// Mean quality of the router.
  public var quality: Figure
  /// Dollars per query, in all; undefined where costs are missing.
  public var cost: Figure
  /// Quality that a dollar is worth, and whether it was given.
  public var pricePerQuality: Double
  /// Whether the user gave it.
  public var isPriceGiven: Bool
  /// Coverage of the intervals.
  public var confidence: Double
  /// By candidate that answered.
  public var tiers: [Share]
  /// Segments with the dominant share of the spend or more.
  public var dominantSegments: [Share]
  /// Supported actions, most valuable first.
  public var actions: [Finding]
  /// Everything else that was looked at.
  public var lookedAt: [Finding]
  /// What to know before believing it.
  public var warnings: [String]

  private enum CodingKeys: String, CodingKey {
    case router, rows, units, unit, quality, confidence, tiers, actions, warnings
    case cost = "cost_usd"
    case pricePerQuality = "price_per_quality"
    case isPriceGiven = "price_given"
    case dominantSegments = "dominant_segments"
    case lookedAt = "looked_at"
  }
}
