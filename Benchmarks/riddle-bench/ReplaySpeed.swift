import Foundation
import RiddleData
import RiddleEvaluation
import RiddlePolicies

/// Decisions per second of a replay, by policy, on one thread; and a sweep.
struct ReplayTiming: Encodable {
  var rows: Int
  var texts: String
  /// Millions of requests per second, fastest of the repeats.
  var oneShot: [String: Double]
  var cascades: [String: Double]
  /// Seconds of 100 replays of a threshold on a probability, with figures and their intervals, on `threads` threads.
  var sweepSeconds: Double
  var sweepThreads: Int
}

/// Times replays of `--rows` requests of about 110 characters with three candidates, best of `--repeats`.
func measureReplay(_ arguments: Arguments) throws -> ReplayTiming {
  let rows = try arguments.count("rows", standard: 14_000)
  let repeats = max(1, try arguments.count("repeats", standard: 10))
  let width = 3
  var stream = SplitMix64(seed: 11)
  var quality: [Double] = []
  var cost: [Int64] = []
  var latency: [Int64] = []
  for _ in 0..<rows {
    let skill = stream.unit()
    for k in 0..<width {
      quality.append(skill < 0.5 + 0.2 * Double(k) ? 1 : 0)
      cost.append(Int64(100_000 * (1 + 10 * k * k) + stream.below(50_000)))
      latency.append(Int64(300_000 + 700_000 * k + stream.below(500_000)))
    }
  }
  let names = ["small", "medium", "large"]
  let table = OutcomeTable(candidates: names, quality: quality, cost: cost, latency: latency)
  let words = [
    "please", "explain", "reset", "password", "invoice", "compare", "why", "orders", "code",
  ]
  let requests = (0..<rows).map { row -> Request in
    let text = (0..<16).map { _ in words[stream.below(words.count)] }.joined(separator: " ")
    var context = QueryContext()
    context.userTier = ["free", "standard", "premium"][stream.below(3)]
    return Request(
      id: "q\(row)", text: text, context: context, candidateCount: width, margins: [0, 0],
      probability: stream.unit())
  }
  let log = (0..<rows).map { row in
    LoggedQuery(
      id: "q\(row)", text: "t",
      outcomes: names.enumerated().map { k, name in
        CandidateOutcome(
          candidate: name,
          outcome: Outcome(
            quality: 1, confidence: Double(stream.below(1000)) / 1000,
            gateScore: Double(stream.below(1000)) / 1000, answer: "\(stream.below(3))"))
      })
  }
  let answers = Dataset(log: log, candidates: names, keepsAnswers: true).answers
  let world = World(table: table)
  let settings = ReplaySettings(world: world, threads: 1)

  func rate(_ policy: StagedPolicy) -> Double {
    var best = Double.infinity
    for _ in 0..<repeats {
      let start = DispatchTime.now().uptimeNanoseconds
      let found = replay(
        policy, requests: requests, table: table, answers: answers, settings: settings)
      best = min(best, Double(DispatchTime.now().uptimeNanoseconds - start))
      precondition(found.picks.count == rows)
    }
    return (Double(rows) / best * 1e9 / 1e6 * 1000).rounded() / 1000
  }
  func staged(_ name: String, _ stage: any Policy, _ guards: [any Guard] = []) -> StagedPolicy {
    StagedPolicy(name: name, stages: [stage], guards: guards, fallback: 2)
  }
  let own = ConfidenceSignal(.own)
  let oneShot: [StagedPolicy] = [
    staged("static", Static(candidate: 0)),
    staged(
      "classifier", ScoreTiers(source: .probability, cuts: [0.5], candidates: [0, 2])),
    staged("user tier", UserTier.standard(count: width)),
    staged("heuristic rules", HeuristicRules.table(strongest: 2)),
    staged("keywords", KeywordDifficulty()), staged("length", PromptLength(threshold: 110)),
  ]
  let cascades: [StagedPolicy] = [
    staged("cascade", Cascade(ladder: [0, 1, 2], threshold: 0.8, signal: own)),
    staged("agreement", AgreementCascade(cheap: [0, 1], strong: 2)),
    staged(
      "quality gate", Static(candidate: 0),
      [QualityGate(threshold: 0.7, signal: ConfidenceSignal(.judge))]),
    staged("best of", BestOf(candidates: [0, 1, 2])),
  ]
  func rates(_ policies: [StagedPolicy]) -> [String: Double] {
    Dictionary(uniqueKeysWithValues: policies.map { ($0.name, rate($0)) })
  }

  let threads = 2
  let figures = ReplayFigures(table: table, clusters: nil, confidence: 0.95)
  var sweep = Double.infinity
  for _ in 0..<min(repeats, 3) {
    let start = DispatchTime.now().uptimeNanoseconds
    for step in 0..<100 {
      let cut = Double(step) / 100
      let policy = staged(
        "sweep", ScoreTiers(source: .probability, cuts: [cut], candidates: [0, 2]))
      let found = replay(
        policy, requests: requests, table: table,
        settings: ReplaySettings(world: world, threads: threads))
      precondition(figures.point(found, value: cut).quality.value != nil)
    }
    sweep = min(sweep, Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9)
  }
  return ReplayTiming(
    rows: rows, texts: "16 words, about 110 characters", oneShot: rates(oneShot),
    cascades: rates(cascades), sweepSeconds: (sweep * 1000).rounded() / 1000, sweepThreads: threads)
}
