import RiddleData
import RiddleRuntime
import RiddleTestSupport
import Testing

@testable import RiddleLearning

@Suite struct CalibrationChoiceTests {
  /// n rows whose true probability is `truth` of the margin.
  static func rows(
    _ n: Int, seed: UInt64, _ truth: (Double) -> Double
  ) -> (margins: [Double], targets: [Double]) {
    var generator = SplitMix64(seed: seed)
    var (margins, targets): ([Double], [Double]) = ([], [])
    for _ in 0..<n {
      let m = generator.unit() * 6 - 3
      margins.append(m)
      targets.append(generator.unit() < truth(m) ? 1 : 0)
    }
    return (margins, targets)
  }

  static func kind(_ n: Int, seed: UInt64, _ truth: (Double) -> Double) throws
    -> CalibrationKind
  {
    let (margins, targets) = rows(n, seed: seed, truth)
    return try CalibrationChoice().fit(margins: margins, targets: targets).kind
  }

  @Test func `each kind wins in the world it is made for`() throws {
    var wins: [CalibrationKind: Int] = [:]
    for seed: UInt64 in 1...10 {
      if try Self.kind(3000, seed: seed, { logistic($0) }) == .identity {
        wins[.identity, default: 0] += 1
      }
      if try Self.kind(3000, seed: seed, { logistic(0.4 * $0) }) == .temperature {
        wins[.temperature, default: 0] += 1
      }
      if try Self.kind(3000, seed: seed, { logistic(0.6 * $0 - 1.2) }) == .platt {
        wins[.platt, default: 0] += 1
      }
      // A staircase: no logistic curve comes near.
      if try Self.kind(3000, seed: seed, { $0 < -1 ? 0.45 : $0 < 1 ? 0.5 : 0.95 }) == .isotonic {
        wins[.isotonic, default: 0] += 1
      }
    }
    // A rule of one standard error errs now and then towards the richer map.
    for kind in CalibrationKind.allCases { #expect(wins[kind, default: 0] >= 7, "\(kind)") }
  }

  @Test func `calibration error falls where the margins are off, out of fold`() throws {
    let (margins, targets) = Self.rows(4000, seed: 3) { logistic(0.5 * $0 - 1) }
    let selection = try CalibrationChoice().fit(margins: margins, targets: targets)
    #expect(selection.errorBefore > 0.1)
    #expect(selection.errorAfter < 0.03)
    #expect(selection.rows == 4000 && selection.folds == 5)
    #expect(selection.table.map(\.kind) == CalibrationKind.allCases)
    #expect(selection.table[0].calibrationError == selection.errorBefore)
    let best = selection.table.compactMap { $0.logLoss?.mean }.min()
    let winner = try #require(selection.table.first { $0.kind == selection.kind })
    #expect(
      try #require(winner.logLoss).mean - #require(best)
        <= #require(winner.differenceStandardError))
  }

  @Test func `the held-out loss of Platt is that of separate fits`() throws {
    let (margins, targets) = Self.rows(300, seed: 9) { logistic(0.7 * $0 + 0.5) }
    let folds = try CrossValidation(rowCount: 300, foldCount: 3, seed: 4)
    let selection = try CalibrationChoice().fit(margins: margins, targets: targets, folds: folds)
    var sum = 0.0
    for fold in 0..<3 {
      let training = folds.trainingRows(fold)
      let map = try PlattScaling().fit(
        margins: training.map { margins[$0] }, targets: training.map { targets[$0] }
      ).model
      guard case .platt(let slope, let offset) = map else { continue }
      for i in folds.heldOutRows(fold) {
        sum += LogisticLoss.value(margin: slope * margins[i] + offset, target: targets[i])
      }
    }
    let line = try #require(selection.table.first { $0.kind == .platt })
    expectClose(try #require(line.logLoss).mean, sum / 300, tolerance: 1e-12)
  }

  @Test func `the same rows and seed give the same selection`() throws {
    let (margins, targets) = Self.rows(500, seed: 11) { logistic($0 - 1) }
    let choice = CalibrationChoice()
    let one = try choice.fit(margins: margins, targets: targets)
    #expect(try choice.fit(margins: margins, targets: targets) == one)
  }

  @Test func `reversed margins leave the identity and say why`() throws {
    let (margins, targets) = Self.rows(500, seed: 12) { logistic(-2 * $0) }
    let selection = try CalibrationChoice().fit(margins: margins, targets: targets)
    #expect(selection.kind == .identity)
    #expect(selection.map == .identity)
    for line in selection.table.dropFirst() {
      #expect(line.logLoss == nil && line.failure != nil)
    }
  }

  @Test func `a single kind is taken as it is`() throws {
    let (margins, targets) = Self.rows(500, seed: 13) { logistic($0) }
    var choice = CalibrationChoice()
    choice.kinds = [.isotonic]
    let selection = try choice.fit(margins: margins, targets: targets)
    #expect(selection.kind == .isotonic)
    guard case .isotonic = selection.map else {
      Issue.record("not isotonic")
      return
    }
  }

  @Test func `hostile columns are refused`() throws {
    let choice = CalibrationChoice()
    #expect(throws: LearningError.singleClass(positive: false, rows: 3)) {
      try choice.fit(margins: [1, 2, 3], targets: [0, 0, 0])
    }
    #expect(throws: LearningError.countMismatch(what: "targets", expected: 2, found: 1)) {
      try choice.fit(margins: [1, 2], targets: [1])
    }
    var none = choice
    none.kinds = []
    #expect(throws: LearningError.self) { try none.fit(margins: [1, 2], targets: [0, 1]) }
    let folds = try CrossValidation(rowCount: 3, foldCount: 2, seed: 1)
    #expect(throws: LearningError.countMismatch(what: "folds", expected: 2, found: 3)) {
      try choice.fit(margins: [1, 2], targets: [0, 1], folds: folds)
    }
    // Two rows: every fold leaves one class, and the identity is all there is.
    #expect(try choice.fit(margins: [1, 2], targets: [0, 1]).kind == .identity)
  }
}

@Suite struct CalibrationErrorTests {
  @Test func `agrees with the reference over bins of equal mass`() throws {
    let golden = try CalibrationGolden.load().stream
    var generator = SplitMix64(seed: 42)
    let u = (0..<1200).map { _ in generator.unit() }
    let p = Array(u[..<400])
    let y = (0..<400).map { u[400 + $0] < 0.35 + 0.6 * u[$0] ? 1.0 : 0 }
    for (bins, expected) in [(10, golden.ece10), (15, golden.ece15), (10, 0.17490639282525516)] {
      expectClose(
        try #require(calibrationError(probabilities: p, labels: y, bins: bins)), expected,
        tolerance: 1e-12)
    }
  }

  @Test func `tied probabilities share their label, whatever the order`() {
    let p = [0.5, 0.5, 0.5, 0.5]
    #expect(calibrationError(probabilities: p, labels: [1, 1, 0, 0], bins: 2) == 0)
    #expect(calibrationError(probabilities: p, labels: [1, 0, 1, 0], bins: 2) == 0)
    #expect(calibrationError(probabilities: [], labels: []) == nil)
    #expect(calibrationError(probabilities: [1], labels: [0]) == 1)
  }
}
