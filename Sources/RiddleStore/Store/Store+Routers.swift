import Foundation
import GRDB
import RiddleData

/// One weight file as the store remembers it.
public struct RouterRecord: Equatable, Sendable {
  /// SHA-256 of the file: the router's identity.
  public var sha256: String
  /// Name for a reader.
  public var name: String?
  /// The file; nil where the store knows the router by its SHA-256 alone. Whoever reads them checks them against it.
  public var bytes: [UInt8]?
  /// SHA-256 of the manifest of the run that made it; nil when that run is not in the store.
  public var runManifestSHA256: String?
  /// When it was registered, since 1970.
  public var time: Microseconds
  /// Where it cuts.
  public var thresholds: [ThresholdRecord]

  /// A router.
  public init(
    sha256: String, name: String? = nil, bytes: [UInt8]? = nil, runManifestSHA256: String? = nil,
    time: Microseconds, thresholds: [ThresholdRecord] = []
  ) {
    self.sha256 = sha256
    self.name = name
    self.bytes = bytes
    self.runManifestSHA256 = runManifestSHA256
    self.time = time
    self.thresholds = thresholds
  }
}

/// One threshold of a router.
public struct ThresholdRecord: Equatable, Sendable, Codable {
  /// What it decides, for example "above small".
  public var name: String
  /// The step of the ladder, from 0.
  public var head: Int
  /// `margin >= this` climbs.
  public var margin: Double
  /// What is promised of it, as JSON; nil when nothing is known.
  public var guarantee: String?

  /// A threshold.
  public init(name: String, head: Int, margin: Double, guarantee: String? = nil) {
    self.name = name
    self.head = head
    self.margin = margin
    self.guarantee = guarantee
  }
}

extension Store {
  /// Remembers a router. Of one that is known already, what the store lacks is added: its bytes, name, run and
  /// thresholds.
  ///
  /// - Returns: whether the router is new.
  /// - Throws: `.invalidValue` for a hash that is none, an empty file, a threshold that is no number; `.invalidValue`
  ///   when the run is not in the store.
  @discardableResult
  public func registerRouter(_ router: RouterRecord) throws(StoreError) -> Bool {
    try Self.check(router)
    return try write { db in try Self.register(db, router) }
  }

  /// Remembers a run and the router that it made, both or neither.
  ///
  /// - Returns: whether either is new.
  /// - Throws: as ``registerRun(_:)`` and ``registerRouter(_:)``.
  @discardableResult
  public func registerTraining(_ run: RunRecord, _ router: RouterRecord) throws(StoreError) -> Bool
  {
    try Self.check(run)
    try Self.check(router)
    return try write { db in
      let isNewRun = try Self.register(db, run)
      let isNewRouter = try Self.register(db, router)
      return isNewRun || isNewRouter
    }
  }

  /// Every router without its bytes, oldest first.
  public func routers() throws(StoreError) -> [RouterRecord] {
    try read { db in try Self.routers(db, where: "TRUE", [], withBytes: false) }
  }

  /// The router with this SHA-256 and its bytes, or nil.
  public func router(sha256: String) throws(StoreError) -> RouterRecord? {
    try read { db in
      try Self.routers(db, where: "r.sha256 = ?", [sha256], withBytes: true).first
    }
  }

  /// SHA-256 of the routers that begin with these digits, in order.
  public func routers(beginningWith prefix: String) throws(StoreError) -> [String] {
    try read { db in
      try String.fetchAll(
        db, sql: "SELECT sha256 FROM routers WHERE substr(sha256, 1, ?) = ? ORDER BY sha256",
        arguments: [prefix.count, prefix])
    }
  }

  static func check(_ router: RouterRecord) throws(StoreError) {
    try check(sha256: router.sha256, field: "router's SHA-256")
    if router.bytes?.isEmpty == true {
      throw .invalidValue(field: "router", reason: "the weight file is empty")
    }
    for threshold in router.thresholds {
      guard threshold.margin.isFinite, threshold.head >= 0, !threshold.name.isEmpty else {
        throw .invalidValue(
          field: "threshold \(threshold.name)", reason: "expected a name, a head and a number")
      }
      if let guarantee = threshold.guarantee,
        (try? JSONSerialization.jsonObject(with: Data(guarantee.utf8))) == nil
      {
        throw .invalidValue(
          field: "threshold \(threshold.name)", reason: "its guarantee is no JSON")
      }
    }
  }

  static func register(_ db: Database, _ router: RouterRecord) throws -> Bool {
    let run = try router.runManifestSHA256.map { sha256 in
      guard
        let id = try Int64.fetchOne(
          db, sql: "SELECT id FROM runs WHERE manifest_sha256 = ?", arguments: [sha256])
      else {
        throw StoreError.invalidValue(
          field: "run of router \(router.sha256)", reason: "no run has the manifest \(sha256)")
      }
      return id
    }
    let isNew =
      try Int64.fetchOne(
        db, sql: "SELECT id FROM routers WHERE sha256 = ?", arguments: [router.sha256]) == nil
    try db.execute(
      sql: """
        INSERT INTO routers (sha256, name, bytes, run, time_us) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (sha256) DO UPDATE SET name = coalesce(name, excluded.name),
          bytes = coalesce(bytes, excluded.bytes), run = coalesce(run, excluded.run)
        """,
      arguments: [
        router.sha256, router.name, router.bytes.map { Data($0) }, run, router.time.count,
      ])
    for threshold in router.thresholds {
      try db.execute(
        sql: """
          INSERT INTO thresholds (router, name, head, margin, guarantee)
          SELECT id, ?, ?, ?, ? FROM routers WHERE sha256 = ? ON CONFLICT DO NOTHING
          """,
        arguments: [
          threshold.name, threshold.head, threshold.margin, threshold.guarantee, router.sha256,
        ])
    }
    return isNew
  }

  private static func routers(
    _ db: Database, where condition: String, _ arguments: StatementArguments, withBytes: Bool
  ) throws -> [RouterRecord] {
    let rows = try Row.fetchAll(
      db,
      sql: """
        SELECT r.id, r.sha256, r.name, \(withBytes ? "r.bytes" : "NULL"), n.manifest_sha256, r.time_us
        FROM routers r LEFT JOIN runs n ON n.id = r.run WHERE \(condition) ORDER BY r.id
        """, arguments: arguments)
    return try rows.map { row in
      RouterRecord(
        sha256: row[1], name: row[2], bytes: (row[3] as Data?).map { [UInt8]($0) },
        runManifestSHA256: row[4], time: Microseconds(row[5]),
        thresholds: try thresholds(db, ofRouter: row[0]))
    }
  }

  static func thresholds(_ db: Database, ofRouter id: Int64) throws -> [ThresholdRecord] {
    try Row.fetchAll(
      db,
      sql:
        "SELECT name, head, margin, guarantee FROM thresholds WHERE router = ? ORDER BY head, name",
      arguments: [id]
    ).map { ThresholdRecord(name: $0[0], head: $0[1], margin: $0[2], guarantee: $0[3]) }
  }
}
