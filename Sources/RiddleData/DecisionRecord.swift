/// One decision of production as it is logged: what was known, what was chosen and why, and what came of it.
///
/// The fields, their JSON names, units and limits are specified in `RiddleStore.docc/DecisionLog.md`. Everything but the
/// request's identifier, its time and the chosen candidate may be unknown.
public struct DecisionRecord: Equatable, Sendable {
  /// Identifies the request; what is said of it later names it.
  public var requestID: String
  /// When it was decided, since 1970, UTC.
  public var time: Microseconds
  /// The candidate that answered, or will.
  public var candidate: String
  /// Every candidate that could have been chosen, in the policy's order.
  public var alternatives: [String]?
  /// Probability with which `candidate` was chosen, in (0, 1].
  public var propensity: Double?
  /// Probabilities of the candidates, by name, summing to 1.
  public var propensities: [CandidatePropensity]?
  /// The policy that decided.
  public var policy: String?
  /// SHA-256 of the policy's document, 64 hexadecimal digits.
  public var policyChecksum: String?
  /// SHA-256 of the weight file, 64 hexadecimal digits.
  public var routerChecksum: String?
  /// The stage of the policy that decided.
  public var stage: String?
  /// Why, in words.
  public var reason: String?
  /// What was compared with `threshold`: for a router its margin.
  public var score: Double?
  /// Calibrated probability that the cheaper candidate is not enough, in [0, 1].
  public var probability: Double?
  /// Where `score` climbs.
  public var threshold: Double?
  /// Probability, as the decider sees it, that its choice is right, in [0, 1].
  public var confidence: Double?
  /// What the answer was worth, in [0, 1], when that is known at once.
  public var quality: Double?
  /// What the request cost, every attempt counted.
  public var cost: NanoDollars?
  /// What was saved against the strongest candidate; negative when it would have been cheaper.
  public var saved: NanoDollars?
  /// Whether more than one candidate was paid.
  public var wasEscalated: Bool
  /// How long the user waited.
  public var latency: Microseconds?
  /// The router's own time, in nanoseconds.
  public var decidedIn: Int64?
  /// The query.
  public var text: String?
  /// Hash of the query's text; see ``TextRedaction``.
  public var textHash: UInt64?
  /// Dense features as the router saw them.
  public var features: [Float]?
  /// The conversation: the unit of resampling.
  public var conversation: String?
  /// Position in the conversation, from 1.
  public var turn: Int?
  /// Who asked.
  public var userID: String?
  /// For example premium, standard, free.
  public var userTier: String?
  /// For example summarize, debug, sql.
  public var taskType: String?
  /// For example billing, medical, legal.
  public var domain: String?
  /// Share of requests that are logged, in (0, 1]; nil when all are.
  public var sampleRate: Double?
  /// What else the log says: a JSON object, names ascending; nil when nothing.
  public var extras: String?

  /// A decision of which all but these three is unknown.
  public init(requestID: String, time: Microseconds, candidate: String) {
    self.requestID = requestID
    self.time = time
    self.candidate = candidate
    wasEscalated = false
  }
}

/// What becomes of a query's text before it is written down.
public enum TextRedaction: String, Sendable, CaseIterable {
  /// The text and its hash are kept.
  case keep
  /// The hash alone: equal texts can be told, and a guessed text can be confirmed, since the hash has no key.
  case hash
  /// Neither.
  case drop
}

/// What somebody said of a request after it was answered.
public struct FeedbackRecord: Equatable, Sendable {
  /// The request.
  public var requestID: String
  /// Who says so: a user, a judge, a ticket system. One source says one thing of one request.
  public var source: String
  /// When it was said, since 1970, UTC.
  public var time: Microseconds?
  /// How content the user was, in [0, 1].
  public var satisfaction: Double?
  /// What the answer was worth, in [0, 1].
  public var quality: Double?
  /// The candidate that should have answered: the cheapest that would have been enough.
  public var bestCandidate: String?
  /// Words.
  public var comment: String?

  /// Feedback that says nothing yet.
  public init(requestID: String, source: String) {
    self.requestID = requestID
    self.source = source
  }
}
