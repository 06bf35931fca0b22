import RiddleData

/// An LLM is asked how hard the query is (ROUTING-SYSTEMS A27). Stand it behind a stage that passes on borderline queries, so that
/// only those pay; its price enters the cost of each.
public struct PreCheck: PickingPolicy, Equatable {
  /// Field with the verdict: `simple` or `complex`. A replay may fill it in, see ``Request/saysComplex``.
  public var field: String
  /// Nano-dollars of one check.
  public var price: Int64
  /// Microseconds of one check.
  public var time: Int64

  /// A check.
  public init(field: String = "pre_check", price: Int64 = 0, time: Int64 = 0) {
    self.field = field
    self.price = price
    self.time = time
  }

  /// Complex → the strongest candidate, simple → the cheapest. Without a verdict the check was paid for nothing: the
  /// strongest, flagged.
  public func pick(_ request: Request) -> Pick? {
    let verdict = request.saysComplex ?? Self.verdict(request.context.value(of: field))
    return Pick(
      verdict ?? true ? request.strongest : 0,
      Reason(
        "pre-check", verdict.map { $0 ? "complex" : "simple" } ?? "no verdict",
        isFlagged: verdict == nil, fee: price, delay: time))
  }

  private static func verdict(_ value: String?) -> Bool? {
    switch value?.lowercased() {
    case "complex": true
    case "simple": false
    default: nil
    }
  }

  /// Pays for the check once, before the first call.
  public func next(_ request: Request, after attempts: [Attempt]) -> Step? {
    guard let pick = pick(request) else { return nil }
    guard let last = attempts.last else { return .ask(Ask(pick.candidate), pick.reason) }
    var reason = pick.reason
    reason.fee = 0
    reason.delay = 0
    return last.isAnswered ? .accept(attempts.count - 1, reason) : .fail(reason)
  }
}
