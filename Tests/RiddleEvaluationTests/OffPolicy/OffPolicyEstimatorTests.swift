import RiddleData
import RiddleTestSupport
import Testing

@testable import RiddleEvaluation

@Suite struct OffPolicyEstimatorTests {
  /// The two-candidate world of `ReferenceRows`, logged with propensity 0.2 + 0.6 s for strong; the target asks strong with
  /// probability 0.95 below s = ½, else 0.05. Numbers: Open Bandit Pipeline (obp) 0.5.7.
  @Test("obp 0.5.7's numbers, to 10⁻⁹")
  func openBanditPipeline() throws {
    let rows = ReferenceRows()
    var stream = SplitMix64(seed: 99_000_000)
    var (rewards, weights, own, expected) = ([Double](), [Double](), [Double](), [Double]())
    for i in 0..<rows.n {
      let s = rows.score[i]
      let strongPropensity = 0.2 + 0.6 * s
      let isStrong = stream.unit() < strongPropensity
      let target = s < 0.5 ? 0.95 : 0.05
      let (qStrong, qWeak) = (0.75 + 0.2 * s, 0.35 + 0.6 * s)
      rewards.append(isStrong ? rows.strong[i] : rows.weak[i])
      weights.append(
        isStrong ? target / strongPropensity : (1 - target) / (1 - strongPropensity))
      own.append(isStrong ? qStrong : qWeak)
      expected.append(target * qStrong + (1 - target) * qWeak)
    }
    let columns = OffPolicyColumns(
      rewards: rewards, weights: weights, loggedPredictions: own, expectedPredictions: expected)
    for (estimator, value) in [
      (OffPolicyEstimator.ips, 0.867454396542659), (.snips, 0.8106617071388914),
      (.directMethod, 0.7968737892431405), (.doublyRobust, 0.8132753487569326),
      (.switchDoublyRobust(threshold: 2), 0.8036724363623694),
      (.shrunkDoublyRobust(lambda: 5), 0.8055813003405226),
    ] {
      expectClose(try #require(estimator.estimate(columns)), value, tolerance: 1e-9)
    }
  }

  @Test("several candidates, with clipping: numpy's numbers, to 10⁻⁹, through the whole evaluation")
  func severalCandidates() throws {
    for golden in try OffPolicyGolden.load().cases {
      let world = OffPolicyWorld(golden)
      let log = try LoggedActions(world.log)
      #expect(log.candidates.count == golden.candidates)
      var settings = OffPolicySettings()
      settings.replicates = 0
      settings.allowsWeakSupport = true
      settings.clip = golden.clip
      settings.threshold = golden.tau
      settings.lambda = golden.lambda
      let report = try evaluateOffPolicy(
        log, targets: [TargetPolicy(name: "t", choice: .table(world.target))],
        model: .given(world.model), settings: settings)
      let target = report.targets[0]
      let expected = [
        "ips": golden.ips, "snips": golden.snips, "clipped-ips": golden.clippedIPS,
        "dm": golden.dm, "dr": golden.dr, "clipped-dr": golden.clippedDR,
        "switch-dr": golden.switchDR, "dr-os": golden.shrunkDR,
      ]
      #expect(target.estimates.map(\.estimator).sorted() == expected.keys.sorted())
      for estimate in target.estimates {
        expectClose(
          try #require(estimate.value.value), try #require(expected[estimate.estimator]),
          tolerance: 1e-9)
      }
      let overlap = target.overlap
      expectClose(overlap.effectiveSampleSize, golden.effectiveSampleSize, tolerance: 1e-7)
      expectClose(overlap.largestWeight, golden.largestWeight, tolerance: 1e-9)
      for (quantile, value) in zip(overlap.weightQuantiles, golden.quantiles) {
        expectClose(quantile.weight, value, tolerance: 1e-9)
      }
      for (candidate, share) in zip(overlap.candidates, golden.targetShares) {
        expectClose(candidate.targetShare, share, tolerance: 1e-9)
      }
    }
  }

  @Test(
    "limits: λ = 0 and τ below every weight are DM, λ → ∞ and no clipping are DR; without a model DR is IPS"
  )
  func limits() throws {
    let columns = OffPolicyColumns(
      rewards: [1, 0, 0.5, 1], weights: [0, 3, 1, 0.2], loggedPredictions: [0.5, 0.2, 0.9, 0.4],
      expectedPredictions: [0.6, 0.3, 0.7, 0.1])
    let dm = OffPolicyEstimator.directMethod.estimate(columns)
    let dr = OffPolicyEstimator.doublyRobust.estimate(columns)
    #expect(OffPolicyEstimator.shrunkDoublyRobust(lambda: 0).estimate(columns) == dm)
    #expect(OffPolicyEstimator.switchDoublyRobust(threshold: 0.1).estimate(columns) == dm)
    #expect(OffPolicyEstimator.shrunkDoublyRobust(lambda: .infinity).estimate(columns) == dr)
    #expect(OffPolicyEstimator.clippedDoublyRobust(most: 3).estimate(columns) == dr)
    #expect(OffPolicyEstimator.switchDoublyRobust(threshold: 3).estimate(columns) == dr)
    let bare = OffPolicyColumns(rewards: [1, 0, 0.5, 1], weights: [0, 3, 1, 0.2])
    #expect(
      OffPolicyEstimator.doublyRobust.estimate(bare) == OffPolicyEstimator.ips.estimate(bare))
  }

  @Test("scaling all weights scales IPS and leaves SNIPS; no weight, no SNIPS; no rows, nothing")
  func scaling() throws {
    let weights = [0.0, 3, 1, 0.2]
    let plain = OffPolicyColumns(rewards: [1, 0, 0.5, 1], weights: weights)
    let doubled = OffPolicyColumns(rewards: [1, 0, 0.5, 1], weights: weights.map { 2 * $0 })
    let ips = try #require(OffPolicyEstimator.ips.estimate(plain))
    #expect(OffPolicyEstimator.ips.estimate(doubled) == 2 * ips)
    #expect(OffPolicyEstimator.snips.estimate(doubled) == OffPolicyEstimator.snips.estimate(plain))
    let none = OffPolicyColumns(rewards: [1, 1], weights: [0, 0])
    #expect(OffPolicyEstimator.snips.estimate(none) == nil)
    #expect(OffPolicyEstimator.ips.estimate(none) == 0)
    #expect(OffPolicyEstimator.ips.estimate(OffPolicyColumns(rewards: [], weights: [])) == nil)
  }
}
