import ArgumentParser
import Foundation

/// Manual pages, made from the program itself.
struct ManCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "man",
    abstract: "Print a manual page, or write all of them into a folder.",
    discussion: """
      One page for the program and one for every command, in roff. `riddle man train | man -l -` \
      shows one; below a folder of MANPATH, in man1, `man riddle-train` finds them.

      EXAMPLES
        riddle man train
        riddle man policy check
        riddle man --output share/man/man1 --json
      """)

  @Argument(help: "The command; none for the program's own page.")
  var command: [String] = []

  @Option(help: "Write every page into this folder, those of COMMAND if it is given.")
  var output: String?

  @OptionGroup var said: OutputOptions

  func run() throws {
    try reportingFailures {
      let tree = try CommandTree.current()
      let chosen = try tree.find(command)
      let all = chosen.all(command).map { ManualPage(words: $0.words, command: $0.command) }
      let names = tree.command.all().map(\.words)
      guard let output else {
        let text = all[0].roff(seeAlso: related(to: all[0], among: names))
        Console.write(
          said.json ? try JSONOutput.text(Page(name: all[0].name, roff: text)) + "\n" : text,
          to: .standardOutput)
        return
      }
      try Files.write(
        all.map { page in
          (
            path: output + "/" + page.fileName,
            bytes: Array(page.roff(seeAlso: related(to: page, among: names)).utf8)
          )
        })
      if said.json {
        Console.print(try JSONOutput.text(Written(folder: output, pages: all.map(\.fileName))))
      } else {
        Console.print("\(all.count) pages in \(output)")
        said.note("next: man -l \(output)/\(all[0].fileName)")
      }
    }
  }

  /// The command above and those below; of the program, all commands.
  private func related(to page: ManualPage, among all: [[String]]) -> [String] {
    let below = all.filter { $0.count == page.words.count + 1 && $0.starts(with: page.words) }
    let above = page.words.isEmpty ? [] : [Array(page.words.dropLast())]
    return (above + below).map { (["riddle"] + $0).joined(separator: "-") }
  }

  private struct Page: Encodable {
    var name: String
    var roff: String
  }

  private struct Written: Encodable {
    var folder: String
    var pages: [String]
  }
}
