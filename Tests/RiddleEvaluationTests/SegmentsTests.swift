import RiddleData
import RiddleTestSupport
import Testing

@testable import RiddleEvaluation

@Suite struct SegmentsTests {
  @Test("segments partition the rows, largest first, with the router's own results")
  func partition() throws {
    let world = World(rows: 100)
    let report = try world.report(World.pointsOnly)
    #expect(report.segments.reduce(0) { $0 + $1.queries } == 100)
    for (a, b) in zip(report.segments, report.segments.dropFirst()) {
      #expect(a.queries >= b.queries)
    }
    let mean = report.segments.reduce(0.0) {
      $0 + Double($1.queries) * ($1.routerQuality.value ?? .nan) / 100
    }
    expectClose(mean, try #require(report.routers[0].quality.value), tolerance: 1e-12)
    let first = report.segments[0]
    let rows = (0..<100).filter { world.segments[$0] == first.name }
    let right = rows.filter { world.table.quality($0, world.router.picks[$0]) == 1 }.count
    #expect(first.routerQuality == wilsonInterval(successes: right, trials: rows.count))
    #expect(report.segmentField == "task_type")
  }

  @Test("at most 60 segments, ties by name")
  func limit() throws {
    var world = World(rows: 130)
    world.wall.segments = (0..<130).map { "s\(100 + $0 % 65)" }
    let segments = try world.report(World.pointsOnly).segments
    #expect(segments.count == 60)
    #expect(segments.map(\.name) == segments.map(\.name).sorted())
  }

  @Test("no segments, no section")
  func none() throws {
    var world = World(rows: 30)
    world.wall.segments = nil
    let report = try world.report(World.pointsOnly)
    #expect(report.segments.isEmpty && report.segmentField == nil)
  }
}
