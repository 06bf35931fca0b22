/// A decision of production with what is known of it by now, for figures that are counted in one pass.
public struct JudgedDecision: Sendable {
  /// The conversation, or the decision itself where none is named: rows of one unit come one after the other.
  public var unit: Int
  /// Position of the candidate in the list of names that comes with the decisions.
  public var candidate: Int
  /// How content users were, in [0, 1]: the mean over sources.
  public var satisfaction: Double?
  /// What the answer was worth, in [0, 1]: by feedback, else as logged.
  public var quality: Double?
  /// Position of the cheapest candidate that would have been enough, by feedback, else by a label.
  public var needed: Int?
  /// What the request cost, in nano-dollars.
  public var cost: Int64?
  /// What was saved against the strongest, in nano-dollars, signed.
  public var saved: Int64?
  /// Whether ``cost`` is the candidate's mean price, no bill.
  public var isCostExpected = false
  /// Whether more than one candidate was paid.
  public var wasEscalated: Bool
  /// How long the user waited, in microseconds.
  public var latency: Int64?
  /// For example summarize, debug, sql.
  public var taskType: String?

  /// A decision of which nothing is known but who answered.
  public init(unit: Int, candidate: Int) {
    self.unit = unit
    self.candidate = candidate
    wasEscalated = false
  }
}
