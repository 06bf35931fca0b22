import RiddleData
import RiddleEvaluation
import RiddleTestSupport
import Testing

/// p-values against numpy and scipy, and what every p-value of a mean must obey.
@Suite struct RiskBoundTests {
  /// Sums of 400 terms in another order: a relative 1e-9 leaves room for them, and for 14-digit beta functions.
  private func close(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-9 * max(b, 1e-12) }

  @Test func pValuesEqualTheReference() throws {
    for golden in try ThresholdGolden.load().cases {
      let losses = golden.losses
      func p(_ bound: RiskBound) -> Double {
        bound.pValue(losses, maximumLoss: golden.alpha, delta: golden.delta)
      }
      let place = "\(golden.data) cut \(golden.cut) α \(golden.alpha) δ \(golden.delta)"
      #expect(close(p(.wsr), golden.wsr), "\(place)")
      #expect(close(p(.hoeffdingBentkus), golden.hoeffding_bentkus), "\(place)")
      #expect(close(p(.binomial), golden.binomial), "\(place)")
      #expect(close(p(.clt), golden.clt), "\(place)")
    }
  }

  @Test func closedFormsEqualTheReference() throws {
    let golden = try ThresholdGolden.load()
    for item in golden.hoeffding_bentkus {
      let p = hoeffdingBentkusPValue(mean: item.mean, count: item.n, limit: item.alpha)
      #expect(close(p, item.p), "\(item)")
    }
    for item in golden.binomial {
      let p = binomialPValue(successes: item.k, trials: item.n, limit: item.alpha)
      #expect(close(p, item.p), "\(item)")
    }
  }

  /// The exact test and the Clopper–Pearson bound are two readings of one thing.
  @Test func theBinomialTestRejectsWhereTheUpperBoundIsBelowTheLimit() {
    for (k, n) in [(0, 100), (5, 100), (30, 1000)] {
      let bound = clopperPearsonUpperBound(successes: k, trials: n, delta: 0.05)
      #expect(binomialPValue(successes: k, trials: n, limit: bound * 1.001) < 0.05)
      #expect(binomialPValue(successes: k, trials: n, limit: bound * 0.999) > 0.05)
    }
  }

  @Test(arguments: RiskBound.allCases)
  func aLargerLimitIsEasierToProve(bound: RiskBound) {
    var stream = SplitMix64(seed: 3)
    let losses = (0..<600).map { _ in [-1.0, 0, 0, 0, 0, 0, 0, 1][stream.below(8)] }
    var last = 1.0
    for alpha in [0.01, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5] {
      let p = bound.pValue(losses, maximumLoss: alpha, delta: 0.05)
      #expect(p >= 0 && p <= last, "\(alpha): \(p) after \(last)")
      last = p
    }
    #expect(last < 0.01)
  }

  @Test(arguments: RiskBound.allCases)
  func nothingLostIsCertainWithManyUnitsAndNeverWithFew(bound: RiskBound) {
    func p(_ n: Int) -> Double {
      bound.pValue([Double](repeating: 0, count: n), maximumLoss: 0.1, delta: 0.05)
    }
    #expect(p(0) == 1)
    #expect(p(3) > 0.05)
    #expect(p(5000) < 0.001)
    #expect(p(20) >= p(200))
  }

  @Test func winsOfTheCheaperCandidateCountExceptForTheBinomial() {
    let even = (0..<1000).map { $0 % 10 == 0 ? 1.0 : $0 % 10 == 1 ? -1.0 : 0 }
    func p(_ bound: RiskBound) -> Double { bound.pValue(even, maximumLoss: 0.05, delta: 0.05) }
    #expect(p(.wsr) < 0.05)
    #expect(p(.clt) < 0.05)
    #expect(p(.binomial) > 0.99)
  }

  /// At the boundary, where the mean loss is the limit, a valid p-value is at most δ in at most a share δ of the draws.
  @Test(arguments: [RiskBound.wsr, .hoeffdingBentkus, .binomial])
  func boundsHoldAtTheBoundary(bound: RiskBound) {
    var stream = SplitMix64(seed: 11)
    let draws = 2000
    let rejected = (0..<draws).count { _ in
      let losses = (0..<150).map { _ in stream.unit() < 0.1 ? 1.0 : 0 }
      return bound.pValue(losses, maximumLoss: 0.1, delta: 0.2) <= 0.2
    }
    // Three standard errors above δ = 0.2.
    #expect(Double(rejected) / Double(draws) <= 0.2 + 3 * (0.16 / Double(draws)).squareRoot())
  }
}
