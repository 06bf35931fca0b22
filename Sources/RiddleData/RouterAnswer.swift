/// What somebody else's router says of one query: a score, a chosen candidate, or both.
public struct RouterAnswer: Equatable, Sendable {
  /// The query's identifier in the log.
  public var id: String
  /// Scores, one per step of the ladder (a pair has one): higher climbs. Empty when the router only chooses.
  public var scores: [Double]
  /// The chosen candidate; nil when only a score is given.
  public var candidate: String?
  /// Probability in [0, 1] that the query must leave the cheapest candidate.
  public var probability: Double?
  /// The candidates that were paid for, in order; empty when only the chosen one was.
  public var asked: [String]
  /// Dollars paid for the query in all, where that is not the sum of the log's costs.
  public var cost: NanoDollars?
  /// Price of the decision itself.
  public var routerCost: NanoDollars?

  /// An answer with neither score nor choice yet.
  public init(id: String) {
    self.id = id
    scores = []
    asked = []
  }
}
