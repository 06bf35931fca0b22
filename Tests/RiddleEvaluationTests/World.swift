import RiddleData

@testable import RiddleEvaluation

/// A small simulated log: harder queries are longer, weaker candidates fail on them more often.
struct World {
  var table: OutcomeTable
  var router: ScoredPolicy
  var wall: BaselineInputs
  var segments: [String]

  /// - Parameter graded: whether qualities are tenths instead of 0 or 1.
  init(rows n: Int, candidates width: Int = 2, seed: UInt64 = 7, graded: Bool = false) {
    var stream = SplitMix64(seed: seed)
    var quality: [Double] = []
    var cost: [Int64] = []
    var margins: [Double] = []
    var probabilities: [Double] = []
    var lengths: [Double] = []
    var keywords: [Double] = []
    var keys: [UInt64] = []
    segments = []
    for _ in 0..<n {
      let hardness = stream.unit()
      for k in 0..<width {
        let success = 0.95 - 0.7 * hardness * (1 - Double(k) / Double(width))
        let draw = stream.unit()
        quality.append(
          graded
            ? Double(Int(10 * min(1, success * (0.5 + draw)))) / 10 : draw < success ? 1 : 0)
        cost.append(Int64((0.5 + stream.unit()) * 100_000 * Double(1 + 4 * k)))
      }
      let guess = min(0.98, max(0.02, 0.6 * hardness + 0.4 * stream.unit()))
      for k in 0..<(width - 1) { margins.append(guess - 0.1 * Double(k)) }
      probabilities.append(guess)
      lengths.append(Double(40 + Int(300 * hardness * stream.unit())))
      keywords.append([0, 0.5, 1][stream.below(3)])
      keys.append(stream.next())
      segments.append(["billing", "code", "chat"][Int(hardness * 2.999)])
    }
    table = OutcomeTable(
      candidates: (0..<width).map { "candidate-\($0)" }, quality: quality, cost: cost,
      latency: [Int64](repeating: OutcomeTable.missingLatency, count: n * width))
    router = ScoredPolicy(
      name: "router", kind: "test", margins: margins,
      thresholds: [Double](repeating: 0.45, count: width - 1), probabilities: probabilities)
    wall = BaselineInputs(
      lengths: lengths, keywordScores: keywords, rowKeys: keys, segments: segments,
      segmentField: "task_type")
  }

  /// The same world with its rows in another order, or repeated.
  func rows(_ indices: [Int]) -> World {
    var copy = self
    copy.table = table.rows(indices)
    copy.router = router.rows(indices)
    copy.wall = wall.rows(indices)
    copy.segments = indices.map { segments[$0] }
    return copy
  }

  func report(_ settings: EvaluationSettings = World.quick) throws -> EvaluationReport {
    try evaluate(table, routers: [router], wall: wall, settings: settings)
  }

  /// Few replicates: enough to exercise every path.
  static let quick = EvaluationSettings(replicates: 48, seed: 11, threads: 2)
  /// Point values alone.
  static let pointsOnly = EvaluationSettings(replicates: 0)
}

/// Every figure of a policy by name, for comparing two reports.
func allFigures(_ p: PolicyFigures) -> [(name: String, figure: Figure)] {
  [
    ("auc", p.auc), ("ap", p.averagePrecision), ("logLoss", p.logLoss), ("brier", p.brier),
    ("ece", p.ece), ("label", p.accuracy.labelMatch), ("acceptable", p.accuracy.acceptableSet),
    ("strict", p.accuracy.acceptableSetStrict), ("decisive", p.accuracy.decisiveOnly),
    ("pgr", p.pgr), ("apgr", p.apgr), ("apgrRouteLLM", p.apgrRouteLLM), ("cpt50", p.cpt50),
    ("cpt80", p.cpt80), ("cpt50RouteLLM", p.cpt50RouteLLM), ("cpt80RouteLLM", p.cpt80RouteLLM),
    ("savings", p.savings), ("retention", p.retention), ("shareStrong", p.shareStrong),
    ("regret", p.regret), ("quality", p.quality), ("cost", p.costDollars),
  ] + p.shares.enumerated().map { ("share \($0)", $1) }
}

extension EvaluationReport {
  /// All routers and baselines.
  var policies: [PolicyFigures] { routers + baselines }
  /// The policy called `name`.
  func policy(_ name: String) -> PolicyFigures? { policies.first { $0.name == name } }
}
