import GRDB
import RiddleExport
import RiddleRuntime
import RiddleTestSupport
import Testing

/// The SQL form, run in SQLite, against the scorer.
@Suite struct SQLFormTests {
  /// A database with a table of the queries' features, as `score --features --csv` would fill it.
  static func database(
    _ router: Router, _ queries: [FormRouters.Query], columns: [TableColumn]
  ) throws -> DatabaseQueue {
    let database = try DatabaseQueue()
    let numbers = columns.compactMap { if case .number(let name) = $0 { name } else { nil } }
    let fields = ["user_tier", "task_type", "domain"]
    var scratch = router.makeScratch()
    let featurizer = Featurizer(schema: router.schema)
    try database.write { base in
      let definitions = numbers.map { "\($0) REAL" } + fields.map { "\($0) TEXT" }
      try base.execute(
        sql: "CREATE TABLE features (id INTEGER, \(definitions.joined(separator: ", ")))")
      let marks = Array(repeating: "?", count: 1 + definitions.count).joined(separator: ", ")
      for (id, query) in queries.enumerated() {
        featurizer.featurize(query.text.span, context: query.context, into: &scratch)
        let dense = scratch.dense
        var row: [(any DatabaseValueConvertible)?] = [id]
        for (column, kind) in columns.enumerated() {
          if case .number = kind { row.append(Double(dense[column])) }
        }
        // An unknown value is NULL for some rows and empty for others.
        row += query.values.map { $0.isEmpty && id % 2 == 0 ? nil : $0 }
        try base.execute(
          sql: "INSERT INTO features VALUES (\(marks))", arguments: StatementArguments(row))
      }
    }
    return database
  }

  @Test(arguments: FormRouters.Plain.allCases)
  func marginsAndDecisionsAreTheScorers(kind: FormRouters.Plain) throws {
    let router = FormRouters.plain(kind)
    let names = FormRouters.columns(of: router.schema)
    let queries = FormRouters.queries(2_000, seed: 11)
    let database = try Self.database(
      router, queries, columns: TableColumn.columns(of: router.schema, names: names))
    let query = try sqlQuery(router, columns: names)
    let rows = try database.read { try Row.fetchAll($0, sql: query) }
    try #require(rows.count == queries.count)
    var scratch = router.makeScratch()
    var chosen: Set<Int> = []
    var worst = 0.0
    for row in rows {
      let id: Int = row["id"]
      let asked = queries[id]
      let decision = router.decide(asked.text.span, context: asked.context, scratch: &scratch)
      for head in 0..<router.model.headCount {
        let margin: Double = row["margin_\(head)"]
        let expected = router.model.margin(scratch, head: head)
        worst = max(worst, abs(margin - expected) / max(1, abs(expected)))
      }
      let name = String(decoding: router.candidates[decision.candidate].name, as: UTF8.self)
      #expect(row["candidate"] == name, "\(kind), query \(id)")
      chosen.insert(decision.candidate)
    }
    #expect(worst <= 1e-12)
    #expect(chosen.count > 1, "\(kind): one candidate alone proves little")
  }

  /// A missing number makes its heads' margins and the candidate NULL, never a guess.
  @Test(arguments: FormRouters.Plain.allCases)
  func missingNumbersGiveNoCandidate(kind: FormRouters.Plain) throws {
    let router = FormRouters.plain(kind)
    let names = FormRouters.columns(of: router.schema)
    let database = try Self.database(
      router, FormRouters.queries(12, seed: 5),
      columns: TableColumn.columns(of: router.schema, names: names))
    let query = try sqlQuery(router, columns: names)
    let read = try #require(query.split(separator: "\n").first { $0.hasPrefix("-- numbers: ") })
      .dropFirst("-- numbers: ".count).split(separator: " ")
    try database.write { try $0.execute(sql: "UPDATE features SET \(read[0]) = NULL") }
    let rows = try database.read { try Row.fetchAll($0, sql: query) }
    #expect(rows.count == 12)
    for row in rows {
      #expect(row["candidate"] == nil)
      #expect((0..<router.model.headCount).contains { row["margin_\($0)"] == nil })
    }
  }

  /// Without names in the metadata a category is a number, in a column that says its hash.
  @Test func categoriesWithoutNamesAreNumbers() throws {
    let router = FormRouters.plain(.linear)
    let columns = TableColumn.columns(of: router.schema, names: [])
    let expected =
      "user_tier_" + String(FormRouters.hash("premium"), radix: 16)
    #expect(columns.contains { if case .number(let name) = $0 { name == expected } else { false } })
    // A name of another value is not believed.
    var names = FormRouters.columns(of: router.schema)
    names = names.map { $0 == "user_tier=premium" ? "user_tier=free" : $0 }
    #expect(TableColumn.columns(of: router.schema, names: names).contains(.number(name: expected)))
    let queries = FormRouters.queries(200, seed: 8)
    let database = try Self.database(router, queries, columns: columns)
    let query = try sqlQuery(router, columns: [])
    let rows = try database.read { try Row.fetchAll($0, sql: query) }
    var scratch = router.makeScratch()
    for (row, asked) in zip(rows, queries) {
      let decision = router.decide(asked.text.span, context: asked.context, scratch: &scratch)
      let name = String(decoding: router.candidates[decision.candidate].name, as: UTF8.self)
      #expect(row["candidate"] == name)
    }
  }

  @Test func tableAndKeyAreQuoted() throws {
    let router = FormRouters.plain(.tree)
    let query = try sqlQuery(
      router, columns: FormRouters.columns(of: router.schema), table: "main.odd \"name", key: "a b")
    #expect(query.contains("FROM \"main\".\"odd \"\"name\""))
    #expect(query.contains("\"a b\""))
    let database = try Self.database(
      router, FormRouters.queries(20, seed: 5),
      columns: TableColumn.columns(
        of: router.schema, names: FormRouters.columns(of: router.schema)))
    let rows = try database.write { base in
      try base.execute(
        sql:
          "ALTER TABLE features RENAME TO \"odd \"\"name\"; ALTER TABLE \"odd \"\"name\" RENAME COLUMN id TO \"a b\""
      )
      return try Row.fetchAll(base, sql: query)
    }
    #expect(rows.count == 20)
  }

  @Test func whatSQLCannotDoIsRefused() {
    let hashing = WeightFileTests.finished(.linearFloat)
    let embedding = WeightFileTests.finished(.forest)
    for (router, word) in [(hashing, "n-grams"), (embedding, "embedding")] {
      do throws(FormError) {
        _ = try sqlQuery(router, columns: [])
        Issue.record("\(word): accepted")
      } catch {
        #expect(error.description.contains(word) && error.description.contains("--as"))
      }
    }
  }
}
