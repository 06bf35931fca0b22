import ArgumentParser
import Foundation
import RiddleEvaluation
import RiddleReport

/// Runs that `riddle train` left behind.
struct RunsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs",
    abstract: "List, show, compare and rebuild runs.",
    discussion: """
      A run is a folder with a run.json, made by `riddle train`. list and show say what is in \
      them, diff what is different between two, repro trains one again and compares the bytes \
      of its weight file. All of them print data with --json.

      EXAMPLES
        riddle runs list models
        riddle runs show models/desk
        riddle runs diff models/last-week models/this-week
        riddle runs repro models/desk
      """,
    subcommands: [
      RunsListCommand.self, RunsShowCommand.self, RunsDiffCommand.self, RunsReproCommand.self,
    ])
}

struct RunsListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "A table of the runs below a folder, with figures and intervals.",
    discussion: """
      EXAMPLES
        riddle runs list
        riddle runs list models archive/models --json
      """)

  @Argument(help: "Folders that hold runs.")
  var folders: [String] = ["models"]

  @OptionGroup var output: OutputOptions

  func run() throws {
    try reportingFailures {
      let found = try RecordedRun.folders(below: folders)
      var runs: [RecordedRun] = []
      var unreadable: [Unreadable] = []
      for folder in found {
        do {
          runs.append(try RecordedRun(path: folder))
        } catch {
          unreadable.append(.init(folder: folder, reason: commandFailure(error).message))
        }
      }
      if output.json {
        Console.print(
          try JSONOutput.text(Result(runs: runs.map(Line.init), unreadable: unreadable)))
        return
      }
      for run in unreadable { output.note("warning: \(run.reason)") }
      guard !runs.isEmpty else {
        output.note(
          "no run below \(folders.joined(separator: ", ")); make one with `riddle train --output \(folders[0])/NAME`"
        )
        return
      }
      let rows = runs.map { run in
        let line = Line(run)
        return [
          run.folder.path, line.model, FigureFormat.plain.text(line.auc),
          FigureFormat.percent.text(line.accuracy), FigureFormat.percent.text(line.savings),
          "\(line.rows)", line.bytes.map(String.init) ?? FigureFormat.undefined,
          line.sha256.map { String($0.prefix(8)) } ?? FigureFormat.undefined,
          line.file_date.map { String($0.prefix(10)) } ?? FigureFormat.undefined,
        ]
      }
      Console.print(
        ModelTable(
          title: "\(runs.count) \(runs.count == 1 ? "run" : "runs")",
          columns: [
            "Run", "Model", "AUC", "Label match", "Savings", "Rows", "Bytes", "SHA-256", "Written",
          ], textColumns: [1, 7, 8], rows: rows
        ).text(width: Console.width))
      output.note("next: riddle runs show \(runs[0].folder.path)")
    }
  }

  private struct Unreadable: Encodable {
    var folder: String
    var reason: String
  }

  private struct Result: Encodable {
    var runs: [Line]
    var unreadable: [Unreadable]
  }

  /// One run.
  struct Line: Encodable {
    var folder: String
    var name: String
    var model: String
    var target: String
    var candidates: [String]
    /// Rows that trained, calibrated and judged it.
    var rows: Int
    var auc: Figure
    var accuracy: Figure
    var savings: Figure
    var retention: Figure
    var bytes: Int?
    var sha256: String?
    /// When run.json was written on this disk; the run itself holds no date.
    var file_date: String?

    init(_ run: RecordedRun) {
      let manifest = run.manifest
      folder = run.folder.path
      name = manifest.name
      model = manifest.settings.model
      target = manifest.settings.target
      candidates = manifest.settings.candidates
      rows = manifest.split.train + manifest.split.calibrate + manifest.split.test
      auc = run.figures?.auc ?? .undefined
      accuracy = run.figures?.accuracy.labelMatch ?? .undefined
      savings = run.figures?.savings ?? .undefined
      retention = run.figures?.retention ?? .undefined
      bytes = run.weights?.bytes
      sha256 = run.weights?.sha256
      file_date = run.fileDate.map { ISO8601DateFormatter().string(from: $0) }
    }
  }
}

struct RunsShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "One run: data, settings, split, figures, files, the command that rebuilds it.",
    discussion: """
      EXAMPLES
        riddle runs show models/desk
        riddle runs show models/desk --json
      """)

  @Argument(help: ArgumentHelp("The folder of a run.", valueName: "run"))
  var folder: String

  @OptionGroup var output: OutputOptions

  func run() throws {
    try reportingFailures {
      let found = try RecordedRun(path: folder)
      if output.json {
        Console.print(
          try JSONOutput.text(
            Result(
              summary: .init(found), run: found.manifest,
              figures: RunFigures.all(found.figures))))
        return
      }
      Console.print(RunText(found).text(width: Console.width))
      output.note("next: riddle runs repro \(found.folder.path)")
    }
  }

  private struct Result: Encodable {
    var summary: RunsListCommand.Line
    var run: RunManifest
    var figures: [RunFigures.Line]
  }
}

struct RunsDiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "What is different between two runs: settings, data, figures, features.",
    discussion: """
      Figures of two runs stand side by side, each with its own interval; whether a difference \
      is more than chance is said by `riddle compare`, row by row.

      EXAMPLES
        riddle runs diff models/last-week models/this-week
        riddle runs diff models/a models/b --json
      """)

  @Argument(help: "The folder of the run before.")
  var before: String

  @Argument(help: "The folder of the run after.")
  var after: String

  @Option(help: "How many features that moved to name.")
  var top: Int = 10

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (0...1000).contains(top) else { throw ValidationError("--top must be from 0 to 1000") }
  }

  func run() throws {
    try reportingFailures {
      let runs = [try RecordedRun(path: before), try RecordedRun(path: after)]
      let difference = RunDifference(before: runs[0], after: runs[1], top: top)
      if output.json {
        Console.print(try JSONOutput.text(difference))
        return
      }
      Console.print(difference.text(width: Console.width))
      output.note("next: riddle compare \(before) \(after)")
    }
  }
}
