import ArgumentParser
import Foundation

/// Completions for a shell.
struct CompletionsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "completions",
    abstract: "Print the completion script of a shell.",
    discussion: """
      Where scripts belong
        bash  source <(riddle completions bash)        in ~/.bashrc, or a file
              ~/.local/share/bash-completion/completions/riddle
        zsh   a file _riddle in a folder of $fpath
        fish  ~/.config/fish/completions/riddle.fish

      EXAMPLES
        riddle completions bash
        riddle completions zsh
        riddle completions fish --json
      """)

  @Argument(help: "bash, zsh or fish.")
  var shell: ShellName

  @OptionGroup var output: OutputOptions

  /// The shells that have completions.
  enum ShellName: String, ExpressibleByArgument, CaseIterable {
    case bash, zsh, fish
  }

  func run() throws {
    try reportingFailures {
      let kind: CompletionShell =
        switch shell {
        case .bash: .bash
        case .zsh: .zsh
        case .fish: .fish
        }
      let script = RiddleCommand.completionScript(for: kind)
      if output.json {
        Console.print(try JSONOutput.text(["shell": shell.rawValue, "script": script]))
      } else {
        Console.write(script.hasSuffix("\n") ? script : script + "\n", to: .standardOutput)
      }
    }
  }
}
