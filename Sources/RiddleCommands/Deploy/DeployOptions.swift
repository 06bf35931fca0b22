import ArgumentParser
import Foundation
import RiddleData
import RiddleRuntime
import RiddleStore

/// Where a router is deployed: the options of every command about deployments.
struct DeployOptions: ParsableArguments {
  @Option(help: "Store that keeps the history of deployments.")
  var store: String

  @Option(help: "Where the router decides: production, staging, …")
  var environment: String = "production"

  func validate() throws {
    let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
    guard !environment.isEmpty, environment.count <= 64,
      environment.allSatisfy({ plain.contains($0) })
    else {
      throw ValidationError(
        "--environment must be letters, digits, '-', '_' and '.', at most 64 of them")
    }
  }
}

/// Records deployments and switches pointers.
struct Deployer {
  let store: Store
  let environment: String

  /// What came of it.
  struct Outcome: Encodable {
    /// Whether anything changed.
    var changed: Bool
    /// Whether the file that servers read was switched; nil without one.
    var switched: Bool?
    var deployment: DeploymentText
    /// SHA-256 of the router that decided before; nil when there was none.
    var before: String?
  }

  /// Deployments of this environment, oldest first.
  func history() throws -> [DeploymentRecord] { try store.deployments(environment: environment) }

  /// The file that servers read: the one given, else the one of the last deployment that had any.
  func pointer(_ given: String?, _ history: [DeploymentRecord]) throws -> RouterPointer? {
    try (given ?? history.last { $0.pointer != nil }?.pointer).map { try RouterPointer(path: $0) }
  }

  /// Makes `bytes` decide here: records it unless it does already, and switches the pointer unless it holds them.
  func deploy(
    _ bytes: [UInt8], kind: DeploymentKind, policy: PolicyRecord?, pointer: RouterPointer?,
    reason: String?
  ) throws -> Outcome {
    let sha256 = Files.sha256(bytes)
    let history = try history()
    let latest = history.last
    let isThere =
      latest.map {
        $0.router == sha256 && $0.policySHA256 == policy?.sha256 && $0.policy == policy?.name
          && (pointer == nil || $0.pointer == pointer?.path)
      } ?? false
    let commit = { () throws -> DeploymentRecord in
      if let latest, isThere, kind == .promote { return latest }
      return try store.recordDeployment(
        NewDeployment(
          environment: environment, kind: kind, router: sha256, policy: policy,
          pointer: pointer?.path, time: TimeText.now, reason: reason))
    }
    let isRecorded = isThere && kind == .promote
    guard let pointer else {
      let made = try commit()
      return Outcome(
        changed: !isRecorded, switched: nil, deployment: DeploymentText(made),
        before: latest?.router)
    }
    if pointer.holds(bytes) {
      let made = try commit()
      return Outcome(
        changed: !isRecorded, switched: false, deployment: DeploymentText(made),
        before: latest?.router)
    }
    let made = try pointer.switch(to: bytes, after: commit)
    return Outcome(
      changed: true, switched: true, deployment: DeploymentText(made), before: latest?.router)
  }

  /// The router of a SHA-256 from the store, proven to be it and to be whole.
  func storedRouter(_ sha256: String) throws -> (bytes: [UInt8], router: Router) {
    guard let bytes = try store.router(sha256: sha256)?.bytes else {
      throw CommandFailure(
        .inputMissing,
        "the store knows router \(sha256.prefix(12)) by its checksum alone and has no bytes of it; promote its file instead"
      )
    }
    guard Files.sha256(bytes) == sha256 else {
      throw CommandFailure(
        .malformedData,
        "the store's bytes of router \(sha256.prefix(12)) have sha256 \(Files.sha256(bytes).prefix(12)): the store is damaged; promote its file instead"
      )
    }
    return (bytes, try Router(decoding: bytes.span))
  }
}

/// A deployment as it is printed.
struct DeploymentText: Encodable {
  var id: Int64
  var environment: String
  var kind: String
  var router: String
  var router_name: String?
  var policy: String?
  var policy_sha256: String?
  var pointer: String?
  /// ISO 8601, UTC.
  var time: String
  var reason: String?

  init(_ record: DeploymentRecord) {
    id = record.id
    environment = record.environment
    kind = record.kind.rawValue
    router = record.router
    router_name = record.routerName
    policy = record.policy
    policy_sha256 = record.policySHA256
    pointer = record.pointer
    time = TimeText.utc(record.time)
    reason = record.reason
  }

  /// Name and the beginning of the checksum.
  var routerText: String {
    "\(router_name.map { OneLine.of($0) + " " } ?? "")\(router.prefix(12))"
  }
}
