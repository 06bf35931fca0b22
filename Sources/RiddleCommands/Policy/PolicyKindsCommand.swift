import ArgumentParser
import RiddlePolicyFiles
import RiddleReport

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
        let systems = only.ids.isEmpty ? "" : " (\(only.ids.joined(separator: ", ")))"
        Console.print(
          "\(only.name), a \(only.isGuard ? "guard" : "stage")\(systems): \(only.summary)\n")
        Console.print(settings(only).text(width: Console.width))
      } else {
        Console.print(table(kinds).text(width: Console.width))
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

  private func table(_ kinds: [PolicyKinds.Entry]) -> ModelTable {
    ModelTable(
      title: "Stages and guards of a policy file",
      note: "Stages decide or pass on, in the order of the file; guards change what was decided.",
      columns: ["Kind", "Role", "Systems", "What it does"], textColumns: [1, 2, 3],
      rows: kinds.map {
        [
          $0.name, $0.isGuard ? "guard" : "stage", $0.ids.joined(separator: " "), $0.summary,
        ]
      })
  }

  private func settings(_ kind: PolicyKinds.Entry) -> ModelTable {
    ModelTable(
      title: "Settings", columns: ["Setting", "Default", "Meaning"], textColumns: [1, 2],
      rows: kind.fields.map {
        [$0.name, $0.isRequired ? "(required)" : $0.fallback ?? "–", $0.meaning]
      })
  }
}
