import ArgumentParser

struct SignCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sign",
    abstract: "Sign a weight file, so that others can tell who made it.",
    discussion: """
      A checksum finds damage; a signature finds what somebody changed on purpose. The \
      signature (Ed25519) stands beside the weight file as ROUTER.riddle.sig and covers every \
      byte of it. Every command that opens weight files refuses those that are not signed by \
      a key given with --require-signature, with exit status 65.

      Keys are PEM files: `openssl pkey -in team.key -pubout` reads what keygen writes. All \
      of this answers in JSON with --json.

      EXAMPLES
        riddle sign keygen --to team
        riddle sign models/desk --key team.key
        riddle sign router.riddle --key team.key --json
        riddle score router.riddle --require-signature team.pub
      """,
    subcommands: [SignRouterCommand.self, KeygenCommand.self],
    defaultSubcommand: SignRouterCommand.self)
}
