import Foundation
import Testing

@testable import RiddleReport

@Suite struct DecimalTextTests {
  struct Reference: Decodable {
    struct Case: Decodable {
      var value: Double
      var decimals: Int
      var scale: Int
      var fixed: String
      var scientific: String

      init(from decoder: any Decoder) throws {
        var row = try decoder.unkeyedContainer()
        let bits = try row.decode(String.self)
        value = Double(bitPattern: try #require(UInt64(bits)))
        decimals = try row.decode(Int.self)
        scale = try row.decode(Int.self)
        fixed = try row.decode(String.self)
        scientific = try row.decode(String.self)
      }
    }
    var cases: [Case]
  }

  static func reference() throws -> [Reference.Case] {
    let data = try Data(contentsOf: Golden.url("decimals.json"))
    return try JSONDecoder().decode(Reference.self, from: data).cases
  }

  /// Exact: the reference rounds the same binary value with unlimited precision.
  @Test func `every digit agrees with Python's decimal module`() throws {
    let cases = try Self.reference()
    #expect(cases.count > 500)
    for each in cases {
      #expect(
        DecimalText.fixed(each.value, decimals: each.decimals, scale: each.scale) == each.fixed,
        "\(each.value), \(each.decimals) decimals, scale \(each.scale)")
      #expect(
        DecimalText.scientific(each.value, scale: each.scale) == each.scientific,
        "\(each.value), scale \(each.scale)")
    }
  }

  @Test func `exact halves go away from zero, stored near-halves where they lie`() {
    #expect(DecimalText.fixed(0.125, decimals: 2) == "0.13")
    #expect(DecimalText.fixed(-0.125, decimals: 2) == "−0.13")
    #expect(DecimalText.fixed(2.675, decimals: 2) == "2.67")
    #expect(DecimalText.fixed(0.575, decimals: 0, scale: 2) == "57")
  }

  @Test func `what rounds to zero has no sign`() {
    #expect(DecimalText.fixed(-0.0004, decimals: 3) == "0.000")
    #expect(DecimalText.fixed(-0.0, decimals: 1) == "0.0")
  }

  @Test(arguments: [
    (0, "0"), (999, "999"), (1_000, "1,000"), (-1_234_567, "−1,234,567"),
    (Int.min, "−9,223,372,036,854,775,808"), (Int.max, "9,223,372,036,854,775,807"),
  ])
  func `integers are grouped by thousands`(value: Int, text: String) {
    #expect(DecimalText.grouped(value) == text)
  }
}
