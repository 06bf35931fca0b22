import GRDB
import RiddleData

/// How a router came to decide somewhere.
public enum DeploymentKind: String, Sendable, Codable, CaseIterable {
  /// A router that was chosen.
  case promote
  /// The one before, again.
  case rollback
}

/// One promotion or rollback. Never changed, never deleted.
public struct DeploymentRecord: Equatable, Sendable, Codable {
  /// Its number, rising.
  public var id: Int64
  /// Where: `production`, `staging`.
  public var environment: String
  /// Promotion or rollback.
  public var kind: DeploymentKind
  /// SHA-256 of the router's weight file.
  public var router: String
  /// The router's name.
  public var routerName: String?
  /// The policy around the router, by name; nil for the router alone.
  public var policy: String?
  /// SHA-256 of the policy's document.
  public var policySHA256: String?
  /// The file that servers read, as an absolute path; nil when no file was switched.
  public var pointer: String?
  /// When, since 1970.
  public var time: Microseconds
  /// Why, in somebody's words.
  public var reason: String?

  private enum CodingKeys: String, CodingKey {
    case id, environment, kind, router, policy, pointer, reason
    case routerName = "router_name"
    case policySHA256 = "policy_sha256"
    case time = "time_us"
  }
}

/// What is to be recorded of a deployment.
public struct NewDeployment: Equatable, Sendable {
  /// Where.
  public var environment: String
  /// Promotion or rollback.
  public var kind: DeploymentKind
  /// SHA-256 of a router in the store.
  public var router: String
  /// The policy around it.
  public var policy: PolicyRecord?
  /// The file that servers read.
  public var pointer: String?
  /// When, since 1970.
  public var time: Microseconds
  /// Why.
  public var reason: String?

  /// A deployment that is not recorded yet.
  public init(
    environment: String, kind: DeploymentKind, router: String, policy: PolicyRecord? = nil,
    pointer: String? = nil, time: Microseconds, reason: String? = nil
  ) {
    self.environment = environment
    self.kind = kind
    self.router = router
    self.policy = policy
    self.pointer = pointer
    self.time = time
    self.reason = reason
  }
}

/// The answer to "which data trained the router now in production".
public struct DeployedTraining: Equatable, Sendable {
  /// The deployment that counts.
  public var deployment: DeploymentRecord
  /// Where the router cuts.
  public var thresholds: [ThresholdRecord]
  /// Whether the store holds the weight file itself.
  public var hasBytes: Bool
  /// The run that made it; nil when the store does not know.
  public var run: RunRecord?
}

extension Store {
  /// Records a deployment.
  ///
  /// - Returns: the deployment with its number.
  /// - Throws: `.invalidValue` for a router that the store does not have or an environment without a name.
  @discardableResult
  public func recordDeployment(_ new: NewDeployment) throws(StoreError) -> DeploymentRecord {
    if new.environment.isEmpty { throw .invalidValue(field: "environment", reason: "is empty") }
    if let policy = new.policy { try Self.check(policy) }
    return try write { db in
      guard
        let router = try Int64.fetchOne(
          db, sql: "SELECT id FROM routers WHERE sha256 = ?", arguments: [new.router])
      else {
        throw StoreError.invalidValue(
          field: "deployment", reason: "the store has no router \(new.router)")
      }
      let policy = try new.policy.map { try Self.register(db, $0) }
      // The number rises even where the last rows of another environment were made at the same moment.
      try db.execute(
        sql: """
          INSERT INTO deployments (environment, router, policy, kind, pointer, time_us, reason)
          VALUES (?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          new.environment, router, policy, new.kind.rawValue, new.pointer, new.time.count,
          new.reason,
        ])
      let id = db.lastInsertedRowID
      guard let made = try Self.deployments(db, where: "d.id = ?", [id]).first else {
        throw StoreError.defect("deployment \(id) is not there after it was written")
      }
      return made
    }
  }

  /// Every deployment, oldest first.
  ///
  /// - Parameter environment: nil for all of them.
  public func deployments(environment: String? = nil) throws(StoreError) -> [DeploymentRecord] {
    try read { db in
      guard let environment else { return try Self.deployments(db, where: "TRUE", []) }
      return try Self.deployments(db, where: "d.environment = ?", [environment])
    }
  }

  /// The deployment that counts in `environment`, and the run, splits and labelling behind its router;
  /// nil when nothing was deployed there.
  public func deployedTraining(environment: String) throws(StoreError) -> DeployedTraining? {
    let latest = try read { db in
      try Self.deployments(
        db, where: "d.id = (SELECT max(id) FROM deployments WHERE environment = ?)", [environment]
      ).first
    }
    guard let latest else { return nil }
    let router = try router(sha256: latest.router)
    return DeployedTraining(
      deployment: latest, thresholds: router?.thresholds ?? [], hasBytes: router?.bytes != nil,
      run: try run(ofRouter: latest.router))
  }

  private static func deployments(
    _ db: Database, where condition: String, _ arguments: StatementArguments
  ) throws -> [DeploymentRecord] {
    let rows = try Row.fetchAll(
      db,
      sql: """
        SELECT d.id, d.environment, d.kind, r.sha256, r.name, p.name, p.sha256, d.pointer, d.time_us,
          d.reason
        FROM deployments d JOIN routers r ON r.id = d.router LEFT JOIN policies p ON p.id = d.policy
        WHERE \(condition) ORDER BY d.id
        """, arguments: arguments)
    return rows.map { row in
      DeploymentRecord(
        id: row[0], environment: row[1], kind: row[2] == "rollback" ? .rollback : .promote,
        router: row[3], routerName: row[4], policy: row[5], policySHA256: row[6], pointer: row[7],
        time: Microseconds(row[8]), reason: row[9])
    }
  }
}

extension [DeploymentRecord] {
  /// The deployment that a rollback returns to: of one environment, oldest first.
  ///
  /// Promotions are a stack that rollbacks take from: after A, B, C and a rollback to B, the next one goes to A, not
  /// to C. Nil when nothing is below the top.
  public var rollbackTarget: DeploymentRecord? {
    var stack: [DeploymentRecord] = []
    for deployment in self {
      switch deployment.kind {
      case .promote:
        // The same again under another pointer is no step to go back to.
        if let top = stack.last, top.router == deployment.router, top.policy == deployment.policy,
          top.policySHA256 == deployment.policySHA256
        {
          stack.removeLast()
        }
        stack.append(deployment)
      case .rollback:
        if !stack.isEmpty { stack.removeLast() }
        // A history that another program wrote may have gone elsewhere: what decides is on top.
        if stack.last?.router != deployment.router { stack.append(deployment) }
      }
    }
    return stack.count >= 2 ? stack[stack.count - 2] : nil
  }
}
