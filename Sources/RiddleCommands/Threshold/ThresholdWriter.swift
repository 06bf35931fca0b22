import Foundation
import RiddleData
import RiddleEvaluation
import RiddlePipeline
import RiddleReport
import RiddleRuntime

/// Writes a router with new thresholds, the list of rows it has now seen, and its model card.
struct ThresholdWriter {
  struct Result: Encodable {
    var file: String
    var bytes: Int
    var sha256: String
    var training_rows: String?
    var model_card: String
  }

  private let path: String
  private let opened: OpenedRouter
  private let training: TrainingRows?

  /// Refuses, before any work is done, what could not be written.
  init(path: String, opened: OpenedRouter, seen: SeenRows, rows: RowChoice) throws {
    self.path = path
    self.opened = opened
    if case .fingerprints(let lists) = seen { training = lists.first } else { training = nil }
    if training == nil && rows == .heldOut {
      throw CommandFailure(
        .inputMissing,
        "\(opened.path): the list of its training rows (\(RunFolder.trainingRowsName)) is not beside it, so \(path) could not say which rows it has seen; give the folder of its run, or --rows all"
      )
    }
    try Self.checkFolder(of: path)
  }

  /// A folder holds the files of one router: another's would be made worthless.
  private static func checkFolder(of path: String) throws {
    let own = URL(fileURLWithPath: path)
    let folder = own.deletingLastPathComponent()
    func has(_ name: String) -> Bool {
      FileManager.default.fileExists(atPath: folder.appendingPathComponent(name).path)
    }
    var isDirectory: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory),
      isDirectory.boolValue
    {
      throw CommandFailure(
        .usage, "--output \(path): a folder; name the file, for example \(path)/router.riddle")
    }
    if has(RunFolder.manifestName)
      || (has(RunFolder.trainingRowsName)
        && !FileManager.default.fileExists(atPath: own.path))
    {
      throw CommandFailure(
        .usage,
        "--output \(path): the folder holds another router's files; give a folder of its own, for example promised/\(own.lastPathComponent)"
      )
    }
  }

  func write(_ choice: ThresholdChoice, data: LoadedData) throws -> Result {
    let list = training?.adding(data.dataset, rows: choice.usedRows).encoded
    let (router, bytes) = try applying(
      choice, to: opened.router, trainingRows: list.map { Files.sha256($0) })
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
    func beside(_ name: String) -> String {
      path.contains("/") ? folder.appendingPathComponent(name).relativePath : name
    }
    let rows = beside(RunFolder.trainingRowsName)
    let card = beside(RunFolder.cardName)
    var files: [(path: String, bytes: [UInt8])] = []
    if let list { files.append((rows, list)) }
    files.append((card, Array(self.card(choice, router, bytes, data).utf8)))
    files.append((path, bytes))
    try Files.write(files)
    return Result(
      file: path, bytes: bytes.count, sha256: Files.sha256(bytes),
      training_rows: list == nil ? nil : rows, model_card: card)
  }

  private func card(
    _ choice: ThresholdChoice, _ router: Router, _ bytes: [UInt8], _ data: LoadedData
  ) -> String {
    let metadata = opened.metadata
    let report = choice.report
    var card = ModelCard(
      name: opened.name, modelKind: router.model.kindName, candidates: opened.candidates,
      target: metadata[RouterMetadata.target] ?? "not recorded",
      oracle: metadata[RouterMetadata.oracle] ?? "not recorded")
    let promise = choice.guarantee == .none ? nil : report.promise?.sentence
    card.thresholds = router.thresholds.enumerated().map { step, threshold in
      ModelCard.Threshold(
        name: "climb above \(opened.candidates[step])", value: threshold.value,
        chosen: promise.map { "promise: \($0)" }
          ?? "rule \(report.goal) on \(report.rowsUsed) rows; no guarantee attached")
    }
    let kinds = Set(
      router.calibration.map { map in
        switch map {
        case .identity: "margins as log-odds"
        case .platt: "Platt"
        case .isotonic: "isotonic"
        }
      })
    card.calibration = kinds.sorted().joined(separator: ", ")
    card.parts = [.init(name: "thresholds", rows: report.rowsUsed)]
    card.split = "before: \(metadata[RouterMetadata.rows] ?? "not recorded")"
    var facts = [("Router", "\(Files.sha256(bytes)), \(bytes.count) bytes")]
    facts.append(("Router before", Files.sha256(opened.bytes)))
    if let proof = report.promise, promise != nil {
      facts.append(("Proof", "\(proof.terms.method.rawValue), \(proof.units) \(proof.unit) units"))
      facts.append(("Relative to", proof.relativeTo))
    }
    facts.append(("Riddle", riddleVersion))
    facts += data.inputs.map { ("Data " + $0.name, $0.sha256 ?? $0.content) }
    card.facts = facts
    card.rebuild = [RunManifest.reproducingCommand()]
    card.verify = ["riddle inspect \(path) --verify"]
    return card.render()
  }
}
