import RiddleLinearAlgebra
import Testing

@Suite struct ShardsTests {
  @Test(arguments: [0, 1, 7, 8, 9, 1000], [1, 3, 8])
  func `ranges cover everything once and differ by at most one`(total: Int, shards: Int) {
    let ranges = Shards.ranges(of: total, shards: shards)
    #expect(ranges.count == shards)
    #expect(ranges.flatMap { Array($0) } == Array(0..<total))
    let lengths = ranges.map(\.count)
    #expect((lengths.max() ?? 0) - (lengths.min() ?? 0) <= 1)
  }

  @Test func `results stand in index order`() {
    #expect(Shards.map(count: 100) { $0 * $0 } == (0..<100).map { $0 * $0 })
    #expect(Shards.map(count: 0) { $0 }.isEmpty)
  }

  @Test func `every state is updated exactly once, nested too`() {
    var states = [[Int]](repeating: [], count: 20)
    Shards.update(&states) { i, state in
      state = Shards.map(count: 5) { i * 10 + $0 }
    }
    #expect(states == (0..<20).map { i in (0..<5).map { i * 10 + $0 } })
  }

  @Test(arguments: [0, 1, 7, 1000])
  func `every element is updated exactly once, at its own index`(count: Int) {
    var values = (0..<count).map { $0 * $0 }
    Shards.update(elementsOf: &values) { range, part in
      for (k, i) in range.enumerated() { part[k] += i }
    }
    #expect(values == (0..<count).map { $0 * $0 + $0 })
  }
}
