import RiddleData
import RiddleTestSupport
import Testing

@testable import RiddleEvaluation

/// Looking every day: what the sequential read-out is for.
@Suite struct ConfidenceSequenceTests {
  @Test func pIsTheInverseOfTheMixtureLikelihoodRatio() throws {
    for g in try ExperimentGolden.load().sequence {
      let sequence = ConfidenceSequence(alpha: g.alpha, tunedFor: g.tuned)
      let error = 1 / Double(g.t).squareRoot()
      expectClose(
        sequence.pValue(estimate: g.z * error, standardError: error, units: g.t), g.p,
        tolerance: 1e-9)
      expectClose(sequence.criticalValue(units: g.t), g.critical)
    }
  }

  @Test func pReachesAlphaExactlyWhereTheIntervalLeavesZero() {
    for units in [1, 10, 100, 5_000, 10_000_000] {
      for alpha in [0.2, 0.05, 0.001] {
        let sequence = ConfidenceSequence(alpha: alpha, tunedFor: 1000)
        let critical = sequence.criticalValue(units: units)
        expectClose(
          sequence.pValue(estimate: critical * 0.3, standardError: 0.3, units: units), alpha)
        #expect(critical > normalQuantile(1 - alpha / 2))
      }
    }
  }

  /// 300 tests of an arm against itself, looked at every 100 requests up to 5 000: the interval for one look raises a false
  /// alarm in a third of them, the sequence in at most 5 %, up to three standard errors of 300 draws.
  @Test(arguments: [0.5, 0.9])
  func peekingKeepsTheErrorRate(share: Double) {
    let draws = 300
    let sequence = ConfidenceSequence(alpha: 0.05, tunedFor: 1000)
    var (sequential, fixed, once) = (0, 0, 0)
    var random = SplitMix64(seed: UInt64(share * 100))
    for _ in 0..<draws {
      var (n, good) = ([0.0, 0.0], [0.0, 0.0])
      var alarm = (sequential: false, fixed: false, once: false)
      for i in 1...5000 {
        let arm = random.next() & 1 == 0 ? 0 : 1
        n[arm] += 1
        if random.unit() < share { good[arm] += 1 }
        guard i % 100 == 0 else { continue }
        let p = [good[0] / n[0], good[1] / n[1]]
        let error = (p[0] * (1 - p[0]) / n[0] + p[1] * (1 - p[1]) / n[1]).squareRoot()
        guard error > 0 else { continue }
        let z = abs(p[1] - p[0]) / error
        if z > sequence.criticalValue(units: i) { alarm.sequential = true }
        if z > 1.96 { alarm.fixed = true }
        alarm.once = z > 1.96
      }
      sequential += alarm.sequential ? 1 : 0
      fixed += alarm.fixed ? 1 : 0
      once += alarm.once ? 1 : 0
    }
    let noise = 3 * (0.05 * 0.95 / Double(draws)).squareRoot()
    #expect(Double(sequential) / Double(draws) <= 0.05 + noise, "\(sequential) of \(draws)")
    #expect(Double(fixed) / Double(draws) > 0.25, "\(fixed) of \(draws)")
    #expect(Double(once) / Double(draws) <= 0.05 + noise, "\(once) of \(draws)")
  }

  /// The read-out itself, at every look of a growing log: arms that are alike raise an alarm in few tests, a real difference in
  /// nearly all.
  @Test func theReadOutPeeksSafely() throws {
    var settings = ExperimentSettings()
    settings.sequentialTunedFor = 1000
    var random = SplitMix64(seed: 11)
    var (alarms, found) = (0, 0)
    let draws = 40
    for (gain, isReal) in [(0.0, false), (0.12, true)] {
      for _ in 0..<draws {
        let log = (0..<1500).map { i in
          let isTreatment = random.next() & 1 == 0
          return ExperimentRow(
            arm: isTreatment ? "treatment" : "control",
            quality: random.unit() < 0.7 + (isTreatment ? gain : 0) ? 1 : 0)
        }
        var decided = false
        for rows in stride(from: 300, through: 1500, by: 300) {
          let comparison = try #require(
            try readExperiment(Array(log.prefix(rows)), settings: settings).comparisons.first)
          decided = decided || comparison.verdict != .undecided
        }
        if decided { if isReal { found += 1 } else { alarms += 1 } }
      }
    }
    #expect(alarms <= 6, "\(alarms) false alarms of \(draws)")
    #expect(found >= 34, "\(found) found of \(draws)")
  }

  /// An arm against itself, read once as planned: users with several requests, a false alarm in 5 % of 300 tests; counted by
  /// requests, as if users were not there, in far more.
  @Test func armsThatAreAlikeRaiseFewAlarms() throws {
    var random = SplitMix64(seed: 21)
    let draws = 300
    var alarms = [0, 0]
    for _ in 0..<draws {
      var log: [ExperimentRow] = []
      for user in 0..<60 {
        let arm = random.next() & 1 == 0 ? "control" : "treatment"
        let taste = random.unit()
        for _ in 0..<4 {
          log.append(
            ExperimentRow(
              arm: arm, reward: taste + 0.5 * random.unit(), user: "u\(user)"))
        }
      }
      for (i, unit) in [ExperimentSettings.Unit.user, .request].enumerated() {
        var settings = ExperimentSettings()
        settings.unit = unit
        // Four requests a user make the shares of requests uneven by chance: here only the differences count.
        let comparison = try #require(
          try readExperiment(log, settings: settings).comparisons.first)
        if let p = comparison.p, p < 0.05 { alarms[i] += 1 }
      }
    }
    let noise = 3 * (0.05 * 0.95 / Double(draws)).squareRoot()
    #expect(Double(alarms[0]) / Double(draws) <= 0.05 + noise, "\(alarms[0]) of \(draws)")
    #expect(Double(alarms[0]) / Double(draws) >= 0.05 - noise, "\(alarms[0]) of \(draws)")
    #expect(Double(alarms[1]) / Double(draws) > 0.15, "\(alarms[1]) of \(draws)")
  }
}
