import RiddleData
import RiddleLinearAlgebra
import Testing

@testable import RiddleLearning

@Suite struct FeatureBinsTests {
  @Test func `few distinct values are cut at every midpoint`() {
    #expect(FeatureBins.cuts(of: [3, 1, 2, 1, 3], maximumBins: 255) == [1.5, 2.5])
    #expect(FeatureBins.cuts(of: [7, 7, 7], maximumBins: 255).isEmpty)
    #expect(FeatureBins.cuts(of: [], maximumBins: 255).isEmpty)
    #expect(FeatureBins.cuts(of: [-0.0, 0.0], maximumBins: 255).isEmpty)
  }

  @Test(arguments: [2, 3, 10, 255])
  func `many values make at most so many bins of about equal share`(bins: Int) {
    let column = (0..<10_000).map { Float(($0 * 7919) % 10_000) }
    let cuts = FeatureBins.cuts(of: column, maximumBins: bins)
    #expect(cuts.count == bins - 1)
    #expect(zip(cuts, cuts.dropFirst()).allSatisfy { $0 < $1 })
    var counts = [Int](repeating: 0, count: bins)
    for value in column { counts[FeatureBins.bin(of: value, cuts: cuts)] += 1 }
    let share = 10_000 / bins
    #expect(counts.allSatisfy { abs($0 - share) <= 2 })
  }

  @Test func `one very common value does not use up the bins`() {
    let column = [Float](repeating: 0, count: 5000) + (1...5000).map { Float($0) }
    let cuts = FeatureBins.cuts(of: column, maximumBins: 10)
    #expect(cuts.count >= 4 && cuts[0] == 0.5)
  }

  @Test func `the cut lies at or above the low value and below the high one`() {
    var generator = SplitMix64(seed: 4)
    var pairs: [(Float, Float)] = [
      (1, Float(1).nextUp), (-.greatestFiniteMagnitude, .greatestFiniteMagnitude),
      (0, .leastNonzeroMagnitude), (-Float.leastNonzeroMagnitude, 0), (1e38, 3e38),
    ]
    for _ in 0..<300 {
      let low = Float(generator.unit() - 0.5) * 1000
      pairs.append((low, generator.below(2) == 0 ? low.nextUp : low + Float(generator.unit())))
    }
    for (low, high) in pairs where low < high {
      let cut = FeatureBins.cut(between: low, and: high)
      #expect(low <= cut && cut < high, "\(low) \(cut) \(high)")
    }
  }

  @Test func `bins and cuts agree: a value goes left of cut b exactly when its bin is at most b`()
    throws
  {
    let data = try sample(61, rows: 200, columns: 3)
    let bins = FeatureBins(data, maximumBins: 5)
    for j in 0..<3 {
      for i in 0..<200 {
        let code = Int(bins.codes[j * 200 + i])
        for (b, cut) in bins.cuts[j].enumerated() {
          #expect((Float(data.dense[i, j]) <= cut) == (code <= b))
        }
      }
    }
  }
}
