import ArgumentParser
import RiddlePolicyFiles

struct PolicyKindsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kinds",
    abstract: "List the stages and guards that a policy file may name, or one with its settings.",
    discussion: """
      EXAMPLES
        riddle policy kinds
        riddle policy kinds cascade
        riddle policy kinds --json
      """)

  @Argument(help: "A kind of stage or guard; left out: all.")
  var kind: String?

  @OptionGroup var output: OutputOptions

  /// A kind in JSON.
  struct Entry: Codable {
    var name: String
    var role: String
    var systems: [String]
    var summary: String
    var settings: [Setting]
  }

  /// A setting in JSON.
  struct Setting: Codable {
    var name: String
    var required: Bool
    var `default`: String?
    var meaning: String
  }

  func run() throws {
    try reportingFailures {
      var kinds = PolicyKinds.all
      if let kind {
        kinds = kinds.filter { $0.name == kind }
        if kinds.isEmpty {
          throw CommandFailure(
            .usage,
            "no stage or guard is called '\(kind)'; known: \(PolicyKinds.all.map(\.name).joined(separator: ", "))"
          )
        }
      }
      if output.json {
        Console.print(try JSONOutput.text(kinds.map(entry)))
      } else if let only = kinds.first, kind != nil {
        Console.print(described(only) + "\n" + settings(only))
      } else {
        let stages = kinds.filter { !$0.isGuard }.map(described).joined()
        let guards = kinds.filter(\.isGuard).map(described).joined()
        Console.print(
          "Stages decide or pass on, in the order of the file:\n\(stages)\n"
            + "Guards change what was decided:\n\(guards)\n"
            + "Settings of one: riddle policy kinds NAME")
      }
    }
  }

  private func entry(_ kind: PolicyKinds.Entry) -> Entry {
    Entry(
      name: kind.name, role: kind.isGuard ? "guard" : "stage", systems: kind.ids,
      summary: kind.summary,
      settings: kind.fields.map {
        Setting(name: $0.name, required: $0.isRequired, default: $0.fallback, meaning: $0.meaning)
      })
  }

  /// Name, systems and what it does.
  private func described(_ kind: PolicyKinds.Entry) -> String {
    let systems = kind.ids.isEmpty ? "" : " (\(kind.ids.joined(separator: ", ")))"
    return "  \(kind.name)\(systems)\n      \(kind.summary)\n"
  }

  /// Every setting with its default and meaning.
  private func settings(_ kind: PolicyKinds.Entry) -> String {
    if kind.fields.isEmpty { return "  It has no settings." }
    return kind.fields.map { field in
      let fallback =
        field.isRequired ? "required" : field.fallback.map { "default \($0)" } ?? "may be left out"
      return "  \(field.name): \(fallback)\n      \(field.meaning)"
    }.joined(separator: "\n")
  }
}
