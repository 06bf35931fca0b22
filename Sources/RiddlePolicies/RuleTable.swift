import RiddleData

/// Rules written by hand: the first that holds names the candidate, else a router's score or the default does.
///
/// The practitioner's baseline (LiteLLM and its kin route by such tables); ``Request/margins`` of a trained router decide
/// what no rule claims when ``thresholds`` are set.
public struct RuleTable: PickingPolicy, Equatable {
  /// A condition on a request. A condition on a field the request lacks does not hold.
  public enum Condition: Equatable, Sendable {
    /// At least this many Unicode scalars.
    case minimumLength(Int)
    /// At most this many Unicode scalars.
    case maximumLength(Int)
    /// Contains one of these, letter case of ASCII aside.
    case contains([String])
    /// The context field (`user_tier`, `task_type`, `domain`, `group`) is one of these.
    case field(String, [String])
    /// At least this turn of the conversation.
    case minimumTurn(Int)
  }

  /// A rule: all conditions hold → ask the candidate.
  public struct Rule: Equatable, Sendable {
    /// Name, for reasons.
    public var name: String
    /// Conditions, all of which must hold.
    public var conditions: [Condition]
    /// Position on the ladder.
    public var candidate: Int

    /// A rule.
    public init(name: String, conditions: [Condition], candidate: Int) {
      self.name = name
      self.conditions = conditions
      self.candidate = candidate
    }
  }

  /// The rules, first match wins.
  public var rules: [Rule]
  /// Thresholds of a router's margins for what no rule claims; nil when there is no router.
  public var thresholds: [Double]?
  /// Position for what nothing else claims.
  public var fallback: Int

  /// A table.
  public init(rules: [Rule], thresholds: [Double]? = nil, fallback: Int) {
    self.rules = rules
    self.thresholds = thresholds
    self.fallback = fallback
  }

  /// The candidate of the first rule that holds, of the router, or the default.
  public func pick(_ request: Request) -> (candidate: Int, reason: Reason) {
    let lowered = request.text.lowercased()
    let length = request.text.unicodeScalars.count
    for rule in rules
    where rule.conditions.allSatisfy({ holds($0, request, lowered: lowered, length: length) }) {
      return (rule.candidate, Reason("rule \(rule.name)"))
    }
    if let thresholds, request.margins.count == thresholds.count {
      return Ladder(thresholds: thresholds).pick(request)
    }
    return (fallback, Reason("default"))
  }

  private func holds(_ condition: Condition, _ request: Request, lowered: String, length: Int)
    -> Bool
  {
    switch condition {
    case .minimumLength(let least): return length >= least
    case .maximumLength(let most): return length <= most
    case .contains(let words):
      return words.contains { !$0.isEmpty && lowered.contains($0.lowercased()) }
    case .minimumTurn(let least): return request.context.turn.map { $0 >= least } ?? false
    case .field(let name, let values):
      let value: String? =
        switch name {
        case "user_tier": request.context.userTier
        case "task_type": request.context.taskType
        case "domain": request.context.domain
        case "group": request.context.group
        default: nil
        }
      return value.map(values.contains) ?? false
    }
  }
}
