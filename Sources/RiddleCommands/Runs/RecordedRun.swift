import Foundation
import RiddleEvaluation
import RiddlePipeline

/// A run as its folder tells it: manifest, evaluation, what the router looks at.
struct RecordedRun {
  let folder: RunFolder
  let manifest: RunManifest
  /// Nil where no row was left to judge on.
  let evaluation: EvaluationReport?
  /// Nil where the folder keeps none.
  let explanation: GlobalExplanation?
  /// When the manifest was last written on this disk; the manifest itself holds no date.
  let fileDate: Date?

  /// Reads the run in the folder at `path`, or beside the manifest or weight file there.
  init(path given: String) throws {
    var path = given
    while path.count > 1 && path.hasSuffix("/") { path.removeLast() }
    if Files.isRegularFile(path) {
      let name = (path as NSString).lastPathComponent
      guard name == RunFolder.manifestName || name == RunFolder.routerName else {
        throw CommandFailure(
          .usage, "\(path): a file; give the folder of a run, such as those of `riddle runs list`")
      }
      let parent = (path as NSString).deletingLastPathComponent
      path = parent.isEmpty ? "." : parent
    }
    folder = RunFolder(path: path)
    guard Files.exists(path) else {
      throw CommandFailure(.inputMissing, "run \(path): no such folder; see `riddle runs list`")
    }
    let file = folder.file(RunFolder.manifestName)
    guard Files.exists(file) else {
      throw CommandFailure(
        .inputMissing,
        "run \(path): no \(RunFolder.manifestName) in it, so it is no run of `riddle train`; see `riddle runs list`"
      )
    }
    manifest = try Self.decoded(RunManifest.self, file, what: "manifest")
    evaluation = try Self.optional(
      EvaluationReport.self, folder.file(RunFolder.evaluationName), what: "evaluation")
    explanation = try Self.optional(
      GlobalExplanation.self, folder.file(RunFolder.explanationName), what: "explanation")
    fileDate =
      try? FileManager.default.attributesOfItem(atPath: file)[.modificationDate] as? Date
  }

  /// The figures of the router; nil without an evaluation.
  var figures: PolicyFigures? { evaluation?.routers.first }

  /// What `run.json` says of the weight file.
  var weights: RunManifest.Artefact? { manifest.artefacts[RunFolder.routerName] }

  private static func decoded<Value: Decodable>(
    _ type: Value.Type, _ file: String, what: String
  ) throws -> Value {
    let bytes = try Files.read(file, what: what)
    do {
      return try JSONDecoder().decode(type, from: Data(bytes))
    } catch {
      throw CommandFailure(
        .malformedData,
        "\(file): not the \(what) of a run that this version reads; train it again with `riddle train`"
      )
    }
  }

  private static func optional<Value: Decodable>(
    _ type: Value.Type, _ file: String, what: String
  ) throws -> Value? {
    Files.exists(file) ? try decoded(type, file, what: what) : nil
  }

  // MARK: finding

  /// Folders with a manifest at or below `roots`, sorted; hidden folders and links are not entered.
  static func folders(below roots: [String]) throws -> [String] {
    var found: [String] = []
    for root in roots {
      var isDirectory: ObjCBool = false
      guard FileManager.default.fileExists(atPath: root, isDirectory: &isDirectory) else {
        throw CommandFailure(
          .inputMissing,
          "\(root): no such folder; runs are made by `riddle train --output \(root)/NAME`, or name the folder that holds them: riddle runs list FOLDER"
        )
      }
      guard isDirectory.boolValue else {
        throw CommandFailure(.usage, "\(root): a file; riddle runs list takes folders")
      }
      collect(root, depth: 0, into: &found)
    }
    return found
  }

  private static func collect(_ folder: String, depth: Int, into found: inout [String]) {
    if Files.exists(folder + "/" + RunFolder.manifestName) { found.append(folder) }
    guard depth < 4 else { return }
    // A folder that may not be read holds no run that could be shown.
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    for name in names.sorted() where !name.hasPrefix(".") {
      var status = stat()
      let path = folder + "/" + name
      if lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
        collect(path, depth: depth + 1, into: &found)
      }
    }
  }
}
