import ArgumentParser
import Foundation
import RiddleData
import RiddleStore

/// Runs the command of a manifest again, in a process and a folder of its own, and compares what comes out.
///
/// The folder holds links to the files that the command names, so that the command runs word for word as recorded and
/// every file can be compared, the ones that quote the command included. Where its paths do not allow that (absolute
/// output, `..`), the output alone goes elsewhere and those files are left out.
struct RunRebuild {
  /// What became of one file.
  struct File: Encodable {
    var name: String
    var recorded: String?
    var rebuilt: String?
    var same: Bool
  }

  let run: RecordedRun
  let command: RecordedCommand
  /// Folder that relative paths of the command begin at.
  let root: String

  /// Files that quote the command.
  private static let quoting = [
    RunFolder.cardName, RunFolder.reportName, RunFolder.manifestName,
  ]

  /// The parsed command.
  private func parsed() throws -> TrainCommand {
    do {
      if let train = try RiddleCommand.parseAsRoot(command.words) as? TrainCommand { return train }
    } catch {
      throw CommandFailure(
        .malformedData,
        "\(run.folder.file(RunFolder.manifestName)): this version does not take the recorded command: \(RiddleCommand.message(for: error)); use the version that made the run, \(run.manifest.versions["riddle"] ?? "unknown")"
      )
    }
    throw CommandFailure(.defect, "the recorded command is no training; please report this")
  }

  // MARK: inputs

  /// Refuses data that are not those of the run, before any time is spent on them.
  func checkInputs() throws {
    let train = try parsed()
    let paths = train.source.store.map { [$0] } ?? train.source.data
    for input in run.manifest.inputs {
      guard let path = paths.first(where: { ($0 as NSString).lastPathComponent == input.name })
      else { continue }
      let file = place(path)
      guard Files.exists(file) else {
        throw CommandFailure(
          .inputMissing,
          "\(path): the run's input is not there (looked in \(root)); give the folder that its paths begin at with --root"
        )
      }
      if let expected = input.sha256 {
        let found = try Files.sha256(ofFile: file)
        if found != expected { throw changed(path, "sha256 \(expected)", "sha256 \(found)") }
      } else if train.source.store != nil {
        let store = try Store.open(path: file, mode: .readOnly)
        let found =
          train.stream
          ? try store.contentHash()
          : try StoreSample(
            store, most: train.source.mostRows, keepsAnswers: false, before: train.end
          ).content
        if found != input.content {
          throw changed(path, "content \(input.content)", "content \(found)")
        }
      }
    }
  }

  private func changed(_ path: String, _ expected: String, _ found: String) -> CommandFailure {
    CommandFailure(
      .gateFailed,
      "\(path): other data than the run was trained on: recorded \(expected), found \(found); bring those data back, or train a new run"
    )
  }

  private func place(_ path: String) -> String {
    path.hasPrefix("/") ? path : root + "/" + path
  }

  // MARK: running

  /// Trains again in `scratch` and returns the folder of the new run, and whether it ran word for word.
  func train(in scratch: String, quiet: Bool) throws -> (folder: String, isLiteral: Bool) {
    let train = try parsed()
    let isLiteral = isPlain(train.output) && linkable(train.output) != nil
    var words = command.words
    let folder: String
    let working: String
    if isLiteral {
      working = scratch + "/place"
      folder = working + "/" + train.output
      try FileManager.default.createDirectory(
        atPath: working, withIntermediateDirectories: true)
      for path in linkable(train.output) ?? [] {
        let link = working + "/" + path
        try FileManager.default.createDirectory(
          atPath: (link as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        if !Files.exists(link) {
          try FileManager.default.createSymbolicLink(
            atPath: link, withDestinationPath: URL(fileURLWithPath: place(path)).path)
        }
      }
    } else {
      working = root
      folder = scratch + "/" + URL(fileURLWithPath: train.output).lastPathComponent
      words = replacingOutput(words, with: folder)
    }
    try start(words, in: working, messages: scratch + "/messages", quiet: quiet)
    return (folder, isLiteral)
  }

  /// Whether a path stays below the working folder.
  private func isPlain(_ path: String) -> Bool {
    !path.hasPrefix("/") && !path.split(separator: "/").contains("..")
  }

  /// The words of the command that name files below the root; nil where one of them cannot be linked without reaching
  /// the run's own folder.
  private func linkable(_ output: String) -> [String]? {
    var found: [String] = []
    for word in command.words.dropFirst() {
      let value =
        word.hasPrefix("--")
        ? String(word.split(separator: "=", maxSplits: 1).dropFirst().first ?? "") : word
      guard !value.isEmpty, !value.hasPrefix("/"), value != output, Files.exists(place(value))
      else { continue }
      guard isPlain(value), !(output + "/").hasPrefix(value + "/"), value != ".",
        !value.hasPrefix(output + "/")
      else { return nil }
      found.append(value)
    }
    return found
  }

  private func replacingOutput(_ words: [String], with folder: String) -> [String] {
    var changed = words
    for index in words.indices {
      if words[index] == "--output", index + 1 < words.count { changed[index + 1] = folder }
      if words[index].hasPrefix("--output=") { changed[index] = "--output=" + folder }
    }
    return changed
  }

  /// This program again, with no settings but those of the command.
  private func start(_ words: [String], in working: String, messages: String, quiet: Bool) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = words + ["--json"] + (quiet ? ["--quiet"] : [])
    process.currentDirectoryURL = URL(fileURLWithPath: working)
    var environment = ProcessInfo.processInfo.environment
    for key in ConfigKey.all { environment[key.variable] = nil }
    environment[Configuration.userVariable] = "none"
    environment[Configuration.projectVariable] = "none"
    if let data = Self.dataFolder { environment["RIDDLE_DATA"] = data }
    process.environment = environment
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    try Files.write("", to: messages)
    let said = try FileHandle(forWritingTo: URL(fileURLWithPath: messages))
    process.standardError = said
    do {
      try process.run()
    } catch {
      throw CommandFailure(.inputOutput, "the training cannot be started (\(error))")
    }
    process.waitUntilExit()
    try said.close()
    guard process.terminationReason == .exit, process.terminationStatus == 0 else {
      let text = String(decoding: try Files.read(messages, what: "messages"), as: UTF8.self)
      let last = text.split(separator: "\n").last.map(String.init) ?? "no message"
      throw CommandFailure(
        ExitStatus(rawValue: process.terminationStatus) ?? .defect,
        "the recorded training does not run any more: \(last)")
    }
  }

  /// `RIDDLE_DATA` as an absolute path without a slash at its end.
  static var dataFolder: String? {
    guard let given = ProcessInfo.processInfo.environment["RIDDLE_DATA"], !given.isEmpty else {
      return nil
    }
    var path = URL(fileURLWithPath: given).standardizedFileURL.path
    while path.count > 1 && path.hasSuffix("/") { path.removeLast() }
    return path
  }

  // MARK: comparing

  /// Every file of the run beside the rebuilt one, the weight file first.
  func compare(_ made: String, isLiteral: Bool) throws -> [File] {
    var names = Set(run.manifest.artefacts.keys)
    if isLiteral {
      names.insert(RunFolder.manifestName)
    } else {
      names.subtract(Self.quoting)
    }
    names.remove(RunFolder.routerName)
    return try ([RunFolder.routerName] + names.sorted()).map { name in
      let new = made + "/" + name
      let rebuilt = Files.exists(new) ? try Files.sha256(ofFile: new) : nil
      var recorded = run.manifest.artefacts[name]?.sha256
      if name == RunFolder.manifestName {
        recorded = try Files.sha256(ofFile: run.folder.file(name))
      }
      return File(
        name: name, recorded: recorded, rebuilt: rebuilt,
        same: rebuilt != nil && rebuilt == recorded)
    }
  }
}
