import ArgumentParser
import Foundation
import RiddleData
import RiddleEvaluation
import RiddlePipeline
import RiddleReport
import RiddleRuntime
import RiddleStore

struct DriftCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drift",
    abstract: "Say whether queries, labels or scores have moved, which, and since when.",
    discussion: """
      Holds every period after the reference against it: each dense feature (stability index PSI \
      and Kolmogorov–Smirnov distance), context fields, qualities, costs and labels, a router's \
      margins and residuals, the share of new words, and a classifier that tries to tell new rows \
      from old ones. A line is crossed when permutations of whole families of near-duplicates do not \
      get that far in any column: a quiet period raises an alarm with probability --alpha at most, \
      over all columns. How often it does on the reference itself is measured and printed.

      The reference is --reference, else what the router in production was trained on, else the \
      older half of the log. Without times give two logs: riddle drift BEFORE --current AFTER. \
      --gate ends with exit status 1 when the newest period drifted.

      EXAMPLES
        riddle drift --store desk.sqlite
        riddle drift --store desk.sqlite --reference 2026-03-02..2026-04-12 --gate
        riddle drift log.jsonl.gz --window 1d --report drift.html
        riddle drift before.jsonl --current after.jsonl --json
        riddle drift --store desk.sqlite --router models/desk --alpha 0.05
      """)

  @Argument(help: "Log files, or a store.")
  var files: [String] = []

  @OptionGroup var source: DataOptions

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Log files that are held against the others, whatever their times.", valueName: "file"))
  var current: [String] = []

  @Option(
    help: ArgumentHelp(
      "What new rows are held against: 2026-03-02..2026-04-12, both days included, UTC; or times with a zone, the last excluded.",
      valueName: "from..to"))
  var reference: String?

  @Option(help: "Length of a period: hours, days or weeks, for example 24h, 7d or 2w.")
  var window: String = "7d"

  @Option(
    help: ArgumentHelp(
      "Router whose features, margins and residuals are watched: a weight file, a run's folder, production (of --store), or none. Default: production where there is one.",
      valueName: "router"))
  var router: String?

  @Option(help: "Environment whose router is in production.")
  var environment: String = "production"

  @Option(help: "Chance that a quiet period raises any alarm.")
  var alpha: Double = 0.01

  @Option(help: "Permutations behind the lines.")
  var permutations: Int = 999

  @Option(
    help: ArgumentHelp(
      "Stability index below which a shift is too small to matter, however sure.",
      valueName: "psi"))
  var smallestShift: Double = 0.02

  @Flag(inversion: .prefixedNo, help: "Train a classifier to tell new rows from old ones.")
  var classifier = true

  @Option(help: "Most rows of the reference and of each period; longer ones are sampled.")
  var sample: Int = 20_000

  @Option(help: "Seed of permutations and folds.")
  var seed: UInt64 = 1

  @Flag(help: "Exit with status 1 when the newest period drifted.")
  var gate = false

  @Option(help: ArgumentHelp("HTML page to write.", valueName: "file"))
  var report: String?

  @OptionGroup var signature: SignatureOptions
  @OptionGroup var output: OutputOptions

  mutating func validate() throws {
    if !files.isEmpty { try source.take(files) }
    guard alpha > 0, alpha < 0.5 else {
      throw ValidationError("--alpha must lie between 0 and 0.5")
    }
    guard alpha >= 1e-4 else {
      throw ValidationError("--alpha below 0.0001 needs more permutations than are made")
    }
    let needed = Int((1 / (classifier ? alpha / 2 : alpha)).rounded(.up)) - 1
    guard permutations >= needed, permutations <= 100_000 else {
      throw ValidationError(
        "--permutations must be from \(needed) (so that a chance of \(alpha) can be seen) to 100000"
      )
    }
    guard TimeLength(window) != nil else {
      throw ValidationError("--window \(window): expected hours, days or weeks, for example 7d")
    }
    if let reference, TimeSpan(reference) == nil {
      throw ValidationError(
        "--reference \(reference): expected FROM..TO with days such as 2026-03-02 or times with a zone, FROM before TO"
      )
    }
    guard smallestShift >= 0, smallestShift.isFinite else {
      throw ValidationError("--smallest-shift must be at least 0")
    }
    guard sample >= 100 else { throw ValidationError("--sample must be at least 100") }
    if !current.isEmpty && (source.store != nil || reference != nil) {
      throw ValidationError("--current compares log files; leave out --store and --reference")
    }
    if router == "production" && source.store == nil {
      throw ValidationError("--router production is asked of a store; give --store FILE")
    }
  }

  func run() throws {
    try reportingFailures {
      let deployed = try deployedRouter()
      var warnings: [String] = []
      var given = reference.flatMap(TimeSpan.init)
      if given == nil, let span = try deployed.flatMap({ try Self.trainingSpan($0) }) {
        given = span
        output.note(
          "reference: \(TimeText.utc(Microseconds(span.start ?? 0))) to \(TimeText.utc(Microseconds(span.end ?? 0))), what the router in \(environment) was trained on"
        )
      }
      let log: DriftLog
      do {
        log = try load(given)
      } catch let none as NothingNewer {
        guard reference == nil else { throw none.failure }
        // A week without traffic is no failure of the loop that runs this.
        return try showNothing(none)
      }
      warnings += log.warnings
      let watched = try watchedRouter(deployed)
      if let watched { output.note("watching the scores of \(watched.name)") }
      var settings = DriftSettings()
      settings.falseAlarms = alpha
      settings.permutations = permutations
      settings.smallestShift = smallestShift
      settings.seed = seed
      settings.threads = ProcessInfo.processInfo.activeProcessorCount
      let table = try driftTable(
        log.data, router: watched, reference: log.periods.reference,
        periods: log.periods.periods, stretch: TimeLength(window)?.microseconds ?? 0)
      let classifiers =
        classifier ? try domainClassifiers(log.data, table: table, settings: settings) : []
      // Threads are no part of the result.
      var found = findDrift(table, settings: settings, classifiers: classifiers, warnings: warnings)
      found.settings.threads = 1
      try show(found, log)
      if gate && found.isNewestAdrift {
        throw CommandFailure(
          .gateFailed, "gate: the newest period drifted; next: riddle retrain")
      }
    }
  }

  private func showNothing(_ none: NothingNewer) throws {
    if output.json {
      Console.print(
        try JSONOutput.text(
          Nothing(
            trained_until: TimeText.utc(none.end), newest: TimeText.utc(none.newest))))
    } else {
      Console.print(
        "nothing is newer than what the router in \(environment) was trained on: the newest row is of \(TimeText.utc(none.newest))"
      )
    }
  }

  /// What is printed as JSON when no row is newer than the reference.
  private struct Nothing: Encodable {
    var kind = "drift-nothing"
    var trained_until: String
    var newest: String
  }

  private func load(_ given: TimeSpan?) throws -> DriftLog {
    let length = TimeLength(window) ?? TimeLength("7d")
    guard let length else { throw CommandFailure(.usage, "--window \(window)") }
    if !current.isEmpty {
      var after = source
      after.data = current
      return try DriftLog(reference: source, current: after, output: output)
    }
    if let store = source.store {
      return try DriftLog(store: store, window: length, reference: given, sample: sample)
    }
    guard !source.data.isEmpty else {
      throw CommandFailure(.usage, "give --store FILE (made by `riddle import`) or log files")
    }
    return try DriftLog(
      files: source, window: length, reference: given, sample: sample, output: output)
  }

  private func deployedRouter() throws -> DeployedTraining? {
    guard let path = source.store, router == nil || router == "production" else { return nil }
    let store = try Store.open(path: path, mode: .readOnly)
    let found = try store.deployedTraining(environment: environment)
    if found == nil && router != nil {
      throw CommandFailure(
        .inputMissing, "nothing was deployed to \(environment) in \(path); promote a router first")
    }
    return found
  }

  /// The time that the deployed router's training rows span; nil when its run does not say.
  static func trainingSpan(_ deployed: DeployedTraining) throws -> TimeSpan? {
    guard let run = deployed.run,
      let manifest = try? JSONDecoder().decode(RunManifest.self, from: Data(run.manifest.utf8)),
      let first = manifest.split.first_time.flatMap({ Microseconds(time: $0) }),
      let last = manifest.split.last_time.flatMap({ Microseconds(time: $0) })
    else { return nil }
    // Whole days: what stands in a manifest is to the second.
    let day = TimeLength.day
    return TimeSpan(start: first.count / day * day, end: (last.count / day + 1) * day)
  }

  private func watchedRouter(_ deployed: DeployedTraining?) throws -> WatchedRouter? {
    if router == "none" { return nil }
    let opened: OpenedRouter
    if let deployed {
      guard let path = source.store, deployed.hasBytes else {
        output.note(
          "the router in \(environment) is known by its checksum alone: its scores are not watched")
        return nil
      }
      let store = try Store.open(path: path, mode: .readOnly)
      let (bytes, _) = try Deployer(store: store, environment: environment)
        .storedRouter(deployed.deployment.router)
      opened = try OpenedRouter(
        bytes: bytes, path: "\(path)#\(deployed.deployment.router.prefix(12))")
    } else {
      guard let router else { return nil }
      opened = try OpenedRouter(path: router, signature)
    }
    return WatchedRouter(
      name: opened.name, router: opened.router, columnNames: opened.columnNames,
      target: opened.metadata[RouterMetadata.target].flatMap(LabelTarget.init) ?? .weakFails,
      qualityThreshold: opened.metadata[RouterMetadata.qualityThreshold].flatMap { Double($0) }
        ?? 0.5)
  }

  private func show(_ found: DriftReport, _ log: DriftLog) throws {
    for warning in found.warnings { output.note("warning: \(warning)") }
    let day: @Sendable (Int64) -> String = { TimeText.day(Microseconds($0)) }
    let tables = DriftTables(found, day: day)
    if let report {
      let page = DriftPage.render(
        found, title: "Drift of \(log.inputs.map(\.name).joined(separator: ", "))",
        facts: log.inputs.map { ("Data " + $0.name, $0.sha256 ?? $0.content) }
          + [("Seed", "\(seed)"), ("Riddle", riddleVersion)],
        reproduction: [RunManifest.reproducingCommand()], day: day)
      try Files.write(page, to: report)
      output.note("\(report): the report")
    }
    if output.json {
      Console.print(try JSONOutput.text(Result(inputs: log.inputs, drift: found)))
      return
    }
    Console.print(tables.headline + "\n")
    for table in tables.all { Console.print(table.text(width: Console.width)) }
  }

  private struct Result: Encodable {
    var kind = "drift"
    var inputs: [LoadedData.Input]
    var drift: DriftReport
  }
}
