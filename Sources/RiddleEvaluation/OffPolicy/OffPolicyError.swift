/// What makes an off-policy evaluation impossible. Weak support is not an error: the target is refused in the report.
public enum OffPolicyError: Error, Equatable, CustomStringConvertible {
  /// The log has no decision of the policy asked for.
  case noDecisions(policy: String?, available: [String])
  /// No decision has the reward asked for.
  case noRewards(String)
  /// Decisions without a propensity, and no assumption to fill it.
  case missingPropensities(count: Int, of: Int)
  /// A candidate was logged that is not in the named set.
  case unlistedCandidate(String, id: String)
  /// More candidates than a policy chooses from: probably the wrong field.
  case tooManyCandidates(count: Int, most: Int)
  /// A target names a candidate that exists nowhere.
  case unknownCandidate(String, available: [String])
  /// A column has the wrong length.
  case columnLength(column: String, expected: Int, actual: Int)
  /// A target's probabilities of one decision are not probabilities.
  case badProbabilities(target: String, row: Int, sum: Double)
  /// A prediction is not finite.
  case nonFinitePrediction(row: Int)
  /// A setting lies outside its range.
  case badSetting(name: String, value: String, expected: String)

  /// What was wrong, where, what was expected, and what to try.
  public var description: String {
    switch self {
    case .noDecisions(let policy, let available):
      policy.map {
        "no decision is of logging policy '\($0)'; the log has "
          + (available.isEmpty ? "no field \"policy\"" : available.joined(separator: ", "))
      } ?? "the log has no decision; check which rows were rejected"
    case .noRewards(let reward):
      "no decision has a \(reward); choose another --reward: quality, reward or cost"
    case .missingPropensities(let count, let total):
      "\(count) of \(total) decisions have no propensity: without the probability of the logged choice nothing can be said about other policies. "
        + "Log \"propensity\", or say what is known with --assume-propensities uniform (the logging policy chose at random) or empirical (it chose without looking at the query)"
    case .unlistedCandidate(let name, let id):
      "decision '\(id)' is of candidate '\(name)', which --candidates does not list; list every candidate that the logging policy could choose"
    case .tooManyCandidates(let count, let most):
      "the log has \(count) different candidates, at most \(most) are evaluated; check that \"candidate\" names the LLM that was asked"
    case .unknownCandidate(let name, let available):
      "no decision is of candidate '\(name)'; the log has \(available.joined(separator: ", "))"
    case .columnLength(let column, let expected, let actual):
      "\(column): expected \(expected) values, got \(actual)"
    case .badProbabilities(let target, let row, let sum):
      "target '\(target)', decision \(row): probabilities must lie in [0, 1] and sum to 1, they sum to \(sum)"
    case .nonFinitePrediction(let row):
      "decision \(row): a prediction of the reward model is not a finite number"
    case .badSetting(let name, let value, let expected):
      "setting \(name) is \(value); expected \(expected)"
    }
  }
}
