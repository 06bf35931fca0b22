import ArgumentParser
import Foundation
import RiddleData
import RiddleStore

struct ScheduleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schedule",
    abstract: "Print the weekly loop for cron or systemd: import, label, drift, retrain, review.",
    discussion: """
      Writes nothing and installs nothing, unless --write names a folder. The script is plain sh: \
      paths are absolute and quoted, one lock for the whole loop, a log a week. A drift and a kept \
      champion are news and do not stop it; a failure does, and the next run starts where this one \
      would have.

      Without a form the script is printed; --crontab and --systemd print what starts it.

      EXAMPLES
        riddle schedule --store desk.sqlite --logs logs/*.jsonl.gz
        riddle schedule --store desk.sqlite --crontab
        riddle schedule --store desk.sqlite --systemd --write ops --promote \\
          --to /srv/riddle/current.riddle
        riddle schedule --store desk.sqlite --candidates small,large --json
      """)

  @Option(help: "Store of the loop.")
  var store: String

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Log files that the loop imports every week; quote a pattern to have it expanded then.",
      valueName: "file"))
  var logs: [String] = []

  @Option(
    help: ArgumentHelp(
      "Candidates to label, cheapest first. Default: as the store's latest labelling.",
      valueName: "weak,strong"))
  var candidates: String?

  @Option(help: "Folder of the runs, one a week. Default: models beside the store.")
  var models: String?

  @Option(help: "Folder of reports and logs. Default: reports beside the store.")
  var reports: String?

  @Option(help: "Length of a period.")
  var window: String = "7d"

  @Option(help: "Environment of the deployments.")
  var environment: String = "production"

  @Flag(help: "Promote a challenger at once when it is significantly better.")
  var promote = false

  @Option(help: ArgumentHelp("With --promote: file that servers read.", valueName: "file"))
  var to: String?

  @Flag(help: "Print the line of a crontab.")
  var crontab = false

  @Flag(help: "Print a systemd service and timer.")
  var systemd = false

  @Option(
    help: ArgumentHelp(
      "Write the script, and the units with --systemd, into this folder.", valueName: "folder"))
  var write: String?

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if crontab && systemd { throw ValidationError("give --crontab or --systemd, not both") }
    if to != nil && !promote { throw ValidationError("--to goes with --promote") }
    guard TimeLength(window) != nil else {
      throw ValidationError("--window \(window): expected hours, days or weeks, for example 7d")
    }
    let words = [store, models ?? "", reports ?? "", to ?? "", write ?? "", environment] + logs
    guard words.allSatisfy({ !$0.contains { $0.isNewline || $0 == "\0" } }) else {
      throw ValidationError("a path must not contain a line break")
    }
  }

  static let scriptName = "riddle-weekly.sh"
  static let unitName = "riddle-weekly"

  private struct Result: Encodable {
    var script: String
    var script_path: String
    var crontab: String
    var service: String
    var timer: String
  }

  func run() throws {
    try reportingFailures {
      let store = AbsolutePath.of(self.store)
      let beside = URL(fileURLWithPath: store).deletingLastPathComponent().path
      let loop = WeeklyLoop(
        program: Self.ownPath(), store: store, logs: logs.map(AbsolutePath.of),
        labelling: try labelling(store),
        models: AbsolutePath.of(models ?? beside + "/models"), pointer: to.map(AbsolutePath.of),
        reports: AbsolutePath.of(reports ?? beside + "/reports"), window: window,
        promotes: promote, environment: environment)
      let path = AbsolutePath.of((write ?? beside) + "/" + Self.scriptName)
      let result = Result(
        script: loop.script, script_path: path, crontab: loop.crontab(script: path),
        service: loop.service(script: path), timer: loop.timer)
      if let write {
        var files = [(path, Array(result.script.utf8))]
        if systemd {
          files.append(("\(write)/\(Self.unitName).service", Array(result.service.utf8)))
          files.append(("\(write)/\(Self.unitName).timer", Array(result.timer.utf8)))
        }
        try Files.write(files.map { (path: $0.0, bytes: $0.1) })
        for file in files { output.note("wrote \(file.0)") }
      }
      if output.json {
        Console.print(try JSONOutput.text(result))
      } else {
        Console.print(text(result))
      }
    }
  }

  /// How the loop labels: by --candidates, else as the latest labelling did, else not.
  private func labelling(_ path: String) throws -> [String]? {
    if let candidates { return ["--candidates", candidates] }
    guard Files.exists(path),
      let latest = try Store.open(path: path, mode: .readOnly).latestLabelling()
    else { return nil }
    return [
      "--candidates", latest.candidates.joined(separator: ","), "--oracle", latest.oracle.name,
      "--target", latest.target.rawValue, "--quality-threshold", "\(latest.qualityThreshold)",
      "--name", latest.name,
    ]
  }

  private func text(_ result: Result) -> String {
    var lines: [String] = []
    if systemd {
      lines.append(
        "# \(Self.unitName).service\n\(result.service)\n# \(Self.unitName).timer\n\(result.timer)")
      lines.append(
        "# install: copy both to /etc/systemd/system, then systemctl enable --now \(Self.unitName).timer"
      )
    } else if crontab {
      lines.append(result.crontab)
    } else {
      lines.append(result.script)
    }
    if (crontab || systemd) && write == nil {
      lines.append(
        "# the script first: riddle schedule … > \(OneLine.of(result.script_path)), or --write FOLDER"
      )
    }
    var text = lines.joined(separator: "\n")
    while text.hasSuffix("\n") { text.removeLast() }
    return text
  }

  /// The program that runs now, so that cron needs no PATH.
  private static func ownPath() -> String {
    URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
  }
}
