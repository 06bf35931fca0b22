import RiddleData
import Testing

@testable import RiddleEvaluation

@Suite("Gates")
struct GateTests {
  @Test("the interval decides, not the point")
  func intervals() throws {
    let gate = try #require(Gate(parsing: "retention >= 0.98"))
    #expect(gate.verdict(Figure(0.99, low: 0.98, high: 1)) == .pass)
    #expect(gate.verdict(Figure(0.99, low: 0.97, high: 1)) == .undecided)
    #expect(gate.verdict(Figure(0.95, low: 0.93, high: 0.9799)) == .fail)
    #expect(gate.verdict(.undefined) == .undecided)
    #expect(gate.verdict(Figure(0.98)) == .undecided)
  }

  @Test("exactly 25 % escalation fails, and below passes")
  func exactBound() throws {
    let gate = try #require(Gate(parsing: "escalation<25%"))
    #expect(gate.verdict(Figure(0.25, low: 0.25, high: 0.25)) == .fail)
    #expect(gate.verdict(Figure(0.2, low: 0.19, high: 0.2499)) == .pass)
    #expect(gate.verdict(Figure(0.24, low: 0.22, high: 0.25)) == .undecided)
  }

  @Test(
    "requirements that mean nothing are refused",
    arguments: [
      "retention", "retention >=", ">= 0.98", "retantion >= 0.98", "retention == 0.98",
      "retention >= much", "retention >= nan", "", "C2",
    ])
  func malformed(text: String) {
    #expect(RequestedGate(parsing: text) == nil)
  }

  @Test("a share on which all rows agree is decided by the exact binomial interval")
  func agreement() throws {
    let gate = try #require(Gate(parsing: "label_match > 0.9"))
    let right = Figure(1, low: 1, high: 1)
    #expect(gate.verdict(right) == .pass)
    #expect(gate.verdict(right, trials: 25) == .undecided)
    #expect(gate.verdict(right, trials: 100) == .pass)
    // Ratios of money and quality that never vary are exact: always-strongest retains all of itself.
    let exact = try #require(Gate(parsing: "retention >= 0.98"))
    #expect(exact.verdict(Figure(1, low: 1, high: 1), trials: 25) == .pass)
  }

  @Test("few rows, and no or few replicates, decide no gate")
  func doubt() throws {
    func verdict(rows: Int, replicates: Int) throws -> GateResult {
      var settings = EvaluationSettings(replicates: replicates, seed: 1)
      settings.gates = [.requirement(try #require(Gate(parsing: "share_strong >= 0")))]
      return try #require(try World(rows: rows).report(settings).gates.first)
    }
    #expect(try verdict(rows: 100, replicates: 100).verdict == .pass)
    for (rows, replicates) in [(100, 0), (100, 20), (20, 100)] {
      let result = try verdict(rows: rows, replicates: replicates)
      #expect(result.verdict == .undecided && !result.reason.isEmpty)
    }
  }

  @Test("bounds beyond a share's range are refused: they would decide whatever happens")
  func ranges() {
    #expect(Gate(parsing: "retention > 98") == nil)
    #expect(Gate(parsing: "share_strong < 25") == nil)
    #expect(Gate(parsing: "share_strong < 25%") != nil)
    #expect(Gate(parsing: "cost_usd < 25") != nil)
  }

  @Test("percentages and numbers are the same requirement, and print as they parse")
  func forms() throws {
    let a = try #require(Gate(parsing: "savings > 40%"))
    let b = try #require(Gate(parsing: "savings>0.4"))
    #expect(a == b)
    #expect(Gate(parsing: a.description) == a)
    for name in Gate.metricNames { #expect(Gate(parsing: "\(name) <= 1") != nil) }
  }

  @Test("one failure fails, one undecided leaves undecided")
  func conjunction() {
    #expect(GateVerdict.all([.pass, .pass]) == .pass)
    #expect(GateVerdict.all([.pass, .undecided]) == .undecided)
    #expect(GateVerdict.all([.undecided, .fail, .pass]) == .fail)
  }

  @Test("every numbered gate answers for every router")
  func standard() throws {
    let world = World(rows: 400)
    var settings = World.quick
    settings.gates = StandardGate.allCases.map(RequestedGate.standard)
    var other = world.router
    other.name = "other"
    other.attempts = (0..<400).map { $0 % 4 == 0 ? 2 : 1 }
    let report = try evaluate(
      world.table, routers: [world.router, other], wall: world.wall, settings: settings)
    #expect(report.gates.count == 2 * StandardGate.allCases.count)
    for gate in report.gates { #expect(!gate.checks.isEmpty) }
    let escalation = report.gates.filter { $0.gate == "C5" }
    #expect(escalation.map(\.verdict) == [.pass, .undecided])
    #expect(escalation[1].checks[0].figure.value == 0.25)
    let segments = report.gates.filter { $0.gate == "C11" }
    #expect(segments.allSatisfy { $0.checks.count == 3 })
    #expect(segments[0].checks[0].requirement == report.segments[0].name)
  }

  @Test("a gate on segments of a log without them is undecided and says why")
  func noSegments() throws {
    var world = World(rows: 100)
    world.wall.segments = nil
    var settings = World.quick
    settings.gates = [.standard(.goPerSegment)]
    let gate = try #require(try world.report(settings).gates.first)
    #expect(gate.verdict == .undecided)
    #expect(gate.reason.contains("no segments"))
  }
}

@Suite("Costs and attempts of policies that ask more than once")
struct PaidTests {
  @Test("what was paid decides cost and savings, and attempts the escalation rate")
  func paid() throws {
    let world = World(rows: 200)
    var cascade = world.router
    let top = world.table.candidates.count - 1
    cascade.paid = (0..<200).map { i in
      let up = cascade.picks[i] == top
      return (world.table.cost(i, 0) ?? 0) + (up ? world.table.cost(i, top) ?? 0 : 0)
    }
    cascade.attempts = cascade.picks.map { $0 == top ? 2 : 1 }
    let report = try evaluate(
      world.table, routers: [cascade], wall: world.wall, settings: World.pointsOnly)
    let router = report.routers[0]
    let sum = cascade.paid?.reduce(0, +) ?? 0
    #expect(router.costDollars.value == Double(sum) / 200 / 1e9)
    #expect(router.escalation.value == router.shareStrong.value)
  }

  @Test("routers are compared with p-values that Holm corrects, and the worse one loses")
  func pairs() throws {
    let world = World(rows: 800)
    var blind = world.router
    blind.name = "blind"
    blind.margins = (0..<800).map { Double(($0 * 7919) % 800) / 800 }
    blind.probabilities = nil
    var third = blind
    third.name = "third"
    let report = try evaluate(
      world.table, routers: [world.router, blind, third], wall: world.wall,
      settings: EvaluationSettings(replicates: 400, seed: 3))
    let pairs = report.comparisons.filter { $0.pHolm != nil }
    let auc = pairs.filter { $0.metric == "auc" }
    #expect(auc.map(\.test) == ["DeLong", "DeLong", "DeLong"])
    #expect(auc[0].verdict == "better")
    #expect(auc[2].difference.value == 0 && auc[2].verdict == "undecided")
    for pair in pairs { #expect((pair.pHolm ?? 0) >= (pair.p ?? 1)) }
    #expect(pairs.contains { $0.metric == "label_match" && $0.test == "McNemar" })
    #expect(report.moreSegments.map(\.router) == ["blind", "third"])
  }

  @Test("eleven routers leave enough of p to be corrected")
  func manyRouters() throws {
    let world = World(rows: 400)
    let routers = (0..<11).map { r in
      var router = world.router
      router.name = "r\(r)"
      router.thresholds = [0.1 + 0.07 * Double(r)]
      router.picks = router.margins.map { $0 >= router.thresholds[0] ? 1 : 0 }
      return router
    }
    let report = try evaluate(
      world.table, routers: routers, wall: world.wall,
      settings: EvaluationSettings(replicates: 200, seed: 3))
    let ends = report.comparisons.first {
      $0.router == "r0" && $0.baseline == "r10" && $0.metric == "quality"
    }
    #expect(ends?.verdict == "better" && ends?.pHolm ?? 1 < 0.01)
  }

  @Test("scores too large to be drawn are judged all the same", arguments: [1e16, 1e308])
  func hugeScores(size: Double) throws {
    var world = World(rows: 60)
    world.router.margins = (0..<60).map { $0 % 2 == 0 ? size : size == 1e308 ? -size : size }
    world.router.thresholds = [0]
    world.router.picks = world.router.margins.map { $0 >= 0 ? 1 : 0 }
    world.router.probabilities = nil
    #expect(try world.report(World.pointsOnly).routers[0].histogram.isEmpty)
  }

  @Test("the worst rows are named by identifier, too low first")
  func misroutes() throws {
    var world = World(rows: 200)
    world.wall.ids = (0..<200).map { "row-\($0)" }
    let found = try world.report(World.pointsOnly).misroutes
    #expect(!found.isEmpty && found.count <= 20)
    let low = found.prefix { $0.qualityLost > 0 }
    #expect(low.allSatisfy { $0.pick == "candidate-0" && $0.oracle == "candidate-1" })
    #expect(found.dropFirst(low.count).allSatisfy { $0.pick == "candidate-1" })
  }
}
