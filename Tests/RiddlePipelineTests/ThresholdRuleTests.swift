import RiddleData
import RiddleTestSupport
import Testing

@testable import RiddlePipeline

/// Where the cut of one head is put on the calibration rows.
@Suite struct ThresholdRuleTests {
  /// A case of seeded rows: margins with ties, gains of both signs.
  struct World {
    var margins: [Double]
    var gains: [Double]
    var lower: Double
    var positives = 0.25

    init(seed: UInt64, count: Int = 60) {
      var random = SplitMix64(seed: seed)
      margins = (0..<count).map { _ in Double(random.below(25)) / 4 - 3 }
      gains = margins.map { margin in
        let lift = random.unit() < 1 / (1 + (margin < 0 ? 4 : 0.5)) ? 1.0 : 0.0
        return lift - (random.unit() < 0.1 ? 0.5 : 0)
      }
      lower = 0.4
    }

    func threshold(_ rule: ThresholdRule) -> Double {
      rule.threshold(
        margins: margins, gains: gains, lowerQuality: lower, positiveShare: positives,
        marginOfProbability: { $0 * 10 - 5 })
    }

    func climbing(_ rule: ThresholdRule) -> Int {
      let cut = threshold(rule)
      return margins.count { $0 >= cut }
    }
  }

  static let rules: [ThresholdRule] =
    [0, 0.1, 0.5, 0.9, 1].flatMap { [.strongShare($0), .retention($0)] }

  @Test(arguments: rules)
  func noCalibrationRowLiesOnTheCut(rule: ThresholdRule) {
    for seed in 0..<100 {
      let world = World(seed: UInt64(seed))
      #expect(!world.margins.contains(world.threshold(rule)), "seed \(seed)")
    }
  }

  @Test(arguments: rules)
  func orderOfRowsDoesNotMatter(rule: ThresholdRule) {
    for seed in 0..<50 {
      let world = World(seed: UInt64(seed))
      var turned = world
      turned.margins.reverse()
      turned.gains.reverse()
      #expect(world.threshold(rule) == turned.threshold(rule), "seed \(seed)")
    }
  }

  @Test func aHigherWantedShareNeverRaisesTheThreshold() {
    for seed in 0..<50 {
      let world = World(seed: UInt64(seed))
      for kind in [ThresholdRule.strongShare, ThresholdRule.retention] {
        let cuts = (0...50).map { world.threshold(kind(Double($0) / 50)) }
        for (low, high) in zip(cuts, cuts.dropFirst()) { #expect(low >= high, "seed \(seed)") }
      }
    }
  }

  /// Against a plain search over all cuts.
  @Test func theClimbingShareIsTheNearestThatTiesAllow() {
    for seed in 0..<50 {
      let world = World(seed: UInt64(seed))
      let cuts = Set(world.margins).sorted() + [.infinity]
      let possible = cuts.map { cut in world.margins.count { $0 >= cut } }
      for wanted in stride(from: 0.0, through: 1, by: 0.07) {
        let found = Double(world.climbing(.strongShare(wanted))) / 60
        let nearest = possible.map { abs(Double($0) / 60 - wanted) }.min() ?? 1
        expectClose(abs(found - wanted), nearest, tolerance: 1e-9)
      }
    }
  }

  /// Against a plain search: the fewest climbs whose quality suffices.
  @Test func retentionIsKeptByTheFewestClimbs() {
    for seed in 0..<50 {
      let world = World(seed: UInt64(seed))
      let count = Double(world.margins.count)
      let upper = world.lower + world.gains.reduce(0, +) / count
      for wanted in [0.5, 0.8, 0.9, 0.97, 1] {
        let cuts = Set(world.margins).sorted() + [.infinity]
        let feasible = cuts.compactMap { cut -> Int? in
          let rows = world.margins.indices.filter { world.margins[$0] >= cut }
          let quality = world.lower + rows.reduce(0.0) { $0 + world.gains[$1] } / count
          return quality >= wanted * upper - 1e-9 ? rows.count : nil
        }
        #expect(world.climbing(.retention(wanted)) == feasible.min(), "seed \(seed), \(wanted)")
      }
    }
  }

  /// Gains whose sum depends on the order of adding: rounding must not demand a climb that buys nothing.
  @Test func retentionOfEverythingDoesNotClimbForRoundingErrors() {
    let gains = [0.1, 0.2, 0.3, 0.7, 0.1, 0, 0, 0]
    for turn in 0..<gains.count {
      let order = gains.indices.map { ($0 + turn) % gains.count }
      let cut = ThresholdRule.retention(1).threshold(
        margins: order.map { -Double($0) }, gains: order.map { gains[$0] }, lowerQuality: 0.1,
        positiveShare: 0.5, marginOfProbability: { $0 })
      #expect(cut == -4.5, "turned by \(turn)")
    }
  }

  @Test func balancedClimbsFromTheAverageQuerysProbability() {
    var world = World(seed: 1)
    #expect(world.threshold(.balanced) == -2.5)
    world.positives = 0.8
    #expect(world.threshold(.balanced) == 3)
    // Nobody must climb: only certainty would. Everybody must: everybody does.
    world.positives = 0
    #expect(world.threshold(.balanced) == 5)
    world.positives = 1
    #expect(world.threshold(.balanced) == -5)
  }

  @Test func edges() {
    func cut(_ rule: ThresholdRule, _ margins: [Double], _ gains: [Double], lower: Double = 0.5)
      -> Double
    {
      rule.threshold(
        margins: margins, gains: gains, lowerQuality: lower, positiveShare: 0.5,
        marginOfProbability: { $0 })
    }
    let margins = [3.0, 1, 2]
    // Nothing climbs: beyond the highest margin. Everything climbs: below the lowest.
    #expect(cut(.strongShare(0), margins, [1, 1, 1]) == 4)
    #expect(cut(.strongShare(1), margins, [1, 1, 1]) == 0)
    #expect(cut(.retention(0), margins, [1, 1, 1]) == 4)
    #expect(cut(.retention(1), margins, [1, 1, 1], lower: 0) == 0)
    // It helps on the two highest margins alone: the cut is half-way to the third.
    #expect(cut(.retention(1), margins, [1, 0, 1], lower: 0) == 1.5)
    // The dearer candidate is worse: nothing has to climb to keep its quality.
    #expect(cut(.retention(1), margins, [-1, 0, 0], lower: 1) == 4)
    // Ties move together.
    #expect(cut(.retention(0.9), [1, 1, 0], [1, 0, 0], lower: 0) == 0.5)
    #expect(cut(.strongShare(0.34), [1, 1, 0], [1, 0, 0]) == 0.5)
    // One row.
    #expect(cut(.strongShare(1), [2], [1]) == 1)
    #expect(cut(.strongShare(0), [2], [1]) == 3)
    // No room between two margins: the upper one climbs, the lower one does not.
    let low = 1.0
    for high in [low.nextUp, low.nextUp.nextUp] {
      let between = cut(.strongShare(0.5), [low, high], [0, 1])
      #expect(between > low && between <= high)
      let next = cut(.strongShare(0.5), [high, high.nextUp], [0, 1])
      #expect(next > high && next <= high.nextUp)
    }
  }

  @Test func probabilityIsTheInverseOfTheCalibration() {
    let world = World(seed: 1)
    #expect(world.threshold(.probability(0.5)) == 0)
    #expect(world.threshold(.probability(0.75)) == 2.5)
  }

  @Test func descriptionsParseBack() {
    for rule in Self.rules + [.balanced, .probability(0.25), .retention(0.98)] {
      #expect(ThresholdRule(rule.description) == rule)
    }
  }

  @Test(arguments: [
    "", "nonsense", "balanced=1", "strong-share", "strong-share=", "strong-share=x",
    "strong-share=-0.1", "strong-share=1.1", "retention=nan", "probability=inf", "=0.5",
    " balanced",
  ])
  func nonsenseDoesNotParse(text: String) { #expect(ThresholdRule(text) == nil) }
}
