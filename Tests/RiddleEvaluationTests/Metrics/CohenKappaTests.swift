import Foundation
import RiddleData
import Testing

@testable import RiddleEvaluation

@Suite("Cohen's kappa")
struct CohenKappaTests {
  /// Reference numbers made by `Tests/Golden/Generators/kappa.py`.
  struct Reference: Decodable {
    struct Case: Decodable {
      var seed: UInt64
      var rows: Int
      var categories: Int
      var none: Double
      var linear: Double
      var quadratic: Double
    }
    var cases: [Case]
  }

  static func ratings(seed: UInt64, rows: Int, categories: Int) -> ([Int], [Int]) {
    var stream = SplitMix64(seed: seed)
    var (first, second): ([Int], [Int]) = ([], [])
    for _ in 0..<rows {
      let a = Int(stream.unit() * Double(categories))
      let keeps = stream.unit() < 0.7
      let b = Int(stream.unit() * Double(categories))
      first.append(a)
      second.append(keeps ? a : b)
    }
    return (first, second)
  }

  @Test("equals scikit-learn's cohen_kappa_score to rounding")
  func golden() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Golden/kappa.json")
    let reference = try JSONDecoder().decode(Reference.self, from: Data(contentsOf: file))
    #expect(reference.cases.count == 4)
    for entry in reference.cases {
      let (a, b) = Self.ratings(seed: entry.seed, rows: entry.rows, categories: entry.categories)
      for (weights, expected) in [
        (KappaWeights.none, entry.none), (.linear, entry.linear), (.quadratic, entry.quadratic),
      ] {
        let value = try #require(
          cohenKappa(a, b, categories: entry.categories, weights: weights))
        // Sums of at most 1000 ones and small integers: a few units in the last place.
        #expect(abs(value - expected) < 1e-13, "\(weights)")
        #expect(
          cohenKappa(b, a, categories: entry.categories, weights: weights).map {
            abs($0 - value) < 1e-13
          } == true)
      }
    }
  }

  @Test("agreement is 1, one category alone is undefined, counting twice changes nothing")
  func edges() throws {
    #expect(cohenKappa([0, 1, 2], [0, 1, 2], categories: 3, weights: .linear) == 1)
    #expect(cohenKappa([1, 1], [1, 1], categories: 2) == nil)
    #expect(cohenKappa([], [], categories: 2) == nil)
    #expect(cohenKappa([0, 1], [1, 0], categories: 2) == -1)
    let (a, b) = Self.ratings(seed: 5, rows: 40, categories: 3)
    let twice = cohenKappa(
      a, b, categories: 3, weights: .quadratic, counts: [Double](repeating: 2, count: 40))
    let once = try #require(cohenKappa(a, b, categories: 3, weights: .quadratic))
    #expect(twice.map { abs($0 - once) < 1e-13 } == true)
  }

  @Test("the interval holds the estimate and narrows with rows")
  func interval() throws {
    func width(_ rows: Int) throws -> Double {
      let (a, b) = Self.ratings(seed: 9, rows: rows, categories: 3)
      let figure = cohenKappaFigure(a, b, categories: 3, replicates: 400, seed: 1)
      let (value, low, high) = try (
        #require(figure.value), #require(figure.low), #require(figure.high)
      )
      #expect(low <= value && value <= high)
      return high - low
    }
    #expect(try width(1600) < width(100) / 2)
    #expect(cohenKappaFigure([], [], categories: 3, seed: 1) == .undefined)
  }
}
