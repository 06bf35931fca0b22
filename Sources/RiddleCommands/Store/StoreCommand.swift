import ArgumentParser

struct StoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "store",
    abstract: "Check, shrink, export, redact and query a store.",
    discussion: """
      A store is one SQLite file: the log, labels, verdicts, runs, routers, decisions. Its schema is \
      described in Schema.md. Every command takes --json; what can change the store says what it will do \
      with --dry-run.

      EXAMPLES
        riddle store check desk.sqlite
        riddle store vacuum desk.sqlite
        riddle store export desk.sqlite --output log.jsonl.gz
        riddle store redact desk.sqlite --dry-run
        riddle store redact desk.sqlite --erase-user u-17
        riddle store sql desk.sqlite 'SELECT domain, count(*) FROM queries GROUP BY 1'
      """,
    subcommands: [
      StoreCheckCommand.self, StoreVacuumCommand.self, StoreExportCommand.self,
      StoreRedactCommand.self, StoreSQLCommand.self,
    ])
}
