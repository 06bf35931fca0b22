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

  /// Cuts by their definition: from all distinct values with the number of rows that hold at most each.
  private func plainCuts(of column: [Float], maximumBins: Int) -> [Float] {
    let present = column.filter { !$0.isNaN }.sorted()
    var distinct: [(value: Float, upTo: Int)] = []
    for (i, value) in present.enumerated() {
      if distinct.last?.value == value { distinct.removeLast() }
      distinct.append((value, i + 1))
    }
    if distinct.isEmpty { return [] }
    let hasMissing = present.count < column.count
    let room = maximumBins - (hasMissing ? 1 : 0)
    var chosen = Set(0..<(distinct.count - 1))
    if distinct.count > room {
      chosen = []
      for share in 1..<max(room, 1) {
        let target = present.count * share / room
        if let v = distinct.firstIndex(where: { $0.upTo >= target }), v + 1 < distinct.count {
          chosen.insert(v)
        }
      }
    }
    let cuts = chosen.sorted().map {
      FeatureBins.cut(between: distinct[$0].value, and: distinct[$0 + 1].value)
    }
    return cuts + (hasMissing ? [.greatestFiniteMagnitude] : [])
  }

  @Test(arguments: [2, 3, 17, 255])
  func `cuts are those of the definition, with ties, both signs and missing values`(bins: Int) {
    var generator = SplitMix64(seed: 8)
    for round in 0..<60 {
      let count = 1 + generator.below(round % 2 == 0 ? 40 : 3000)
      let kinds = 1 + generator.below(600)
      let missing = round % 3 == 0 ? 0.2 : 0
      let column = (0..<count).map { _ -> Float in
        if generator.unit() < missing { return .nan }
        let common = generator.unit() < 0.3
        return common ? 0 : Float(generator.below(kinds) - kinds / 3) / 7
      }
      #expect(
        FeatureBins.cuts(of: column, maximumBins: bins)
          == plainCuts(of: column, maximumBins: bins), "round \(round)")
    }
  }

  /// Columns with few and with many values, and some that are mostly one value.
  private func mixed(rows: Int, columns: Int) -> Matrix {
    var generator = SplitMix64(seed: 21)
    var matrix = Matrix(rowCount: rows, columnCount: columns)
    for j in 0..<columns {
      let share = Double(j % 5) / 4.5
      for i in 0..<rows where generator.unit() >= share {
        matrix[i, j] = Double(generator.below(j % 2 == 0 ? 5 : 10_000)) + 1
      }
    }
    return matrix
  }

  @Test func `the dominant bin is the lowest of those with most rows`() {
    let bins = FeatureBins(mixed(rows: 500, columns: 20), maximumBins: 12)
    for j in 0..<20 {
      var counts = [Int](repeating: 0, count: 12)
      for code in bins.codes[(j * 500)..<((j + 1) * 500)] { counts[Int(code)] += 1 }
      let most = counts.max() ?? 0
      #expect(bins.dominant[j].rows == most)
      #expect(bins.dominant[j].bin == counts.firstIndex(of: most))
    }
  }

  @Test func `blocks list every row's bins, sparse ones all but the dominant`() {
    let rows = 600
    let bins = FeatureBins(mixed(rows: rows, columns: 70), maximumBins: 40)
    let blocks = BinBlock.blocks(bins)
    #expect(blocks.flatMap(\.features).sorted() == (0..<70).filter { !bins.cuts[$0].isEmpty })
    #expect(blocks.contains { $0.dominantSlots.isEmpty })
    #expect(blocks.contains { !$0.dominantSlots.isEmpty })
    for block in blocks {
      for i in 0..<rows {
        var expected: [Int] = []
        for (k, j) in block.features.enumerated() {
          let slot = block.firstSlots[k] + Int(bins.codes[j * rows + i])
          if block.dominantSlots.isEmpty || slot != block.dominantSlots[k] { expected.append(slot) }
        }
        let width = block.features.count
        let range =
          block.dominantSlots.isEmpty
          ? i * width..<(i + 1) * width : Int(block.starts[i])..<Int(block.starts[i + 1])
        #expect(block.slots[range].map { Int($0) } == expected)
      }
    }
  }

  @Test func `columns read in several pieces have the bins of columns read alone`() {
    let matrix = mixed(rows: 100, columns: 30)
    let all = FeatureBins(matrix, maximumBins: 20)
    for j in [0, 7, 29] {
      let column = Matrix(
        rowCount: 100, columnCount: 1, values: (0..<100).map { matrix[$0, j] })
      let alone = FeatureBins(column, maximumBins: 20)
      #expect(Array(all.codes[(j * 100)..<((j + 1) * 100)]) == alone.codes)
      #expect(all.cuts[j] == alone.cuts[0])
    }
  }
}
