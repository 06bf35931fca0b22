import Foundation
import RiddleData
import Testing

@testable import RiddleStore

@Suite("Exact decimals")
struct ExactDecimalTests {
  func decimal(_ text: String) throws -> ExactDecimal {
    let bytes = Array(text.utf8)
    return try #require(ExactDecimal(bytes, from: 0, to: bytes.count), "\(text)")
  }

  @Test(
    "dollars become nano-dollars without binary rounding",
    arguments: [
      ("0", 0), ("-0", 0), ("0.0", 0), ("1", 1_000_000_000), ("0.1", 100_000_000),
      ("0.0001452", 145_200), ("6.66e-05", 66_600), ("1e-9", 1), ("4.9e-10", 0), ("5e-10", 1),
      ("1.5e-9", 2), ("2.5e-9", 3), ("0.00000000049999999999999999999999", 0),
      ("0.00000000050000000000000000000000", 1), ("1e-400", 0), ("1E3", 1_000_000_000_000),
      ("9223372036.854775807", Int64.max), ("0.123456789123456789123456789", 123_456_789),
      ("1234567890.1234567894999999", 1_234_567_890_123_456_789),
    ] as [(String, Int64)])
  func scaled(_ text: String, _ expected: Int64) throws {
    #expect(try decimal(text).scaled(places: 9) == expected)
    if expected > 0 { #expect(try decimal("-" + text).scaled(places: 9) == -expected) }
  }

  @Test(
    "what does not fit is refused",
    arguments: [
      "1e400", "1e19", "9223372036.854775808", "99999999999999999999999999", "1e999999999999",
    ])
  func tooLarge(_ text: String) throws {
    #expect(try decimal(text).scaled(places: 9) == nil)
  }

  @Test(
    "integers are told from fractions",
    arguments: [
      ("0", 0), ("241", 241), ("241.0", 241), ("2.41e2", 241), ("1e3", 1000), ("241.5", nil),
      ("1e-1", nil), ("1e-30", nil), ("10e-1", 1), ("1.00000000000000000000", 1),
      ("1.00000000000000000001", nil), ("9223372036854775807", Int64.max),
      ("9223372036854775808", nil), ("0.5", nil),
    ] as [(String, Int64?)])
  func integers(_ text: String, _ expected: Int64?) throws {
    #expect(try decimal(text).integer == expected)
  }

  @Test("doubles have the same bits as the standard library's")
  func doubles() throws {
    var generator = SplitMix64(seed: 20_250_131)
    for _ in 0..<2000 {
      let value = Double(bitPattern: UInt64.random(in: 0...UInt64.max, using: &generator))
      guard value.isFinite else { continue }
      #expect(try decimal("\(value)").double.bitPattern == value.bitPattern, "\(value)")
    }
    for text in [
      "0.1", "0.95", "1e22", "1e23", "123456789012345678901234567890", "2.2250738585072011e-308",
    ] {
      #expect(try decimal(text).double == Double(text))
    }
    #expect(try decimal("1e400").double == .infinity)
    #expect(try decimal("-0").double.sign == .plus)
  }

  @Test(
    "what is not a JSON number is none",
    arguments: [
      "", "-", "+1", "01", "1.", ".1", "1e", "1e-", "1 ", "1,5", "0x1", "--1", "1.2.3", "1e1e1",
    ])
  func grammar(_ text: String) {
    let bytes = Array(text.utf8)
    #expect(ExactDecimal(bytes, from: 0, to: bytes.count) == nil)
  }
}
