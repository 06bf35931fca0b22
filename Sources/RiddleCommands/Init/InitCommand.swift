import ArgumentParser
import Foundation
import RiddleStore

/// Makes an example project.
struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Start a project: settings, a small log, a policy, and the six steps to a router.",
    discussion: """
      At a terminal it asks what was not given, unless --yes is; elsewhere it takes the \
      defaults. Nothing that stands there is ever overwritten.

      EXAMPLES
        riddle init desk --yes
        riddle init desk --name desk --candidates mini,pro
        riddle init --data logs/week.jsonl.gz --candidates mini,pro --json
      """)

  @Argument(help: "Folder of the project; the working folder unless given.")
  var folder: String = "."

  @Option(help: "Name of the project, its store and its run; the folder's unless given.")
  var name: String?

  @Option(
    help: ArgumentHelp(
      "Candidates, cheapest first, separated by commas; small,large unless given.",
      valueName: "weak,strong"))
  var candidates: String?

  @Option(help: "A log of yours instead of the made-up one.")
  var data: String?

  @Flag(help: "Ask nothing.")
  var yes = false

  @OptionGroup var output: OutputOptions

  func run() throws {
    try reportingFailures {
      var project = try described()
      if let data { project.data = try located(data, &project) }
      let files = project.all()
      let standing = files.map { path($0.path) }.filter(Files.exists)
      guard standing.isEmpty else {
        throw CommandFailure(
          .usage,
          "already there: \(standing.joined(separator: ", ")); nothing was written. Give another folder: riddle init NEW-FOLDER"
        )
      }
      var isDirectory: ObjCBool = false
      if FileManager.default.fileExists(atPath: folder, isDirectory: &isDirectory),
        !isDirectory.boolValue
      {
        throw CommandFailure(
          .usage, "\(folder): a file; give a folder: riddle init NEW-FOLDER")
      }
      try Files.write(files.map { (path: path($0.path), bytes: Array($0.text.utf8)) })
      try show(project, files.map(\.path))
    }
  }

  private func path(_ name: String) -> String { folder == "." ? name : folder + "/" + name }

  private func show(_ project: ProjectFiles, _ files: [String]) throws {
    let enter = folder == "." ? "" : "cd \(folder) && "
    let next = "\(enter)riddle import \(project.log)"
    if output.json {
      Console.print(
        try JSONOutput.text(
          Result(
            folder: folder, name: project.name, candidates: project.candidates,
            files: files.map(path), next: next)))
      return
    }
    for file in files { Console.print(path(file)) }
    output.note("next: \(next)")
    output.note("the six steps to a router stand in \(path("README.md"))")
  }

  // MARK: what it is called, and what is in it

  private func described() throws -> ProjectFiles {
    let url = URL(fileURLWithPath: folder).standardizedFileURL
    let ownName = url.lastPathComponent.lowercased().map { letter in
      letter.isASCII && (letter.isLetter || letter.isNumber || "-_.".contains(letter))
        ? letter : "-"
    }
    let suggested = String(ownName).drop { !($0.isLetter || $0.isNumber) }
    let named = name ?? ask("Name of the project", suggested.isEmpty ? "router" : String(suggested))
    guard !named.isEmpty, named.utf8.count <= 64,
      named.first?.isLetter ?? false || named.first?.isNumber ?? false,
      named.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) })
    else {
      throw CommandFailure(
        .usage,
        "--name \(named.prefix(80)): expected letters, digits, '-', '_' and '.', a letter or digit first, for example desk"
      )
    }
    let given =
      candidates ?? (data == nil ? ask("Candidates, cheapest first", "small,large") : nil)
    var list: [String] = []
    if let given {
      list = given.split(separator: ",", omittingEmptySubsequences: false).map {
        $0.trimmingCharacters(in: .whitespaces)
      }
      // Names stand in YAML, JSON and shell commands as they are.
      let isPlain = list.allSatisfy { name in
        !name.isEmpty && name.utf8.count <= 128
          && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_./@".contains($0)) }
          && name.first.map { $0.isLetter || $0.isNumber } ?? false
      }
      guard (2...64).contains(list.count), Set(list).count == list.count, isPlain else {
        throw CommandFailure(
          .usage,
          "--candidates \(given.prefix(200)): expected two to 64 different names, cheapest first, of letters, digits and -_./@, for example small,large"
        )
      }
    }
    return ProjectFiles(name: named, candidates: list, data: nil)
  }

  /// The user's log as the project sees it; takes the candidates from it where none were given.
  private func located(_ log: String, _ project: inout ProjectFiles) throws -> String {
    guard Files.exists(log) else {
      throw CommandFailure(
        .inputMissing, "--data \(log): no such file; leave --data out for a made-up log")
    }
    let report = try LogFile.survey(paths: [log])
    let names = report.candidates.map(\.name)
    if project.candidates.isEmpty && names.count != 2 {
      throw CommandFailure(
        .usage,
        "\(log) has \(names.count) candidates\(names.isEmpty ? "" : ": \(names.prefix(20).joined(separator: ", "))"); name two or more, cheapest first, with --candidates weak,strong"
      )
    }
    for name in project.candidates where !names.contains(name) {
      throw CommandFailure(
        .malformedData,
        "--candidates \(name): no outcome in \(log). Available: \(names.prefix(20).joined(separator: ", "))"
      )
    }
    if log.hasPrefix("/") || folder == "." { return log }
    let depth = folder.split(separator: "/").filter { $0 != "." }.count
    return folder.hasPrefix("/") || folder.contains("..")
      ? URL(fileURLWithPath: log).standardizedFileURL.path
      : String(repeating: "../", count: depth) + log
  }

  /// Asks at a terminal; takes the default elsewhere.
  private func ask(_ question: String, _ fallback: String) -> String {
    guard !yes, isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else { return fallback }
    Console.write("\(question) [\(fallback)]: ", to: .standardError)
    let answer = (readLine() ?? "").trimmingCharacters(in: .whitespaces)
    return answer.isEmpty ? fallback : answer
  }

  private struct Result: Encodable {
    var folder: String
    var name: String
    /// Empty where the data say.
    var candidates: [String]
    var files: [String]
    var next: String
  }
}
