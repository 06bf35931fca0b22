import Foundation
import RiddleTestSupport
import Testing

@testable import RiddleData

/// Clusters against a comparison of every pair: see Tests/Golden/Generators/near_duplicates.py.
@Suite struct NearDuplicatesGoldenTests {
  struct Golden: Decodable {
    struct Case: Decodable {
      var seed: UInt64
      var families: Int
      var clusters: [Int]
    }
    var cases: [Case]
  }

  /// The texts of the generator.
  static func texts(seed: UInt64, families: Int) -> [String] {
    var u = SplitMix64(seed: seed)
    func below(_ bound: Int) -> Int { Int(u.unit() * Double(bound)) }
    var texts: [String] = []
    for _ in 0..<families {
      let length = 3 + below(80)
      let base = (0..<length).map { _ in "w\(below(3000))" }
      for _ in 0..<(1 + below(4)) {
        var words = base
        for _ in 0..<below(5) {
          let place = below(words.count)
          words[place] = "x\(below(3000))"
        }
        texts.append(words.joined(separator: " "))
      }
    }
    return texts
  }

  @Test func clustersAreThoseOfEveryPairCompared() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../Golden/near_duplicates.json")
    let golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: file))
    #expect(golden.cases.count == 6)
    for expected in golden.cases {
      let texts = Self.texts(seed: expected.seed, families: expected.families)
      #expect(NearDuplicates.clusters(texts: texts) == expected.clusters, "seed \(expected.seed)")
      #expect(Set(expected.clusters).count < texts.count)
    }
  }

  @Test func keysNameClustersWhateverTheOrder() {
    let texts = Self.texts(seed: 3, families: 60)
    let keys = NearDuplicates.keys(texts: texts)
    let clusters = NearDuplicates.clusters(texts: texts)
    for i in texts.indices {
      #expect(keys[i] == keys[clusters[i]])
      #expect(keys[i] <= RowFingerprint.text(texts[i]))
    }
    #expect(Set(keys).count == Set(clusters).count)
    var generator = SplitMix64(seed: 5)
    let order = texts.indices.shuffled(using: &generator)
    #expect(NearDuplicates.keys(texts: order.map { texts[$0] }) == order.map { keys[$0] })
  }

  @Test func hashOrderIsTheOrderOfSorting() {
    for seed in 1...40 {
      var random = SplitMix64(seed: UInt64(seed))
      let n = random.below(300)
      // Few values, so that ties decide; some of them low, so that bins are crowded.
      let keys = (0..<n).map { _ in random.below(3) == 0 ? UInt64(random.below(3)) : random.next() }
      let ties = (0..<n).map { _ in UInt64(random.below(3)) }
      let expected = (0..<n).filter { keys[$0] != 0 }.sorted {
        (keys[$0], ties[$0], $0) < (keys[$1], ties[$1], $1)
      }
      #expect(
        HashOrder.indices(keys[...], ties: ties[...], skipping: 0).map(Int.init) == expected,
        "seed \(seed)")
      #expect(HashOrder.indices(keys[...]).count == n)
    }
  }
}
