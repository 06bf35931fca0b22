import RiddleTestSupport
import Testing

@testable import RiddleEvaluation

@Suite struct RouteLLMPointsTests {
  @Test("11 points, APGR and CPT equal the reference procedure")
  func reference() throws {
    let rows = ReferenceRows()
    for golden in try Golden.load().routellm {
      let points = RouteLLMPoints(
        scores: Array(rows.scores(golden.name).prefix(golden.rows)),
        weak: Array(rows.weak.prefix(golden.rows)),
        strong: Array((golden.strong_is_union ? rows.union : rows.strong).prefix(golden.rows)))
      for i in 0..<11 {
        expectClose(points.thresholds[i], golden.thresholds[i], tolerance: 1e-12)
        expectClose(points.shares[i], golden.shares[i], tolerance: 1e-12)
        expectClose(points.qualities[i], golden.qualities[i], tolerance: 1e-12)
      }
      expectClose(try #require(points.apgr), golden.apgr, tolerance: 1e-12)
      for (p, expected) in golden.cpt {
        let value = points.interpolatedShare(recovering: try #require(Double(p)))
        expectClose(try #require(value), expected, tolerance: 1e-12)
      }
      #expect(points.isMonotone == golden.monotone)
      #expect(points.hasCoincidingEdges == golden.coinciding)
    }
  }

  @Test("no gap, no figure")
  func noGap() {
    let points = RouteLLMPoints(scores: [1, 2, 3], weak: [1, 0, 1], strong: [0, 1, 1])
    #expect(points.apgr == nil)
    #expect(points.interpolatedShare(recovering: 0.5) == nil)
  }

  @Test("a constant score has one edge: everything or nothing goes up")
  func constant() {
    let points = RouteLLMPoints(scores: [2, 2, 2, 2], weak: [0, 0, 1, 0], strong: [1, 1, 1, 1])
    #expect(points.shares == [Double](repeating: 1, count: 10) + [0])
    #expect(points.apgr == 0.5)
  }
}
