import Foundation
import RiddleData
import RiddleTestSupport
import Testing

@testable import RiddleEvaluation

/// Reference numbers made by `Tests/Golden/Generators/replay.py`.
private struct ReplayGolden: Decodable {
  struct Robust: Decodable {
    var seed: UInt64
    var rows, groups: Int
    var missing, confidence: Double
    var mean, share: [Double]
    var quantiles: [[Double]]
  }
  struct Curve: Decodable {
    var seed: UInt64
    var rows, levels: Int
    var area: Double
    var points: [[Double]]
  }
  var robust: [Robust]
  var curves: [Curve]

  static func load() throws -> ReplayGolden {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Golden/replay.json")
    return try JSONDecoder().decode(ReplayGolden.self, from: Data(contentsOf: file))
  }
}

/// Intervals of replays, and risk by coverage, against reference implementations and their own laws.
@Suite("Statistics of replays")
struct ReplayStatisticsTests {
  private func expect(
    _ figure: Figure, _ golden: ArraySlice<Double>, _ comment: Comment,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for (value, expected) in zip([figure.value, figure.low, figure.high], golden) {
      // Both sides sum a few hundred terms in double precision: 1e-9 leaves room for any order of summation.
      expectClose(
        value ?? .nan, expected, tolerance: 1e-9, comment, sourceLocation: sourceLocation)
    }
  }

  @Test("means, shares and quantiles with their cluster-robust intervals")
  func golden() throws {
    for golden in try ReplayGolden.load().robust {
      var stream = SplitMix64(seed: golden.seed)
      var clusters: [Int] = []
      var values: [Double] = []
      for _ in 0..<golden.rows {
        let cluster = Int(stream.unit() * Double(golden.groups))
        let u = stream.unit()
        let value = (20 * (u * u)).rounded(.down) / 20 + Double(cluster) / Double(2 * golden.groups)
        clusters.append(cluster)
        values.append(stream.unit() < golden.missing ? .nan : value)
      }
      let robust = ClusterRobust(
        clusters: ClusterIndex(clusters), confidence: golden.confidence)
      expect(robust.mean(values), golden.mean[...], "mean, seed \(golden.seed)")
      expect(
        robust.share(values.map { $0 > 0.4 }), golden.share[...], "share, seed \(golden.seed)")
      let order = ClusterRobust.sorted(values)
      for quantile in golden.quantiles {
        expect(
          robust.quantile(quantile[0], of: values, order: order), quantile[1...],
          "quantile \(quantile[0]), seed \(golden.seed)")
      }
    }
  }

  @Test("one cluster has no interval, no value is undefined, constants have no width")
  func degenerate() {
    let one = ClusterRobust(clusters: ClusterIndex([5, 5, 5]), confidence: 0.95)
    #expect(one.mean([1, 2, 3]) == Figure(2))
    #expect(one.share([true, false, true]).low == nil)
    #expect(one.quantile(0.5, of: [3, 1, 2], order: [1, 2, 0]) == Figure(2))
    #expect(one.mean([.nan, .nan, .nan]) == .undefined)
    #expect(one.quantile(0.5, of: [.nan, .nan, .nan], order: []) == .undefined)
    let three = ClusterRobust(clusters: ClusterIndex([0, 1, 2]), confidence: 0.95)
    #expect(three.mean([4, 4, 4]) == Figure(4, low: 4, high: 4))
    #expect(three.mean([4, .nan, .nan]) == Figure(4))
    // A share of 0 or 1 is not certain: Wilson at the number of clusters, z²/(3 + z²).
    let none = three.share([false, false, false])
    #expect(none.value == 0 && none.low == 0)
    expectClose(none.high ?? .nan, 3.841458820694124 / 6.841458820694124, tolerance: 1e-9)
    let all = three.share([true, true, true])
    #expect(all.value == 1 && all.high == 1)
  }

  @Test("listing every row twice within its cluster changes nothing but a share's row limit")
  func duplication() {
    var stream = SplitMix64(seed: 8)
    let values = (0..<60).map { _ in stream.unit() }
    let clusters = (0..<60).map { $0 / 4 }
    let once = ClusterRobust(clusters: ClusterIndex(clusters), confidence: 0.9)
    let twice = ClusterRobust(clusters: ClusterIndex(clusters + clusters), confidence: 0.9)
    let (a, b) = (once.mean(values), twice.mean(values + values))
    for (x, y) in [(a.value, b.value), (a.low, b.low), (a.high, b.high)] {
      expectClose(x ?? .nan, y ?? .nan, tolerance: 1e-12)
    }
  }

  @Test("the area under the curve is the mean over every order of the ties")
  func riskCoverage() throws {
    for golden in try ReplayGolden.load().curves {
      var stream = SplitMix64(seed: golden.seed)
      let levels = Double(golden.levels)
      let confidence = (0..<golden.rows).map { _ in
        (stream.unit() * levels).rounded(.down) / levels
      }
      let quality = (0..<golden.rows).map { _ in (stream.unit() * 5).rounded(.down) / 4 }
      let curve = RiskCoverage(confidence: confidence, quality: quality)
      expectClose(curve.area, golden.area, tolerance: 1e-12, "area, seed \(golden.seed)")
      let points =
        golden.rows < 10
        ? curve.points : stride(from: 0, to: curve.points.count, by: 50).map { curve.points[$0] }
      #expect(points.count == golden.points.count)
      for (point, expected) in zip(points, golden.points) {
        expectClose(point.coverage, expected[0], tolerance: 1e-12)
        expectClose(point.risk, expected[1], tolerance: 1e-12)
      }
    }
  }

  @Test("an uninformative signal has the mean risk, order of rows and scale change nothing")
  func riskCoverageLaws() {
    let quality = [1, 0, 0.5, 1, 0.25]
    let flat = RiskCoverage(confidence: [2, 2, 2, 2, 2], quality: quality)
    expectClose(flat.area, 0.45, tolerance: 1e-12)
    #expect(flat.points.count == 1)
    let confidence = [0.9, 0.1, 0.5, 0.9, 0.3]
    let curve = RiskCoverage(confidence: confidence, quality: quality)
    let reversed = RiskCoverage(
      confidence: confidence.reversed().map { 100 * $0 - 7 }, quality: quality.reversed())
    expectClose(curve.area, reversed.area, tolerance: 1e-12)
    #expect(curve.risk(at: 0.4) == 0 && curve.risk(at: 0) == 0)
    expectClose(curve.risk(at: 1) ?? .nan, 0.45, tolerance: 1e-12)
    let empty = RiskCoverage(confidence: [], quality: [])
    #expect(empty.points.isEmpty && empty.area == 0 && empty.risk(at: 0.5) == nil)
  }

  @Test(
    "the frontier drops the dominated, keeps the better of equal costs, and the first of equals")
  func frontier() {
    func policy(_ name: String, _ cost: Double?, _ quality: Double?) -> PolicyFigures {
      var figures = PolicyFigures(name: name, kind: "test")
      if let cost { figures.costDollars = Figure(cost) }
      if let quality { figures.quality = Figure(quality) }
      return figures
    }
    let policies = [
      policy("dear", 5, 0.9), policy("cheap", 1, 0.5), policy("same cost, worse", 1, 0.4),
      policy("same", 1, 0.5), policy("dearer, no better", 2, 0.5), policy("middle", 3, 0.7),
      policy("worse", 4, 0.6), policy("unpriced", nil, 1), policy("unjudged", 0, nil),
      policy("dear again", 5, 0.9), policy("dearest", 9, 0.9),
    ]
    #expect(paretoFrontier(policies) == ["cheap", "middle", "dear"])
    #expect(paretoFrontier([]) == [])
    #expect(paretoFrontier([policy("only", 0, 0)]) == ["only"])
    // Whatever is left out is matched or beaten by somebody on the frontier.
    var stream = SplitMix64(seed: 3)
    for _ in 0..<100 {
      let some = (0..<12).map {
        policy("p\($0)", Double(stream.below(6)), Double(stream.below(6)))
      }
      let names = paretoFrontier(some)
      let kept = some.filter { names.contains($0.name) }
      for other in some where !names.contains(other.name) {
        #expect(
          kept.contains {
            ($0.costDollars.value ?? 9) <= (other.costDollars.value ?? 0)
              && ($0.quality.value ?? 0) >= (other.quality.value ?? 9)
          })
      }
      #expect(names == paretoFrontier(kept))
    }
  }
}
