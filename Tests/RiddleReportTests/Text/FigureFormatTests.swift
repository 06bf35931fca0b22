import RiddleEvaluation
import Testing

@testable import RiddleReport

@Suite struct FigureFormatTests {
  @Test func `an interval gets the digits its width supports, the value at most one more`() {
    let wide = Figure(0.7118, low: 0.6912, high: 0.7342)
    let narrow = Figure(0.7118, low: 0.7101, high: 0.7134)
    let tight = Figure(0.71183, low: 0.71171, high: 0.71196)
    #expect(FigureFormat.plain.text(wide) == "0.712 [0.69, 0.73]")
    #expect(FigureFormat.plain.text(narrow) == "0.712 [0.710, 0.713]")
    #expect(FigureFormat.plain.text(tight) == "0.7118 [0.7117, 0.7120]")
  }

  @Test func `percentages have one decimal, more only for narrow intervals`() {
    #expect(
      FigureFormat.percent.text(Figure(0.4213, low: 0.389, high: 0.4531)) == "42.1% [38.9, 45.3]")
    #expect(
      FigureFormat.percent.text(Figure(0.95827, low: 0.95741, high: 0.95912))
        == "95.83% [95.74, 95.91]")
    #expect(FigureFormat.percent.text(-0.123) == "−12.3%")
    #expect(FigureFormat.percent.text(42) == "4,200%")
  }

  @Test(arguments: [
    (0.004_213, "$4.21"), (0.000_412, "$0.412"), (0.000_004_12, "$0.00412"), (0.0, "$0.00"),
    (12.3456, "$12,346"), (0.5, "$500.00"), (1e-12, "$1.00e−9"), (-0.004_213, "−$4.21"),
    (1e15, "$1.00e18"),
  ])
  func `dollars per query are shown per thousand`(value: Double, text: String) {
    #expect(FigureFormat.dollarsPerThousand.text(value) == text)
  }

  @Test(arguments: [nil, Double.nan, .infinity, -.infinity])
  func `what does not exist is a dash`(value: Double?) {
    for format in [FigureFormat.plain, .percent, .dollarsPerThousand] {
      #expect(format.text(value) == "–")
      #expect(format.text(Figure(value, low: 0, high: 1)) == "–")
    }
  }

  @Test func `half an interval is no interval`() {
    #expect(FigureFormat.plain.text(Figure(0.5, low: 0.4)) == "0.500")
    #expect(FigureFormat.plain.text(Figure(0.5, low: .nan, high: 0.6)) == "0.500")
  }

  @Test func `an exact value shows no interval`() {
    #expect(FigureFormat.percent.text(Figure(1, low: 1, high: 1)) == "100.0%")
  }

  @Test func `differences carry their sign and never hide it by rounding`() {
    let figure = Figure(0.0261, low: 0.0041, high: 0.0482)
    #expect(FigureFormat.plain.text(figure, isSigned: true) == "+0.026 [+0.004, +0.048]")
    #expect(
      FigureFormat.dollarsPerThousand.text(Figure(0.001), isSigned: true) == "+$1.00")
  }

  @Test(arguments: [
    (0.000_042, "0.000042"), (0.0042, "0.0042"), (1e-9, "1.00e−9"), (12.345, "12.35"),
    (123.45, "123.5"), (12_345.6, "12,346"), (1e300, "1.00e300"), (1.0, "1.000"),
  ])
  func `plain values keep two significant digits at any size`(value: Double, text: String) {
    #expect(FigureFormat.plain.text(value) == text)
  }

  @Test func `extreme figures print without trapping`() {
    let values = [
      Double.greatestFiniteMagnitude, -.greatestFiniteMagnitude, .leastNonzeroMagnitude, 1e18,
      -1e-300,
    ]
    for format in [FigureFormat.plain, .percent, .dollarsPerThousand] {
      for a in values {
        for b in values {
          let text = format.text(Figure(a, low: b, high: a), isSigned: true)
          #expect(!text.isEmpty && text.count < 60, "\(text)")
        }
      }
    }
  }

  @Test func `confidence and settings lose needless zeros`() {
    #expect(CountFormat.confidence(0.95) == "95%")
    #expect(CountFormat.confidence(0.995) == "99.5%")
    #expect(CountFormat.setting(0.5) == "0.5")
    #expect(CountFormat.setting(100) == "100")
  }
}
