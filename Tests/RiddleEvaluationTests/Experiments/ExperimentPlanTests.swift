import RiddleData
import RiddleTestSupport
import Testing

@testable import RiddleEvaluation

/// Sample sizes: reference numbers, the power they really have, and what refuses.
@Suite struct ExperimentPlanTests {
  @Test func proportionsMatchBothFormulas() throws {
    for g in try ExperimentGolden.load().proportions {
      func rows(_ formula: ExperimentDesign.Formula) throws -> Double {
        try ExperimentDesign(
          measure: .proportion(baseline: g.baseline), effect: g.effect, power: g.power,
          alpha: g.alpha, isOneSided: g.sides == 1, ratio: g.ratio, formula: formula
        ).exactRows
      }
      expectClose(try rows(.unpooled), g.unpooled, tolerance: 1e-9)
      // statsmodels solves by root finding, and counts rejections in the wrong direction too.
      expectClose(try rows(.arcsine), g.arcsine, tolerance: 1e-5)
    }
  }

  @Test func meansMatchStatsmodels() throws {
    for g in try ExperimentGolden.load().means {
      let design = try ExperimentDesign(
        measure: .mean(deviation: g.sd), effect: g.effect, power: g.power, alpha: g.alpha,
        isOneSided: g.sides == 1, ratio: g.ratio)
      expectClose(design.exactRows, g.n, tolerance: 1e-5)
      let size = try ExperimentSize(design, perDay: 100)
      #expect(Double(size.control) >= design.exactRows)
      #expect(Double(size.control) < design.exactRows + 1)
      #expect(size.total == size.control + size.treatment)
      #expect(size.days == (size.total + 99) / 100)
    }
  }

  @Test func discordancesMatchMcNemarsFormula() throws {
    for g in try ExperimentGolden.load().mcnemar {
      let design = try ExperimentDesign(
        measure: .proportion(baseline: 0.5), effect: g.effect, power: g.power,
        pairing: .discordant(g.discordant))
      expectClose(design.exactRows, g.n, tolerance: 1e-9)
      // The generator's 200 000 simulated tests of that size: the formula is good to a percent.
      #expect(abs(g.simulated_power - g.power) < 0.012)
    }
  }

  @Test func aCorrelatedPairIsAPairOfDifferences() throws {
    let correlated = try ExperimentDesign(
      measure: .mean(deviation: 0.4), effect: 0.02, pairing: .correlated(0.75))
    let differing = try ExperimentDesign(
      measure: .mean(deviation: 0.4), effect: 0.02,
      pairing: .differing(0.4 * (2 * 0.25).squareRoot()))
    expectClose(correlated.exactRows, differing.exactRows)
    let separate = try ExperimentDesign(measure: .mean(deviation: 0.4), effect: 0.02)
    expectClose(correlated.exactRows, separate.exactRows * 0.25)
  }

  @Test func clustersMultiplyByTheDesignEffect() throws {
    let plain = try ExperimentDesign(measure: .proportion(baseline: 0.85), effect: 0.02)
    let clustered = try ExperimentDesign(
      measure: .proportion(baseline: 0.85), effect: 0.02, clusterSize: 3,
      intraclassCorrelation: 0.1)
    expectClose(clustered.exactRows, 1.2 * plain.exactRows)
    let size = try ExperimentSize(clustered)
    #expect(size.clusters == 2 * ((size.control + 2) / 3))
  }

  @Test func nonInferiorityIsOneSidedAtAlphaWithBothArmsAlike() throws {
    let design = try ExperimentDesign(
      measure: .proportion(baseline: 0.9), effect: 0.03, isNonInferiority: true)
    // (1.6449 + 0.8416)² · 2 · 0.9 · 0.1 / 0.03²
    expectClose(design.exactRows, 1236.51, tolerance: 1e-4)
    let tighter = try ExperimentDesign(
      measure: .proportion(baseline: 0.9), effect: 0.015, isNonInferiority: true)
    expectClose(tighter.exactRows, 4 * design.exactRows)
  }

  /// The planned number really has the power: 500 simulated tests each, judged by the read-out's own tests. Four standard errors.
  @Test(arguments: [(0.6, 0.2, 1, 0.0, UInt64(1)), (0.5, 0.2, 4, 0.3, UInt64(2))])
  func plannedSizesHaveThePower(
    baseline: Double, effect: Double, clusterSize: Int, icc: Double, seed: UInt64
  ) throws {
    let size = try ExperimentSize(
      ExperimentDesign(
        measure: .proportion(baseline: baseline), effect: effect, clusterSize: Double(clusterSize),
        intraclassCorrelation: icc))
    var random = SplitMix64(seed: seed)
    let clusters = (size.control + clusterSize - 1) / clusterSize
    func arm(_ p: Double, first: Int32) -> ArmSample {
      var values: [Double] = []
      var units: [Int32] = []
      for c in 0..<clusters {
        // Each value copies the cluster's own draw with probability √icc: correlation icc within the cluster.
        let own = random.unit() < p
        for _ in 0..<clusterSize {
          let copies = random.unit() < icc.squareRoot()
          values.append((copies ? own : random.unit() < p) ? 1 : 0)
          units.append(first + Int32(c))
        }
      }
      return ArmSample(values, units: units)
    }
    let draws = 500
    var found = 0
    for _ in 0..<draws {
      let difference = ArmDifference(
        control: arm(baseline, first: 0), treatment: arm(baseline + effect, first: 1_000_000),
        confidence: 0.95)
      let error = try #require(difference.standardError)
      if StudentT.twoSidedP(difference.value / error, degrees: difference.degrees) < 0.05 {
        found += 1
      }
    }
    let power = Double(found) / Double(draws)
    #expect(abs(power - 0.8) < 4 * (0.8 * 0.2 / Double(draws)).squareRoot(), "power \(power)")
  }

  @Test(arguments: [
    (0.85, 0.0, 0.8, 0.05), (0.85, 0.02, 1.0, 0.05), (0.85, 0.02, 1.5, 0.05),
    (0.85, 0.02, 0.05, 0.05), (0.85, 0.02, 0.8, 0), (0.85, 0.02, 0.8, 1), (0, 0.02, 0.8, 0.05),
    (1, 0.02, 0.8, 0.05), (0.85, 0.2, 0.8, 0.05), (.nan, 0.02, 0.8, 0.05),
    (0.85, .nan, 0.8, 0.05), (0.85, .infinity, 0.8, 0.05), (0.85, 0.02, .nan, 0.05),
    (0.85, 0.02, 0.8, .nan),
  ])
  func impossiblePlansAreRefused(
    baseline: Double, effect: Double, power: Double, alpha: Double
  ) {
    #expect(throws: ExperimentError.self) {
      try ExperimentDesign(
        measure: .proportion(baseline: baseline), effect: effect, power: power, alpha: alpha)
    }
  }

  @Test func anEffectBeyondAnyTrafficIsRefused() throws {
    let design = try ExperimentDesign(measure: .mean(deviation: 1), effect: 1e-9)
    #expect(throws: ExperimentError.self) { try ExperimentSize(design) }
    #expect(throws: ExperimentError.self) {
      try ExperimentDesign(
        measure: .proportion(baseline: 0.5), effect: 0.2, pairing: .discordant(0.1))
    }
  }

  @Test func aLogGivesTheNumbersOfThePlan() throws {
    let values = ExperimentValues()
    let g = try ExperimentGolden.load()
    let quality = zip(values.binary, values.shared).flatMap { [$0, $1] }
    let table = OutcomeTable(
      candidates: ["a", "b"], quality: quality,
      cost: [Int64](repeating: 1, count: 1200), latency: [Int64](repeating: 1, count: 1200))
    for (name, units) in [
      ("even", (0..<600).map { $0 / 5 }),
      ("uneven", (0..<600).map { Int(Double($0).squareRoot()) }),
    ] {
      let index = ClusterIndex(units)
      var sizes = [Int](repeating: 0, count: index.count)
      for c in index.ofRow { sizes[Int(c)] += 1 }
      expectClose(
        intraclass(values.shared, of: index.ofRow, sizes: sizes), try #require(g.icc[name]))
    }
    let pair = try MeasuredPair(
      table, control: 0, treatment: 1, clusters: (0..<600).map { $0 / 5 })
    expectClose(pair.baseline, values.binary.reduce(0, +) / 600)
    expectClose(pair.clusterSize, 5)
    #expect(pair.discordant == nil)
    let correlation = try #require(pair.correlation)
    #expect(abs(correlation) < 0.2)
    // Variance of a difference from its parts.
    let (a, b) = (
      MeasuredPair.moments(values.binary).variance, MeasuredPair.moments(values.shared).variance
    )
    expectClose(
      pair.differenceDeviation * pair.differenceDeviation,
      a + b - 2 * correlation * (a * b).squareRoot())
  }
}
