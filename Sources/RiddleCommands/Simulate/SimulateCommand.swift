import ArgumentParser
import Foundation
import RiddleData
import RiddleEvaluation
import RiddlePipeline
import RiddleReport

struct SimulateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Replay routing policies over logged outcomes: quality, cost, waiting, who decided.",
    discussion: """
      A policy is a YAML file: stages that decide or pass on, guards that change what was decided \
      (`riddle policy kinds` lists them, datasets/policies has one commented example each). Every \
      call is answered from the log; latencies and failures come from the log, from a fitted \
      distribution or from a trace (--latency, --trace, --fault).

      Cost counts the router, judges and every attempt. Confidence is calibrated, tables and \
      neighbours are fitted on other rows than those they decide. Policies that learn or remember \
      go in order of time.

      EXAMPLES
        riddle simulate log.jsonl --policy band.yaml --policy tiers.yaml
        riddle simulate desk.sqlite --policy gate.yaml --report out.html
        riddle simulate log.jsonl --policy a.yaml --sweep threshold=0:1:0.05
        riddle simulate log.jsonl --policy a.yaml --fault large:error=0.05
        riddle simulate log.jsonl --policy models/desk --policy a.yaml --json
      """)

  @Argument(help: "Log files, or a store made by `riddle import`.")
  var files: [String] = []

  @OptionGroup var options: SimulationOptions
  @OptionGroup var labels: LabelOptions

  @Option(
    help: ArgumentHelp(
      "Replay each policy file over the values of one of its numbers, such as threshold=0:1:0.05 or gate.threshold=0.5,0.7. May be repeated.",
      valueName: "setting=values"))
  var sweep: [String] = []

  @Option(
    help: ArgumentHelp(
      "Utility = quality − λ · dollars, for regret and best-single. Default 0.", valueName: "λ"))
  var lambda: Double = 0

  @Option(help: "Write a self-contained HTML report here.")
  var report: String?

  @Option(
    help:
      "Write every decision as a JSON line here: who was chosen and why, alternatives, propensity, cost."
  )
  var decisions: String?

  @OptionGroup var gates: GateOptions

  @Option(help: "Bootstrap replicates of the wall's intervals; 0 for none.")
  var replicates: Int = 2000

  @Option(help: "Seed of the replicates.")
  var seed: UInt64 = 1

  @OptionGroup var output: OutputOptions

  mutating func validate() throws {
    if !files.isEmpty { try options.source.take(files) }
    guard options.source.store != nil || !options.source.data.isEmpty else {
      throw ValidationError("name the data: log files, or a store made by `riddle import`")
    }
    try Replicates.check(replicates)
    guard lambda >= 0, lambda.isFinite else {
      throw ValidationError("--lambda must be at least 0")
    }
  }

  func run() throws {
    try reportingFailures {
      let sweeps = try sweep.map(SweepSpec.init)
      var simulation = try options.open(output: output)
      let entrants = try simulation.entrants(timeout: options.commandTimeout, output: output)
      let (oracle, target, threshold) = labels.resolved(stored: nil, lambda: lambda)
      var settings = EvaluationSettings(
        oracle: oracle, target: target, qualityThreshold: threshold, pricePerQuality: lambda,
        replicates: replicates, confidence: options.confidence, seed: seed,
        warnings: simulation.warnings, inputs: simulation.inputs)
      settings.gates = gates.requested
      settings.hasInjectedFailures = simulation.world != simulation.judged.data.outcomes
      let plan = EvaluationPlan(
        settings: settings, rows: options.rows, resampling: options.clusterBy)
      let resampling = Progress("resampling", unit: "replicates", quiet: output.quiet)
      // The wall stands in the same world: where a candidate's first call fails, it earns nothing.
      var judged = simulation.judged
      judged.data = judged.data.withOutcomes(simulation.world)
      let evaluation = try evaluatePolicies(
        entrants.map(\.scored), on: judged, of: simulation.loaded.dataset,
        seen: simulation.seen, plan: plan
      ) { done, total in
        resampling.update(done, fraction: Double(done) / Double(total))
      }
      resampling.finish()
      var found = SimulationReport(
        evaluation: evaluation, policies: entrants.map(simulation.policyReplay),
        frontier: [])
      found.fixed = try simulation.fixedCandidates()
      found.frontier = paretoFrontier(points: found.operatingPoints)
      for (name, profile) in zip(evaluation.candidates, simulation.bench.world.profiles()) {
        found.speeds.append(.init(name: name, profile: profile))
      }
      found.confidence = simulation.confidenceReports(entrants)
      for spec in sweeps {
        let progress = Progress("sweeping \(spec.setting)", unit: "values", quiet: output.quiet)
        found.sweeps += try simulation.sweep(spec, entrants, progress: progress)
        progress.finish()
      }
      found.evaluation.warnings += learningWarnings(found)
      if let decisions { try write(simulation, entrants, to: decisions) }
      if let report {
        let page = HTMLReport.render(
          found.evaluation, title: entrants.map(\.name).joined(separator: ", "),
          reproduction: [RunManifest.reproducingCommand()], facts: [("Riddle", riddleVersion)],
          simulation: found)
        try Files.write(page, to: report)
      }
      try gates.write(found.evaluation)
      if output.json {
        Console.print(try JSONOutput.text(found))
      } else {
        Console.print(TerminalSimulation.render(found, width: Console.width))
        if let report { Console.print("\(report): the report") }
      }
      try gates.finish(found.evaluation)
    }
  }

  /// The decisions of all policies, one line each.
  private func write(_ simulation: Simulation, _ entrants: [Simulation.Entrant], to path: String)
    throws
  {
    let lines = DecisionLines(data: simulation.judged.data)
    var text = ""
    for entrant in entrants {
      let replay = simulation.bench.run(entrant.plan, entrant.prepared, keepsReasons: true)
      let checksum = try entrant.file?.routerPath.map {
        Files.sha256(try OpenedRouter(path: $0, options.signature).bytes)
      }
      text += try lines.text(entrant, replay: replay, routerChecksum: checksum)
    }
    try Files.write(text, to: path)
  }

  /// What bootstrap intervals do not know of policies that learn.
  private func learningWarnings(_ found: SimulationReport) -> [String] {
    let learners = found.policies.filter(\.learns).map { "'\($0.name)'" }
    if learners.isEmpty { return [] }
    return [
      "\(learners.joined(separator: ", ")) learned or remembered while serving: intervals take the decisions as they fell, another order of requests would change them"
    ]
  }
}
