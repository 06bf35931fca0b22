/// The gates that teams ask for by number, each a set of requirements decided by intervals.
public enum StandardGate: String, CaseIterable, Equatable, Sendable {
  /// Routing accuracy above 90 %: the pick is the oracle's. Ties decide its value, so the acceptable-set and decisive-only
  /// accuracies stand beside it.
  case routingAccuracy = "C1"
  /// Savings above 50 %, everything paid included, signed.
  case costSavings = "C3"
  /// Retention above 98 %; the gap recovered stands beside it, since always-cheapest may retain 90 %.
  case qualityRetention = "C4"
  /// Fewer than 25 % of the queries pay for more than one candidate; exactly 25 % fails.
  case escalationRate = "C5"
  /// Accuracy (recall) of at least 90 % on every tier that occurs, and savings of 40 to 50 %.
  case wellTuned = "C10"
  /// Acceptable accuracy of at least 95 % in every segment, by its lower bound: which task types may be automated.
  case goPerSegment = "C11"

  /// One line for people.
  public var meaning: String {
    switch self {
    case .routingAccuracy: "routing accuracy above 90 %"
    case .costSavings: "cost savings above 50 %"
    case .qualityRetention: "quality retention above 98 %"
    case .escalationRate: "escalation rate below 25 %"
    case .wellTuned: "at least 90 % accuracy on every tier and savings of 40 to 50 %"
    case .goPerSegment: "at least 95 % acceptable picks in every segment"
    }
  }

  /// The requirements on `policy`, each with its figure and verdict; those only for reading have none.
  func checks(_ policy: PolicyFigures, report: EvaluationReport) -> [GateResult.Check] {
    func require(_ metric: String, _ comparison: Gate.Comparison, _ bound: Double)
      -> GateResult.Check
    {
      GateResult.Check(
        Gate(metric: metric, comparison: comparison, bound: bound), policy: policy,
        trials: report.intervals.clusters)
    }
    switch self {
    case .routingAccuracy:
      return [
        require("label_match", .above, 0.9),
        .beside("acceptable_set", policy.accuracy.acceptableSet),
        .beside("decisive_only", policy.accuracy.decisiveOnly),
      ]
    case .costSavings: return [require("savings", .above, 0.5)]
    case .qualityRetention:
      return [require("retention", .above, 0.98), .beside("pgr", policy.pgr)]
    case .escalationRate: return [require("escalation", .below, 0.25)]
    case .wellTuned:
      let bound = Gate(metric: "recall", comparison: .atLeast, bound: 0.9)
      return policy.perTier.filter { $0.recall.value != nil }.map {
        .init(
          requirement: "recall of \($0.candidate) >= 0.9", figure: $0.recall,
          verdict: bound.verdict($0.recall))
      } + [require("savings", .atLeast, 0.4), require("savings", .atMost, 0.5)]
    case .goPerSegment:
      let bound = Gate(metric: "acceptable_set", comparison: .atLeast, bound: 0.95)
      return report.segments(of: policy.name).map {
        .init(
          requirement: "\($0.name)", figure: $0.acceptable,
          verdict: bound.verdict($0.acceptable))
      }
    }
  }
}
