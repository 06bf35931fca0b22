import RiddleData
import RiddleRuntime
import RiddleTestSupport
import Testing

@testable import RiddleLearning

@Suite struct IsotonicRegressionTests {
  var plain: IsotonicRegression {
    var regression = IsotonicRegression()
    regression.smoothing = .none
    return regression
  }

  /// n rows whose probability rises with the margin, which lies on a grid when `ties`.
  static func rows(_ seed: UInt64, _ n: Int = 150, ties: Bool = false) -> (
    margins: [Double], targets: [Double]
  ) {
    var generator = SplitMix64(seed: seed)
    var (margins, targets): ([Double], [Double]) = ([0, 1], [0, 1])
    for _ in 2..<n {
      let m = ties ? Double(generator.below(9)) / 2 - 2 : generator.unit() * 6 - 3
      margins.append(m)
      targets.append(generator.unit() < (m + 4) / 8 ? 1 : 0)
    }
    return (margins, targets)
  }

  @Test func `agrees with scikit-learn, ties and weights included`() throws {
    for golden in try CalibrationGolden.load().isotonic {
      let knots = try plain.fit(
        margins: golden.margins, targets: golden.targets, weights: golden.weights
      ).model
      for (m, expected) in zip(golden.at, golden.value) {
        // Both are a handful of sums of doubles.
        expectClose(knots.probability(ofMargin: m), expected, tolerance: 1e-10)
      }
    }
  }

  @Test func `agrees with the published numbers of the shared stream`() throws {
    let golden = try CalibrationGolden.load().stream
    var generator = SplitMix64(seed: 42)
    let u = (0..<1200).map { _ in generator.unit() }
    let targets = (0..<400).map { u[400 + $0] < 0.35 + 0.6 * u[$0] ? 1.0 : 0 }
    let knots = try plain.fit(margins: Array(u[..<400]), targets: targets).model
    for (m, expected) in zip(golden.isotonicAt, golden.isotonic) {
      expectClose(knots.probability(ofMargin: m), expected, tolerance: 1e-12)
    }
    expectClose(knots.probability(ofMargin: 0.1), 0.4473684210526316, tolerance: 1e-12)
    expectClose(knots.probability(ofMargin: 0.9), 0.9122807017543859, tolerance: 1e-12)
  }

  @Test(arguments: 0..<60)
  func `knots increase, probabilities never fall and stay inside`(seed: UInt64) throws {
    let (margins, targets) = Self.rows(seed, 3 + Int(seed) * 5, ties: seed % 2 == 0)
    // A constant fit of a few rows is refused, rightly.
    guard let map = try? IsotonicRegression().fit(margins: margins, targets: targets).model,
      case .isotonic(let knots) = map
    else { return }
    #expect(knots.isWellFormed)
    #expect(zip(knots.margins, knots.margins.dropFirst()).allSatisfy { $0 < $1 })
    #expect(zip(knots.probabilities, knots.probabilities.dropFirst()).allSatisfy { $0 <= $1 })
    #expect(knots.probabilities.allSatisfy { $0 > 0 && $0 < 1 })
    // Between knots too, and beyond them, no value leaves its neighbours' range.
    var previous = 0.0
    for step in 0...200 {
      let p = knots.probability(ofMargin: -4 + Double(step) * 0.04)
      #expect(p >= previous && p < 1)
      previous = p
    }
  }

  @Test(arguments: 0..<20)
  func `without smoothing the mean probability is the mean target`(seed: UInt64) throws {
    let (margins, targets) = Self.rows(seed, ties: seed % 2 == 0)
    let knots = try plain.fit(margins: margins, targets: targets).model
    let sum = margins.reduce(0) { $0 + knots.probability(ofMargin: $1) }
    expectClose(sum, targets.reduce(0, +), tolerance: 1e-12)
  }

  @Test func `the order of the rows changes nothing`() throws {
    let (margins, targets) = Self.rows(5, ties: true)
    var order = Array(margins.indices)
    var generator = SplitMix64(seed: 6)
    order.shuffle(using: &generator)
    let one = try IsotonicRegression().fit(margins: margins, targets: targets).model
    let two = try IsotonicRegression().fit(
      margins: order.map { margins[$0] }, targets: order.map { targets[$0] }
    ).model
    #expect(one == two)
  }

  @Test func `weight 2 is a row twice and weight 0 a row absent`() throws {
    let (margins, targets) = Self.rows(7)
    var weights = [Double](repeating: 1, count: 150)
    for i in 0..<40 { weights[i] = 2 }
    for i in 130..<150 { weights[i] = 0 }
    let weighted = try IsotonicRegression().fit(
      margins: margins, targets: targets, weights: weights
    ).model
    let explicit = try IsotonicRegression().fit(
      margins: Array(margins[..<130]) + margins[..<40],
      targets: Array(targets[..<130]) + targets[..<40]
    ).model
    #expect(weighted == explicit)
  }

  @Test func `separated rows give Laplace's estimates at the ends`() throws {
    let fitted = try IsotonicRegression().fit(
      margins: [-2, -1, 1, 2], targets: [0, 0, 1, 1])
    // The added positive pools with the two negatives, and the other way round at the top.
    guard case .isotonic(let knots) = fitted.model else { return }
    #expect(knots.margins == [-2, -1, 1, 2])
    let (third, twoThirds): (Double, Double) = (1.0 / 3, 2.0 / 3)
    #expect(knots.probabilities == [third, third, twoThirds, twoThirds])
    let bare = try plain.fit(margins: [-2, -1, 1, 2], targets: [0, 0, 1, 1]).model
    #expect(bare.probability(ofMargin: -1) == 0 && bare.probability(ofMargin: 1) == 1)
    #expect(bare.probability(ofMargin: 0) == 0.5)
    #expect(bare.probability(ofMargin: -.infinity) == 0)
    #expect(bare.probability(ofMargin: .infinity) == 1)
  }

  @Test func `reversed and constant margins are refused`() {
    #expect(throws: LearningError.decreasingCalibration(slope: 0)) {
      try IsotonicRegression().fit(margins: [1, 2, 3, 4], targets: [1, 1, 0, 0])
    }
    #expect(throws: LearningError.decreasingCalibration(slope: 0)) {
      try IsotonicRegression().fit(margins: [2, 2, 2], targets: [0, 1, 1])
    }
  }

  @Test func `no map outgrows the weight file`() throws {
    let margins = (0..<20_000).map { Double($0) }
    let targets = (0..<20_000).map { Double($0) / 19_999 }
    let map = try plain.fit(margins: margins, targets: targets).model
    guard case .isotonic(let knots) = map else { return }
    #expect(knots.isWellFormed && knots.margins.count <= WeightFileLayout.maximumKnots)
    for i in stride(from: 0, to: 20_000, by: 777) {
      expectClose(knots.probability(ofMargin: margins[i]), targets[i], tolerance: 1e-3)
    }
  }

  @Test func `malformed columns are refused with their place`() {
    let regression = IsotonicRegression()
    #expect(throws: LearningError.nonFiniteMargin(row: 1)) {
      try regression.fit(margins: [1, .nan], targets: [1, 0])
    }
    #expect(throws: LearningError.singleClass(positive: true, rows: 2)) {
      try regression.fit(margins: [1, 2], targets: [1, 1])
    }
    #expect(throws: LearningError.countMismatch(what: "weights", expected: 2, found: 1)) {
      try regression.fit(margins: [1, 2], targets: [1, 0], weights: [1])
    }
  }
}
