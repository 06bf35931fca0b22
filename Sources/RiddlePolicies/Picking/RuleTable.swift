import RiddleData

/// Rules written by hand: the first whose conditions all hold names the candidate; what no rule claims is passed on
/// (ROUTING-SYSTEMS A20).
///
/// The practitioner's baseline: LiteLLM and its kin route by such tables. ``HeuristicRules`` is one of them.
public struct RuleTable: PickingPolicy {
  /// A condition on a request. A condition on a field the request lacks does not hold.
  public enum Condition: Equatable, Sendable {
    /// At least this many Unicode scalars.
    case minimumLength(Int)
    /// At most this many Unicode scalars.
    case maximumLength(Int)
    /// Contains one of these, letter case aside, inside words too.
    case contains([String])
    /// The field (``QueryContext/value(of:)``) is one of these.
    case field(String, [String])
    /// The field (``QueryContext/number(of:)``) is at least the first and below the second.
    case number(String, from: Double, below: Double)
  }

  /// A rule: all conditions hold → ask the candidate.
  public struct Rule: Equatable, Sendable {
    /// Name, for reasons.
    public var name: String
    /// Conditions, all of which must hold.
    public var conditions: [Condition]
    /// Position on the ladder.
    public var candidate: Int
    /// Added to 0.5, how sure the table is of the choice: reported as the decision's confidence, kept in [0, 1].
    public var adjustment: Double
    /// Whether a wrong turn here is dear: a lint refuses earlier rules that send such queries cheaper.
    public var isHighRisk: Bool

    /// A rule.
    public init(
      name: String, conditions: [Condition], candidate: Int, adjustment: Double = 0,
      isHighRisk: Bool = false
    ) {
      self.name = name
      self.conditions = conditions
      self.candidate = candidate
      self.adjustment = adjustment
      self.isHighRisk = isHighRisk
    }
  }

  /// The rules, first match wins.
  public let rules: [Rule]
  private let prepared: [[Check]]
  private let reasons: [Reason]

  /// A table; positions beyond the ladder mean its top.
  public init(rules: [Rule]) {
    self.rules = rules
    prepared = rules.map { $0.conditions.map(Check.init) }
    reasons = rules.map {
      Reason(
        "rules", $0.name, confidence: min(1, max(0, 0.5 + $0.adjustment)))
    }
  }

  /// The candidate of the first rule that holds.
  public func pick(_ request: Request) -> Pick? {
    rules: for index in prepared.indices {
      for check in prepared[index] where !check.holds(request) { continue rules }
      return Pick(min(rules[index].candidate, request.strongest), reasons[index])
    }
    return nil
  }

  /// A condition with its phrases laid out for search.
  private enum Check: Sendable {
    case plain(Condition)
    case contains([PhraseTable])

    init(_ condition: Condition) {
      guard case .contains(let words) = condition else {
        self = .plain(condition)
        return
      }
      self = .contains(
        stride(from: 0, to: words.count, by: 64).map {
          PhraseTable(words[$0..<min(words.count, $0 + 64)])
        })
    }

    func holds(_ request: Request) -> Bool {
      switch self {
      case .contains(let tables): tables.contains { $0.occurs(in: request.text.lowered) }
      case .plain(.minimumLength(let least)): request.text.length >= least
      case .plain(.maximumLength(let most)): request.text.length <= most
      case .plain(.field(let name, let values)):
        request.context.value(of: name).map(values.contains) ?? false
      case .plain(.number(let name, let least, let bound)):
        request.context.number(of: name).map { $0 >= least && $0 < bound } ?? false
      case .plain(.contains): false
      }
    }
  }
}
