/// A log in which each query was answered by one candidate: the one that a logging policy chose.
///
/// Unlike a table of outcomes it does not say what the other candidates would have been worth; what can be said about
/// them rests on the probabilities with which the logging policy chose.
public struct DecisionLog: Equatable, Sendable {
  /// The decisions, in the order read.
  public var decisions: [LoggedDecision]

  /// A log of decisions.
  public init(decisions: [LoggedDecision]) { self.decisions = decisions }

  /// Names of the logging policies, sorted; decisions without one are not named.
  public var policies: [String] { Set(decisions.compactMap(\.policy)).sorted() }

  /// Names of the candidates that were asked, or could have been by a logged propensity; sorted.
  public var candidates: [String] {
    var names = Set(decisions.map(\.candidate))
    for decision in decisions {
      for choice in decision.propensities ?? [] { names.insert(choice.candidate) }
    }
    return names.sorted()
  }
}

/// One decision of a logging policy, and what came of it.
public struct LoggedDecision: Equatable, Sendable {
  /// The log's own identifier.
  public var id: String
  /// The query's text; nil when the log keeps none.
  public var text: String?
  /// The query's identifier, where several decisions may be about the same one.
  public var queryID: String?
  /// Facts known before the answer.
  public var context: QueryContext
  /// The policy that decided.
  public var policy: String?
  /// The policy's step, from 0: what a learning policy knew grows with it.
  public var step: Int64?
  /// The candidate that was asked.
  public var candidate: String
  /// What the answer was worth, in [0, 1].
  public var quality: Double?
  /// What the logging policy was told the answer was worth: any finite number.
  public var reward: Double?
  /// What the answer cost.
  public var cost: NanoDollars?
  /// How long the answer took.
  public var latency: Microseconds?
  /// Probability with which the logging policy chose `candidate`, in (0, 1]; nil when the log does not say.
  public var propensity: Double?
  /// Probabilities of all candidates, by name, summing to 1; nil when the log does not say.
  public var propensities: [CandidatePropensity]?

  /// A decision of which all but the identifier and the candidate may be absent.
  public init(
    id: String, text: String? = nil, queryID: String? = nil, context: QueryContext = QueryContext(),
    policy: String? = nil, step: Int64? = nil, candidate: String, quality: Double? = nil,
    reward: Double? = nil, cost: NanoDollars? = nil, latency: Microseconds? = nil,
    propensity: Double? = nil, propensities: [CandidatePropensity]? = nil
  ) {
    self.id = id
    self.text = text
    self.queryID = queryID
    self.context = context
    self.policy = policy
    self.step = step
    self.candidate = candidate
    self.quality = quality
    self.reward = reward
    self.cost = cost
    self.latency = latency
    self.propensity = propensity
    self.propensities = propensities
  }
}

/// A candidate and the probability of choosing it.
public struct CandidatePropensity: Equatable, Sendable {
  /// The candidate's name.
  public var candidate: String
  /// Probability, in [0, 1].
  public var probability: Double

  /// Pairs a name with a probability.
  public init(candidate: String, probability: Double) {
    self.candidate = candidate
    self.probability = probability
  }
}
