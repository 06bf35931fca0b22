import Foundation
import GRDB
import RiddleData

/// One training run as the store remembers it.
public struct RunRecord: Equatable, Sendable {
  /// The folder it was written to, as its command named it.
  public var folder: String
  /// When it was registered, since 1970.
  public var time: Microseconds
  /// The manifest, `run.json`, byte for byte.
  public var manifest: String
  /// SHA-256 of the manifest in hexadecimal: the run's identity. A manifest holds no date, so that the same run
  /// registered twice is one row.
  public var manifestSHA256: String
  /// Name of the labelling whose rules it learned by; nil when it is none of the store's.
  public var labelling: String?
  /// What its data were divided into.
  public var splits: [SplitRecord]

  /// A run.
  public init(
    folder: String, time: Microseconds, manifest: String, manifestSHA256: String,
    labelling: String? = nil, splits: [SplitRecord] = []
  ) {
    self.folder = folder
    self.time = time
    self.manifest = manifest
    self.manifestSHA256 = manifestSHA256
    self.labelling = labelling
    self.splits = splits
  }
}

/// One part of a run's data.
public struct SplitRecord: Equatable, Sendable, Codable {
  /// `train`, `calibrate` or `test`.
  public var part: String
  /// The rule as JSON: unit, seed, field of segments.
  public var rule: String
  /// Queries of the part.
  public var queryCount: Int
  /// SHA-256 of their ids, each followed by a line feed, in the order of the log.
  public var idsSHA256: String

  /// A part.
  public init(part: String, rule: String, queryCount: Int, idsSHA256: String) {
    self.part = part
    self.rule = rule
    self.queryCount = queryCount
    self.idsSHA256 = idsSHA256
  }

  private enum CodingKeys: String, CodingKey {
    case part, rule
    case queryCount = "query_count"
    case idsSHA256 = "ids_sha256"
  }
}

extension Store {
  /// Remembers a run; one whose manifest is known already stays as it is, but for its folder, which is where it was
  /// seen last.
  ///
  /// - Returns: whether the run is new.
  /// - Throws: `.invalidValue` for a manifest that is no JSON, a hash that is none, or two parts of one name.
  @discardableResult
  public func registerRun(_ run: RunRecord) throws(StoreError) -> Bool {
    try Self.check(run)
    return try write { db in try Self.register(db, run) }
  }

  /// Every run, oldest first.
  public func runs() throws(StoreError) -> [RunRecord] {
    try read { db in try Self.runs(db, where: "TRUE", []) }
  }

  /// The run that made the router, or nil.
  public func run(ofRouter sha256: String) throws(StoreError) -> RunRecord? {
    try read { db in
      try Self.runs(db, where: "n.id = (SELECT run FROM routers WHERE sha256 = ?)", [sha256]).first
    }
  }

  static func check(_ run: RunRecord) throws(StoreError) {
    try check(sha256: run.manifestSHA256, field: "manifest's SHA-256")
    if run.folder.isEmpty { throw .invalidValue(field: "folder", reason: "is empty") }
    for split in run.splits {
      try check(sha256: split.idsSHA256, field: "SHA-256 of the ids of \(split.part)")
      guard ["train", "calibrate", "test"].contains(split.part), split.queryCount >= 0 else {
        throw .invalidValue(
          field: "part \(split.part)",
          reason: "expected train, calibrate or test with at least 0 queries")
      }
    }
    guard Set(run.splits.map(\.part)).count == run.splits.count else {
      throw .invalidValue(field: "splits", reason: "a part is given twice")
    }
    for json in [run.manifest] + run.splits.map(\.rule) {
      guard (try? JSONSerialization.jsonObject(with: Data(json.utf8))) != nil else {
        throw .invalidValue(field: "run", reason: "its manifest or a split's rule is no JSON")
      }
    }
  }

  static func check(sha256: String, field: String) throws(StoreError) {
    let isHash =
      sha256.utf8.count == 64
      && sha256.utf8.allSatisfy { ($0 >= 0x30 && $0 <= 0x39) || ($0 >= 0x61 && $0 <= 0x66) }
    if !isHash {
      throw .invalidValue(field: field, reason: "expected 64 hexadecimal digits in lower case")
    }
  }

  static func register(_ db: Database, _ run: RunRecord) throws -> Bool {
    let known = try Int64.fetchOne(
      db, sql: "SELECT id FROM runs WHERE manifest_sha256 = ?", arguments: [run.manifestSHA256])
    if let known {
      try db.execute(
        sql: "UPDATE runs SET folder = ? WHERE id = ?", arguments: [run.folder, known])
      return false
    }
    try db.execute(
      sql: """
        INSERT INTO runs (folder, time_us, manifest_sha256, manifest, labelling)
        VALUES (?, ?, ?, ?, (SELECT id FROM labellings WHERE name = ?))
        """,
      arguments: [
        run.folder, run.time.count, run.manifestSHA256, run.manifest, run.labelling,
      ])
    let id = db.lastInsertedRowID
    for split in run.splits {
      try db.execute(
        sql: """
          INSERT INTO splits (run, part, rule, query_count, ids_sha256) VALUES (?, ?, ?, ?, ?)
          """,
        arguments: [id, split.part, split.rule, split.queryCount, split.idsSHA256])
    }
    return true
  }

  private static func runs(
    _ db: Database, where condition: String, _ arguments: StatementArguments
  ) throws -> [RunRecord] {
    let rows = try Row.fetchAll(
      db,
      sql: """
        SELECT n.id, n.folder, n.time_us, n.manifest, n.manifest_sha256, l.name
        FROM runs n LEFT JOIN labellings l ON l.id = n.labelling WHERE \(condition) ORDER BY n.id
        """, arguments: arguments)
    return try rows.map { row in
      RunRecord(
        folder: row[1], time: Microseconds(row[2]), manifest: row[3], manifestSHA256: row[4],
        labelling: row[5],
        splits: try Row.fetchAll(
          db,
          sql: """
            SELECT part, rule, query_count, ids_sha256 FROM splits WHERE run = ?
            ORDER BY CASE part WHEN 'train' THEN 0 WHEN 'calibrate' THEN 1 ELSE 2 END
            """, arguments: [row[0] as Int64]
        ).map { SplitRecord(part: $0[0], rule: $0[1], queryCount: $0[2], idsSHA256: $0[3]) })
    }
  }
}
