import RiddleData
import RiddleTestSupport
import Testing

@Suite struct LabelNoiseTests {
  /// `groups` clusters of `size` rows; every label is its cluster's truth, flipped with probability `noise`.
  static func world(
    seed: UInt64, groups: Int, size: Int, noise: Double
  ) -> (clusters: [Int], labels: [Double]) {
    var generator = SplitMix64(seed: seed)
    var (clusters, labels): ([Int], [Double]) = ([], [])
    for _ in 0..<groups {
      let first = clusters.count
      let truth = generator.unit() < 0.4
      for _ in 0..<size {
        clusters.append(first)
        labels.append((generator.unit() < noise) != truth ? 1 : 0)
      }
    }
    return (clusters, labels)
  }

  @Test(arguments: [2, 3, 6], [0.05, 0.2])
  func `the interval covers the noise of a known world`(size: Int, noise: Double) throws {
    var covered = 0
    for seed: UInt64 in 0..<200 {
      let (clusters, labels) = Self.world(seed: seed, groups: 150, size: size, noise: noise)
      let found = try #require(LabelNoise(clusters: clusters, labels: labels))
      #expect(found.clusters == 150 && found.rows == 150 * size)
      #expect(found.pairs == 150 * size * (size - 1) / 2)
      if (found.noiseInterval.low...found.noiseInterval.high).contains(noise) { covered += 1 }
    }
    // 95 % nominal; larger clusters carry more than the one trial each that the interval counts.
    #expect(covered >= 180)
  }

  @Test func `noise and ceilings follow from the disagreement`() throws {
    // 20 pairs of which 5 disagree: D = ¼, 2ε(1 − ε) = ¼.
    let clusters = (0..<40).map { $0 / 2 * 2 }
    let labels = (0..<40).map { $0 < 10 ? Double($0 % 2) : $0 < 20 ? 1.0 : 0 }
    let found = try #require(
      LabelNoise(clusters: clusters, labels: labels, tieShare: 0.5, minimumClusters: 20))
    #expect(found.disagreement == 0.25)
    expectClose(2 * found.noise * (1 - found.noise), 0.25, tolerance: 1e-15)
    expectClose(found.accuracyCeiling, 1 - 0.1464466094067262, tolerance: 1e-15)
    #expect(found.pessimisticAccuracyCeiling == 0.75)
    // Wilson for 5 of 20 as statsmodels gives it.
    expectClose(found.disagreementInterval.low, 0.11186170140766563, tolerance: 1e-12)
    expectClose(found.disagreementInterval.high, 0.4687008776187441, tolerance: 1e-12)
    #expect(found.description.contains("20 clusters"))
    #expect(found.description.contains("14.6 %"))
    #expect(found.description.contains("On 50.0 % of rows"))
  }

  @Test func `labels at random say so and stop at one half`() throws {
    let (clusters, labels) = Self.world(seed: 3, groups: 400, size: 2, noise: 0.5)
    let found = try #require(LabelNoise(clusters: clusters, labels: labels))
    #expect(found.noiseInterval.high == 0.5 && found.accuracyCeiling >= 0.5)
    #expect(found.description.contains("hardly more"))
  }

  @Test func `no contradiction is no noise, with an upper end above zero`() throws {
    let (clusters, labels) = Self.world(seed: 4, groups: 50, size: 2, noise: 0)
    let found = try #require(LabelNoise(clusters: clusters, labels: labels))
    #expect(found.noise == 0 && found.noiseInterval.low == 0 && found.noiseInterval.high > 0.01)
  }

  @Test func `flipping every label changes nothing`() throws {
    let (clusters, labels) = Self.world(seed: 5, groups: 90, size: 3, noise: 0.1)
    let plain = try #require(LabelNoise(clusters: clusters, labels: labels))
    let flipped = try #require(LabelNoise(clusters: clusters, labels: labels.map { 1 - $0 }))
    #expect(plain.disagreement == flipped.disagreement && plain.noise == flipped.noise)
  }

  @Test func `too few clusters give nothing`() {
    #expect(LabelNoise(clusters: [], labels: []) == nil)
    #expect(LabelNoise(clusters: [], labels: [], minimumClusters: 0) == nil)
    #expect(LabelNoise(clusters: Array(0..<500), labels: Array(repeating: 1, count: 500)) == nil)
    let (clusters, labels) = Self.world(seed: 6, groups: 19, size: 5, noise: 0.1)
    #expect(LabelNoise(clusters: clusters, labels: labels) == nil)
  }

  @Test func `ties are rows whose candidates are equally good`() {
    let table = OutcomeTable(
      candidates: ["a", "b", "c"], quality: [1, 1, 1, 0, 0, 1, 0, 0, 0, 1, 0, 1],
      cost: [Int64](repeating: 1, count: 12), latency: [Int64](repeating: 1, count: 12))
    #expect(LabelNoise.tieShare(of: table) == 0.5)
  }
}
