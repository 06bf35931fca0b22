import RiddleData
import Testing

@testable import RiddleEvaluation

@Suite("What changed between two routers")
struct RouterChangeTests {
  private func recorded(_ world: World, _ name: String) -> RecordedRows {
    var policy = world.router
    policy.name = name
    return RecordedRows(table: world.table, policy: policy, wall: world.wall)
  }

  private func decoded(_ rows: RecordedRows) throws -> RecordedRows {
    try #require(RecordedRows(decoding: rows.encoded, name: rows.policy.name))
  }

  @Test("rows survive their file", arguments: [2, 3])
  func roundTrip(candidates: Int) throws {
    let rows = recorded(World(rows: 50, candidates: candidates), "a")
    let copy = try decoded(rows)
    #expect(copy.table == rows.table)
    #expect(copy.policy.margins == rows.policy.margins && copy.policy.picks == rows.policy.picks)
    #expect(copy.policy.probabilities == rows.policy.probabilities)
    #expect(copy.wall.rowKeys == rows.wall.rowKeys && copy.wall.lengths == rows.wall.lengths)
    #expect(copy.encoded == rows.encoded)
  }

  @Test("every truncation and no single changed byte crashes; truncations are refused")
  func hostile() {
    let bytes = recorded(World(rows: 6), "a").encoded
    for count in bytes.indices {
      #expect(RecordedRows(decoding: Array(bytes[..<count]), name: "a") == nil)
    }
    for i in bytes.indices {
      for bit in [0, 3, 7] {
        var copy = bytes
        copy[i] ^= 1 << UInt8(bit)
        if let rows = RecordedRows(decoding: copy, name: "a") {
          #expect(rows.table.rowCount == 6)
        }
      }
    }
    #expect(RecordedRows(decoding: bytes + [0], name: "a") == nil)
  }

  @Test("a run against itself shows nothing")
  func same() throws {
    let rows = recorded(World(rows: 200), "a")
    let change = try #require(
      try RouterChange(before: rows, after: rows, settings: World.quick))
    #expect(change.changes.isEmpty && !change.unchanged.isEmpty)
    #expect(change.rows == 200 && change.movedUp.value == 0 && change.movedDown.value == 0)
  }

  @Test("only common rows with the same outcomes are compared, whatever their order")
  func common() throws {
    let world = World(rows: 300)
    var shuffled = world.rows(Array((100..<300).reversed()))
    var quality = shuffled.table.quality
    quality[0] = 1 - quality[0]
    shuffled.table = OutcomeTable(
      candidates: shuffled.table.candidates, quality: quality, cost: shuffled.table.cost,
      latency: shuffled.table.latency)
    shuffled.router.thresholds = [0.2]
    shuffled.router.picks = shuffled.router.margins.map { $0 >= 0.2 ? 1 : 0 }
    let change = try #require(
      try RouterChange(
        before: recorded(world, "a"), after: recorded(shuffled, "b"), settings: World.quick))
    #expect(change.rows == 199 && change.changedOutcomes == 1)
    #expect(change.onlyBefore == 100 && change.onlyAfter == 0)
    #expect(change.movedUp.value ?? 0 > 0 && change.movedDown.value == 0)
    let cost = try #require(change.changes.first { $0.metric == "cost_usd" })
    #expect(cost.verdict == "worse" && cost.difference.value ?? 0 > 0)
    #expect(change.unchanged.contains("auc"))
  }

  @Test("other ladders and strangers are not compared")
  func strangers() throws {
    let a = recorded(World(rows: 40), "a")
    #expect(
      try RouterChange(
        before: a, after: recorded(World(rows: 40, candidates: 3), "b"), settings: World.quick)
        == nil)
    #expect(
      try RouterChange(
        before: a, after: recorded(World(rows: 40, seed: 99), "b"), settings: World.quick) == nil)
  }
}
