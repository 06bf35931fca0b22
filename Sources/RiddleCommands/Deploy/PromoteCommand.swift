import ArgumentParser
import Foundation
import RiddlePipeline
import RiddleRuntime
import RiddleStore

struct PromoteCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "promote",
    abstract: "Let a router decide in production, and remember it.",
    discussion: """
      Opens the weight file as a server would (checksum, structure, every probe to the last bit), \
      keeps its bytes in the store, with run and split when it stands in a run's folder, records \
      the deployment, and switches the file that servers read: a copy under a temporary name, \
      synchronised and renamed, so that a reader sees the old router or the new one.

      The path of --to is remembered: later promotions and `riddle rollback` switch the same file. \
      Promoting what decides already changes nothing and says so. While another promotion or \
      rollback runs, exit status 74.

      EXAMPLES
        riddle promote models/desk --store desk.sqlite \\
          --to /srv/riddle/current.riddle
        riddle promote models/desk --store desk.sqlite --reason weekly
        riddle promote router.riddle --store desk.sqlite --environment staging --json
        riddle promote models/desk --store desk.sqlite --policy band.yaml
      """)

  @Argument(help: "A weight file, or the folder of a run.")
  var router: String

  @OptionGroup var place: DeployOptions

  @Option(
    help: ArgumentHelp(
      "File that servers read, to be switched. Default: the one of the last deployment, if it had any.",
      valueName: "file"))
  var to: String?

  @Option(help: ArgumentHelp("Policy file around the router, to be kept too.", valueName: "file"))
  var policy: String?

  @Option(help: "Why, for the history.")
  var reason: String?

  @OptionGroup var signature: SignatureOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    try reportingFailures {
      let opened = try OpenedRouter(path: router, signature)
      let policy = try self.policy.map(Self.policy)
      let outcome = try ProcessLock.holding("deploy", store: try storePath()) {
        let store = try Store.open(path: place.store, mode: .readWrite)
        defer { try? store.close() }  // What was committed stays.
        return try Self.promote(
          opened, policy: policy, in: store, environment: place.environment, to: to,
          reason: reason)
      }
      if output.json {
        Console.print(try JSONOutput.text(outcome))
      } else {
        Console.print(Self.sentence(outcome, probes: opened.router.probes.count))
        if outcome.changed {
          output.note(
            "next: riddle deployments show --store \(place.store); back: riddle rollback --store \(place.store)"
          )
        }
      }
    }
  }

  /// A missing store is refused before a lock is made beside it.
  private func storePath() throws -> String {
    guard Files.exists(place.store) else { throw StoreError.storeMissing(path: place.store) }
    return place.store
  }

  /// Registers and deploys; the caller holds the lock.
  static func promote(
    _ opened: OpenedRouter, policy: PolicyRecord?, in store: Store, environment: String,
    to path: String?, reason: String?
  ) throws -> Deployer.Outcome {
    let deployer = Deployer(store: store, environment: environment)
    let pointer = try deployer.pointer(path, try deployer.history())
    try RunRegistration(folder: RunFolder(path: opened.folder)).register(opened, in: store)
    return try deployer.deploy(
      opened.bytes, kind: .promote, policy: policy, pointer: pointer, reason: reason)
  }

  private static func policy(_ path: String) throws -> PolicyRecord {
    let bytes = try Files.read(path, what: "policy")
    let file = try PolicyFile(path: path)
    return PolicyRecord(
      name: file.name ?? URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent,
      sha256: Files.sha256(bytes), document: String(decoding: bytes, as: UTF8.self))
  }

  static func sentence(_ outcome: Deployer.Outcome, probes: Int) -> String {
    let made = outcome.deployment
    let pointer = made.pointer.map { path in
      outcome.switched == true ? "; \(path) switched" : "; \(path) held it already"
    }
    if !outcome.changed {
      return
        "nothing to do: \(made.routerText) decides in \(made.environment) since \(made.time)\(pointer ?? "")"
    }
    let before = outcome.before.map { $0 == made.router ? "" : ", before: \($0.prefix(12))" }
    return
      "promoted to \(made.environment): \(made.routerText) (deployment \(made.id), \(probes) probes replayed\(before ?? ", the first"))\(pointer ?? "; no file switched: give --to to have one")"
  }
}
