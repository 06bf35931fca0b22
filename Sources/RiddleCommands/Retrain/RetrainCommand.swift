import ArgumentParser
import Foundation
import RiddleData
import RiddleEvaluation
import RiddlePipeline
import RiddleReport
import RiddleRuntime
import RiddleStore

struct RetrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retrain",
    abstract:
      "Train a challenger as the champion was trained, and let it replace only if it is better.",
    discussion: """
      Takes the champion's settings from its manifest, trains on the store's labelled rows without the \
      newest --window, and judges both routers on the rows of that window that neither was trained \
      on. Writes the challenger's run folder with CHANGE.md, a diff to review: data, figures with \
      paired intervals, thresholds and guarantees, changed decisions by id, features, drift, the \
      verdict and the command that promotes.

      The challenger is promoted, with --promote, only on a significant gain in the figure that the \
      champion was trained for: utility when it weighs costs, label match for tiers, otherwise \
      quality above the random mix of the same cost. Otherwise the champion is kept: exit \
      status 0, or 1 with --gate. An --output that is the folder of the router in production is left as it is. While another retraining of the store runs, 74.

      EXAMPLES
        riddle retrain --store desk.sqlite --output models/this-week
        riddle retrain --store desk.sqlite --champion models/desk \\
          --output models/next
        riddle retrain --store desk.sqlite --output models/this-week --promote \\
          --to /srv/riddle/current.riddle
        riddle retrain --store desk.sqlite --window 14d --gate --output m --json
      """)

  @OptionGroup var place: DeployOptions

  @Option(
    help: ArgumentHelp(
      "Router to beat: production, a weight file, or a run's folder.", valueName: "router"))
  var champion: String = "production"

  @Option(help: "Folder to write, for example models/2026-04-27.")
  var output: String

  @Option(
    help: "Newest rows that neither learns from and both are judged on: for example 24h, 7d or 2w.")
  var window: String = "7d"

  @Flag(help: "Promote the challenger when its gain is significant.")
  var promote = false

  @Option(
    help: ArgumentHelp(
      "With --promote: file that servers read. Default: the one of the last deployment.",
      valueName: "file"))
  var to: String?

  @Flag(help: "Exit with status 1 when the champion is kept.")
  var gate = false

  @Option(help: "Bootstrap replicates of the paired intervals.")
  var replicates: Int = 2000

  @Option(help: "Coverage of the intervals.")
  var confidence: Double = 0.95

  @Option(help: "Seed of the replicates; the training's own is the champion's.")
  var seed: UInt64 = 1

  @OptionGroup var signature: SignatureOptions
  @OptionGroup(title: "Output") var said: OutputOptions

  func validate() throws {
    try Replicates.check(replicates, allowsNone: false)
    guard confidence > 0, confidence < 1 else {
      throw ValidationError("--confidence must lie between 0 and 1")
    }
    guard TimeLength(window) != nil else {
      throw ValidationError("--window \(window): expected hours, days or weeks, for example 7d")
    }
    if to != nil && !promote { throw ValidationError("--to goes with --promote") }
  }

  func run() throws {
    try reportingFailures {
      guard Files.exists(place.store) else { throw StoreError.storeMissing(path: place.store) }
      try ProcessLock.holding("retrain", store: place.store) { try retrain() }
    }
  }

  private func retrain() throws {
    let store = try Store.open(path: place.store, mode: .readWrite)
    defer { try? store.close() }  // What was committed stays.
    let old = try Champion(
      champion, store: store, environment: place.environment, signature: signature)
    let start = try windowStart(store)
    let candidates = old.opened.candidates
    let words = old.words.again(
      store: place.store,
      candidates: old.words.words.contains("--tiers") ? nil : candidates,
      until: start.map { TimeText.utc($0) }, output: output)
    let command = try trainCommand(words)
    if try isOwnFolder(old) {
      // Cron ran twice: the challenger of this folder decides already.
      if said.json {
        Console.print(try JSONOutput.text(Nothing(champion: Files.sha256(old.opened.bytes))))
      } else {
        Console.print(
          "nothing to do: the router of \(output) decides in \(place.environment) already")
      }
      return
    }
    said.note("training the challenger: \(words.command)")
    let made = try command.train(command: words.command)
    let challenger = try OpenedRouter(path: output, SignatureOptions.none)
    let loaded = try command.source.load(
      fallbackCandidates: candidates, embeddingModel: command.embeddingModel, output: said)
    guard loaded.dataset.outcomes.candidates == candidates else {
      throw CommandFailure(
        .malformedData,
        "the store's ladder is \(loaded.dataset.outcomes.candidates.joined(separator: ", ")), the champion's \(candidates.joined(separator: ", "))"
      )
    }
    let data = loaded.dataset.withDuplicateKeys()
    let challenge = Challenge(
      champion: old, challenger: challenger, trained: made, command: command)
    var result = try challenge.judged(
      on: data, from: start, replicates: replicates, confidence: confidence, seed: seed)
    result.warnings = old.warnings + loaded.warnings + result.warnings
    let drift = try moved(store, old, from: start)
    let document = document(
      challenge, result, drift: drift, settings: try settings(old, made.manifest))
    let text = document.markdown()
    let outcome = Outcome(
      champion: Files.sha256(old.opened.bytes), challenger: Files.sha256(challenger.bytes),
      window_start: start.map { TimeText.utc($0) }, judged_rows: result.judgedRows,
      verdict: result.verdict, routers: result.change, decisions: result.decisions,
      features: result.features, drift: drift?.report,
      document: RunFolder(path: output).file(Self.documentName),
      commands: document.commands, warnings: result.warnings)
    try Files.write([
      (
        RunFolder(path: output).file(Self.resultName),
        Array((try JSONOutput.text(outcome) + "\n").utf8)
      ),
      (RunFolder(path: output).file(Self.documentName), Array(text.utf8)),
    ])
    var promoted: Deployer.Outcome?
    if promote && result.verdict.isPromoted { promoted = try deploy(challenger, result, in: store) }
    try show(outcome, promoted, probes: challenger.router.probes.count)
    if gate && !result.verdict.isPromoted {
      throw CommandFailure(.gateFailed, "gate: \(result.verdict.sentence)")
    }
  }

  static let documentName = "CHANGE.md"
  static let resultName = "change.json"

  /// Start of the newest window; nil when no row has a time.
  private func windowStart(_ store: Store) throws -> Microseconds? {
    guard let length = TimeLength(window) else { return nil }
    var newest: Int64?
    try store.select(
      "SELECT max(time_us) FROM queries WHERE text_hash IS NOT NULL", header: { _ in }
    ) { row in
      if case .integer(let time) = row[0] { newest = time }
    }
    guard let newest else {
      said.note("no row has a time: both are judged on rows that neither split trains on")
      return nil
    }
    let end =
      length.isWholeDays ? (newest / TimeLength.day + 1) * TimeLength.day : newest + 1
    return Microseconds(end - length.microseconds)
  }

  /// The challenger's training, quiet.
  private func trainCommand(_ words: TrainingWords) throws -> TrainCommand {
    do {
      let parsed = try TrainCommand.parseAsRoot(words.words + ["--quiet"])
      guard let command = parsed as? TrainCommand else {
        throw CommandFailure(.malformedData, "not a training: \(words.command)")
      }
      return command
    } catch let failure as CommandFailure {
      throw failure
    } catch {
      throw CommandFailure(
        .malformedData,
        "the champion's settings cannot be given again (\(OneLine.of(TrainCommand.message(for: error)))): \(words.command)"
      )
    }
  }

  /// Whether the output is the champion's own folder: it was trained there before, and must not be overwritten.
  private func isOwnFolder(_ old: Champion) throws -> Bool {
    guard AbsolutePath.of(output) == AbsolutePath.of(old.opened.folder) else { return false }
    guard champion == "production" else {
      throw CommandFailure(
        .usage,
        "--output \(output): the champion's own folder; give another one, for example \(output)-next"
      )
    }
    return true
  }

  /// What moved between the champion's data and the window; nil where it cannot be asked.
  private func moved(_ store: Store, _ old: Champion, from start: Microseconds?) throws
    -> (report: DriftReport, tables: DriftTables)?
  {
    guard let start, let length = TimeLength(window) else { return nil }
    let last = old.lastTraining.map { min($0.count + 1, start.count) } ?? start.count
    do {
      let log = try DriftLog(
        store: store.path, window: length, reference: TimeSpan(start: nil, end: last),
        sample: 5_000)
      var settings = DriftSettings()
      settings.falseAlarms = 0.05
      settings.permutations = 199
      settings.threads = ProcessInfo.processInfo.activeProcessorCount
      let watched = WatchedRouter(
        name: "champion", router: old.opened.router, columnNames: old.opened.columnNames,
        target: old.opened.metadata[RouterMetadata.target].flatMap(LabelTarget.init)
          ?? .weakFails,
        qualityThreshold: old.opened.metadata[RouterMetadata.qualityThreshold]
          .flatMap { Double($0) } ?? 0.5)
      let isReadable = old.opened.router.schema.embeddingMeans.isEmpty
      let table = try driftTable(
        log.data, router: isReadable ? watched : nil, reference: log.periods.reference,
        periods: Array(log.periods.periods.suffix(1)), stretch: length.microseconds)
      var report = findDrift(table, settings: settings)
      report.settings.threads = 1
      return (report, DriftTables(report) { TimeText.day(Microseconds($0)) })
    } catch is NothingNewer {
      said.note("drift was not looked at: no row is newer than the champion's data")
      return nil
    } catch let failure as CommandFailure where failure.status == .malformedData {
      said.note("drift was not looked at: \(failure.message)")
      return nil
    }
  }

  private func deploy(
    _ challenger: OpenedRouter, _ result: Challenge.Result, in store: Store
  ) throws -> Deployer.Outcome {
    try ProcessLock.holding("deploy", store: place.store) {
      let last = try store.deployments(environment: place.environment).last
      let policy = last?.policy.map { PolicyRecord(name: $0, sha256: last?.policySHA256) }
      return try PromoteCommand.promote(
        challenger, policy: policy, in: store, environment: place.environment, to: to,
        reason: "riddle retrain: \(result.verdict.sentence)")
    }
  }

  private func show(_ outcome: Outcome, _ promoted: Deployer.Outcome?, probes: Int) throws {
    if said.json {
      var printed = outcome
      printed.promotion = promoted
      Console.print(try JSONOutput.text(printed))
      return
    }
    for warning in outcome.warnings { said.note("warning: \(warning)") }
    Console.print(outcome.verdict.sentence)
    if let change = outcome.verdict.change {
      Console.print(
        "\(change.metric): champion \(FigureFormat.plain.text(change.before, withInterval: false)), challenger \(FigureFormat.plain.text(change.after, withInterval: false)), difference \(FigureFormat.plain.text(change.difference, isSigned: true))"
      )
    }
    Console.print("judged on \(outcome.judged_rows)")
    Console.print("\(outcome.document): what changes")
    if let promoted {
      Console.print(PromoteCommand.sentence(promoted, probes: probes))
    } else if outcome.verdict.isPromoted {
      said.note("next: \(outcome.commands.joined(separator: "\n      "))")
    } else {
      said.note(
        "the champion stays; to promote the challenger anyway: \(outcome.commands.first ?? "")")
    }
  }

  /// What is printed as JSON when there was nothing to do.
  private struct Nothing: Encodable {
    var kind = "retrain"
    var champion: String
    var changed = false
  }

  /// What is written as JSON.
  private struct Outcome: Encodable {
    var kind = "retrain"
    var champion: String
    var challenger: String
    var window_start: String?
    var judged_rows: String
    var verdict: ChallengeVerdict
    var routers: RouterChange?
    var decisions: ChangedDecisions?
    var features: [ChangeDocument.Feature]
    var drift: DriftReport?
    var document: String
    var commands: [String]
    var warnings: [String]
    /// What --promote did; absent in the file.
    var promotion: Deployer.Outcome?
  }

  // MARK: the document

  private func settings(_ old: Champion, _ new: RunManifest) throws -> [SettingChange] {
    guard let manifest = old.manifest else { return [] }
    // Data and split have a table of their own.
    return try SettingChange.between(manifest, new).filter { change in
      ["settings.", "schema.", "versions.", "split.unit", "split.seed"].contains {
        change.setting.hasPrefix($0)
      }
    }
  }

  private func document(
    _ challenge: Challenge, _ result: Challenge.Result,
    drift: (report: DriftReport, tables: DriftTables)?, settings: [SettingChange]
  ) -> ChangeDocument {
    let store = ShellWord.quoted(place.store)
    let environment =
      place.environment == "production"
      ? "" : " --environment \(ShellWord.quoted(place.environment))"
    return ChangeDocument(
      champion: side(challenge.champion.opened, challenge.champion.manifest),
      challenger: side(challenge.challenger, challenge.trained.manifest),
      verdict: result.verdict, judgedRows: result.judgedRows, change: result.change,
      settings: settings.map { ($0.setting, $0.before, $0.after) }, decisions: result.decisions,
      features: result.features, drift: drift?.tables, warnings: result.warnings,
      commands: [
        "riddle promote \(ShellWord.quoted(output)) --store \(store)\(environment)",
        "riddle rollback --store \(store)\(environment) --from \(Files.sha256(challenge.challenger.bytes).prefix(12))",
      ])
  }

  private func side(_ opened: OpenedRouter, _ manifest: RunManifest?) -> ChangeDocument.Side {
    var facts: [(name: String, value: String)] = [
      ("Weight file", "\(Files.sha256(opened.bytes).prefix(16)), \(opened.bytes.count) bytes")
    ]
    if let manifest {
      facts += manifest.inputs.map { ("Log \($0.name)", $0.content) }
      facts.append(("Trained on", "\(CountText.grouped(manifest.split.train)) queries"))
      facts.append(("Calibrated on", "\(CountText.grouped(manifest.split.calibrate)) queries"))
      facts.append(("Held out by its split", "\(CountText.grouped(manifest.split.test)) queries"))
      facts.append(("First query", manifest.split.first_time ?? "no times"))
      facts.append(("Last query", manifest.split.last_time ?? "no times"))
      for part in ["train", "calibrate"] {
        if let sum = manifest.split.ids_sha256?[part] {
          facts.append(("SHA-256 of the ids of \(part)", String(sum.prefix(16))))
        }
      }
    } else if let rows = opened.metadata[RouterMetadata.rows] {
      facts.append(("Rows", rows))
    }
    let description = RouterDescription(opened.router, file: opened.bytes)
    let rule = opened.metadata[RouterMetadata.thresholdRule]
    return ChangeDocument.Side(
      router: "\(opened.name) \(Files.sha256(opened.bytes).prefix(12))", facts: facts,
      thresholds: description.heads.map { head in
        ChangeDocument.Threshold(
          name: "above \(head.above)", margin: head.threshold,
          probability: head.probability_at_threshold,
          guarantee: head.guarantee == "none"
            ? "rule \(rule ?? "unknown"); nothing promised"
            : opened.metadata[RouterMetadata.promise] ?? head.guarantee)
      })
  }
}
