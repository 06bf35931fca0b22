import ArgumentParser

struct ExperimentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "experiment",
    abstract: "A/B tests: how many requests they take, and what they came to.",
    discussion: """
      plan says how many requests an effect takes, from numbers you give or from a log of \
      outcomes; read compares the arms of a log, checks that the arms received their shares, \
      and with --sequential may be read every day. Both print JSON with --json.

      EXAMPLES
        riddle experiment plan --metric proportion --baseline 0.85 --effect 0.02
        riddle experiment plan log.jsonl.gz --candidates small,large --per-day 5000
        riddle experiment read ab.jsonl.gz --control old --split 50:50
        riddle experiment read ab.jsonl.gz --sequential --json
      """,
    subcommands: [ExperimentPlanCommand.self, ExperimentReadCommand.self])
}
