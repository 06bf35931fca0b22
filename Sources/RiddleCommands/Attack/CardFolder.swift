import Foundation
import RiddleEvaluation
import RiddleReport

/// A run's folder whose model card is told what an attack found.
struct CardFolder {
  private let folder: RunFolder
  private var manifest: RunManifest
  private let card: String

  /// - Throws: `CommandFailure` when `router` does not lie in the folder of a run, or is not that run's.
  init(beside router: OpenedRouter) throws {
    folder = RunFolder(
      path: URL(fileURLWithPath: router.path).deletingLastPathComponent().path)
    let file = folder.file(RunFolder.manifestName)
    let bytes = try Files.read(file, what: "--card needs the folder of a run;")
    guard let manifest = try? JSONDecoder().decode(RunManifest.self, from: Data(bytes)) else {
      throw CommandFailure(.malformedData, "\(file): not the manifest of a run; train again")
    }
    guard manifest.artefacts[RunFolder.routerName]?.sha256 == Files.sha256(router.bytes) else {
      throw CommandFailure(
        .malformedData,
        "\(router.path) is not the weight file that \(file) describes; attack the one of the run")
    }
    self.manifest = manifest
    card = String(
      decoding: try Files.read(folder.file(RunFolder.cardName), what: "model card"), as: UTF8.self)
  }

  /// Writes robustness.json, the card with its tables in place of earlier ones, and the manifest with both checksums.
  func write(_ report: RobustnessReport) throws {
    var manifest = manifest
    var files: [(path: String, bytes: [UInt8])] = []
    func put(_ text: String, _ name: String) {
      let bytes = Array(text.utf8)
      files.append((folder.file(name), bytes))
      manifest.artefacts[name] = RunManifest.Artefact(
        bytes: bytes.count, sha256: Files.sha256(bytes))
    }
    put(try JSONOutput.text(report) + "\n", RunFolder.robustnessName)
    put(
      ModelCard.replacingTables(RobustnessTables.tables(report), in: card), RunFolder.cardName)
    let text = try JSONOutput.text(manifest) + "\n"
    files.append((folder.file(RunFolder.manifestName), Array(text.utf8)))
    try Files.write(files)
  }
}
