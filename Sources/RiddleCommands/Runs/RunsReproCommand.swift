import ArgumentParser
import Foundation

struct RunsReproCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "repro",
    abstract: "Train a run again and compare the bytes of its weight file.",
    discussion: """
      Checks that the data are those of the run, runs the command of its run.json again in a \
      folder that is gone afterwards, and compares. Status 0: the weight file is the same, byte \
      for byte; 1: it is not, and what is different (version, data, settings) is listed.

      EXAMPLES
        riddle runs repro models/desk
        RIDDLE_DATA=logs riddle runs repro models/desk --all-files
        riddle runs repro elsewhere/models/desk --root elsewhere --json
      """)

  @Argument(help: ArgumentHelp("The folder of a run.", valueName: "run"))
  var folder: String

  @Option(
    help: ArgumentHelp(
      "Folder that relative paths of the recorded command begin at; the working folder unless given.",
      valueName: "folder"))
  var root: String = "."

  @Flag(help: "Every file of the run must be the same, not the weight file alone.")
  var allFiles = false

  @OptionGroup var output: OutputOptions

  func run() throws {
    try reportingFailures {
      let found = try RecordedRun(path: folder)
      let rebuild = RunRebuild(
        run: found,
        command: try RecordedCommand(
          found.manifest.command, dataFolder: RunRebuild.dataFolder,
          in: found.folder.file(RunFolder.manifestName)),
        root: URL(fileURLWithPath: root).path)
      try rebuild.checkInputs()
      output.note("training again: \(found.manifest.command)")
      let scratch = NSTemporaryDirectory() + "/riddle-repro-\(UUID().uuidString)"
      try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
      // Ours alone; nothing reads it.
      defer { try? FileManager.default.removeItem(atPath: scratch) }
      let (made, isLiteral) = try rebuild.train(in: scratch, quiet: output.quiet)
      let files = try rebuild.compare(made, isLiteral: isLiteral)
      let changes = try SettingChange.between(found.folder.path, made)
      let stands = found.folder.file(RunFolder.routerName)
      let onDisk = Files.exists(stands) ? try Files.sha256(ofFile: stands) : nil
      let result = Result(
        run: found.folder.path, command: found.manifest.command,
        same_weights: files[0].same, on_disk: onDisk, files: files, changes: changes,
        bytes: found.weights?.bytes)
      try show(result)
      let isSame =
        files[0].same && onDisk == files[0].recorded && (!allFiles || files.allSatisfy(\.same))
      if !isSame { throw ExitCode(ExitStatus.gateFailed.rawValue) }
    }
  }

  private func show(_ result: Result) throws {
    if output.json {
      Console.print(try JSONOutput.text(result))
      return
    }
    let weights = result.files[0]
    if weights.same {
      Console.print(
        "\(result.run): the same weight file, byte for byte: \(result.bytes ?? 0) bytes, sha256 \(weights.rebuilt ?? "")"
      )
    } else {
      Console.print(
        "\(result.run): ANOTHER weight file: recorded \(weights.recorded ?? "none"), rebuilt \(weights.rebuilt ?? "none")"
      )
    }
    if result.on_disk != weights.recorded {
      Console.print(
        "\(result.run)/\(RunFolder.routerName): \(result.on_disk.map { "not the file of its manifest: \($0)" } ?? "not there"); the manifest names \(weights.recorded ?? "none")"
      )
    }
    let different = result.files.filter { !$0.same }.map(\.name)
    Console.print(
      different.isEmpty
        ? "\(result.files.count) of \(result.files.count) files are the same"
        : "different: \(different.joined(separator: ", "))")
    for change in result.changes {
      Console.print("  \(change.setting): \(change.before) → \(change.after)")
    }
    if !weights.same && result.changes.isEmpty {
      output.note(
        "settings, data and versions are the same: another processor or OpenBLAS kernel computes other last bits; see `riddle doctor`"
      )
    }
  }

  private struct Result: Encodable {
    var run: String
    var command: String
    var same_weights: Bool
    /// SHA-256 of the weight file in the folder; absent when it is not there.
    var on_disk: String?
    var files: [RunRebuild.File]
    /// Settings, data, split and versions that differ from the recorded ones.
    var changes: [SettingChange]
    var bytes: Int?
  }
}
