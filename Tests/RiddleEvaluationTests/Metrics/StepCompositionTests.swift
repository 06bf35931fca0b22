import RiddleData
import RiddleEvaluation
import Testing

@Suite("Steps of one answer add up")
struct StepCompositionTests {
  private let steps = [
    (cost: NanoDollars(100), latency: Microseconds(40)),
    (cost: NanoDollars(900), latency: Microseconds(70)),
    (cost: NanoDollars(50), latency: Microseconds(10)),
  ]

  @Test("cascades add both; parallel steps wait for the slowest; speculation for the accepted one")
  func totals() {
    #expect(StepComposition.cascade.total(steps) == (NanoDollars(1050), Microseconds(120)))
    #expect(StepComposition.parallel.total(steps) == (NanoDollars(1050), Microseconds(70)))
    #expect(
      StepComposition.speculative(accepted: 2).total(steps)
        == (NanoDollars(1050), Microseconds(10)))
    #expect(StepComposition.cascade.total([]) == (NanoDollars(0), Microseconds(0)))
  }

  @Test("one step is itself, however it is composed")
  func single() {
    let one = [steps[1]]
    for composition in [StepComposition.cascade, .parallel, .speculative(accepted: 0)] {
      #expect(composition.total(one) == (NanoDollars(900), Microseconds(70)))
    }
  }
}
