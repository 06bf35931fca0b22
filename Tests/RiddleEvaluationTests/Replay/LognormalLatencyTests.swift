import Foundation
import RiddleData
import RiddleTestSupport
import Testing

@testable import RiddleEvaluation

@Suite struct LognormalLatencyTests {
  /// Reference numbers made by `Tests/Golden/Generators/latency.py`.
  struct Golden: Decodable {
    struct Case: Decodable, CustomTestStringConvertible {
      var seed: UInt64
      var rows: Int
      var shift: Double
      var scale: Double
      var tail: Double
      var mu: Double
      var sigma: Double
      var ks: Double
      var cumulative_at_mean: Double
      var quantiles: [Double]

      var testDescription: String { "seed \(seed)" }

      var latencies: [Int64] {
        var stream = SplitMix64(seed: seed)
        return (0..<rows).map { _ in Int64(shift + scale / (1 - tail * stream.unit())) }
      }
    }
    var cases: [Case]

    static let cases: [Case] = {
      let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Golden/latency.json")
      let golden = try? JSONDecoder().decode(Golden.self, from: Data(contentsOf: file))
      return golden?.cases ?? []
    }()
  }

  @Test func theReferenceIsThere() { #expect(Golden.cases.count == 5) }

  // Tolerances: both sides compute in doubles; sums of 2000 logarithms differ in the last digits.
  @Test(arguments: Golden.cases)
  func fitAndDistanceAreSciPys(reference: Golden.Case) throws {
    let latencies = reference.latencies
    let fit = try #require(LognormalLatency(fitting: latencies, shift: reference.shift))
    expectClose(fit.mu, reference.mu, tolerance: 1e-12)
    expectClose(fit.sigma, reference.sigma, tolerance: 1e-12)
    expectClose(fit.ksDistance(to: latencies), reference.ks, tolerance: 1e-10)
    expectClose(fit.ksDistance(to: latencies.reversed()), reference.ks, tolerance: 1e-10)
    let mean = Double(latencies.reduce(0, +)) / Double(latencies.count)
    expectClose(fit.cumulative(mean), reference.cumulative_at_mean, tolerance: 1e-10)
    for (level, expected) in zip([0.01, 0.5, 0.95, 0.99], reference.quantiles) {
      expectClose(fit.quantile(level), expected, tolerance: 1e-10)
    }
  }

  @Test("the fast quantile keeps seven digits everywhere a draw can land")
  func fastQuantile() {
    // The ends of the 52-bit draws, and both joints of the approximation.
    for p in [0.5 / 4_503_599_627_370_496, 1e-12, 1e-6, 0.0749, 0.0751, 0.3, 0.5] {
      expectClose(fastNormalQuantile(p), normalQuantile(p), tolerance: 2e-7)
      expectClose(fastNormalQuantile(1 - p), normalQuantile(1 - p), tolerance: 2e-7)
    }
    var previous = -Double.infinity
    for i in 1..<4000 {
      let z = fastNormalQuantile(Double(i) / 4000)
      expectClose(z, normalQuantile(Double(i) / 4000), tolerance: 2e-7)
      #expect(z > previous)
      previous = z
    }
  }

  @Test("latencies that were not measured are not fitted")
  func refuses() {
    #expect(LognormalLatency(fitting: []) == nil)
    #expect(LognormalLatency(fitting: [5]) == nil)
    #expect(LognormalLatency(fitting: [5, 0]) == nil)
    #expect(LognormalLatency(fitting: [5, OutcomeTable.missingLatency]) == nil)
    #expect(LognormalLatency(fitting: [5, 7], shift: 5) == nil)
    #expect(LognormalLatency(fitting: [5, 7], shift: .nan) == nil)
  }

  @Test("equal latencies make a distribution of one value")
  func constant() throws {
    let fit = try #require(LognormalLatency(fitting: [1000, 1000, 1000]))
    #expect(fit.sigma < 1e-12)
    expectClose(fit.draw(0.001), 1000, tolerance: 1e-9)
    expectClose(fit.draw(0.999), 1000, tolerance: 1e-9)
    let exact = LognormalLatency(mu: 0, sigma: 0, shift: 2)
    #expect(exact.cumulative(2.9) == 0)
    #expect(exact.cumulative(3.1) == 1)
    #expect(exact.cumulative(1) == 0)
  }
}
