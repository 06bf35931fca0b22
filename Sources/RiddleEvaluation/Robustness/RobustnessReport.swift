/// How a router's choices hold when queries are written differently, by accident and on purpose.
public struct RobustnessReport: Equatable, Sendable, Codable {
  /// Name and version of the format.
  public var format = "riddle-robustness/1"
  /// The router's name.
  public var router: String
  /// The ladder, cheapest first.
  public var candidates: [String]
  /// Which rows were attacked, in words.
  public var rows: String
  /// Number of attacked queries.
  public var queries: Int
  /// Share of each candidate's queries before any change.
  public var shares: [Double]
  /// What counts as one in the intervals: conversation, group, near-duplicates or query.
  public var unit: String
  /// Coverage of the intervals.
  public var confidence: Double
  /// Seed of everything random.
  public var seed: UInt64
  /// What each perturbation does, benign ones first.
  public var changes: [RouteChanges]
  /// Share of queries that keep their candidate under every single benign perturbation; nil when none was applied.
  public var everyBenign: Figure?
  /// What a prefix made to move routes does; empty when it was not searched.
  public var gadgets: [GadgetAttack]
  /// What a reader must be warned of.
  public var warnings: [String]

  /// A report; the rest is set afterwards.
  public init(
    router: String, candidates: [String], rows: String, queries: Int, shares: [Double],
    unit: String, confidence: Double, seed: UInt64
  ) {
    self.router = router
    self.candidates = candidates
    self.rows = rows
    self.queries = queries
    self.shares = shares
    self.unit = unit
    self.confidence = confidence
    self.seed = seed
    changes = []
    gadgets = []
    warnings = []
  }

  /// The benign perturbation whose share of unchanged routes has the lowest lower bound: what a promise must hold for.
  /// Nil when no benign one changed a text.
  public var weakest: RouteChanges? {
    changes.filter { $0.family.isBenign && $0.unchanged.value != nil }
      .min { lowerBound($0) < lowerBound($1) }
  }

  /// The verdict on "every benign perturbation leaves at least this share of the routes unchanged".
  public enum Verdict: String, Equatable, Sendable, Codable {
    /// The lower bound of the weakest reaches the share.
    case pass = "PASS"
    /// The upper bound of the weakest does not reach it.
    case fail = "FAIL"
    /// The interval holds the share: more queries would tell.
    case undecided = "UNDECIDED"
  }

  /// The verdict for a required share; undecided when nothing was measured.
  public func verdict(requiring share: Double) -> Verdict {
    let benign = changes.filter { $0.family.isBenign && $0.unchanged.value != nil }
    if benign.isEmpty { return .undecided }
    if benign.allSatisfy({ lowerBound($0) >= share }) { return .pass }
    let fails = benign.contains { ($0.unchanged.high ?? $0.unchanged.value ?? 1) < share }
    return fails ? .fail : .undecided
  }

  /// Without an interval nothing is proven.
  private func lowerBound(_ changes: RouteChanges) -> Double { changes.unchanged.low ?? 0 }

  private enum CodingKeys: String, CodingKey {
    case format, router, candidates, rows, queries, shares, unit, confidence, seed, changes
    case gadgets, warnings
    case everyBenign = "unchanged_under_every_benign"
  }
}

/// A prefix, the same for every query, that was made to push routes one way, and how far it pushes them.
///
/// The confounder gadget of Shafran, Schuster, Ristenpart and Shmatikov (2025, arXiv:2501.01818). Found on some queries, judged
/// on others.
public struct GadgetAttack: Equatable, Sendable, Codable {
  /// Which way an attacker pushes.
  public enum Direction: String, CaseIterable, Sendable, Codable {
    /// Towards dearer candidates: better answers at the operator's expense.
    case upgrade
    /// Towards cheaper ones: worse answers for others.
    case downgrade
  }

  /// The direction.
  public var direction: Direction
  /// The prefix, token by token: from the built-in list, or from at least ``GadgetVocabulary/minimumSupport`` distinct texts.
  public var tokens: [String]
  /// Queries the prefix was searched on.
  public var searchQueries: Int
  /// Queries it was judged on.
  public var judgedQueries: Int
  /// Queries among these that can move this way.
  public var attackable: Int
  /// Share of them that do.
  public var moved: Figure
  /// The same share under as many tokens drawn at random: what any prefix of this length does.
  public var movedAtRandom: Figure
  /// Share of the judged queries above the cheapest candidate without the prefix.
  public var shareBefore: Figure
  /// The same with it.
  public var shareAfter: Figure
  /// Mean change of the dollars per query over all judged queries; undefined without outcomes.
  public var dollars: Figure
  /// Mean change of the quality per query.
  public var quality: Figure
  /// Decisions that the search took.
  public var decisions: Int

  /// A measured gadget.
  public init(
    direction: Direction, tokens: [String], searchQueries: Int, judgedQueries: Int, attackable: Int,
    moved: Figure, movedAtRandom: Figure, shareBefore: Figure, shareAfter: Figure, dollars: Figure,
    quality: Figure, decisions: Int
  ) {
    self.direction = direction
    self.tokens = tokens
    self.searchQueries = searchQueries
    self.judgedQueries = judgedQueries
    self.attackable = attackable
    self.moved = moved
    self.movedAtRandom = movedAtRandom
    self.shareBefore = shareBefore
    self.shareAfter = shareAfter
    self.dollars = dollars
    self.quality = quality
    self.decisions = decisions
  }

  private enum CodingKeys: String, CodingKey {
    case direction, tokens, attackable, moved, quality, decisions
    case searchQueries = "search_queries"
    case judgedQueries = "judged_queries"
    case movedAtRandom = "moved_at_random"
    case shareBefore = "share_before"
    case shareAfter = "share_after"
    case dollars = "dollars_per_query"
  }
}

/// A share with the interval that ``RouteChanges`` uses.
///
/// - Parameter clusters: the unit of each row; nil when rows stand for themselves.
package func clusteredShare(
  _ isCounted: [Bool], clusters: [Int]?, confidence: Double
) -> Figure {
  ClusterRobust(
    clusters: ClusterIndex(clusters ?? Array(isCounted.indices)), confidence: confidence
  ).share(isCounted)
}
