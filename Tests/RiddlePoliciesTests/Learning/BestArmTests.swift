import RiddleTestSupport
import Testing

@testable import RiddlePolicies

@Suite("Best arm")
struct BestArmTests {
  @Test("normal variables: scipy's integrals within 10⁻⁶")
  func normal() throws {
    for golden in try BanditGolden.load().normal {
      let best = BestArm.normal(means: golden.means, deviations: golden.deviations)
      for (found, expected) in zip(best, golden.best) {
        #expect(abs(found - expected) < 1e-6, "\(golden.means): \(best)")
      }
    }
  }

  @Test("Beta variables: scipy's integrals within 10⁻⁶, or 2 · 10⁻⁴ where a density has a kink")
  func beta() throws {
    for golden in try BanditGolden.load().beta {
      let hasKink = golden.parameters.joined().contains { $0 > 1 && $0 < 2 }
      let best = BestArm.beta(golden.parameters.map { ($0[0], $0[1]) })
      for (found, expected) in zip(best, golden.best) {
        #expect(abs(found - expected) < (hasKink ? 2e-4 : 1e-6), "\(golden.parameters): \(best)")
      }
    }
  }

  @Test("equal variables share equally, up to 64 of them")
  func equal() {
    for count in [2, 3, 5, 17, 64] {
      for best in [
        BestArm.normal(
          means: [Double](repeating: 0.3, count: count),
          deviations: [Double](repeating: 0.02, count: count)),
        BestArm.beta([(a: Double, b: Double)](repeating: (7.5, 2), count: count)),
      ] {
        for share in best { #expect(abs(share - 1 / Double(count)) < 1e-9) }
      }
    }
  }

  @Test("order, shift and scale change nothing")
  func metamorphic() {
    let (means, deviations) = ([0.2, 0.5, 0.45, 0.1], [0.3, 0.02, 0.1, 0.5])
    let best = BestArm.normal(means: means, deviations: deviations)
    let reversed = BestArm.normal(means: means.reversed(), deviations: deviations.reversed())
    let moved = BestArm.normal(
      means: means.map { 40 * $0 - 7 }, deviations: deviations.map { 40 * $0 })
    for k in 0..<4 {
      #expect(abs(best[k] - reversed[3 - k]) < 1e-9)
      #expect(abs(best[k] - moved[k]) < 1e-9)
    }
  }

  @Test("without doubt the largest has it all, of equals the first; almost no doubt is no trap")
  func certain() {
    #expect(BestArm.normal(means: [0.1, 0.5, 0.5], deviations: [0, 0, 0]) == [0, 1, 0])
    #expect(BestArm.normal(means: [0, 0], deviations: [0, 0]) == [1, 0])
    let mixed = BestArm.normal(means: [0.5, 0.5], deviations: [0, 0.1])
    #expect(abs(mixed[0] - 0.5) < 1e-4 && abs(mixed[0] + mixed[1] - 1) < 1e-12)
    for best in [
      BestArm.normal(means: [1e6, 1e6 + 1], deviations: [1e-4, 1]),
      BestArm.normal(means: [-3, 5, 1e-12], deviations: [1e-300, 1e-9, 2]),
      BestArm.normal(means: [0, 1e9], deviations: [1, 1e-12]),
      BestArm.beta([(1e7, 1), (1, 1e7), (1e7, 1e7)]),
    ] {
      #expect(best.allSatisfy { $0 >= 0 && $0 <= 1 })
      #expect(abs(best.reduce(0, +) - 1) < 1e-12, "\(best)")
    }
  }

  @Test("what is no number still leaves somebody to ask")
  func notANumber() {
    for best in [
      BestArm.normal(means: [.nan, .nan], deviations: [1, 1]),
      BestArm.normal(means: [.infinity, 0], deviations: [1, .nan]),
    ] { #expect(best.reduce(0, +) == 1) }
  }

  @Test("a draw hits each in proportion, and never one of probability 0")
  func draw() {
    let shares = [0.25, 0, 0.5, 0.25, 0]
    let drawn = (0..<1000).map { BestArm.draw(shares, chance: Double($0) / 1000) }
    #expect((0..<5).map { k in drawn.count { $0 == k } } == [250, 0, 500, 250, 0])
    #expect(BestArm.draw([0.1, 0.2, 0], chance: 0.999) == 1)
  }
}
