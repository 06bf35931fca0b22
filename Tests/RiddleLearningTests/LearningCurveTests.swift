import Foundation
import RiddleData
import RiddleTestSupport
import Testing

@testable import RiddleLearning

@Suite struct LearningCurveTests {
  /// Points of AUC = 0.75 − 1.2 n^−0.45 and log loss = 0.52 + 2 n^−0.5 with noise of standard deviation `noise` / √n.
  static func points(
    seed: UInt64, noise: Double, orders: Int = 4,
    auc: (Double) -> Double = { 0.75 - 1.2 * pow($0, -0.45) }
  ) -> [LearningCurve.Point] {
    var generator = SplitMix64(seed: seed)
    func draw() -> Double {
      ((0..<12).reduce(0) { sum, _ in sum + generator.unit() } - 6)
    }
    return (0...8).map { step in
      let n = Int(500 * pow(2, Double(step) / 2))
      let scores = (0..<orders).map { _ in
        let spread = noise / Double(n).squareRoot()
        return LearningCurve.Score(
          auc: auc(Double(n)) + spread * draw(),
          logLoss: 0.52 + 2 * pow(Double(n), -0.5) + spread * draw())
      }
      return LearningCurve.Point(labels: n, scores: scores)
    }
  }

  @Test func `an exact power law is found`() throws {
    let report = LearningCurve().report(Self.points(seed: 1, noise: 0))
    let auc = try #require(report.auc.law)
    // The search ends with an exponent good to about 10⁻⁶.
    expectClose(auc.limit, 0.75, tolerance: 1e-5)
    expectClose(auc.exponent, 0.45, tolerance: 1e-4)
    expectClose(auc.scale * pow(8000, 0.45), 1.2, tolerance: 1e-3)
    let loss = try #require(report.logLoss.law)
    expectClose(loss.limit, 0.52, tolerance: 1e-5)
    expectClose(loss.exponent, 0.5, tolerance: 1e-4)
    #expect(report.auc.finding == .identified && report.logLoss.finding == .identified)
    let last = try #require(report.auc.extrapolations.last)
    #expect(last.further == 8000)
    expectClose(last.gain, 1.2 * (pow(8000, -0.45) - pow(16000, -0.45)), tolerance: 1e-6)
  }

  @Test func `the interval covers the true gain`() throws {
    var curve = LearningCurve()
    curve.further = [2000]
    curve.replicates = 100
    let auc = -1.2 * (pow(10_000, -0.45) - pow(8000, -0.45))
    let loss = 2 * (pow(8000, -0.5) - pow(10_000, -0.5))
    var (coversAUC, coversLoss) = (0, 0)
    for seed: UInt64 in 0..<40 {
      let report = curve.report(Self.points(seed: seed, noise: 0.2))
      let a = try #require(report.auc.extrapolations.first)
      let l = try #require(report.logLoss.extrapolations.first)
      if (a.low...a.high).contains(auc) { coversAUC += 1 }
      if (l.low...l.high).contains(loss) { coversLoss += 1 }
      #expect(a.low >= 0 && l.low >= 0)
    }
    // 95 % nominal.
    #expect(coversAUC >= 34 && coversLoss >= 34)
  }

  @Test func `no growth is called flat`() {
    var flat = 0
    for seed: UInt64 in 0..<20 {
      let report = LearningCurve().report(Self.points(seed: seed, noise: 0.3) { _ in 0.6 })
      if report.auc.finding == .flat {
        flat += 1
        #expect(report.auc.description.contains("does not grow"))
      }
    }
    #expect(flat >= 18)
  }

  @Test func `a logarithm has no limit that could be told`() {
    let report = LearningCurve().report(
      Self.points(seed: 3, noise: 0.02) { 0.5 + 0.02 * log($0) })
    #expect(report.auc.finding == .limitUnknown)
    #expect(report.auc.description.contains("cannot be told"))
  }

  @Test func `three sizes are too few`() {
    let report = LearningCurve().report(Array(Self.points(seed: 1, noise: 0).prefix(3)))
    #expect(report.auc.finding == .tooFewSizes && report.auc.law == nil)
    #expect(report.auc.extrapolations.isEmpty && !report.auc.description.isEmpty)
    #expect(LearningCurve().report([]).auc.finding == .tooFewSizes)
  }

  @Test func `subsets are nested, ascending and repeat by seed`() throws {
    var curve = LearningCurve()
    curve.orders = 2
    var seen: [[Int]] = []
    let first = curve.measure(rowCount: 1600) { rows in
      seen.append(rows)
      return LearningCurve.Score(
        auc: 0.8 - pow(Double(rows.count), -0.5), logLoss: 0.4 + pow(Double(rows.count), -0.5))
    }
    #expect(first.points.map(\.labels) == [100, 141, 200, 283, 400, 566, 800, 1131, 1600])
    #expect(first.points.map(\.scores.count) == [2, 2, 2, 2, 2, 2, 2, 2, 1])
    #expect(seen.allSatisfy { $0 == $0.sorted() && Set($0).count == $0.count })
    for i in 1..<9 { #expect(Set(seen[i - 1]).isSubset(of: seen[i])) }
    #expect(seen[8] == Array(0..<1600))
    #expect(seen[9] != seen[0] && seen[9].count == 100)
    let again = curve.measure(rowCount: 1600) { rows in
      LearningCurve.Score(
        auc: 0.8 - pow(Double(rows.count), -0.5), logLoss: 0.4 + pow(Double(rows.count), -0.5))
    }
    #expect(again == first)
  }

  @Test func `a failing fit ends the measurement`() {
    struct Failed: Error {}
    #expect(throws: Failed.self) {
      try LearningCurve().measure(rowCount: 500) { (_) throws(Failed) in throw Failed() }
    }
  }

  @Test func `sentences say what labels buy`() {
    var fitted = FittedCurve(
      metric: .auc, finding: .identified,
      extrapolations: [.init(further: 2000, value: 0.72, gain: 0.004, low: 0.0012, high: 0.00704)])
    #expect(
      fitted.description == "another 2 000 labels buy +0.0040 AUC [+0.0012, +0.0070]")
    fitted.metric = .logLoss
    fitted.extrapolations[0].further = 1_234_567
    #expect(
      fitted.description
        == "another 1 234 567 labels buy −0.0040 log loss [−0.0070, −0.0012]")
  }

  @Test func `a report survives JSON`() throws {
    let report = LearningCurve().report(Self.points(seed: 4, noise: 0.1))
    let text = try JSONEncoder().encode(report)
    #expect(try JSONDecoder().decode(LearningCurveReport.self, from: text) == report)
  }
}
