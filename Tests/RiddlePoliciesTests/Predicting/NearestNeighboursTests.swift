import RiddleData
import RiddlePolicies
import Testing

@Suite("Nearest neighbours")
struct NearestNeighboursTests {
  @Test("neighbours and cosines are scikit-learn's")
  func golden() throws {
    for golden in try BanditGolden.load().neighbours {
      var stream = SplitMix64(seed: golden.seed)
      func make(_ count: Int) -> [Float] {
        (0..<count).map { _ in Float(stream.unit() - 0.5) }
      }
      let reference = make(golden.rows * golden.dimension)
      let queries = make(golden.queries * golden.dimension)
      let table = NearestNeighbours(
        embeddings: reference, dimension: golden.dimension,
        qualities: [Double](repeating: 1, count: golden.rows), candidateCount: 1,
        neighbours: golden.k)
      let found = table.nearest(to: queries)
      #expect(found.map { $0.map(\.row) } == golden.indices)
      for (near, expected) in zip(found, golden.similarities) {
        // Single precision: products of unit vectors are right to a few 10⁻⁷.
        for (a, b) in zip(near, expected) { #expect(abs(Double(a.similarity) - b) < 1e-6) }
      }
    }
  }

  @Test("of equal similarities the earlier row comes first, across blocks")
  func ties() {
    // Rows r and r + 7 are alike; 5000 rows span three blocks.
    let rows = 5000
    var stream = SplitMix64(seed: 2)
    let patterns = (0..<7).map { _ in (0..<5).map { _ in Float(stream.unit() - 0.5) } }
    let table = NearestNeighbours(
      embeddings: (0..<rows).flatMap { (row: Int) -> [Float] in patterns[row % 7] }, dimension: 5,
      qualities: [Double](repeating: 0, count: rows), candidateCount: 1, neighbours: 20)
    let found = table.nearest(to: patterns.flatMap { $0 })
    for (pattern, near) in found.enumerated() {
      #expect(near.map(\.row) == (0..<20).map { $0 * 7 + pattern })
    }
  }

  @Test("predictions are means of neighbours, pulled to the mean over all")
  func predictions() {
    let embeddings: [Float] = [2, 0, 1, 0.1, 0, 3, -1, 0]
    let qualities = [1, 0.0, 1, .nan, 0, 1, 0, 0.5]
    func table(_ k: Int, _ shrink: Double, _ weighting: NearestNeighbours.Weighting = .uniform)
      -> NearestNeighbours
    {
      NearestNeighbours(
        embeddings: embeddings, dimension: 2, qualities: qualities, candidateCount: 2,
        neighbours: k, weighting: weighting, shrink: shrink)
    }
    let plain = table(2, 0).predictions(for: [1, 0])
    #expect(plain.map(\.quality) == [1, 0])
    let pulled = table(2, 2).predictions(for: [1, 0])
    #expect(pulled.map(\.quality) == [0.75, 1.0 / 3])
    // (2 · (1 − ¾)² + 2 · (¼ + (½ − ¾)²)) / 4 = 3/16, over 4.
    #expect(abs(pulled[0].standardError - (3.0 / 16 / 4).squareRoot()) < 1e-15)
    // All rows, weighted: cosines 1, 0.995, 0, −1 count 1, 0.995, 0, 0.
    #expect(table(9, 0, .cosine).predictions(for: [1, 0])[0].quality == 1)
    #expect(table(9, 0).predictions(for: [1, 0])[0].quality == 0.5)
    // A query of zeros is near nobody in particular: rows in order.
    #expect(table(2, 0).predictions(for: [0, 0]).map(\.quality) == [1, 0])
    #expect(table(2, 0, .cosine).predictions(for: [0, 0])[0].quality == 0.5)
    // Queries that are references themselves are left out.
    let own = table(1, 0).predictions(for: [2, 0, 0, 3], leavingOut: [0, 2])
    #expect(own.map(\.quality)[0] == 1 && own[2].quality == 1)
    #expect(table(1, 0).predictions(for: []).isEmpty)
  }

  @Test("a query's neighbours do not depend on the other queries or on its length")
  func alone() {
    var stream = SplitMix64(seed: 6)
    let reference = (0..<(300 * 16)).map { _ in Float(stream.unit() - 0.5) }
    let queries = (0..<(150 * 16)).map { _ in Float(stream.unit() - 0.5) }
    let table = NearestNeighbours(
      embeddings: reference, dimension: 16, qualities: (0..<300).map { Double($0 % 2) },
      candidateCount: 1, neighbours: 9)
    let all = table.predictions(for: queries)
    for i in 0..<150 {
      let one = queries[(i * 16)..<(i * 16 + 16)].map { $0 * 4 }
      #expect(table.predictions(for: one)[0] == all[i])
    }
  }

  @Test("no references: the prediction knows nothing")
  func empty() {
    let table = NearestNeighbours(
      embeddings: [], dimension: 3, qualities: [], candidateCount: 2)
    #expect(table.predictions(for: [1, 2, 3]).map(\.quality) == [0.5, 0.5])
    #expect(table.nearest(to: [1, 2, 3]) == [[]])
  }
}
