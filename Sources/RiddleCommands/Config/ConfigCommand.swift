import ArgumentParser
import Foundation

/// Settings that need not be typed every time.
struct ConfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config",
    abstract: "Show and explain settings: what holds, and which file or variable says so.",
    discussion: """
      A setting is an option that need not be typed: what is typed wins over the environment \
      (RIDDLE_SEED=7), that over the project's riddle.yaml, found in the working folder or \
      above it, that over the user's ~/.config/riddle/config.yaml. RIDDLE_CONFIG and \
      RIDDLE_PROJECT name other files, or none.

      EXAMPLES
        riddle config show --origin
        riddle config show --json
        riddle config keys
        riddle config path
      """,
    subcommands: [ConfigShowCommand.self, ConfigKeysCommand.self, ConfigPathCommand.self])
}

struct ConfigShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Print the value of every setting, with --origin also where it comes from.",
    discussion: """
      EXAMPLES
        riddle config show --origin
        RIDDLE_SEED=3 riddle config show --json
      """)

  @Flag(help: "Name file and line, or the variable, and the values that it hides.")
  var origin = false

  @OptionGroup var output: OutputOptions

  func run() throws {
    try reportingFailures {
      let found = try Configuration()
      if output.json {
        let settings = found.values.map { value in
          Setting(
            name: value.key.name, value: value.text, fallback: value.key.fallback,
            origin: value.origin.description,
            hides: value.hidden.map { .init(value: $0.text, origin: $0.origin.description) })
        }
        Console.print(try JSONOutput.text(Result(settings: settings)))
        return
      }
      let names = found.values.map { $0.key.name.count }.max() ?? 0
      for value in found.values {
        let shown = value.text ?? "(\(value.key.fallback))"
        var line =
          value.key.name.padding(toLength: names + 2, withPad: " ", startingAt: 0) + shown
        if origin {
          line += "  # \(value.origin.description)"
          for other in value.hidden {
            line += ", hides \(other.text) of \(other.origin.description)"
          }
        }
        Console.print(line)
      }
    }
  }

  private struct Result: Encodable {
    var settings: [Setting]
  }

  private struct Setting: Encodable {
    struct Hidden: Encodable {
      var value: String
      var origin: String
    }
    var name: String
    /// As the option takes it; absent where nothing sets it.
    var value: String?
    /// What holds where nothing sets it.
    var fallback: String
    var origin: String
    var hides: [Hidden]
  }
}

struct ConfigKeysCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys",
    abstract: "Explain every setting: meaning, values, variable, commands.",
    discussion: """
      EXAMPLES
        riddle config keys
        riddle config keys --json
      """)

  @OptionGroup var output: OutputOptions

  func run() throws {
    try reportingFailures {
      let tree = try CommandTree.current()
      let keys = ConfigKey.all.map { key in
        Key(
          name: key.name, option: "--" + key.option, variable: key.variable,
          meaning: key.meaning, value: key.kind.description, fallback: key.fallback,
          example: key.example,
          commands: tree.command.all().filter { key.concerns($0.words, $0.command) }
            .map { $0.words.joined(separator: " ") })
      }
      if output.json {
        Console.print(try JSONOutput.text(["keys": keys]))
        return
      }
      let every = tree.command.all().filter { $0.command.takes("quiet") }.count
      for (number, key) in keys.enumerated() {
        let commands =
          key.commands.count == every
          ? "every command" : key.commands.joined(separator: ", ")
        Console.print(
          """
          \(number > 0 ? "\n" : "")\(key.name): \(key.meaning)
            value     \(key.value)
            example   \(key.name): \(key.example)
            typed     \(key.option); in the environment \(key.variable)
            default   \(key.fallback)
            concerns  \(commands)
          """)
      }
    }
  }

  private struct Key: Encodable {
    var name: String
    var option: String
    var variable: String
    var meaning: String
    var value: String
    var fallback: String
    var example: String
    var commands: [String]
  }
}

struct ConfigPathCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "path",
    abstract: "Print which files hold settings, and whether they are there.",
    discussion: """
      EXAMPLES
        riddle config path
        RIDDLE_CONFIG=none riddle config path --json
      """)

  @OptionGroup var output: OutputOptions

  func run() throws {
    try reportingFailures {
      let places = Configuration.places(ProcessInfo.processInfo.environment)
      let files = [
        Place(
          kind: "project", path: places.project,
          exists: places.project.map(Files.exists) ?? false),
        Place(
          kind: "user", path: places.user, exists: places.user.map(Files.exists) ?? false),
      ]
      if output.json {
        Console.print(try JSONOutput.text(["files": files]))
        return
      }
      for file in files {
        let none =
          file.kind == "project"
          ? "no \(Configuration.projectFileName) here or above" : "none"
        Console.print(
          "\(file.kind.padding(toLength: 9, withPad: " ", startingAt: 0))\(file.path ?? none)\(file.path == nil || file.exists ? "" : " (not there)")"
        )
      }
    }
  }

  private struct Place: Encodable {
    var kind: String
    /// Absent where there is none to look for.
    var path: String?
    var exists: Bool
  }
}
