import ArgumentParser
import Foundation
import RiddlePolicyFiles

/// The program's commands with their arguments, as ArgumentParser describes them: one description for settings, man
/// pages and schemas, so that none of them can forget an option.
struct CommandTree: Decodable {
  /// A command, with its subcommands.
  struct Command: Decodable {
    var commandName: String
    var abstract: String?
    var discussion: String?
    var defaultSubcommand: String?
    var shouldDisplay: Bool?
    var subcommands: [Command]?
    var arguments: [Argument]?

    /// Whether it has the option or flag `--name`.
    func takes(_ name: String) -> Bool {
      (arguments ?? []).contains { $0.longNames.contains(name) }
    }

    /// The command and all below it that are shown, each with its words after `riddle`.
    func all(_ words: [String] = []) -> [(words: [String], command: Command)] {
      [(words, self)]
        + (subcommands ?? []).filter { $0.shouldDisplay ?? true && $0.commandName != "help" }
        .flatMap { $0.all(words + [$0.commandName]) }
    }
  }

  /// An argument, option or flag.
  struct Argument: Decodable {
    struct Name: Decodable {
      var kind: String
      var name: String

      /// As it is typed.
      var typed: String { (kind == "long" ? "--" : "-") + name }
    }

    var kind: String
    var names: [Name]?
    var valueName: String?
    var abstract: String?
    var discussion: String?
    var defaultValue: String?
    var allValues: [String]?
    var isOptional: Bool
    var isRepeating: Bool
    var parsingStrategy: String
    var shouldDisplay: Bool?
    var sectionTitle: String?

    var longNames: [String] { (names ?? []).filter { $0.kind == "long" }.map(\.name) }
  }

  var command: Command

  /// The tree of this program.
  static func current() throws -> CommandTree {
    do {
      return try JSONDecoder().decode(CommandTree.self, from: Data(RiddleCommand._dumpHelp().utf8))
    } catch {
      throw CommandFailure(.defect, "the program cannot describe itself (\(error)); please report")
    }
  }

  /// What to say of a word that is no command.
  static func unknown(_ word: String, among names: [String], of path: String) -> String {
    let hint = nearest(word, in: names).map { "did you mean `\(path) \($0)`? " } ?? ""
    return "'\(word.prefix(80))' is no command of \(path); \(hint)See `\(path) --help`"
  }

  /// The command named by `words`, such as `["policy", "check"]`.
  func find(_ words: [String]) throws -> Command {
    var found = command
    for word in words {
      guard let next = found.subcommands?.first(where: { $0.commandName == word }) else {
        let names = (found.subcommands ?? []).map(\.commandName).filter { $0 != "help" }
        let path = (["riddle"] + words.prefix { $0 != word }).joined(separator: " ")
        throw CommandFailure(.usage, Self.unknown(word, among: names, of: path))
      }
      found = next
    }
    return found
  }
}
