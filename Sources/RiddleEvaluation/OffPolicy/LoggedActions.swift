import RiddleData

/// What a decision is worth.
public enum DecisionReward: String, CaseIterable, Equatable, Sendable, Codable {
  /// The judged quality; the logged reward where no quality is logged.
  case quality
  /// The logged reward; the quality where no reward is logged.
  case reward
  /// The cost in US dollars: lower is better.
  case cost

  func value(_ decision: LoggedDecision) -> Double? {
    switch self {
    case .quality: decision.quality ?? decision.reward
    case .reward: decision.reward ?? decision.quality
    case .cost: decision.cost?.dollars
    }
  }
}

/// What stands in for propensities that a log does not have. A claim about the logging policy, not a computation.
public enum AssumedPropensities: String, CaseIterable, Equatable, Sendable, Codable {
  /// Every candidate was equally likely: 1 / (number of candidates).
  case uniform
  /// Each candidate was as likely as its share of the decisions, whatever the query.
  case empirical
}

/// Logged decisions as columns: what every off-policy estimate reads.
public struct LoggedActions: Equatable, Sendable {
  /// Candidates by name, sorted: those that were logged, and those that could have been.
  public let candidates: [String]
  /// Identifier of each decision.
  public let ids: [String]
  /// Logged candidate of each decision, an index into `candidates`.
  public let actions: [Int32]
  /// Reward of each decision, finite.
  public let rewards: [Double]
  /// Probability of the logged choice, in (0, 1].
  public let propensities: [Double]
  /// Probabilities of all candidates, decisions × candidates, NaN in the rows that do not say; nil when none does.
  public let allPropensities: [Double]?
  /// Resampling unit of each decision, numbered from 0 in order.
  public let clusters: [Int]
  /// Group of each decision, numbered from 0 in order; nil when no decision has one, or when there are so many groups
  /// (times candidates, over 10,000 and over the number of decisions) that their means would say nothing.
  public let groups: [Int32]?
  /// Index of each decision in the log it came from.
  public let rows: [Int]
  /// Decisions of the policy that have no such reward, and are left out.
  public let withoutReward: Int
  /// Decisions whose propensity was assumed.
  public let assumedCount: Int
  /// What was assumed; nil when every propensity was logged.
  public let assumption: AssumedPropensities?
  /// Field that the clusters come from: conversation, query_id, query or id; "mixed" when rows differ.
  public let clusterField: String

  /// Most candidates: what is stored grows with decisions × candidates.
  public static let mostCandidates = 1000

  /// Number of decisions.
  public var count: Int { rewards.count }

  /// The decisions of one logging policy as columns.
  ///
  /// - Parameters:
  ///   - policy: the logging policy; nil takes all decisions.
  ///   - reward: what a decision is worth; decisions without it are left out and counted.
  ///   - assuming: what fills missing propensities. Logged ones are never replaced.
  ///   - candidates: every candidate that the logging policy could choose; nil takes those in the chosen decisions.
  /// - Throws: `.noDecisions`, `.noRewards`, `.missingPropensities`, `.unlistedCandidate`, `.tooManyCandidates`.
  public init(
    _ log: DecisionLog, policy: String? = nil, reward: DecisionReward = .quality,
    assuming: AssumedPropensities? = nil, candidates listed: [String]? = nil
  ) throws(OffPolicyError) {
    let chosen = log.decisions.indices.filter {
      policy == nil || log.decisions[$0].policy == policy
    }
    if chosen.isEmpty { throw .noDecisions(policy: policy, available: log.policies) }
    let rows = chosen.filter { reward.value(log.decisions[$0]) != nil }
    if rows.isEmpty { throw .noRewards(reward.rawValue) }
    let decisions = rows.map { log.decisions[$0] }
    let names = listed.map { Set($0).sorted() } ?? DecisionLog(decisions: decisions).candidates
    if names.count > Self.mostCandidates {
      throw .tooManyCandidates(count: names.count, most: Self.mostCandidates)
    }
    var index: [String: Int32] = [:]
    for (i, name) in names.enumerated() { index[name] = Int32(i) }

    var actions: [Int32] = []
    let hasTable = decisions.contains { $0.propensities != nil }
    var table = [Double](
      repeating: .nan, count: hasTable ? decisions.count * names.count : 0)
    for (i, decision) in decisions.enumerated() {
      guard let action = index[decision.candidate] else {
        throw .unlistedCandidate(decision.candidate, id: decision.id)
      }
      actions.append(action)
      guard let choices = decision.propensities else { continue }
      for k in names.indices { table[i * names.count + k] = 0 }
      for choice in choices {
        guard let k = index[choice.candidate] else {
          throw .unlistedCandidate(choice.candidate, id: decision.id)
        }
        table[i * names.count + Int(k)] = choice.probability
      }
    }
    let missing = decisions.count { $0.propensity == nil && $0.propensities == nil }
    if missing > 0 && assuming == nil {
      throw .missingPropensities(count: missing, of: decisions.count)
    }
    var shares = [Double](repeating: 0, count: names.count)
    for action in actions { shares[Int(action)] += 1 / Double(decisions.count) }
    propensities = decisions.indices.map { i in
      if let logged = decisions[i].propensity { return logged }
      if decisions[i].propensities != nil { return table[i * names.count + Int(actions[i])] }
      return assuming == .uniform ? 1 / Double(names.count) : shares[Int(actions[i])]
    }
    let (clusters, field) = Self.clusters(decisions)
    self.candidates = names
    self.rows = rows
    self.actions = actions
    self.clusters = clusters
    clusterField = field
    ids = decisions.map(\.id)
    rewards = decisions.compactMap { reward.value($0) }
    allPropensities = hasTable ? table : nil
    groups = Self.groups(decisions, candidateCount: names.count)
    withoutReward = chosen.count - rows.count
    assumedCount = missing
    assumption = missing > 0 ? assuming : nil
  }

  /// Decisions about one conversation, else one query, are resampled together: they are not independent.
  private static func clusters(_ decisions: [LoggedDecision]) -> ([Int], String) {
    var fields: Set<String> = []
    let keys = decisions.map { decision -> String in
      let (field, value) =
        if let conversation = decision.context.conversation {
          ("conversation", conversation)
        } else if let query = decision.queryID {
          ("query_id", query)
        } else if let text = decision.text { ("query", text) } else { ("id", decision.id) }
      fields.insert(field)
      return "\(field):\(value)"
    }
    return (numbered(keys), fields.count == 1 ? fields.first ?? "id" : "mixed")
  }

  private static func groups(_ decisions: [LoggedDecision], candidateCount: Int) -> [Int32]? {
    guard decisions.contains(where: { $0.context.group != nil }) else { return nil }
    let groups = numbered(decisions.map { $0.context.group ?? "" })
    let cells = ((groups.max() ?? 0) + 1) * candidateCount
    return cells <= max(10_000, decisions.count) ? groups.map { Int32($0) } : nil
  }

  private static func numbered(_ keys: [String]) -> [Int] {
    var numbers: [String: Int] = [:]
    return keys.map { key in
      if let known = numbers[key] { return known }
      numbers[key] = numbers.count
      return numbers.count - 1
    }
  }
}
