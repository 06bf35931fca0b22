import RiddleData
import RiddlePolicies

/// A request to a ladder of three with the given fields.
func request(
  _ text: String = "hello", _ metadata: [String: String] = [:], tier: String? = nil,
  candidates: Int = 3, id: String = "", time: Int64? = nil, conversation: String? = nil,
  turn: Int? = nil, probability: Double? = nil, taskType: String? = nil
) -> Request {
  var context = QueryContext(
    conversation: conversation, turn: turn, userTier: tier, taskType: taskType,
    time: time.map(Microseconds.init))
  context.metadata = metadata
  return Request(
    id: id, text: text, context: context, candidateCount: candidates, probability: probability)
}

extension Step {
  /// The candidates that are asked, cheapest first; nil for other steps.
  var asked: [Int]? {
    guard case .ask(let ask, _) = self else { return nil }
    return Array(ask.candidates)
  }

  /// The attempt that is accepted; nil for other steps.
  var accepted: Int? {
    guard case .accept(let index, _) = self else { return nil }
    return index
  }

  /// Whether the user gets an error.
  var isFailure: Bool {
    guard case .fail = self else { return false }
    return true
  }

  /// How long the call may take; nil for ever, and for other steps.
  var timeout: Int64? {
    guard case .ask(let ask, _) = self else { return nil }
    return ask.timeout
  }
}

/// A request that was served by `candidate`, or failed there.
func served(
  _ request: Request, by candidate: Int, failure: CallFailure? = nil, paid: Int64? = nil
) -> Served {
  Served(
    request: request, attempts: [Attempt(candidate: candidate, failure: failure)],
    accepted: failure == nil ? 0 : nil, reason: Reason("test"), paid: paid)
}
