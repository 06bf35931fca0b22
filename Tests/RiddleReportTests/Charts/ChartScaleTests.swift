import Testing

@testable import RiddleReport

@Suite struct ChartScaleTests {
  @Test func `ticks are round and cover the values`() {
    let scale = ChartScale([0.681, 0.859], intervals: 4)
    #expect(
      scale.ticks.map { scale.label($0) } == ["0.65", "0.70", "0.75", "0.80", "0.85", "0.90"])
    let cost = ChartScale([0.412, 9.873], fromZero: true, intervals: 7)
    #expect(cost.ticks.map { cost.label($0) } == ["0", "2", "4", "6", "8", "10"])
  }

  @Test func `values that lie close together do not start at zero`() {
    #expect(ChartScale([8, 9], fromZero: true).first == 8)
    #expect(ChartScale([1, 9], fromZero: true).first == 0)
    #expect(ChartScale([-3, 9], fromZero: true).first < -2.9)
  }

  @Test(arguments: [[], [0], [5], [-5], [1e-12], [1e9, 1e9], [1e9, 1e9 - 1e-3], [-1e9, 1e9]])
  func `degenerate values still give an axis with distinct labels`(values: [Double]) {
    let scale = ChartScale(values)
    #expect(scale.first < scale.last)
    #expect(scale.ticks.count >= 2 && scale.ticks.count < 15)
    #expect(values.allSatisfy { (-0.001...1.001).contains(scale.position($0)) })
    let labels = scale.ticks.map { scale.label($0) }
    #expect(Set(labels).count == labels.count)
  }

  /// 300 seeded draws over twelve orders of magnitude.
  @Test func `every value lies between the first and the last tick`() {
    var state: UInt64 = 7
    // Knuth's MMIX constants; the upper bits are good enough to scatter test values.
    func unit() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 11) / 9_007_199_254_740_992
    }
    for draw in 0..<300 {
      var size = 1e-4
      for _ in 0..<Int(unit() * 12) { size *= 10 }
      let values = (0..<5).map { _ in (unit() - 0.3) * size }
      let scale = ChartScale(values, fromZero: draw % 2 == 0)
      #expect(values.allSatisfy { (-1e-6...1 + 1e-6).contains(scale.position($0)) }, "draw \(draw)")
      #expect(scale.ticks.count < 15, "draw \(draw)")
    }
  }
}
