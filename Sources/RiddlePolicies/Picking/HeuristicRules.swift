/// The rules that most teams write first (ROUTING-SYSTEMS A10): more than 500 characters, one of four words, a premium user or a
/// follow-up turn go to the strongest candidate, everything else to the cheapest.
public enum HeuristicRules {
  /// Words of hard queries.
  public static let words = ["code", "debug", "design", "explain"]

  /// The five rules, in order; the first that holds wins.
  ///
  /// - Parameter strongest: top of the ladder.
  public static func table(strongest: Int) -> RuleTable {
    RuleTable(rules: [
      .init(name: "length over 500", conditions: [.minimumLength(501)], candidate: strongest),
      .init(name: "keyword", conditions: [.contains(words)], candidate: strongest),
      .init(
        name: "premium user", conditions: [.field("user_tier", ["premium"])], candidate: strongest),
      .init(
        name: "follow-up turn", conditions: [.number("turn", from: 2, below: .infinity)],
        candidate: strongest),
      .init(name: "everything else", conditions: [], candidate: 0),
    ])
  }
}
