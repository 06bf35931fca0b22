import RiddleData
import RiddleTestSupport
import Testing

@testable import RiddleEvaluation

@Suite struct BaselinesTests {
  @Test("the wall is complete for pairs, and lacks only the plateau on ladders")
  func complete() throws {
    let pair = try World(rows: 40).report(World.pointsOnly)
    #expect(pair.baselines.map(\.name) == BaselineWall.names)
    let ladder = try World(rows: 40, candidates: 3).report(World.pointsOnly)
    #expect(ladder.baselines.map(\.name) == BaselineWall.names.dropLast())
  }

  @Test("always-cheapest recovers nothing, always-strongest everything, saving nothing")
  func ends() throws {
    let report = try World(rows: 80).report()
    let cheap = try #require(report.policy("always-cheapest"))
    let dear = try #require(report.policy("always-strongest"))
    #expect(cheap.pgr == Figure(0, low: 0, high: 0))
    #expect(dear.pgr == Figure(1, low: 1, high: 1))
    #expect(dear.savings.value == 0 && dear.retention.value == 1)
    #expect(dear.shareStrong == Figure(1, low: 1, high: 1))
    #expect(cheap.apgr == .undefined)
  }

  @Test("the random mix costs what the router costs, lies on the line, and has APGR one half")
  func randomMix() throws {
    for world in [World(rows: 100), World(rows: 100, candidates: 4)] {
      let report = try world.report()
      let mix = try #require(report.policy("random-mix"))
      let router = report.routers[0]
      expectClose(
        try #require(mix.costDollars.value), try #require(router.costDollars.value),
        tolerance: 1e-12)
      expectClose(
        try #require(mix.costDollars.low), try #require(router.costDollars.low), tolerance: 1e-12)
      let share = try #require(mix.shareStrong.value)
      let (w, s) = (report.headroom.meanQuality[0], try #require(report.headroom.meanQuality.last))
      expectClose(try #require(mix.quality.value), w + share * (s - w), tolerance: 1e-12)
      #expect(mix.apgr == Figure(0.5, low: 0.5, high: 0.5))
      let lift = try #require(
        report.comparisons.first {
          $0.baseline == "random-mix" && $0.metric == "utility at same cost"
        })
      expectClose(
        try #require(lift.difference.value),
        try #require(router.quality.value) - #require(mix.quality.value), tolerance: 1e-12)
    }
  }

  @Test("prompt length copies the router's shares as far as ties allow")
  func promptLength() throws {
    for candidates in [2, 3] {
      var world = World(rows: 150, candidates: candidates)
      world.wall.lengths = (0..<150).map { Double(($0 * 37) % 150) }  // no ties
      let report = try world.report(World.pointsOnly)
      let length = try #require(report.policy("prompt-length"))
      #expect(length.shares.map(\.value) == report.routers[0].shares.map(\.value))
    }
  }

  @Test("matched thresholds cut where ties allow, nearest first, lower on a draw")
  func matched() {
    #expect(matchedThresholds([1, 2, 3, 4], rowsPerCandidate: [1, 3]) == [2])
    #expect(matchedThresholds([1, 1, 1, 4], rowsPerCandidate: [1, 3]) == [1])
    #expect(matchedThresholds([1, 1, 1, 4], rowsPerCandidate: [2, 2]) == [4])
    #expect(matchedThresholds([1, 1, 4, 4], rowsPerCandidate: [1, 3]) == [1])
    #expect(matchedThresholds([1, 2], rowsPerCandidate: [2, 0]) == [(2.0).nextUp])
    #expect(matchedThresholds([1, 2, 3], rowsPerCandidate: [1, 1, 1]) == [2, 3])
  }

  @Test("the keyword rule sends complex up, simple down and borderline as told")
  func keywords() throws {
    let world = World(rows: 90)
    var settings = World.pointsOnly
    let complex = world.wall.keywordScores.filter { $0 == 1 }.count
    let borderline = world.wall.keywordScores.filter { $0 == 0.5 }.count
    let down = try #require(world.report(settings).policy("keyword-rule")?.shareStrong.value)
    expectClose(down, Double(complex) / 90, tolerance: 1e-12)
    settings.sendsBorderlineUp = true
    let up = try #require(world.report(settings).policy("keyword-rule")?.shareStrong.value)
    expectClose(up, Double(complex + borderline) / 90, tolerance: 1e-12)
  }

  @Test("the segment table fitted on training rows sends the segment that gains up, the other down")
  func segmentTable() throws {
    // hard: strong always wins; easy: both right. Same costs.
    let table = OutcomeTable(
      candidates: ["weak", "strong"],
      quality: (0..<40).flatMap { $0 % 2 == 0 ? [0.0, 1] : [1, 1] },
      cost: [Int64](repeating: 0, count: 80).enumerated().map { $0.offset % 2 == 0 ? 10 : 100 },
      latency: [Int64](repeating: 0, count: 80))
    let segments = (0..<40).map { $0 % 2 == 0 ? "hard" : "easy" }
    let picker = SegmentStatistics(table, segments: segments).picker(price: nil)
    #expect(picker.decision("hard").pick == 1)
    #expect(picker.decision("easy").pick == 0)
    #expect(picker.decision("unheard of").pick == 0)  // break-even: the cheaper
    var wall = BaselineInputs(
      texts: segments.enumerated().map { "\($0.offset) \($0.element)" }, segments: segments,
      segmentField: "task_type", trainingSegments: SegmentStatistics(table, segments: segments))
    let router = ScoredPolicy(name: "router", kind: "test", picks: [Int](repeating: 1, count: 40))
    var report = try evaluate(table, routers: [router], wall: wall, settings: World.pointsOnly)
    var row = try #require(report.policy("segment-table"))
    #expect(row.quality.value == 1 && row.shareStrong.value == 0.5)
    #expect(row.notes.contains { $0.contains("40 training rows") })
    wall.trainingSegments = nil
    report = try evaluate(table, routers: [router], wall: wall, settings: World.pointsOnly)
    row = try #require(report.policy("segment-table"))
    #expect(row.quality.value == 1)
    #expect(row.notes.contains { $0.contains("cross-wise") })
  }

  @Test("a small segment follows the overall mean, a large one its own")
  func shrinkage() {
    // Overall the strong candidate gains; "small" saw it lose once, "large" forty times.
    func table(_ losing: Int) -> (OutcomeTable, [String]) {
      let rows = losing + 100
      return (
        OutcomeTable(
          candidates: ["weak", "strong"],
          quality: (0..<rows).flatMap { $0 < losing ? [1.0, 0.9] : [0.0, 1] },
          cost: [Int64](repeating: 1, count: 2 * rows),
          latency: [Int64](repeating: 0, count: 2 * rows)),
        (0..<rows).map { $0 < losing ? "losing" : "rest" }
      )
    }
    let (few, fewSegments) = table(1)
    let (many, manySegments) = table(400)
    #expect(
      SegmentStatistics(few, segments: fewSegments).picker(price: 0).decision("losing").pick == 1)
    #expect(
      SegmentStatistics(many, segments: manySegments).picker(price: 0).decision("losing").pick == 0)
  }

  @Test("best-single takes the best mean, ties to the cheaper")
  func bestSingle() throws {
    let table = OutcomeTable(
      candidates: ["a", "b", "c"], quality: [0, 1, 1, 1, 1, 1], cost: [1, 2, 3, 1, 2, 3],
      latency: [Int64](repeating: 0, count: 6))
    let router = ScoredPolicy(name: "router", kind: "test", picks: [0, 0])
    let report = try evaluate(
      table, routers: [router], wall: BaselineInputs(texts: ["x", "y"]),
      settings: World.pointsOnly)
    #expect(report.policy("best-single")?.shares.map(\.value) == [0, 1, 0])
  }

  @Test("the plateau's quality at its own share is the best-quality oracle's")
  func plateau() throws {
    let report = try World(rows: 80).report(World.pointsOnly)
    let plateau = try #require(report.policy("oracle-plateau"))
    let oracle = try #require(report.policy("oracle"))
    #expect(plateau.quality.value == oracle.quality.value)
    #expect(try #require(plateau.apgr.value) > #require(oracle.apgr.value))
    #expect(try #require(plateau.cpt50.value) < #require(oracle.cpt50.value))
  }
}
