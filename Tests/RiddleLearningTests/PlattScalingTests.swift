import Glibc
import RiddleData
import RiddleRuntime
import RiddleTestSupport
import Testing

@testable import RiddleLearning

@Suite struct PlattScalingTests {
  /// The calibration rows of the golden file.
  static let stream: (margins: [Double], targets: [Double]) = {
    var generator = SplitMix64(seed: 42)
    let u = (0..<1200).map { _ in generator.unit() }
    return (
      (0..<400).map { log(u[$0] / (1 - u[$0])) },
      (0..<400).map { u[400 + $0] < 0.35 + 0.6 * u[$0] ? 1 : 0 }
    )
  }()

  func parameters(_ map: CalibrationMap) -> [Double] {
    guard case .platt(let slope, let offset) = map else { return [] }
    return [slope, offset]
  }

  @Test func `slope and offset agree with a reference minimum and with scikit-learn`() throws {
    let golden = try LearningGolden.load().stream
    let fitted = try PlattScaling().fit(
      margins: Self.stream.margins, targets: Self.stream.targets)
    #expect(fitted.report.converged && fitted.report.rows == 400)
    let found = parameters(fitted.model)
    // The reference ends with Newton steps in double precision; scikit-learn's L-BFGS stops near 1e-8.
    for k in 0..<2 {
      expectClose(found[k], golden.platt[k], tolerance: 1e-10)
      expectClose(found[k], golden.plattScikit[k], tolerance: 1e-7)
    }
  }

  @Test func `gradient and Hessian are derivatives`() throws {
    let problem = try PlattProblem(
      margins: Self.stream.margins, targets: Self.stream.targets, weights: nil)
    let h = 1e-5
    for (slope, offset) in [(0.0, 0.0), (0.7, -0.4), (-2, 3)] {
      let at = problem.derivatives(at: .init(slope: slope, offset: offset))
      let right = problem.derivatives(at: .init(slope: slope + h, offset: offset))
      let left = problem.derivatives(at: .init(slope: slope - h, offset: offset))
      let up = problem.derivatives(at: .init(slope: slope, offset: offset + h))
      let down = problem.derivatives(at: .init(slope: slope, offset: offset - h))
      expectClose(at.bySlope, (right.value - left.value) / (2 * h), tolerance: 1e-6)
      expectClose(at.byOffset, (up.value - down.value) / (2 * h), tolerance: 1e-6)
      expectClose(at.slopeSlope, (right.bySlope - left.bySlope) / (2 * h), tolerance: 1e-6)
      expectClose(at.slopeOffset, (right.byOffset - left.byOffset) / (2 * h), tolerance: 1e-6)
      expectClose(at.offsetOffset, (up.byOffset - down.byOffset) / (2 * h), tolerance: 1e-6)
    }
  }

  @Test func `weight 2 is a row twice and weight 0 a row absent`() throws {
    let (margins, targets) = Self.stream
    let scaling = PlattScaling()
    var weights = [Double](repeating: 1, count: 400)
    for i in 0..<100 { weights[i] = 2 }
    for i in 350..<400 { weights[i] = 0 }
    let weighted = try scaling.fit(margins: margins, targets: targets, weights: weights)
    let explicit = try scaling.fit(
      margins: Array(margins[..<350]) + margins[..<100],
      targets: Array(targets[..<350]) + targets[..<100])
    for (a, b) in zip(parameters(weighted.model), parameters(explicit.model)) {
      expectClose(a, b, tolerance: 1e-9)
    }
  }

  @Test func `scaling margins scales the slope and moves no probability`() throws {
    let (margins, targets) = Self.stream
    let plain = try PlattScaling().fit(margins: margins, targets: targets).model
    let changed = margins.map { 1000 * $0 + 5 }
    let scaled = try PlattScaling().fit(margins: changed, targets: targets).model
    for i in 0..<50 {
      expectClose(
        plain.probability(ofMargin: margins[i]), scaled.probability(ofMargin: changed[i]),
        tolerance: 1e-8)
    }
  }

  @Test func `perfectly separated margins give a finite map`() throws {
    let fitted = try PlattScaling().fit(
      margins: [-500, -400, 400, 500], targets: [0, 0, 1, 1])
    let found = parameters(fitted.model)
    #expect(found[0] > 0 && found.allSatisfy { $0.isFinite })
    #expect(fitted.model.probability(ofMargin: 500) < 1)
  }

  @Test func `reversed margins are refused`() {
    let (margins, targets) = Self.stream
    #expect {
      try PlattScaling().fit(margins: margins.map { -$0 }, targets: targets)
    } throws: { error in
      guard case LearningError.decreasingCalibration(let slope)? = error as? LearningError
      else { return false }
      return slope < 0
    }
  }

  @Test func `constant margins are refused, not divided by zero`() {
    #expect(throws: LearningError.decreasingCalibration(slope: 0)) {
      try PlattScaling().fit(margins: [2, 2, 2], targets: [0, 1, 1])
    }
  }

  @Test func `malformed columns are refused with their place`() {
    let scaling = PlattScaling()
    #expect(throws: LearningError.singleClass(positive: true, rows: 2)) {
      try scaling.fit(margins: [1, 2], targets: [1, 0.5])
    }
    #expect(throws: LearningError.singleClass(positive: false, rows: 2)) {
      try scaling.fit(margins: [1, 2], targets: [0, 0.2])
    }
    #expect(throws: LearningError.nonFiniteMargin(row: 1)) {
      try scaling.fit(margins: [1, .infinity], targets: [1, 0])
    }
    #expect(throws: LearningError.countMismatch(what: "targets", expected: 2, found: 1)) {
      try scaling.fit(margins: [1, 2], targets: [1])
    }
    #expect(throws: LearningError.targetOutOfRange(row: 0, value: -1)) {
      try scaling.fit(margins: [1, 2], targets: [-1, 0])
    }
    #expect(throws: LearningError.invalidWeight(row: 1, value: -1)) {
      try scaling.fit(margins: [1, 2], targets: [1, 0], weights: [1, -1])
    }
    #expect(throws: LearningError.tooFewRows(found: 0, needed: 2)) {
      try scaling.fit(margins: [], targets: [])
    }
  }

  @Test(arguments: [0, 1e-300, 1e-17, 1e-8, 0.1, 0.5, 0.999, 1])
  func `log(1 + e) agrees with the library within rounding`(e: Double) {
    #expect(abs(logOnePlus(e) - log1p(e)) <= 4 * log1p(e).ulp)
  }
}
