import RiddleLinearAlgebra
import RiddleTestSupport
import Testing

@Suite struct SignedBinaryColumnsTests {
  @Test(arguments: [11, 12, 13, 14] as [UInt64])
  func `products and diagonal agree with the explicit matrix`(seed: UInt64) {
    let sample = RandomRows(seed: seed)
    let columns = SignedBinaryColumns(sample.rows)
    var numbers = Numbers(state: seed &* 31)
    let r = numbers.vector(60)
    var expected = [Double](repeating: 0, count: 32)
    BLAS.multiply(sample.matrix, transposed: true, r, into: &expected)
    for (a, b) in zip(columns.byBucket(columns.transposedProduct(r)), expected) {
      expectClose(a, b, tolerance: 1e-12)
    }
    let diagonal = columns.byBucket(columns.diagonal(r))
    for b in 0..<32 {
      var sum = 0.0
      for i in 0..<60 { sum += r[i] * sample.matrix[i, b] * sample.matrix[i, b] }
      expectClose(diagonal[b], sum, tolerance: 1e-12)
    }
    let v = numbers.vector(32)
    var margins = [Double](repeating: 0, count: 30)
    columns.addProduct(
      rows: 30..<60, signed: columns.signedTable(columns.ranked(v)), scaledBy: 2, to: &margins)
    var all = [Double](repeating: 0, count: 60)
    sample.rows.addProduct(v, to: &all)
    for i in 0..<30 { expectClose(margins[i], 2 * all[30 + i], tolerance: 1e-12) }
  }

  @Test func `ranks hold exactly the buckets that occur, most frequent first`() {
    var rows = SignedBinaryRows(bucketBits: 3)
    rows.append(words: [2, 3, 14], wordScale: 1, characters: [2], characterScale: 1)
    rows.append(words: [], wordScale: 1, characters: [8, 14], characterScale: 1)
    let columns = SignedBinaryColumns(rows)
    #expect(columns.buckets == [1, 7, 4])
    #expect(columns.byBucket([1, 2, 3]) == [0, 1, 0, 0, 3, 0, 0, 2])
  }

  @Test func `opposite keys of one row cancel in the diagonal`() {
    var rows = SignedBinaryRows(bucketBits: 1)
    rows.append(words: [0], wordScale: 1, characters: [1], characterScale: 1)
    #expect(SignedBinaryColumns(rows).diagonal([5]) == [0])
  }

  @Test func `the same bits come out whether shards run alone or among others`() {
    let sample = RandomRows(seed: 21, count: 300)
    let columns = SignedBinaryColumns(sample.rows)
    let r = (0..<300).map { 1 / Double($0 + 3) }
    let alone = columns.transposedProduct(r)
    let crowded = Shards.map(count: 16) { _ in
      SignedBinaryColumns(sample.rows).transposedProduct(r)
    }
    for other in crowded { #expect(other == alone) }
  }

  @Test func `rows without keys have no ranks`() {
    var rows = SignedBinaryRows(bucketBits: 4)
    rows.append(words: [], wordScale: 0, characters: [], characterScale: 0)
    let columns = SignedBinaryColumns(rows)
    #expect(columns.rankCount == 0)
    #expect(columns.transposedProduct([1]).isEmpty)
  }
}
