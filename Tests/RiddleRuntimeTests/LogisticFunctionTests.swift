import Foundation
import RiddleRuntime
import Testing

@Suite struct LogisticFunctionTests {
  @Test func exponentialIsWithinTwoUlpsOfTheLibrary() {
    var x = -740.0
    while x < 709 {
      let expected = exp(x)
      let actual = exponential(x)
      #expect(abs(actual - expected) <= 2 * expected.ulp, "at \(x)")
      x += 0.377
    }
  }

  @Test func exponentialHandlesTheEnds() {
    #expect(exponential(0) == 1)
    #expect(exponential(1000) == .infinity)
    #expect(exponential(-1000) == 0)
    #expect(exponential(-.infinity) == 0)
    #expect(exponential(.nan).isNaN)
  }

  @Test func logisticIsSymmetricAndIncreasing() {
    var last = 0.0
    for step in -400...400 {
      let x = Double(step) / 10
      let p = logistic(x)
      #expect(p >= last)
      #expect(abs(p + logistic(-x) - 1) < 1e-15)
      last = p
    }
  }
}
