import RiddleEvaluation
import RiddleReport
import Testing

/// What an attack found, as tables.
@Suite struct RobustnessTablesTests {
  private func report(_ families: [Perturbation.Family]) -> RobustnessReport {
    var report = RobustnessReport(
      router: "desk", candidates: ["small", "large"], rows: "all rows", queries: 4,
      shares: [0.25, 0.75], unit: "query", confidence: 0.95, seed: 1)
    report.changes = families.map {
      RouteChanges(
        "change of \($0.rawValue)", family: $0, before: [0, 1, 1, 1], after: [0, 1, 0, nil],
        outcomes: nil, clusters: nil, confidence: 0.95)
    }
    return report
  }

  @Test func aCardSaysWhatToBeWarnedOf() throws {
    var report = report([.letterCase])
    #expect(try #require(RobustnessTables.tables(report).first).note.hasSuffix("by query."))
    report.warnings = ["embeddings are kept", "few rows"]
    let note = try #require(RobustnessTables.tables(report).first).note
    #expect(note.hasSuffix("by query. Warning: embeddings are kept. Warning: few rows."))
  }

  @Test func hostileChangesAreMarkedAndUnknownColumnsLeftOut() throws {
    let tables = RobustnessTables.tables(report([.typos, .hostile]))
    let table = try #require(tables.first)
    #expect(
      tables.count == 1 && table.rows.map { $0[0] } == ["change of typos", "change of hostile *"])
    #expect(table.columns == ["Change", "Queries", "Unchanged", "To dearer", "To cheaper"])
    #expect(table.rows[0][1] == "3" && table.rows[0][2].hasPrefix("66.7%"))
    #expect(table.rows[0][3] == "0.0%" && table.rows[0][4] == "33.3%")
    #expect(table.note.hasSuffix("Marked *: hostile, what nobody types by accident."))
  }

  @Test func nothingMeasuredIsNoTable() {
    var report = report([])
    report.warnings = ["no gadget was searched"]
    #expect(RobustnessTables.tables(report).isEmpty)
  }
}
