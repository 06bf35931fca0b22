import RiddleData
import Testing

@testable import RiddleEvaluation

@Suite struct EvaluationErrorTests {
  @Test("each kind of wrong input is refused by name, row and column")
  func refused() {
    func expectRefusal(_ expected: EvaluationError, _ change: (inout World) -> Void) {
      var world = World(rows: 10)
      change(&world)
      #expect(throws: expected) { _ = try world.report(World.pointsOnly) }
    }
    expectRefusal(.noRows) { $0 = $0.rows([]) }
    expectRefusal(.columnLength(column: "lengths", expected: 10, actual: 9)) {
      $0.wall.lengths.removeLast()
    }
    expectRefusal(.columnLength(column: "clusters", expected: 10, actual: 1)) {
      $0.wall.clusters = [0]
    }
    expectRefusal(
      .columnLength(column: "thresholds of policy 'router'", expected: 1, actual: 2)
    ) { $0.router.thresholds.append(0) }
    expectRefusal(
      .columnLength(column: "margins of policy 'router'", expected: 10, actual: 9)
    ) { $0.router.margins.removeLast() }
    expectRefusal(.nonFiniteScore(policy: "router", row: 3, head: 0)) {
      $0.router.margins[3] = .nan
    }
    expectRefusal(.badPick(policy: "router", row: 4, pick: 2, candidates: 2)) {
      $0.router.picks[4] = 2
    }
    expectRefusal(.badProbability(policy: "router", row: 0)) {
      $0.router.probabilities?[0] = 1.5
    }
    expectRefusal(.badProbability(policy: "router", row: 1)) {
      $0.router.probabilities?[1] = .nan
    }
    expectRefusal(
      .columnLength(column: "candidates of the training segments", expected: 2, actual: 3)
    ) {
      let other = World(rows: 5, candidates: 3)
      $0.wall.trainingSegments = SegmentStatistics(other.table, segments: other.segments)
    }
    expectRefusal(.duplicateName("oracle")) { $0.router.name = "oracle" }
    expectRefusal(.nonFiniteQuality(row: 2, candidate: "candidate-1")) {
      var quality = $0.table.quality
      quality[5] = .infinity
      $0.table = OutcomeTable(
        candidates: $0.table.candidates, quality: quality, cost: $0.table.cost,
        latency: $0.table.latency)
    }
    expectRefusal(.negativeCost(row: 2, candidate: "candidate-0")) {
      var cost = $0.table.cost
      cost[4] = -1
      $0.table = OutcomeTable(
        candidates: $0.table.candidates, quality: $0.table.quality, cost: cost,
        latency: $0.table.latency)
    }
  }

  @Test("settings out of range are refused with what was expected")
  func settings() {
    let world = World(rows: 10)
    func expectRefusal(_ name: String, _ change: (inout EvaluationSettings) -> Void) {
      var settings = World.pointsOnly
      change(&settings)
      do {
        _ = try world.report(settings)
        Issue.record("\(name) was accepted")
      } catch {
        let text = "\(error)"
        #expect(text.hasPrefix("setting \(name) is"), "\(text)")
      }
    }
    expectRefusal("confidence") { $0.confidence = 1 }
    expectRefusal("tolerance") { $0.tolerance = -0.1 }
    expectRefusal("pricePerQuality") { $0.pricePerQuality = .nan }
    expectRefusal("segmentPricePerQuality") { $0.segmentPricePerQuality = -1 }
    expectRefusal("replicates") { $0.replicates = -1 }
    expectRefusal("threads") { $0.threads = 0 }
    expectRefusal("qualityThreshold") { $0.qualityThreshold = .infinity }
  }

  @Test("two routers need two names; no router is no evaluation")
  func routers() {
    let world = World(rows: 10)
    #expect(throws: EvaluationError.duplicateName("router")) {
      _ = try evaluate(
        world.table, routers: [world.router, world.router], wall: world.wall,
        settings: World.pointsOnly)
    }
    #expect(throws: EvaluationError.noRouters) {
      _ = try evaluate(
        world.table, routers: [], wall: world.wall, settings: World.pointsOnly)
    }
  }

  @Test("margins that do not fill rows are an error, not a crash")
  func ragged() {
    let policy = ScoredPolicy(name: "p", kind: "test", margins: [1, 2, 3], thresholds: [0, 0])
    #expect(policy.picks.isEmpty)
    let nan = ScoredPolicy(name: "p", kind: "test", margins: [1], thresholds: [.nan])
    #expect(throws: EvaluationError.nonFiniteScore(policy: "p", row: 0, head: 0)) {
      try nan.validate(rows: 1, candidates: 2)
    }
  }
}
