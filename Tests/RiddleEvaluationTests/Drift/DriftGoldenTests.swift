import Foundation
import RiddleTestSupport
import Testing

@testable import RiddleEvaluation

/// Reference numbers made by `Tests/Golden/Generators/drift.py` with numpy and scipy.
private struct DriftGolden: Decodable {
  struct Counts: Decodable {
    var expected: [Int]
    var actual: [Int]
    var psi: Double
  }
  struct Sample: Decodable {
    var reference: [Double]
    var current: [Double]
    var ks: Double
    var psi: Double
    var edges: [Double]
  }
  struct AUC: Decodable {
    var scores: [Double]
    var positive: [Bool]
    var groups: [UInt64]
    var folds: [Int]
    var figure: [Double]
  }
  var counts: [Counts]
  var samples: [Sample]
  var auc: [AUC]

  static func load() throws -> DriftGolden {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Golden/drift.json")
    return try JSONDecoder().decode(DriftGolden.self, from: Data(contentsOf: file))
  }
}

@Suite("Drift: distances") struct DriftGoldenTests {
  // 10⁻¹²: sums of at most ten terms, each within a few ulps.
  @Test("PSI, KS, edges and AUC are numpy's and scipy's")
  func golden() throws {
    let golden = try DriftGolden.load()
    for counts in golden.counts {
      #expect(
        abs(populationStability(expected: counts.expected, actual: counts.actual) - counts.psi)
          < 1e-12)
    }
    #expect(golden.samples.count == 5)
    for sample in golden.samples {
      let ks = try #require(kolmogorovSmirnov(sample.reference, sample.current))
      #expect(abs(ks - sample.ks) < 1e-12)
      let psi = populationStability(reference: sample.reference, current: sample.current)
      #expect(abs(psi - sample.psi) < 1e-12, "\(psi) \(sample.psi)")
      let edges = quantileEdges(sample.reference, bins: 10)
      let distinct = sample.edges.reduce(into: [Double]()) { list, edge in
        if list.last != edge { list.append(edge) }
      }
      #expect(edges.count == distinct.count)
      for (a, b) in zip(edges, distinct) { #expect(abs(a - b) < 1e-12) }
    }
    for auc in golden.auc {
      let figure = groupedAUC(
        scores: auc.scores, isPositive: auc.positive, groups: auc.groups, folds: auc.folds,
        confidence: 0.95)
      for (value, expected) in zip([figure.value, figure.low, figure.high], auc.figure) {
        #expect(abs(try #require(value) - expected) < 1e-9)
      }
    }
  }

  @Test("what is equal has no distance; a distance does not depend on order or on a monotone map")
  func properties() throws {
    let golden = try DriftGolden.load()
    for sample in golden.samples {
      #expect(kolmogorovSmirnov(sample.reference, sample.reference) == 0)
      #expect(populationStability(reference: sample.current, current: sample.current) == 0)
      let ks = kolmogorovSmirnov(sample.reference, sample.current)
      #expect(kolmogorovSmirnov(sample.current, sample.reference) == ks)
      #expect(kolmogorovSmirnov(sample.reference.reversed(), sample.current) == ks)
      #expect(
        kolmogorovSmirnov(sample.reference.map { exp(3 * $0) }, sample.current.map { exp(3 * $0) })
          == ks)
    }
    // Symmetric in the two lists of counts.
    #expect(
      populationStability(expected: [3, 9, 4], actual: [8, 1, 7])
        == populationStability(expected: [8, 1, 7], actual: [3, 9, 4]))
  }

  @Test("missing values are a bin of their own and no part of KS; empty samples say nothing")
  func missing() {
    let reference: [Double] = (0..<100).map { Double($0 % 4) }
    var current = reference
    for i in 0..<50 { current[i] = .nan }
    #expect(populationStability(reference: reference, current: current) > 1)
    #expect(kolmogorovSmirnov(reference, current)! < 0.03)
    #expect(kolmogorovSmirnov([], [1]) == nil)
    #expect(kolmogorovSmirnov([.nan], [1]) == nil)
    #expect(populationStability(reference: [1, 1], current: [1]) == 0)
    #expect(populationStability(expected: [], actual: []) == 0)
    #expect(populationStability(expected: [0, 0], actual: [1, 2]) == 0)
    #expect(quantileEdges([], bins: 10).isEmpty)
    #expect(
      groupedAUC(
        scores: [1, 2], isPositive: [true, true], groups: [0, 1], folds: [0, 0], confidence: 0.9
      )
      .value == nil)
  }
}
