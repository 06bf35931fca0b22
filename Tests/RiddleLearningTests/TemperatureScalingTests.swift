import RiddleData
import RiddleRuntime
import RiddleTestSupport
import Testing

@testable import RiddleLearning

@Suite struct TemperatureScalingTests {
  let margins = PlattScalingTests.stream.margins
  let targets = PlattScalingTests.stream.targets

  func slope(_ map: CalibrationMap) -> Double {
    guard case .platt(let slope, let offset) = map, offset == 0 else { return .nan }
    return slope
  }

  @Test func `slope agrees with a reference root, with and without smoothing`() throws {
    let golden = try CalibrationGolden.load().stream
    var scaling = TemperatureScaling()
    let smoothed = try scaling.fit(margins: margins, targets: targets)
    // Both are roots of one increasing function, solved to rounding.
    expectClose(slope(smoothed.model), golden.smoothedSlope, tolerance: 1e-9)
    scaling.smoothing = .none
    let plain = try scaling.fit(margins: margins, targets: targets)
    expectClose(slope(plain.model), golden.slope, tolerance: 1e-9)
    // The published temperature comes from a search in log T, good to about the root of the precision.
    expectClose(1 / slope(plain.model), 2.1828410336225588, tolerance: 1e-6)
    expectClose(plain.report.objective / 400, 0.6246996093565991, tolerance: 1e-9)
    #expect(smoothed.report.converged && plain.report.converged)
  }

  @Test func `first and second derivative are derivatives`() throws {
    let columns = try CalibrationColumns(margins: margins, targets: targets, weights: nil)
    let problem = TemperatureProblem(columns, smoothing: .none)
    let h = 1e-5
    for s in [-1, 0, 0.4, 3] {
      let (at, up, down) = (
        problem.derivatives(at: s), problem.derivatives(at: s + h), problem.derivatives(at: s - h)
      )
      expectClose(at.first, (up.value - down.value) / (2 * h), tolerance: 1e-6)
      expectClose(at.second, (up.first - down.first) / (2 * h), tolerance: 1e-6)
    }
  }

  @Test(arguments: [0.01, 3, 1e4])
  func `scaling the margins scales the slope`(factor: Double) throws {
    let plain = try TemperatureScaling().fit(margins: margins, targets: targets).model
    let scaled = try TemperatureScaling().fit(
      margins: margins.map { $0 * factor }, targets: targets
    ).model
    expectClose(slope(scaled) * factor / slope(plain), 1, tolerance: 1e-7)
  }

  @Test func `separated rows give a finite slope`() throws {
    let map = try TemperatureScaling().fit(
      margins: [-500, -400, 400, 500], targets: [0, 0, 1, 1]
    ).model
    #expect(slope(map).isFinite && map.probability(ofMargin: 500) < 1)
  }

  @Test func `reversed margins are refused`() {
    #expect(throws: LearningError.self) {
      try TemperatureScaling().fit(margins: margins.map { -$0 }, targets: targets)
    }
    #expect(throws: LearningError.decreasingCalibration(slope: 0)) {
      try TemperatureScaling().fit(margins: [0, 0, 0], targets: [0, 1, 1])
    }
  }
}
