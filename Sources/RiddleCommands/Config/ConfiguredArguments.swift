import ArgumentParser

/// The arguments of this run, with those that settings add: what is recorded must rebuild the result anywhere.
enum Invocation {
  /// Without the program's name.
  @TaskLocal static var arguments: [String] = Array(CommandLine.arguments.dropFirst())
}

/// Puts settings where options were left out: `store: desk.sqlite` in a file is `--store desk.sqlite` at the end of
/// every command that takes it, unless something typed says otherwise.
struct ConfiguredArguments {
  /// The command that the words name, and what was given to it.
  struct Given {
    var words: [String]
    var command: CommandTree.Command
    /// Long names of the options and flags.
    var options: Set<String> = []
    var positionals = 0
    /// Where `--` stands, or the end.
    var end: Int
  }

  let tree: CommandTree

  /// `arguments` with the settings that concern their command.
  func completing(_ arguments: [String], with configuration: Configuration) -> [String] {
    guard let given = read(arguments) else { return arguments }
    var added: [String] = []
    for value in configuration.values {
      guard let text = value.text, value.key.concerns(given.words, given.command),
        !given.options.contains(value.key.option),
        !given.options.contains("no-" + value.key.option),
        !value.key.yieldsTo.contains(where: given.options.contains),
        value.key.name != "store" || !namesLogs(given)
      else { continue }
      if case .flag = value.key.kind {
        if text == "true" { added.append("--" + value.key.option) }
      } else {
        added += ["--" + value.key.option, text]
      }
    }
    return Array(arguments[..<given.end]) + added + Array(arguments[given.end...])
  }

  /// Which command is called, and which of its options are given; nil where only help is asked for.
  func read(_ arguments: [String]) -> Given? {
    var words: [String] = []
    var command = tree.command
    var next = 0
    while next < arguments.count,
      let sub = command.subcommands?.first(where: { $0.commandName == arguments[next] })
    {
      command = sub
      words.append(sub.commandName)
      next += 1
    }
    while let name = command.defaultSubcommand,
      let sub = command.subcommands?.first(where: { $0.commandName == name })
    {
      command = sub
      words.append(name)
    }
    guard (command.subcommands ?? []).isEmpty, words.first != "help" else { return nil }
    var given = Given(words: words, command: command, end: arguments.count)
    while next < arguments.count {
      let word = arguments[next]
      next += 1
      if word == "--" {
        given.end = next - 1
        given.positionals += arguments.count - next
        break
      }
      if ["--help", "-h", "--version", "--help-hidden"].contains(word)
        || word.hasPrefix("--experimental-dump-help")
        || word.hasPrefix("--generate-completion-script")
      {
        return nil
      }
      guard word.hasPrefix("--") else {
        if !word.hasPrefix("-") || word == "-" { given.positionals += 1 }
        continue
      }
      let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1)
      let name = parts.first.map(String.init) ?? ""
      given.options.insert(name)
      let argument = command.arguments?.first { $0.longNames.contains(name) }
      guard let argument, argument.kind == "option" else { continue }
      if parts.count == 1 { next += 1 }
      if argument.parsingStrategy == "upToNextOption" {
        while next < arguments.count, !arguments[next].hasPrefix("-") { next += 1 }
      }
    }
    return given
  }

  /// Whether log files stand among the positional arguments: then no store is meant.
  private func namesLogs(_ given: Given) -> Bool {
    if given.words == ["import"] { return false }
    if given.words == ["evaluate"] {
      return given.options.contains("routers") && given.positionals > 0
    }
    let positional = (given.command.arguments ?? []).filter { $0.kind == "positional" }
    guard
      let logs = positional.firstIndex(where: {
        $0.isRepeating && ["files", "logs"].contains($0.valueName ?? "")
      })
    else { return false }
    return given.positionals > logs
  }
}

extension RiddleCommand {
  /// Ends the program when the first word is a mistyped command, with the one that was probably meant.
  private static func refuseUnknownCommand(_ given: [String]) {
    let names = commandsBelow.map { $0._commandName }
    guard let word = given.first, !word.hasPrefix("-"), word != "help", !names.contains(word)
    else { return }
    Console.error("error: \(CommandTree.unknown(word, among: names, of: "riddle"))")
    exit(withError: ExitCode(ExitStatus.usage.rawValue))
  }

  /// Runs the program on the arguments of this process, completed by settings.
  public static func launch() {
    let given = Array(CommandLine.arguments.dropFirst())
    refuseUnknownCommand(given)
    // These read the settings themselves and say what is wrong with them.
    let readsItself = ["config", "doctor", "completions", "man", "schema", "init"]
    guard Configuration.isPresent(), let first = given.first else { return main(given) }
    var arguments = given
    do {
      let completion = ConfiguredArguments(tree: try CommandTree.current())
      if completion.read(given) != nil {
        arguments = completion.completing(given, with: try Configuration())
      }
    } catch {
      if !readsItself.contains(first) {
        let failure = commandFailure(error)
        Console.error("error: \(failure.message)")
        Console.error("settings are explained by `riddle config keys` and `riddle config path`")
        exit(withError: ExitCode(failure.status.rawValue))
      }
    }
    Invocation.$arguments.withValue(arguments) { main(arguments) }
  }
}
