import RiddleData
import RiddleLinearAlgebra
import RiddleRuntime
import RiddleTestSupport
import Testing

@testable import RiddleLearning

@Suite struct LabelSuggestionTests {
  /// n queries of two features with their probability under a logistic model.
  static func pool(_ n: Int, seed: UInt64) -> (probabilities: [Double], sketches: QuerySketch) {
    var generator = SplitMix64(seed: seed)
    var (values, probabilities): ([Double], [Double]) = ([], [])
    for _ in 0..<n {
      let (x, y) = (generator.unit() * 2 - 1, generator.unit() * 2 - 1)
      values += [x, y]
      probabilities.append(logistic(6 * x))
    }
    let dense = Matrix(rowCount: n, columnCount: 2, values: values)
    return (probabilities, QuerySketch(dense: dense))
  }

  @Test func `picks are distinct, as many as asked for, and repeat by seed`() {
    let (p, sketches) = Self.pool(500, seed: 1)
    var suggestion = LabelSuggestion()
    let picks = suggestion.pick(probabilities: p, threshold: 0.5, sketches: sketches, count: 60)
    #expect(picks.count == 60 && Set(picks.map(\.row)).count == 60)
    #expect(picks.filter { $0.reason == .random }.count == 15)
    #expect(
      suggestion.pick(probabilities: p, threshold: 0.5, sketches: sketches, count: 60) == picks)
    suggestion.seed = 2
    #expect(
      suggestion.pick(probabilities: p, threshold: 0.5, sketches: sketches, count: 60) != picks)
    suggestion.poolLimit = 100
    let limited = suggestion.pick(
      probabilities: p, threshold: 0.5, sketches: sketches, count: 60)
    #expect(Set(limited.map(\.row)).count == 60)
  }

  @Test(arguments: [0.2, 0.5, 0.8])
  func `picks crowd around the threshold`(threshold: Double) {
    let (p, sketches) = Self.pool(3000, seed: 3)
    var suggestion = LabelSuggestion()
    suggestion.explorationShare = 0
    let picks = suggestion.pick(
      probabilities: p, threshold: threshold, sketches: sketches, count: 100)
    func distance(_ rows: [Int]) -> Double {
      rows.reduce(0) { $0 + abs(p[$1] - threshold) } / Double(rows.count)
    }
    #expect(distance(picks.map(\.row)) < 0.85 * distance(Array(p.indices)))
    for pick in picks where p[pick.row] == threshold { #expect(pick.uncertainty == 1) }
  }

  @Test func `copies are picked once before anything else is picked twice`() {
    // Ten groups of fifty copies, all equally uncertain: D² sampling must visit every group first.
    let values = (0..<500).flatMap { row in (0..<8).map { Double((row % 10) >> $0 & 1) } }
    let sketches = QuerySketch(dense: Matrix(rowCount: 500, columnCount: 8, values: values))
    let p = [Double](repeating: 0.5, count: 500)
    var suggestion = LabelSuggestion()
    suggestion.explorationShare = 0
    for seed: UInt64 in 0..<20 {
      suggestion.seed = seed
      let picks = suggestion.pick(probabilities: p, threshold: 0.5, sketches: sketches, count: 10)
      #expect(Set(picks.map { $0.row % 10 }).count == 10)
    }
    // Labelled groups come last.
    let labelled = QuerySketch(
      dense: Matrix(rowCount: 500, columnCount: 8, values: values))
    let after = suggestion.pick(
      probabilities: p, threshold: 0.5, sketches: sketches, labelled: labelled, count: 500)
    #expect(Set(after.map(\.row)).count == 500)
  }

  @Test func `on clean labels picked rows teach more than random ones`() throws {
    // Labels without noise along one direction of eight: the boundary is where labels matter.
    var (picked, random) = (0.0, 0.0)
    for seed: UInt64 in 1...6 {
      var generator = SplitMix64(seed: seed, stream: "simulation")
      let n = 2000
      let values = (0..<(n * 8)).map { _ in generator.unit() * 2 - 1 }
      var truth: [Double] = []
      for i in 0..<n {
        let margin = values[i * 8] - values[i * 8 + 1] + 0.5 * values[i * 8 + 2]
        truth.append(margin > 0.1 ? 1 : 0)
      }
      let all = try TrainingSet(
        dense: Matrix(rowCount: n, columnCount: 8, values: values), targets: truth)
      let pool = Array(0..<1500)
      let test = all.rows(Array(1500..<2000))
      func loss(_ model: LogisticCoefficients) -> Double {
        var sum = 0.0
        for (margin, target) in zip(model.margins(of: test), test.targets) {
          sum += LogisticLoss.value(margin: margin, target: target)
        }
        return sum
      }
      let estimator = LogisticRegression(l2Penalty: 0.1)
      for isRandom in [true, false] {
        var labelled = Array(pool[..<40])
        for round in 0..<4 {
          let model = try estimator.fit(all.rows(labelled)).model
          let open = pool.filter { !labelled.contains($0) }
          if isRandom {
            labelled += open.prefix(30)
          } else {
            var suggestion = LabelSuggestion()
            suggestion.seed = seed &+ UInt64(round)
            let rows = all.rows(open)
            let picks = suggestion.pick(
              probabilities: model.margins(of: rows).map(logistic), threshold: 0.5,
              sketches: QuerySketch(dense: rows.dense), count: 30)
            labelled += picks.map { open[$0.row] }
          }
        }
        let result = loss(try estimator.fit(all.rows(labelled)).model)
        if isRandom { random += result } else { picked += result }
      }
    }
    #expect(picked < 0.95 * random)
  }

  @Test func `degenerate requests are answered`() {
    let (p, sketches) = Self.pool(5, seed: 4)
    let suggestion = LabelSuggestion()
    #expect(
      suggestion.pick(probabilities: p, threshold: 0.5, sketches: sketches, count: 0).isEmpty)
    #expect(
      suggestion.pick(probabilities: p, threshold: 0.5, sketches: sketches, count: 50).count == 5)
    let none = QuerySketch(dense: Matrix(rowCount: 0, columnCount: 3, values: []))
    #expect(suggestion.pick(probabilities: [], threshold: 0.5, sketches: none, count: 3).isEmpty)
    let extreme = suggestion.pick(
      probabilities: [0, 1, 0, 1, 0.5], threshold: 1, sketches: sketches, count: 5)
    #expect(extreme.allSatisfy { $0.uncertainty > 0 && $0.uncertainty <= 1 })
  }

  @Test func `distances of sketches are about those of the features`() {
    var rows = SignedBinaryRows(bucketBits: 16)
    var generator = SplitMix64(seed: 5)
    for _ in 0..<200 {
      let keys = (0..<32).map { _ in UInt32(generator.below(2 << 16)) }
      rows.append(
        words: keys, wordScale: 1 / 32.0.squareRoot().float, characters: [], characterScale: 0)
    }
    let sketches = QuerySketch(
      dense: Matrix(rowCount: 200, columnCount: 0, values: []), hashed: rows)
    var sum = 0.0
    for i in 0..<199 { sum += sketches.squaredDistance(i, to: sketches, i + 1) }
    // Unrelated unit vectors are √2 apart.
    expectClose(sum / 199, 2, tolerance: 0.1)
    #expect(sketches.squaredDistance(3, to: sketches, 3) == 0)
  }
}

extension Double {
  fileprivate var float: Float { Float(self) }
}
