import ArgumentParser
import RiddleData
import RiddleEvaluation
import RiddlePipeline
import RiddlePolicies
import RiddlePolicyFiles
import RiddleReport
import RiddleRuntime

struct OptimizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "optimize",
    abstract: "Find the best policy and settings within a budget and a latency limit.",
    discussion: """
      Every policy, at every value of the swept settings, is replayed. The choice is made on half \
      of the rows (conversations stay whole): the best mean quality among variants whose interval \
      keeps every limit. The figures printed are those of the other half, which had no part in it.

      --budget is per --unit: usd/day, usd/hour and usd/month need the traffic, from the rows' \
      times or --per-day; usd/1000 and usd/query do not. --sla limits the 95th percentile of the \
      wait. Exit status 1 when nothing keeps the limits.

      EXAMPLES
        riddle optimize d.jsonl --policy a.yaml --budget 2 --unit usd/1000
        riddle optimize d.jsonl --policy a.yaml --budget 50 --unit usd/day
        riddle optimize d.jsonl --policy a.yaml --sweep low=0:1:0.1 --sla 2s
      """)

  @Argument(help: "Log files, or a store made by `riddle import`.")
  var files: [String] = []

  @OptionGroup var options: SimulationOptions

  @Option(
    help: ArgumentHelp(
      "Try each policy file at these values of a setting, such as threshold=0:1:0.05. May be repeated: all combinations.",
      valueName: "setting=values"))
  var sweep: [String] = []

  @Option(help: ArgumentHelp("Most money per --unit.", valueName: "dollars"))
  var budget: Double?

  @Option(help: "Unit of the budget: usd/day, usd/hour, usd/month, usd/1000 or usd/query.")
  var unit: BudgetUnit = .day

  @Option(help: ArgumentHelp("Queries a day, where the rows' times do not say.", valueName: "n"))
  var perDay: Double?

  @Option(
    help: ArgumentHelp(
      "Most that 95% of users wait, such as 2s or 800ms.", valueName: "duration"))
  var sla: String?

  @Option(help: ArgumentHelp("Largest share of errors.", valueName: "share"))
  var maxErrors: Double?

  @OptionGroup var output: OutputOptions

  mutating func validate() throws {
    if !files.isEmpty { try options.source.take(files) }
    guard options.source.store != nil || !options.source.data.isEmpty else {
      throw ValidationError("name the data: log files, or a store made by `riddle import`")
    }
    guard budget != nil || sla != nil || maxErrors != nil else {
      throw ValidationError("give a limit: --budget, --sla or --max-errors")
    }
    if let budget, !(budget >= 0 && budget.isFinite) {
      throw ValidationError("--budget must be at least 0")
    }
    if let perDay, !(perDay > 0 && perDay.isFinite) {
      throw ValidationError("--per-day must be above 0")
    }
    if let maxErrors, !(maxErrors >= 0 && maxErrors <= 1) {
      throw ValidationError("--max-errors is a share between 0 and 1")
    }
  }

  func run() throws {
    try reportingFailures {
      let specs = try sweep.map(SweepSpec.init)
      let wait = try sla.map(slaMicroseconds)
      var simulation = try options.open(output: output)
      let limits = try limits(simulation, wait: wait)
      let entrants = try simulation.entrants(timeout: options.commandTimeout, output: output)
      let table = simulation.judged.data.outcomes
      let halves = halves(simulation.judged.data)
      func figures(_ rows: [Int]) -> ReplayFigures {
        ReplayFigures(
          table: table.rows(rows),
          clusters: simulation.bench.clusters.map { c in rows.map { c[$0] } },
          confidence: options.confidence)
      }
      let (choosing, confirming) = (figures(halves.choose), figures(halves.confirm))
      var variants: [OptimizeReport.Variant] = []
      var impossible = 0
      let progress = Progress("trying", unit: "variants", quiet: output.quiet)
      func add(_ name: String, _ settings: [String: Double], _ replay: Replay) {
        let chosen = choosing.point(replay.rows(halves.choose), value: 0)
        let confirmed = confirming.point(replay.rows(halves.confirm), value: 0)
        variants.append(
          .init(
            policy: name, settings: settings, chosen: chosen, confirmed: confirmed,
            verdicts: limits.map { $0.verdict(confirmed) }))
        progress.update(variants.count)
      }
      for entrant in entrants {
        let combinations = try settings(of: entrant, specs)
        guard let file = entrant.file, !combinations.isEmpty else {
          add(entrant.name, [:], entrant.replay)
          continue
        }
        for combination in combinations {
          guard
            let (plan, prepared) = try simulation.allowedVariant(
              entrant, file, combination.map { PolicyOverride(key: $0.key, value: $0.value) })
          else {
            impossible += 1
            continue
          }
          add(
            entrant.name, Dictionary(combination.map { ($0.key, $0.value) }) { first, _ in first },
            simulation.bench.run(plan, prepared))
        }
      }
      progress.finish()
      let feasible = variants.filter { variant in limits.allSatisfy { $0.isKept(variant.chosen) } }
        .sorted(by: isBetter)
      let rest = feasible.isEmpty ? variants.sorted(by: isCheaper) : Array(feasible.dropFirst())
      if impossible > 0 {
        simulation.warnings.append(
          "\(impossible) combinations of settings do not go together and were left out")
      }
      let kept = limits.map { limit in variants.count { limit.isKept($0.chosen) } }
      let found = OptimizeReport(
        rows: table.rowCount, chosenOn: halves.choose.count, confirmedOn: halves.confirm.count,
        limits: limits.map(\.text), kept: kept, tried: variants.count, feasible: feasible.count,
        best: feasible.first, others: Array(rest.prefix(5)), warnings: simulation.warnings)
      Console.print(output.json ? try JSONOutput.text(found) : found.text(width: Console.width))
      if feasible.isEmpty { throw ExitCode(ExitStatus.gateFailed.rawValue) }
    }
  }

  /// All combinations of swept settings that a policy file has; none for what is no file, or has none of them.
  private func settings(of entrant: Simulation.Entrant, _ specs: [SweepSpec]) throws -> [[(
    key: String, value: Double
  )]] {
    guard let file = entrant.file, !specs.isEmpty else { return [] }
    let known = specs.filter { spec in
      (try? file.changed([spec.override(spec.values[0])])) != nil
    }
    if known.isEmpty && options.policies.count == 1 {
      _ = try file.changed([specs[0].override(specs[0].values[0])])
    }
    var combinations: [[(key: String, value: Double)]] = known.isEmpty ? [] : [[]]
    for spec in known {
      combinations = combinations.flatMap { prefix in
        spec.values.map { prefix + [(key: spec.setting, value: $0)] }
      }
    }
    guard combinations.count <= 2000 else {
      throw CommandFailure(.usage, "\(combinations.count) combinations of settings; at most 2000")
    }
    return combinations
  }

  /// Two halves of the rows by conversation, else by text.
  private func halves(_ data: Dataset) -> (choose: [Int], confirm: [Int]) {
    var halves: (choose: [Int], confirm: [Int]) = ([], [])
    for i in 0..<data.count {
      let unit = data.contexts[i].conversation ?? data.texts[i]
      let hash = StableHash.hash((unit.isEmpty ? data.ids[i] : unit).utf8)
      if StableHash.mixed(hash ^ 0x68616c66) & 1 == 0 {
        halves.choose.append(i)
      } else {
        halves.confirm.append(i)
      }
    }
    return halves
  }

  private func isBetter(_ a: OptimizeReport.Variant, _ b: OptimizeReport.Variant) -> Bool {
    let (x, y) = (a.chosen.quality.value ?? -1, b.chosen.quality.value ?? -1)
    return x != y ? x > y : isCheaper(a, b)
  }

  private func isCheaper(_ a: OptimizeReport.Variant, _ b: OptimizeReport.Variant) -> Bool {
    (a.chosen.costDollars.value ?? .infinity) < (b.chosen.costDollars.value ?? .infinity)
  }

  // MARK: limits

  private func limits(_ simulation: Simulation, wait: Int64?) throws -> [VariantLimit] {
    var limits: [VariantLimit] = []
    if let budget {
      let queries = try queriesPerUnit(simulation.judged.data)
      limits.append(
        VariantLimit(
          text:
            "at most $\(FigureFormat.setting(budget)) per \(unit.word)\(unit.isTime ? " at \(Int(queries.rounded())) queries" : "")",
          most: budget / queries
        ) { $0.costDollars })
    }
    if let wait, let sla {
      limits.append(
        VariantLimit(text: "95% of users wait at most \(sla)", most: Double(wait) / 1e3) { $0.p95 })
    }
    if let maxErrors {
      limits.append(
        VariantLimit(text: "errors at most \(FigureFormat.setting(maxErrors))", most: maxErrors) {
          $0.failed
        })
    }
    return limits
  }

  /// Queries that one unit of the budget pays for.
  private func queriesPerUnit(_ data: Dataset) throws -> Double {
    switch unit {
    case .query: return 1
    case .thousand: return 1000
    case .hour, .day, .month:
      var day = perDay
      let times = data.contexts.compactMap(\.time?.count)
      if day == nil, let first = times.min(), let last = times.max(), last > first,
        times.count == data.count
      {
        day = Double(data.count) / (Double(last - first) / 86_400e6)
      }
      guard let day else {
        throw CommandFailure(
          .usage,
          "--unit \(unit.rawValue) needs the traffic, and the rows have no times; give --per-day QUERIES"
        )
      }
      return unit == .hour ? day / 24 : unit == .month ? day * 365.25 / 12 : day
    }
  }

  private func slaMicroseconds(_ text: String) throws -> Int64 {
    guard let wait = Amounts.microseconds(text), wait > 0 else {
      throw CommandFailure(.usage, "--sla \(text): expected a duration such as 2s or 800ms")
    }
    return wait
  }
}

/// Units of a budget.
enum BudgetUnit: String, ExpressibleByArgument, CaseIterable {
  case day = "usd/day"
  case hour = "usd/hour"
  case month = "usd/month"
  case thousand = "usd/1000"
  case query = "usd/query"

  var isTime: Bool { self == .day || self == .hour || self == .month }
  var word: String { self == .thousand ? "1,000 queries" : String(rawValue.dropFirst(4)) }
}

/// A limit on one figure of a variant.
struct VariantLimit {
  var text: String
  var most: Double
  var figure: (SimulationReport.SweepPoint) -> Figure

  init(text: String, most: Double, figure: @escaping (SimulationReport.SweepPoint) -> Figure) {
    self.text = text
    self.most = most
    self.figure = figure
  }

  /// Whether the whole interval keeps the limit.
  func isKept(_ point: SimulationReport.SweepPoint) -> Bool {
    let figure = figure(point)
    return (figure.high ?? figure.value).map { $0 <= most } ?? false
  }

  /// By the interval, not by the point.
  func verdict(_ point: SimulationReport.SweepPoint) -> String {
    let figure = figure(point)
    guard let value = figure.value else { return "UNDECIDED" }
    if (figure.high ?? value) <= most { return "PASS" }
    return (figure.low ?? value) > most ? "FAIL" : "UNDECIDED"
  }
}
