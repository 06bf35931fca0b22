import RiddleData
import RiddlePolicies
import Testing

@testable import RiddleEvaluation

/// The search for the cheapest certified threshold.
@Suite struct FixedSequenceTests {
  static let offsets = (0...200).map { Double($0) / 100 - 1 }

  private func family(_ world: World, offsets: [Double] = offsets) -> ThresholdFamily {
    ThresholdFamily(
      margins: world.router.margins, base: world.router.thresholds, offsets: offsets)
  }

  private func found(
    _ world: World, _ method: RiskBound = .wsr, loss: Double = 0.1, clusters: [Int]? = nil
  ) -> CertifiedThreshold {
    certifyThreshold(
      family(world),
      losses: PairedLosses(world.table, clusters: clusters, keys: world.wall.rowKeys),
      terms: PromiseTerms(maximumLoss: loss, method: method))
  }

  @Test(arguments: [2, 3])
  func everyCertifiedThresholdUpToTheChosenOneIsRejectedAtDelta(candidates: Int) throws {
    let world = World(rows: 3000, candidates: candidates)
    let family = family(world)
    let losses = PairedLosses(world.table, keys: world.wall.rowKeys)
    let terms = PromiseTerms(maximumLoss: 0.1)
    let result = certifyThreshold(family, losses: losses, terms: terms)
    let chosen = try #require(result.offset)
    #expect(result.certified > 10 && result.certified < family.offsets.count)
    #expect(family.offsets[result.certified - 1] == chosen)
    for (j, offset) in family.offsets.enumerated() {
      let p = RiskBound.wsr.pValue(
        losses.losses(picks: family.picks(offset)), maximumLoss: 0.1, delta: terms.delta)
      if j < result.certified { #expect(p <= terms.delta) }
      if j == result.certified { #expect(p == result.refusedPValue && p > terms.delta) }
    }
    #expect(try #require(result.bestOnValidation) >= chosen)
  }

  @Test(arguments: [2, 3, 6])
  func fallsSayTheSameAsPicks(candidates: Int) {
    let family = family(World(rows: 80, candidates: candidates))
    var picks = [Int](repeating: candidates - 1, count: 80)
    for (offset, falls) in zip(family.offsets, family.falls()) {
      for fall in falls { picks[fall.row] = fall.pick }
      #expect(picks == family.picks(offset))
    }
    #expect(picks.contains(0))
  }

  @Test func aStricterPromiseIsNeverCheaper() throws {
    let world = World(rows: 3000)
    var last = -Double.infinity
    for loss in [0.03, 0.05, 0.1, 0.2, 0.4] {
      let offset = found(world, loss: loss).offset ?? -.infinity
      #expect(offset >= last)
      last = offset
    }
    #expect(last > -1)
  }

  @Test func tooFewRowsCertifyNothingAndSaySo() {
    let result = found(World(rows: 20), loss: 0.01)
    #expect(result.offset == nil)
    #expect(result.certified == 0)
    #expect(result.pValue > 0.05)
    #expect(result.refusedPValue == result.pValue)
  }

  @Test(arguments: RiskBound.allCases)
  func theOrderOfTheRowsChangesNothing(method: RiskBound) {
    let world = World(rows: 1500)
    let mixed = world.rows((0..<1500).map { ($0 * 7) % 1500 })
    #expect(found(world, method) == found(mixed, method))
  }

  /// A row said twice in one conversation is one unit with the same mean loss.
  @Test func repeatingRowsWithinAConversationChangesNothing() {
    let world = World(rows: 1200)
    let twice = world.rows((0..<2400).map { $0 % 1200 })
    let clusters = (0..<2400).map { $0 % 1200 }
    #expect(found(world) == found(twice, clusters: clusters))
    // Taken for new rows they would seem to prove more.
    #expect((found(twice).offset ?? -2) > (found(world).offset ?? -2))
  }

  @Test func lossesArePerUnitAndPaired() {
    let table = OutcomeTable(
      candidates: ["a", "b"], quality: [0, 1, 1, 0, 0.5, 0.75],
      cost: [Int64](repeating: 1, count: 6),
      latency: [Int64](repeating: OutcomeTable.missingLatency, count: 6))
    let rows = PairedLosses(table, keys: [3, 1, 2])
    #expect(rows.losses(picks: [0, 0, 0]) == [-1, 0.25, 1])
    #expect(rows.losses(picks: [1, 1, 1]) == [0, 0, 0])
    let units = PairedLosses(table, clusters: [5, 9, 5], keys: [3, 1, 2])
    #expect(units.unitCount == 2)
    #expect(units.losses(picks: [0, 0, 0]) == [-1, 0.625])
  }

  /// Over many draws of the labelled rows the promise is broken at most as often as it says, while picking the cheapest
  /// threshold that looks good enough breaks its word about every second time.
  @Test func promisesAreKeptAtTheirRateAndValidationPicksAreNot() {
    let grid = (0...60).map { Double($0) / 60 }
    // Score s uniform; the strong candidate gains with probability s / 2, loses with 0.05: mean loss of leaving s ≤ t to
    // the weak one is t² / 4 − 0.05 t.
    func truth(_ t: Double) -> Double { t * t / 4 - 0.05 * t }
    var stream = SplitMix64(seed: 20)
    let draws = 300
    let rows = 800
    var broken: [String: Int] = [:]
    var useful = 0
    for _ in 0..<draws {
      var margins: [Double] = []
      var quality: [Double] = []
      var keys: [UInt64] = []
      for _ in 0..<rows {
        let s = stream.unit()
        let draw = stream.unit()
        quality += draw < s / 2 ? [0, 1] : draw > 0.95 ? [1, 0] : [1, 1]
        margins.append(s)
        keys.append(stream.next())
      }
      let table = OutcomeTable(
        candidates: ["w", "s"], quality: quality,
        cost: [Int64](repeating: 1, count: 2 * rows),
        latency: [Int64](repeating: OutcomeTable.missingLatency, count: 2 * rows))
      let losses = PairedLosses(table, keys: keys)
      let family = ThresholdFamily(margins: margins, base: [0], offsets: grid)
      for method in [RiskBound.wsr, .hoeffdingBentkus, .binomial] {
        let result = certifyThreshold(
          family, losses: losses,
          terms: PromiseTerms(maximumLoss: 0.05, confidence: 0.9, method: method))
        if let t = result.offset, truth(t) > 0.05 { broken[method.rawValue, default: 0] += 1 }
        if method == .wsr {
          if let t = result.bestOnValidation, truth(t) > 0.05 { broken["best", default: 0] += 1 }
          if let t = result.offset, t > 0.3 { useful += 1 }
        }
      }
    }
    // δ = 0.1: 30 expected at most; 46 is three standard errors above.
    for method in ["wsr", "hoeffding-bentkus", "binomial"] {
      #expect(broken[method, default: 0] <= 46, "\(method): \(broken[method, default: 0])")
    }
    #expect(broken["best", default: 0] > 90, "\(broken)")
    #expect(useful > 250, "\(useful) of \(draws)")
  }
}
