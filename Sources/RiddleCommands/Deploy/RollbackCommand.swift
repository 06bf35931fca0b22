import ArgumentParser
import Foundation
import RiddleStore

struct RollbackCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback",
    abstract: "Let the router before decide again, from the store's own bytes.",
    discussion: """
      Goes back one promotion: after A, B and C the first rollback returns to B, the next to A. The \
      bytes come from the store and are checked against their SHA-256 and their probes; the \
      run's folder may be long gone. The file that servers read, as the last promotion named \
      it, is switched back. The history keeps every step.

      --from makes it safe to repeat: nothing happens unless that router decides now.

      EXAMPLES
        riddle rollback --store desk.sqlite --reason complaints
        riddle rollback --store desk.sqlite --from 3f9a1c --json
        riddle rollback --store desk.sqlite --environment staging
      """)

  @OptionGroup var place: DeployOptions

  @Option(
    help: ArgumentHelp(
      "Only if this router decides now: the first digits of its SHA-256, at least 6.",
      valueName: "sha256"))
  var from: String?

  @Option(
    help: ArgumentHelp(
      "File that servers read, to be switched. Default: the one of the last deployment, if it had any.",
      valueName: "file"))
  var to: String?

  @Option(help: "Why, for the history.")
  var reason: String?

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let from, from.count < 6 || !from.allSatisfy({ $0.isHexDigit }) {
      throw ValidationError("--from needs at least 6 hexadecimal digits of a SHA-256")
    }
  }

  func run() throws {
    try reportingFailures {
      guard Files.exists(place.store) else { throw StoreError.storeMissing(path: place.store) }
      let outcome = try ProcessLock.holding("deploy", store: place.store) {
        let store = try Store.open(path: place.store, mode: .readWrite)
        defer { try? store.close() }  // What was committed stays.
        return try rollBack(Deployer(store: store, environment: place.environment))
      }
      if output.json {
        Console.print(try JSONOutput.text(outcome))
      } else if outcome.changed {
        let made = outcome.deployment
        let pointer =
          made.pointer.map {
            outcome.switched == true ? "; \($0) switched" : "; \($0) held it already"
          }
          ?? "; no file switched: give --to to have one"
        Console.print(
          "rolled back in \(made.environment): \(made.routerText) decides again (deployment \(made.id), before: \(outcome.before?.prefix(12) ?? "none"))\(pointer)"
        )
      } else {
        let made = outcome.deployment
        Console.print(
          "nothing to do: \(made.routerText) decides in \(made.environment), not \(from ?? "")")
      }
    }
  }

  private func rollBack(_ deployer: Deployer) throws -> Deployer.Outcome {
    let history = try deployer.history()
    guard let latest = history.last else {
      throw CommandFailure(
        .inputMissing,
        "nothing was ever deployed to \(place.environment) in \(place.store); `riddle deployments list` shows what was"
      )
    }
    if let from, !latest.router.hasPrefix(from.lowercased()) {
      return Deployer.Outcome(
        changed: false, switched: nil, deployment: DeploymentText(latest), before: nil)
    }
    guard let target = history.rollbackTarget else {
      throw CommandFailure(
        .inputMissing,
        "\(place.environment) has no promotion before \(latest.router.prefix(12)) to go back to; promote another router instead"
      )
    }
    let (bytes, _) = try deployer.storedRouter(target.router)
    let policy = target.policy.map { PolicyRecord(name: $0, sha256: target.policySHA256) }
    return try deployer.deploy(
      bytes, kind: .rollback, policy: policy, pointer: try deployer.pointer(to, history),
      reason: reason)
  }
}
