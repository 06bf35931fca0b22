import ArgumentParser

struct DecisionsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decisions",
    abstract: "Move decision logs into a store and out of it.",
    discussion: """
      A decision log says what was chosen in production, why, and what it cost: JSON lines as \
      riddle score --log, riddle simulate --decisions and servers write them, and as \
      riddle off-policy reads them. All subcommands take --json.

      EXAMPLES
        riddle decisions import decisions.jsonl.gz --store desk.sqlite
        riddle decisions export --store desk.sqlite --from 2026-04-20
      """,
    subcommands: [DecisionsImportCommand.self, DecisionsExportCommand.self])
}
