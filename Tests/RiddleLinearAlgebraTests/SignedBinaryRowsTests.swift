import RiddleLinearAlgebra
import RiddleTestSupport
import Testing

/// Random rows, and the matrix they stand for, built entry by entry.
struct RandomRows {
  var rows: SignedBinaryRows
  var matrix: Matrix

  /// With empty blocks, empty rows, repeated keys and keys of opposite sign.
  init(seed: UInt64, count: Int = 60, bits: Int = 5) {
    var numbers = Numbers(state: seed)
    rows = SignedBinaryRows(bucketBits: bits)
    matrix = Matrix(rowCount: count, columnCount: 1 << bits)
    for i in 0..<count {
      var blocks: [(keys: [UInt32], scale: Float)] = []
      for longest in [4, 11] {
        let length = Int(numbers.bits()) % (longest + 1)
        let keys = (0..<length).map { _ in
          UInt32(truncatingIfNeeded: numbers.bits()) % (2 << UInt32(bits))
        }
        let scale = Float(numbers.next() + 1.5)
        for key in keys {
          matrix[i, Int(key >> 1)] += key & 1 == 1 ? -Double(scale) : Double(scale)
        }
        blocks.append((keys, scale))
      }
      rows.append(
        words: blocks[0].keys, wordScale: blocks[0].scale, characters: blocks[1].keys,
        characterScale: blocks[1].scale)
    }
  }
}

@Suite struct SignedBinaryRowsTests {
  @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
  func `the product agrees with the explicit matrix`(seed: UInt64) {
    let sample = RandomRows(seed: seed)
    var numbers = Numbers(state: seed ^ 99)
    let v = numbers.vector(32)
    var found = numbers.vector(60)
    var expected = found
    sample.rows.addProduct(v, to: &found)
    BLAS.multiply(sample.matrix, v, beta: 1, into: &expected)
    for (a, b) in zip(found, expected) { expectClose(a, b, tolerance: 1e-12) }
  }

  @Test func `the product of a range of rows is that range of the product`() {
    let sample = RandomRows(seed: 8)
    var numbers = Numbers(state: 80)
    let v = numbers.vector(32)
    var all = [Double](repeating: 0, count: 60)
    sample.rows.addProduct(v, to: &all)
    var some = [Double](repeating: 0, count: 13)
    sample.rows.addProduct(rows: 20..<33, v, to: &some)
    #expect(some == Array(all[20..<33]))
  }

  @Test func `picked rows keep keys, split and scales`() {
    let sample = RandomRows(seed: 9)
    let picked = sample.rows.rows([5, 2, 5])
    #expect(picked.rowCount == 3)
    let v = (0..<32).map { Double($0) }
    var all = [Double](repeating: 0, count: 60)
    var some = [Double](repeating: 0, count: 3)
    sample.rows.addProduct(v, to: &all)
    picked.addProduct(v, to: &some)
    #expect(some == [all[5], all[2], all[5]])
  }

  @Test func `no rows make no margins`() {
    var margins: [Double] = []
    SignedBinaryRows(bucketBits: 3).addProduct([Double](repeating: 1, count: 8), to: &margins)
    #expect(margins.isEmpty)
  }
}

extension SignedBinaryRowsTests {
  /// Columns that exist already are the same rows as appended ones.
  @Test func adoptedColumnsAreTheRows() {
    var appended = SignedBinaryRows(bucketBits: 4)
    appended.append(words: [3, 9], wordScale: 0.5, characters: [31], characterScale: 1)
    appended.append(words: [], wordScale: 0, characters: [], characterScale: 0)
    appended.append(words: [7], wordScale: 1, characters: [0, 2, 7], characterScale: 0.25)
    let adopted = SignedBinaryRows(
      bucketBits: 4, starts: appended.starts, splits: appended.splits, scales: appended.scales,
      keys: appended.keys)
    #expect(adopted == appended)
    #expect(
      SignedBinaryRows(bucketBits: 4, starts: [0], splits: [], scales: [], keys: []).rowCount == 0)
  }
}
