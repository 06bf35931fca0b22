import RiddleData
import Testing

@Suite struct SplitMix64Tests {
  @Test func theFirstNumbersOfSeed42() {
    var random = SplitMix64(seed: 42)
    #expect(random.unit() == 0.7415648787718233)
    #expect(random.unit() == 0.1599103928769201)
    #expect(random.unit() == 0.27860113025513866)
  }

  @Test func streamsOfDifferentNamesDiffer() {
    var a = SplitMix64(seed: 1, stream: "folds")
    var b = SplitMix64(seed: 1, stream: "bootstrap")
    #expect(a.next() != b.next())
  }

  @Test func belowStaysInRangeAndReachesBothEnds() {
    var random = SplitMix64(seed: 9)
    let draws = (0..<1000).map { _ in random.below(7) }
    #expect(draws.min() == 0)
    #expect(draws.max() == 6)
  }
}
