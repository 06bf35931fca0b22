import Foundation
import RiddleData
import RiddleStore

/// Any table of a store as JSON lines: one object a row, in the order of its key, without what is NULL; decisions in the form
/// of the decision log.
struct TableExport {
  let table: String
  let filter: QueryFilterOptions

  /// Columns that hold numbers of other tables' rows, and the name or checksum that is written instead.
  private static let names: [String: String] = [
    "candidate": "SELECT name FROM candidates WHERE id = t.candidate",
    "best_candidate": "SELECT name FROM candidates WHERE id = t.best_candidate",
    "router": "SELECT sha256 FROM routers WHERE id = t.router",
    "policy": "SELECT name FROM policies WHERE id = t.policy",
    "query": "SELECT id FROM queries WHERE row = t.query",
    "labelling": "SELECT name FROM labellings WHERE id = t.labelling",
    "run": "SELECT manifest_sha256 FROM runs WHERE id = t.run",
    "model": "SELECT name FROM embedding_models WHERE id = t.model",
    "job": "SELECT name FROM remote_jobs WHERE id = t.job",
  ]

  /// Writes the rows; gives how many.
  func run(_ store: Store, to file: StreamedFile) throws -> Int {
    if table == "decisions" {
      return try file.write(
        decisionsOf: store, from: filter.since?.time, until: filter.until?.time
      ) { decision in
        if let domain = filter.domain, decision.domain != domain { return nil }
        if let type = filter.taskType, decision.taskType != type { return nil }
        return decision
      }
    }
    let tables = try strings(
      store,
      "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY name"
    )
    guard tables.contains(table) else {
      throw CommandFailure(
        .usage, "--table \(table): no such table; there are \(tables.joined(separator: ", "))")
    }
    let columns = try strings(store, "SELECT name FROM pragma_table_info('\(table)') ORDER BY cid")
    let keys = try strings(
      store, "SELECT name FROM pragma_table_info('\(table)') WHERE pk > 0 ORDER BY pk")
    var conditions: [String] = []
    func add(_ column: String, _ option: String, _ condition: String?) throws {
      guard let condition else { return }
      guard columns.contains(column) else {
        throw CommandFailure(.usage, "\(option): the table \(table) has no column \(column)")
      }
      conditions.append(condition)
    }
    try add("time_us", "--since", filter.since.map { "time_us >= \($0.time.count)" })
    try add("time_us", "--until", filter.until.map { "time_us < \($0.time.count)" })
    try add("domain", "--domain", filter.domain.map { "domain = \(quoted($0))" })
    try add("task_type", "--task-type", filter.taskType.map { "task_type = \(quoted($0))" })
    let selected = columns.map { column in
      Self.names[column].map { "(\($0)) AS \(column)" } ?? "t.\(column)"
    }
    let sql =
      "SELECT \(selected.joined(separator: ", ")) FROM \(table) t"
      + (conditions.isEmpty ? "" : " WHERE \(conditions.joined(separator: " AND "))")
      + (keys.isEmpty ? "" : " ORDER BY \(keys.map { "t.\($0)" }.joined(separator: ", "))")
    var rows = 0
    var text = ""
    try store.select(sql, header: { _ in }) { values in
      text += try line(columns, values)
      rows += 1
      if text.utf8.count >= 1 << 16 {
        try file.write(Array(text.utf8))
        text = ""
      }
    }
    try file.write(Array(text.utf8))
    return rows
  }

  private func line(_ columns: [String], _ values: [SQLValue]) throws -> String {
    let members = zip(columns, values).compactMap { column, value -> String? in
      if case .null = value { return nil }
      if column == "time_us" || column == "started_us", case .integer(let count) = value {
        return
          "\(SQLText.json(.text(column == "time_us" ? "time" : "started"))):\(SQLText.json(.text(Microseconds(count).time)))"
      }
      return "\(SQLText.json(.text(column))):\(SQLText.json(value))"
    }
    return "{\(members.joined(separator: ","))}\n"
  }

  private func strings(_ store: Store, _ sql: String) throws -> [String] {
    var found: [String] = []
    try store.select(sql, header: { _ in }) { row in
      if case .text(let name) = row[0] { found.append(name) }
    }
    return found
  }

  /// A text as a literal of SQL: quotes doubled, which is all that its syntax knows.
  private func quoted(_ text: String) -> String {
    "'" + text.replacingOccurrences(of: "'", with: "''") + "'"
  }
}
