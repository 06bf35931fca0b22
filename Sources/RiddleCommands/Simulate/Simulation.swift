import RiddleData
import RiddleEvaluation
import RiddlePipeline
import RiddlePolicies
import RiddlePolicyFiles
import RiddleRuntime

/// Opened policies and data, ready to be replayed.
struct Simulation {
  let contest: Contest
  let loaded: LoadedData
  let judged: JudgedRows
  let seen: SeenRows
  let bench: PolicyBench
  /// Outcomes of fixed candidates in the replayed world: the log's, where nothing fails.
  let world: OutcomeTable
  var warnings: [String]
  let inputs: [EvaluationReport.Input]
  let confidence: Double
  /// Whose signature weight files must carry.
  let signature: SignatureOptions

  /// One entrant that was replayed.
  struct Entrant {
    var name: String
    var scored: ScoredPolicy
    var replay: Replay
    /// Where it comes from, when it is a policy file.
    var file: PolicyFile?
    var plan: PolicyPlan
    var prepared: PreparedReplay
  }

  /// Figures with this simulation's clusters and confidence.
  var figures: ReplayFigures {
    ReplayFigures(
      table: judged.data.outcomes, fixed: world, clusters: bench.clusters, confidence: confidence)
  }

  /// Most candidates that are replayed alone.
  private static let mostFixed = 8

  /// Every candidate alone in the replayed world.
  func fixedCandidates() throws -> [SimulationReport.FixedCandidate] {
    let names = judged.data.outcomes.candidates
    if names.count > Self.mostFixed { return [] }
    let figures = figures
    return try names.indices.map { k in
      var plan = PolicyPlan(name: "always \(names[k])")
      plan.stages = [.init(kind: "static", line: 0) { _ in Static(candidate: k) }]
      let replay = bench.run(plan, try bench.prepare(plan, router: nil))
      return .init(
        replay: figures.policy(replay, name: plan.name, stages: plan.summary, learns: false),
        point: figures.point(replay, value: Double(k)))
    }
  }

  /// Replays everybody. What is no policy file is replayed by its choices, so that it meets the same world.
  mutating func entrants(timeout: Double, output: OutputOptions) throws -> [Entrant] {
    let decisions = try contest.decisions(
      on: judged.data, bench: bench, timeout: timeout, warnings: &warnings, output: output)
    var entrants: [Entrant] = []
    for decision in decisions {
      if let (file, plan, prepared, replay) = decision.replayed {
        var scored = decision.scored
        if !bench.world.isLog { scored.qualities = figures.qualities(replay) }
        entrants.append(
          Entrant(
            name: plan.name, scored: scored, replay: replay, file: file, plan: plan,
            prepared: prepared))
        continue
      }
      let name = decision.scored.name
      var picks: [UInt64: Int] = [:]
      for (row, pick) in decision.scored.picks.enumerated() {
        picks[StableHash.hash(judged.data.ids[row].utf8)] = pick
      }
      let stage = decision.scored.kind
      let recorded = picks
      var plan = PolicyPlan(name: name)
      plan.stages = [.init(kind: stage, line: 0) { _ in Recorded(picks: recorded, stage: stage) }]
      let prepared = try bench.prepare(plan, router: nil)
      var replay = bench.run(plan, prepared)
      var scored = decision.scored
      // Its curve stays; what its calls came to is the replay's, unless it says itself what it paid.
      if let paid = scored.paid, let attempts = scored.attempts {
        replay = replay.withPayments(paid, candidates: attempts)
      } else {
        scored.paid = replay.paid
      }
      if replay.failed.contains(true) { scored.failed = replay.failed }
      if !bench.world.isLog { scored.qualities = figures.qualities(replay) }
      entrants.append(
        Entrant(
          name: name, scored: scored, replay: replay, file: nil, plan: plan, prepared: prepared))
    }
    return entrants
  }

  /// What one entrant's replay showed.
  func policyReplay(_ entrant: Entrant) -> SimulationReport.PolicyReplay {
    var found = figures.policy(
      entrant.replay, name: entrant.name, stages: entrant.plan.summary,
      learns: entrant.plan.policy(entrant.prepared.facts).learns)
    found.regret = bench.regret(entrant.plan, entrant.prepared, confidence: confidence)
    return found
  }

  /// Signals that some policy reads; one that several read alike is listed once.
  func confidenceReports(_ entrants: [Entrant]) -> [ConfidenceReport] {
    var reports: [ConfidenceReport] = []
    for report in entrants.flatMap(\.prepared.confidence) where !reports.contains(report) {
      reports.append(report)
    }
    return reports
  }

  /// The policies that have the swept setting, over its values.
  func sweep(_ spec: SweepSpec, _ entrants: [Entrant], progress: Progress) throws
    -> [SimulationReport.SettingSweep]
  {
    var sweeps: [SimulationReport.SettingSweep] = []
    var complaint: (any Error)?
    let figures = figures
    for entrant in entrants {
      guard let file = entrant.file else { continue }
      var points: [SimulationReport.SweepPoint] = []
      do {
        for (done, value) in spec.values.enumerated() {
          guard let (plan, prepared) = try allowedVariant(entrant, file, [spec.override(value)])
          else { continue }
          points.append(figures.point(bench.run(plan, prepared), value: value))
          progress.update(done, fraction: Double(done + 1) / Double(spec.values.count))
        }
      } catch let error as PolicyFileError where error.line == nil && points.isEmpty {
        // This policy lacks the setting; another may have it.
        complaint = complaint ?? error
        continue
      }
      if points.isEmpty {
        throw CommandFailure(
          .usage, "--sweep \(spec.setting): policy '\(entrant.name)' allows none of these values")
      }
      sweeps.append(.init(policy: entrant.name, setting: spec.setting, points: points))
    }
    if let complaint, sweeps.isEmpty { throw complaint }
    guard !sweeps.isEmpty else {
      throw CommandFailure(
        .usage, "--sweep \(spec.setting): only policy files have settings, and none was given")
    }
    return sweeps
  }

  /// The same, or nil for values that do not go together, such as a band's low end above its high end.
  func allowedVariant(_ entrant: Entrant, _ file: PolicyFile, _ overrides: [PolicyOverride]) throws
    -> (PolicyPlan, PreparedReplay)?
  {
    do {
      return try variant(entrant, file, overrides)
    } catch let error as PolicyFileError where error.line != nil {
      return nil
    }
  }

  /// The same policy with settings changed; requests are prepared anew only where that changes them.
  func variant(_ entrant: Entrant, _ file: PolicyFile, _ overrides: [PolicyOverride]) throws -> (
    PolicyPlan, PreparedReplay
  ) {
    let changed = try file.changed(overrides)
    let plan = try changed.plan(
      candidates: judged.data.outcomes.candidates, name: entrant.name, router: nil)
    let same =
      plan.predictor == entrant.plan.predictor && plan.needs == entrant.plan.needs
      && plan.judgeErrorRate == entrant.plan.judgeErrorRate
      && plan.preCheckErrorRate == entrant.plan.preCheckErrorRate
    if same { return (plan, entrant.prepared) }
    let router = try changed.routerPath.map { try OpenedRouter(path: $0, signature) }
    return (plan, try bench.prepare(plan, router: router?.router))
  }
}
