import RiddleTestSupport
import Testing

@testable import RiddleEvaluation

@Suite struct AverageImprovementTests {
  @Test("the published vectors")
  func vectors() throws {
    let first = try #require(
      CostQualityHull(points: [(1, 0.5), (2, 0.7), (3, 0.6), (5, 0.8)]))
    expectClose(try #require(first.quality(atCost: 3)), 0.733333333333333, tolerance: 1e-12)
    expectClose(try #require(first.averageImprovement), 0.7125, tolerance: 1e-12)
    expectClose(try #require(first.averageImprovementRouterBench), 0.57, tolerance: 1e-12)
    let second = try #require(
      CostQualityHull(points: [(0, 0.2), (1, 0.5), (2, 0.4), (4, 0.9)]))
    expectClose(try #require(second.quality(atCost: 2)), 0.633333333333333, tolerance: 1e-12)
    expectClose(try #require(second.averageImprovementRouterBench), 0.6125, tolerance: 1e-12)
    let third = try #require(CostQualityHull(points: [(1, 0.2), (2, 0.9), (3, 0.5)]))
    expectClose(try #require(third.averageImprovement), 0.55, tolerance: 1e-12)
    expectClose(try #require(third.averageImprovementRouterBench), 0.275, tolerance: 1e-12)
  }

  @Test("a common maximal cost extends the hull flat")
  func extended() throws {
    let hull = try #require(
      CostQualityHull(points: [(1, 0.2), (2, 0.9), (3, 0.5)], maximalCost: 3))
    expectClose(try #require(hull.averageImprovement), (0.55 + 0.9) / 2, tolerance: 1e-12)
    #expect(hull.quality(atCost: 10) == 0.9)
    #expect(hull.quality(atCost: 0.5) == nil)
  }

  @Test("points under the hull, duplicates and their order change nothing")
  func dominated() {
    let plain = CostQualityHull(points: [(0, 0.2), (1, 0.5), (4, 0.9)])
    let crowded = CostQualityHull(
      points: [(4, 0.9), (1, 0.5), (1, 0.1), (0, 0.2), (2, 0.4), (1, 0.5), (.nan, 1)])
    #expect(plain == crowded)
  }

  @Test("no point, no hull; one cost, no average")
  func degenerate() {
    #expect(CostQualityHull(points: []) == nil)
    #expect(CostQualityHull(points: [(1, 0.5)])?.averageImprovement == nil)
    #expect(CostQualityHull(points: [(0, 0.5)])?.averageImprovementRouterBench == nil)
  }
}
