import ArgumentParser

/// Names of commands, asked of their types: describing the whole program takes longer than most commands run.
extension ParsableCommand {
  /// The commands right below this one.
  static var commandsBelow: [any ParsableCommand.Type] {
    configuration.subcommands + configuration.groupedSubcommands.flatMap(\.subcommands)
  }

  /// The words of the command that `arguments` call, defaults included: `["policy", "check"]`.
  static func words(calledBy arguments: [String]) -> [String] {
    let below = commandsBelow
    if let word = arguments.first, let next = below.first(where: { $0._commandName == word }) {
      return [word] + next.words(calledBy: Array(arguments.dropFirst()))
    }
    guard let fallback = configuration.defaultSubcommand else { return [] }
    return [fallback._commandName] + fallback.words(calledBy: arguments)
  }
}
