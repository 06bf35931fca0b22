import RiddlePolicies
import Testing

@Suite struct LadderTests {
  @Test("a margin equal to the threshold climbs")
  func boundary() {
    let rule = Ladder(threshold: 0.25)
    #expect(rule.picks(margins: [0.25, 0.25.nextDown, 1, -1]) == [1, 0, 1, 0])
  }

  @Test("the first head below its threshold stops the climb, whatever comes after")
  func firstStops() {
    let rule = Ladder(thresholds: [0, 0, 0])
    #expect(rule.picks(margins: [-1, 5, 5, 1, -1, 5, 1, 1, -1, 0, 0, 0]) == [0, 1, 2, 3])
  }

  @Test("infinite thresholds never or always climb")
  func infinite() {
    #expect(Ladder(threshold: .infinity).picks(margins: [1e300]) == [0])
    #expect(Ladder(threshold: -.infinity).picks(margins: [-1e300]) == [1])
  }

  @Test("raising a threshold never raises the share sent up", arguments: 0..<20)
  func monotone(seed: Int) {
    let margins = (0..<200).map { Double(($0 * 7919 + seed * 104_729) % 1_000) / 100 }
    var last = Int.max
    for threshold in stride(from: -1.0, through: 11, by: 0.5) {
      let up = Ladder(threshold: threshold).picks(margins: margins).reduce(0, +)
      #expect(up <= last)
      last = up
    }
    #expect(last == 0)
  }

  @Test("the reason names the head that had the last word")
  func reason() {
    let request = Request(text: "", candidateCount: 3, margins: [1, -2])
    let pick = Ladder(thresholds: [0, 0.5]).pick(request)
    #expect(
      pick == Pick(1, Reason("router", "margin below threshold", score: -2, threshold: 0.5)))
  }
}
