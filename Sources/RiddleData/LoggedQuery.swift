/// One query of a log, its context, and the outcome of every candidate that answered it.
public struct LoggedQuery: Equatable, Sendable {
  /// The log's own identifier: unique within a store.
  public var id: String
  /// The query's text; nil when the log keeps none.
  public var text: String?
  /// Facts known before any answer.
  public var context: QueryContext
  /// What each candidate's answer was worth and cost. Sorted by candidate name, names distinct.
  public var outcomes: [CandidateOutcome]
  /// The tier that somebody gave this query, for example simple, moderate or complex; nil when nobody did.
  public var tier: String?
  /// The vector that the log itself carries for the text. Filled when a file is read; a store keeps vectors
  /// apart, by text and model, and leaves this nil.
  public var embedding: LoggedEmbedding?

  /// The model that judged the qualities, as the log says. Filled when a file is read; a store keeps judges with its
  /// verdicts.
  public var judge: String?

  /// A logged query; `outcomes` are sorted by candidate name.
  public init(
    id: String, text: String?, context: QueryContext = QueryContext(),
    outcomes: [CandidateOutcome], tier: String? = nil, embedding: LoggedEmbedding? = nil
  ) {
    self.id = id
    self.text = text
    self.context = context
    self.outcomes = outcomes.sorted { $0.candidate < $1.candidate }
    self.tier = tier
    self.embedding = embedding
  }

  /// The outcome of `candidate`, or nil when it did not answer this query.
  public func outcome(of candidate: String) -> Outcome? {
    outcomes.first { $0.candidate == candidate }?.outcome
  }
}

/// A vector for a query's text, and the model that made it.
public struct LoggedEmbedding: Equatable, Sendable {
  /// The embedding model's name; ``unnamedModel`` when the log names none.
  public var model: String
  /// The vector: at least one value, all finite.
  public var values: [Float]

  /// The model of vectors whose log does not say which model made them.
  public static let unnamedModel = "log"

  /// A vector of `model`.
  public init(model: String, values: [Float]) {
    self.model = model
    self.values = values
  }
}

/// A candidate's name with its outcome.
public struct CandidateOutcome: Equatable, Sendable {
  /// The candidate's name as it stands in the log.
  public var candidate: String
  /// What its answer was worth and cost.
  public var outcome: Outcome

  /// Pairs a name with an outcome.
  public init(candidate: String, outcome: Outcome) {
    self.candidate = candidate
    self.outcome = outcome
  }
}

/// What a log says about a query beside its text. Every field is optional.
public struct QueryContext: Equatable, Sendable {
  /// Subject, benchmark or near-duplicate family: the unit of group splits.
  public var group: String?
  /// Conversation the query belongs to: the unit of resampling.
  public var conversation: String?
  /// Position in the conversation, from 1.
  public var turn: Int?
  /// For example premium, standard, free.
  public var userTier: String?
  /// For example summarize, debug, sql.
  public var taskType: String?
  /// For example billing, medical, legal.
  public var domain: String?
  /// Arrival, in microseconds since 1970-01-01T00:00:00Z.
  public var time: Microseconds?
  /// What else the request carried, by name: headers such as `x-model-tier`, `workflow`, `deadline`, `field_count`. Numbers and
  /// booleans as they would be written.
  public var metadata: [String: String] = [:]

  /// A context of which anything may be absent.
  public init(
    group: String? = nil, conversation: String? = nil, turn: Int? = nil, userTier: String? = nil,
    taskType: String? = nil, domain: String? = nil, time: Microseconds? = nil
  ) {
    self.group = group
    self.conversation = conversation
    self.turn = turn
    self.userTier = userTier
    self.taskType = taskType
    self.domain = domain
    self.time = time
  }
}

extension QueryContext {
  /// The value of a field: `user_tier`, `task_type`, `domain`, `group`, `conversation`, or any name of ``metadata``.
  public func value(of field: String) -> String? {
    switch field {
    case "user_tier": userTier
    case "task_type": taskType
    case "domain": domain
    case "group": group
    case "conversation": conversation
    case "turn": turn.map(String.init)
    default: metadata[field]
    }
  }

  /// The value of a field as a number: `turn`, or any name of ``metadata`` that reads as one.
  public func number(of field: String) -> Double? {
    if field == "turn" { return turn.map(Double.init) }
    guard let text = metadata[field], let value = Double(text), value.isFinite else { return nil }
    return value
  }
}
