import RiddleTestSupport
import Testing

@testable import RiddleEvaluation

@Suite struct StatisticsTests {
  @Test("McNemar equals statsmodels, exact and with continuity correction")
  func mcnemar() throws {
    for golden in try Golden.load().mcnemar {
      let test = McNemar(onlyFirst: golden.b, onlySecond: golden.c)
      expectRelative(test.exactPValue, golden.exact)
      expectRelative(test.statistic, golden.statistic)
      expectRelative(test.asymptoticPValue, golden.asymptotic)
    }
  }

  @Test("McNemar without a discordant row, and with as many on both sides, says nothing")
  func mcnemarEdges() {
    #expect(McNemar(onlyFirst: 0, onlySecond: 0).pValue == 1)
    #expect(McNemar(onlyFirst: 7, onlySecond: 7).pValue == 1)
    let test = McNemar(first: [true, true, false, false], second: [true, false, true, false])
    #expect(test == McNemar(onlyFirst: 1, onlySecond: 1))
  }

  @Test("Wilson and Clopper–Pearson equal statsmodels")
  func proportions() throws {
    for golden in try Golden.load().proportions {
      let wilson = wilsonInterval(successes: golden.k, trials: golden.n)
      expectClose(try #require(wilson.low), golden.wilson[0], tolerance: 1e-12)
      expectClose(try #require(wilson.high), golden.wilson[1], tolerance: 1e-12)
      let exact = clopperPearsonInterval(successes: golden.k, trials: golden.n)
      expectClose(try #require(exact.low), golden.clopper_pearson[0], tolerance: 1e-11)
      expectClose(try #require(exact.high), golden.clopper_pearson[1], tolerance: 1e-11)
    }
    #expect(wilsonInterval(successes: 0, trials: 0) == .undefined)
  }

  @Test("the one-sided exact bound equals scipy's beta quantile")
  func upperBound() throws {
    for golden in try Golden.load().clopper_pearson_upper {
      expectClose(
        clopperPearsonUpperBound(successes: golden.k, trials: golden.n, delta: golden.delta),
        golden.u, tolerance: 1e-11)
    }
    #expect(clopperPearsonUpperBound(successes: 5, trials: 5, delta: 0.1) == 1)
  }

  @Test("incomplete beta and normal quantile equal scipy's")
  func specialFunctions() throws {
    let golden = try Golden.load()
    for g in golden.incomplete_beta {
      expectRelative(incompleteBeta(g.x, g.a, g.b), g.value, tolerance: 1e-10)
      expectClose(incompleteBeta(1 - g.x, g.b, g.a), 1 - g.value, tolerance: 1e-12)
    }
    for g in golden.normal_quantile { expectClose(normalQuantile(g.p), g.z, tolerance: 1e-12) }
    #expect(normalQuantile(0) == -.infinity && normalQuantile(1) == .infinity)
  }

  @Test("Holm equals statsmodels, in the order given")
  func holm() throws {
    let golden = try Golden.load().holm
    for (a, b) in zip(holmAdjusted(golden.p), golden.adjusted) {
      expectClose(a, b, tolerance: 1e-12)
    }
    #expect(holmAdjusted([]) == [])
  }

  @Test("DeLong from ranks equals the definition by all pairs, with and without ties")
  func deLong() throws {
    let rows = ReferenceRows()
    for (golden, name) in zip(try Golden.load().delong, ["score", "coarse"]) {
      let test = try #require(
        DeLong(first: rows.scores(name), second: rows.other, labels: rows.weak))
      expectRelative(test.first, golden.first)
      expectRelative(test.second, golden.second)
      expectRelative(test.firstVariance, golden.first_variance)
      expectRelative(test.secondVariance, golden.second_variance)
      expectRelative(test.differenceVariance, golden.difference_variance)
      expectRelative(test.pValue, golden.p, tolerance: 1e-8)
    }
  }

  @Test("a score does not differ from itself, nor from its own transform")
  func deLongSelf() throws {
    let rows = ReferenceRows()
    let test = try #require(
      DeLong(first: rows.score, second: rows.score.map { 3 * $0 }, labels: rows.weak))
    #expect(test.differenceVariance < 1e-18)
    #expect(test.pValue > 0.99)
    #expect(DeLong(first: [1, 2], second: [1, 2], labels: [0, 1]) == nil)
  }

  @Test("the random band has the spread of simulated random routers")
  func randomBand() throws {
    let golden = try Golden.load().random_band
    let rows = ReferenceRows()
    let band = randomRouterBand(gains: zip(rows.strong, rows.weak).map { $0 - $1 })
    let sd = (try #require(band.high) - 0.5) / normalQuantile(0.975)
    // Relative standard error of a standard deviation from m draws: 1 / √(2m); three of them.
    expectRelative(sd, golden.sd, tolerance: 3 / (2 * Double(golden.draws)).squareRoot())
  }

  @Test("the random band at the published counts agrees with the published one")
  func publishedBand() throws {
    // RouteLLM MMLU: 2 496 strong-only, 742 weak-only of 14 037; published band .481 to .519 from simulation.
    let gains =
      [Double](repeating: 1, count: 2496) + [Double](repeating: -1, count: 742)
      + [Double](repeating: 0, count: 14037 - 2496 - 742)
    let band = randomRouterBand(gains: gains)
    expectClose(try #require(band.low), 0.481, tolerance: 0.0025)
    expectClose(try #require(band.high), 0.519, tolerance: 0.0025)
  }
}

/// Expects agreement relative to the expected magnitude, however small.
func expectRelative(
  _ actual: Double, _ expected: Double, tolerance: Double = 1e-9,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(
    abs(actual - expected) <= tolerance * abs(expected), "\(actual) vs \(expected)",
    sourceLocation: sourceLocation)
}
