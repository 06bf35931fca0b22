import ArgumentParser

struct PolicyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "policy",
    abstract: "Check policy files, list what they may say, print their schema.",
    discussion: """
      A policy file is YAML: stages in order, the first that does not pass on decides; guards may \
      change what was decided. `riddle simulate` replays it. check and kinds answer in JSON with \
      --json.

      EXAMPLES
        riddle policy check band.yaml
        riddle policy check band.yaml --data log.jsonl
        riddle policy kinds cascade
        riddle policy schema
      """,
    subcommands: [PolicyCheckCommand.self, PolicyKindsCommand.self, PolicySchemaCommand.self])
}
