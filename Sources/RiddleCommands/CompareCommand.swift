import ArgumentParser
import Foundation
import RiddleData
import RiddleEvaluation
import RiddlePipeline
import RiddleReport
import RiddleRuntime

struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Show what changed between two runs, paired row by row.",
    discussion: """
      Runs remember how they decided the rows they were judged on. Rows that both judged are \
      compared, with intervals of the difference; what is the same is left out. With --data or \
      --store both routers are judged anew, on rows that neither saw.

      EXAMPLES
        riddle compare models/last-week models/this-week
        riddle compare models/a models/b --markdown
        riddle compare a.riddle b.riddle --data new-week.jsonl.gz
      """)

  @Argument(help: "The run before: a folder, or with --data a weight file.")
  var before: String

  @Argument(help: "The run after.")
  var after: String

  @OptionGroup var source: DataOptions

  @Flag(help: "Print Markdown, for a pull request.")
  var markdown = false

  @Option(help: "Bootstrap replicates of the intervals.")
  var replicates: Int = 2000

  @Option(help: "Coverage of the intervals.")
  var confidence: Double = 0.95

  @Option(help: "Seed of the replicates.")
  var seed: UInt64 = 1

  @OptionGroup var signature: SignatureOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    try Replicates.check(replicates, allowsNone: false)
    guard confidence > 0, confidence < 1 else {
      throw ValidationError("--confidence must lie between 0 and 1")
    }
    if markdown && output.json { throw ValidationError("give --markdown or --json, not both") }
  }

  /// What is printed as JSON.
  private struct Result: Encodable {
    var settings: [SettingChange]
    var routers: RouterChange
  }

  func run() throws {
    try reportingFailures {
      let opened = try [before, after].map { try OpenedRouter(path: $0, signature) }
      guard opened[0].candidates == opened[1].candidates else {
        throw CommandFailure(
          .malformedData,
          "\(before) has the ladder \(opened[0].candidates.joined(separator: ", ")), \(after) has \(opened[1].candidates.joined(separator: ", ")): their decisions cannot be compared"
        )
      }
      let isRead = source.store != nil || !source.data.isEmpty
      let (rows, sampling) = isRead ? try judgedAnew(opened) : (try recorded(opened), nil)
      var settings = labelling(opened)
      if let sampling { settings.warnings.insert(sampling, at: 0) }
      guard let change = try RouterChange(before: rows[0], after: rows[1], settings: settings)
      else {
        throw CommandFailure(
          .malformedData,
          "\(before) and \(after) were judged on no common row: give data that both can be judged on with --data or --store"
        )
      }
      let changed = try SettingChange.between(before, after)
      if output.json {
        Console.print(try JSONOutput.text(Result(settings: changed, routers: change)))
      } else {
        let text = ChangeReport(change, settings: changed.map { ($0.setting, $0.before, $0.after) })
        Console.print(
          markdown ? text.markdown() : text.terminal(width: Console.width))
      }
    }
  }

  /// The oracle and target of the run before.
  private func labelling(_ opened: [OpenedRouter]) -> EvaluationSettings {
    let cards = opened.map(\.metadata)
    let stored = cards[0][RouterMetadata.oracle].map {
      (
        oracle: $0, target: cards[0][RouterMetadata.target] ?? "",
        qualityThreshold: cards[0][RouterMetadata.qualityThreshold].flatMap { Double($0) } ?? 0.5
      )
    }
    let (oracle, target, threshold) = LabelOptions.labels(stored: stored)
    var warnings: [String] = []
    let keys = [RouterMetadata.oracle, RouterMetadata.target, RouterMetadata.qualityThreshold]
    if keys.contains(where: { cards[0][$0] != cards[1][$0] }) {
      warnings.append(
        "the two runs were labelled differently; accuracy, AUC and log loss are by the labels of the run before"
      )
    }
    return EvaluationSettings(
      oracle: oracle, target: target, qualityThreshold: threshold, replicates: replicates,
      confidence: confidence, seed: seed, warnings: warnings)
  }

  /// The rows that the runs remember.
  private func recorded(_ opened: [OpenedRouter]) throws -> [RecordedRows] {
    try opened.map { router in
      let file = URL(fileURLWithPath: router.path).deletingLastPathComponent()
        .appendingPathComponent(RunFolder.judgedRowsName).path
      guard FileManager.default.fileExists(atPath: file) else {
        throw CommandFailure(
          .inputMissing,
          "\(file): the run keeps no judged rows; train it again, or give data to judge both on with --data or --store"
        )
      }
      let bytes = try Files.read(file, what: "judged rows")
      let folder = URL(fileURLWithPath: router.path).deletingLastPathComponent().path
      if let manifest = try SettingChange.manifest(folder),
        let expected = manifest["judged_rows_sha256"] as? String, expected != Files.sha256(bytes)
      {
        throw CommandFailure(
          .malformedData,
          "\(file): not the rows that the manifest of the run names; train the run again, or use --data or --store"
        )
      }
      guard let rows = RecordedRows(decoding: bytes, name: router.name),
        rows.table.candidates == router.candidates
      else {
        throw CommandFailure(
          .malformedData,
          "\(file): damaged, or another router's; train the run again, or use --data or --store")
      }
      return rows
    }
  }

  /// Both routers on data that neither saw.
  private func judgedAnew(_ opened: [OpenedRouter]) throws -> (
    rows: [RecordedRows], sampling: String?
  ) {
    let specs = [before, after].map { RouterSpec(.weights($0)) }
    let contest = try Contest(specs, signature)
    let loaded = try source.load(
      fallbackCandidates: opened[0].candidates,
      embeddingModel: try contest.embeddingModel(given: nil), output: output)
    let seen = try contest.seenRows()
    let judged = try JudgedRows(loaded.dataset, seen: seen, choice: .heldOut)
    for warning in judged.warnings { output.note("warning: \(warning)") }
    let wall = baselineInputs(judged, of: loaded.dataset, seen: seen, segmentField: nil)
    let rows = opened.map { router in
      RecordedRows(
        table: judged.data.outcomes,
        policy: scoredPolicy(router.router, name: router.name, on: judged.data), wall: wall)
    }
    return (rows, loaded.sampling)
  }
}

/// A setting that differs between two manifests.
struct SettingChange: Codable, Equatable {
  var setting: String
  var before: String
  var after: String

  /// Settings, inputs, split and versions that differ between two runs; empty where either is no run's folder.
  static func between(_ before: String, _ after: String) throws -> [SettingChange] {
    guard let a = try flattened(before), let b = try flattened(after) else { return [] }
    return changes(a, b)
  }

  /// The same of two manifests in memory.
  static func between(_ before: RunManifest, _ after: RunManifest) throws -> [SettingChange] {
    func leaves(_ manifest: RunManifest) throws -> [String: String] {
      let data = Data(try JSONOutput.text(manifest).utf8)
      return flattened((try? JSONSerialization.jsonObject(with: data)) as? [String: Any] ?? [:])
    }
    return changes(try leaves(before), try leaves(after))
  }

  private static func changes(_ a: [String: String], _ b: [String: String]) -> [SettingChange] {
    Set(a.keys).union(b.keys).sorted().compactMap { key in
      let (old, new) = (a[key] ?? "–", b[key] ?? "–")
      return old == new ? nil : SettingChange(setting: key, before: old, after: new)
    }
  }

  /// The manifest in the folder; nil without one.
  static func manifest(_ folder: String) throws -> [String: Any]? {
    let file = folder + "/" + RunFolder.manifestName
    guard FileManager.default.fileExists(atPath: file) else { return nil }
    let bytes = try Files.read(file, what: "manifest")
    guard let root = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] else {
      throw CommandFailure(.malformedData, "\(file): not a manifest; train the run again")
    }
    return root
  }

  /// The manifest's leaves by path, without what follows from the others.
  private static func flattened(_ path: String) throws -> [String: String]? {
    try manifest(path).map(flattened)
  }

  private static func flattened(_ root: [String: Any]) -> [String: String] {
    var leaves: [String: String] = [:]
    func walk(_ value: Any, _ path: String) {
      switch value {
      case let members as [String: Any]:
        for (key, member) in members { walk(member, path.isEmpty ? key : "\(path).\(key)") }
      case let elements as [Any]:
        for (index, element) in elements.enumerated() { walk(element, "\(path).\(index)") }
      default: leaves[path] = "\(value)"
      }
    }
    for part in ["settings", "inputs", "split", "schema", "versions"] {
      if let value = root[part] { walk(value, part) }
    }
    return leaves
  }
}
