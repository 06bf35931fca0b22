import RiddleData
import RiddleTestSupport
import Testing

@testable import RiddleEvaluation

/// Read-outs against reference implementations, and what they refuse.
@Suite struct ReadExperimentTests {
  let values = ExperimentValues()

  private func reward(
    _ log: [ExperimentRow], _ change: (inout ExperimentSettings) -> Void = { _ in }
  )
    throws -> ExperimentReadout.Comparison
  {
    var settings = ExperimentSettings()
    change(&settings)
    let readout = try readExperiment(log, settings: settings)
    return try #require(readout.comparisons.first { $0.measure == .reward })
  }

  @Test(arguments: ["welch", "binary", "rare", "clustered", "crossed"])
  func differencesMatchTheReference(name: String) throws {
    let golden = try #require(try ExperimentGolden.load().readouts[name])
    let log: [ExperimentRow] =
      switch name {
      case "welch": values.log(values.graded)
      case "binary": values.log(values.binary)
      case "rare": values.log(values.rare)
      case "clustered": values.log(values.shared) { "u\($0 / 5)" }
      default: values.log(values.shared) { "u\($0 % 100)" }
      }
    let comparison = try reward(log)
    expectClose(try #require(comparison.difference.value), golden.difference)
    expectClose(try #require(comparison.p), golden.p, tolerance: 1e-8)
    expectClose(try #require(comparison.difference.low), golden.low, tolerance: 1e-8)
    expectClose(try #require(comparison.difference.high), golden.high, tolerance: 1e-8)
    let expected = ["welch": "Welch", "binary": "two-proportion z", "rare": "Newcombe, score"]
    #expect(comparison.method.hasPrefix(expected[name] ?? "cluster-robust"))
    #expect(comparison.verdict == (golden.low > 0 ? .better : .undecided))
    #expect((comparison.detectable != nil) == (comparison.verdict == .undecided))
  }

  @Test func chiSquareAndStudentMatchScipy() throws {
    let golden = try ExperimentGolden.load()
    for g in golden.chi_square {
      let ratio = SampleRatio(observed: g.counts, shares: g.shares)
      expectClose(ratio.statistic, g.statistic)
      #expect(abs(ratio.p - g.p) <= 1e-9 * g.p, "\(ratio.p) \(g.p)")
      #expect(ratio.isMismatch == (g.p < 0.001))
    }
    for g in golden.tails {
      let p = chiSquareUpperTail(g.x, degrees: g.k)
      #expect(abs(p - g.p) <= 1e-9 * g.p, "\(p) \(g.p)")
    }
    for g in golden.student {
      expectClose(StudentT.twoSidedP(g.t, degrees: g.df), g.p, tolerance: 1e-9)
      expectClose(StudentT.critical(0.05, degrees: g.df), g.critical, tolerance: 1e-7)
    }
  }

  @Test func savingsAreRelativeAndSwapTheirSignWithTheArms() throws {
    let log = values.graded.indices.map { i -> ExperimentRow in
      return ExperimentRow(
        id: "\(i)", arm: values.isTreatment[i] ? "treatment" : "control",
        cost: NanoDollars(dollars: (values.isTreatment[i] ? 0.001 : 0.004) * (1 + values.graded[i]))
      )
    }
    let forth = try readExperiment(log, settings: ExperimentSettings())
    let cost = try #require(forth.comparisons.first)
    #expect(cost.verdict == .better)
    let saving = try #require(cost.saving)
    let means = forth.arms.map { $0.mean(.cost)?.value ?? 0 }
    expectClose(try #require(saving.value), 1 - means[1] / means[0])
    #expect(try #require(saving.low) > 0.7)
    #expect(try #require(saving.high) < 0.8)
    var settings = ExperimentSettings()
    settings.control = "treatment"
    let back = try #require(try readExperiment(log, settings: settings).comparisons.first)
    #expect(back.verdict == .worse)
    expectClose(try #require(back.difference.value), -(try #require(cost.difference.value)))
    // 1 / (1 − saving) ends are those of the other direction.
    expectClose(
      1 - (try #require(back.saving?.low)), 1 / (1 - (try #require(saving.high))), tolerance: 1e-9)
  }

  @Test func pairedTestsMatchMcNemarAndAreSurerThanSeparateArms() throws {
    var random = SplitMix64(seed: 5)
    var log: [ExperimentRow] = []
    var verdicts: (first: [Bool], second: [Bool]) = ([], [])
    for i in 0..<800 {
      let hard = random.unit()
      let a = hard < 0.7
      let b = hard + 0.05 * (random.unit() - 0.9) < 0.7
      verdicts.first.append(a)
      verdicts.second.append(b)
      log.append(ExperimentRow(id: "q\(i)", arm: "control", quality: a ? 1 : 0))
      log.append(ExperimentRow(id: "q\(i)", arm: "new", quality: b ? 1 : 0))
    }
    var settings = ExperimentSettings()
    settings.isPaired = true
    settings.replicates = 400
    let paired = try #require(try readExperiment(log, settings: settings).comparisons.first)
    let test = McNemar(first: verdicts.first, second: verdicts.second)
    #expect(paired.p == test.pValue)
    expectClose(
      try #require(paired.difference.value), Double(test.onlySecond - test.onlyFirst) / 800)
    #expect(paired.verdict == .better)
    settings.threads = 4
    #expect(try readExperiment(log, settings: settings).comparisons.first == paired)
    settings.isPaired = false
    #expect(throws: ExperimentError.sharedID("q0", first: "control", second: "new", count: 800)) {
      try readExperiment(log, settings: settings)
    }
    let apart = log.map { row in
      var row = row
      row.id = nil
      return row
    }
    #expect(try readExperiment(apart, settings: settings).comparisons.first?.verdict == .undecided)
  }

  @Test func requestsWithoutAPartnerAreCountedAndLeftOut() throws {
    var log: [ExperimentRow] = []
    for i in 0..<40 {
      log.append(ExperimentRow(id: "\(i)", arm: "control", reward: Double(i % 7)))
      if i % 4 > 0 { log.append(ExperimentRow(id: "\(i)", arm: "b", reward: Double(i % 7) + 1)) }
    }
    var settings = ExperimentSettings()
    settings.isPaired = true
    settings.replicates = 100
    let readout = try readExperiment(log, settings: settings)
    #expect(readout.arms.map(\.requests) == [30, 30])
    #expect(readout.warnings.contains { $0.hasPrefix("10 requests of 'control' and 0 of 'b'") })
    #expect(readout.comparisons.first?.difference == Figure(1, low: 1, high: 1))
  }

  @Test func aMismatchWithdrawsEveryVerdict() throws {
    let log = (0..<3000).map { i -> ExperimentRow in
      let isTreatment = i % 100 < 45
      let quality = isTreatment ? 1 : Double(i % 2)
      return ExperimentRow(
        id: "\(i)", arm: isTreatment ? "treatment" : "control", quality: quality)
    }
    let readout = try readExperiment(log, settings: ExperimentSettings())
    let ratio = try #require(readout.sampleRatio)
    #expect(ratio.isMismatch && ratio.observed == [1650, 1350])
    #expect(readout.comparisons.first?.verdict == .undecided)
    var settings = ExperimentSettings()
    settings.split = [55, 45]
    let told = try readExperiment(log, settings: settings)
    #expect(told.sampleRatio?.isMismatch == false)
    #expect(told.comparisons.first?.verdict == .better)
  }

  /// Shares are counted in what was dealt: ten users with hundreds of requests each say nothing against the dealing.
  @Test func theRatioCountsUsersNotRequests() throws {
    let log = (0..<2000).map { i in
      let user = i < 1500 ? i % 10 : 10 + i % 10
      return ExperimentRow(
        arm: user < 10 ? "control" : "treatment", reward: Double(i % 3), user: "u\(user)")
    }
    let readout = try readExperiment(log, settings: ExperimentSettings())
    #expect(readout.sampleRatio?.observed == [10, 10])
    var settings = ExperimentSettings()
    settings.unit = .request
    #expect(try readExperiment(log, settings: settings).sampleRatio?.isMismatch == true)
  }

  @Test func severalTreatmentsAreCorrected() throws {
    var random = SplitMix64(seed: 3)
    let arms = ["control", "x", "y", "z"]
    let log = (0..<4000).map { i -> ExperimentRow in
      let share = i % 4 == 3 ? 0.8 : 0.7
      return ExperimentRow(
        id: "\(i)", arm: arms[i % 4], quality: random.unit() < share ? 1 : 0)
    }
    let readout = try readExperiment(log, settings: ExperimentSettings())
    #expect(readout.comparisons.map(\.treatment) == ["x", "y", "z"])
    let p = readout.comparisons.compactMap(\.p)
    #expect(readout.comparisons.compactMap(\.pHolm) == holmAdjusted(p))
    #expect(readout.comparisons.map(\.verdict) == [.undecided, .undecided, .better])
  }

  @Test func whatIsMeasuredInOneArmOnlyIsSaid() throws {
    let log = (0..<1000).map { i -> ExperimentRow in
      let isControl = i % 2 == 0
      let quality: Double? = isControl && i % 5 == 0 ? nil : Double(i % 3) / 2
      return ExperimentRow(id: "\(i)", arm: isControl ? "control" : "b", quality: quality)
    }
    let readout = try readExperiment(log, settings: ExperimentSettings())
    #expect(readout.warnings.contains { $0.contains("400 of 500 in 'control', 500 of 500 in 'b'") })
    #expect(readout.warnings.contains { $0.contains("arms differ in what was measured") })
  }

  @Test func fewUnitsDecideNothing() throws {
    let log = (0..<12).map {
      ExperimentRow(arm: $0 % 2 == 0 ? "control" : "b", reward: Double($0 % 2))
    }
    let comparison = try #require(
      try readExperiment(log, settings: ExperimentSettings()).comparisons.first)
    #expect(comparison.verdict == .undecided)
    #expect(comparison.reason == "fewer than 10 requests in an arm")
  }

  @Test func impossibleLogsAreRefused() throws {
    func row(_ id: String?, _ arm: String, _ quality: Double? = 1) -> ExperimentRow {
      ExperimentRow(id: id, arm: arm, quality: quality)
    }
    func refuses(
      _ error: ExperimentError, _ log: [ExperimentRow],
      _ change: (inout ExperimentSettings) -> Void = { _ in },
      sourceLocation: SourceLocation = #_sourceLocation
    ) {
      var settings = ExperimentSettings()
      change(&settings)
      #expect(throws: error, sourceLocation: sourceLocation) {
        try readExperiment(log, settings: settings)
      }
      #expect(error.description.count > 20, sourceLocation: sourceLocation)
    }
    let two = [row("1", "a"), row("2", "b")]
    refuses(.noRows, [])
    refuses(.oneArm("control"), [row("1", "control"), row("2", "control")])
    refuses(.controlNotNamed(available: ["a", "b"]), two)
    refuses(.missingArm("x", available: ["a", "b"]), two) { $0.control = "x" }
    refuses(.missingArm("c", available: ["a", "b"]), two) { $0.arms = ["a", "c"] }
    refuses(.unknownArm("c", rows: 1, named: ["a", "b"]), two + [row("3", "c")]) {
      $0.arms = ["a", "b"]
    }
    refuses(.duplicateID("1", arm: "a"), two + [row("1", "a")]) { $0.control = "a" }
    refuses(.missingID(row: 3), two + [row(nil, "a")]) {
      $0.control = "a"
      $0.isPaired = true
    }
    refuses(.noPairs(first: 1, second: 1), two) {
      $0.control = "a"
      $0.isPaired = true
    }
    refuses(.pairedArms(3), two + [row("1", "c")]) {
      $0.control = "a"
      $0.isPaired = true
    }
    refuses(.badSplit(given: 3, arms: ["a", "b"]), two) {
      $0.control = "a"
      $0.split = [1, 1, 1]
    }
    refuses(.noMeasure("b"), [row("1", "a"), row("2", "b", nil)]) { $0.control = "a" }
    refuses(.nonFinite(measure: "quality", row: 2), [row("1", "a"), row("2", "b", .infinity)]) {
      $0.control = "a"
    }
    refuses(.tooManyArms(21, most: 20), (0..<21).map { row("\($0)", "arm \($0)") })
  }
}
