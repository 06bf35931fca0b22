import Foundation
import RiddleData
import Testing

@testable import RiddleStore

@Suite("Timestamps")
struct TimestampTests {
  @Test(
    "ISO 8601 times become microseconds",
    arguments: [
      ("1970-01-01T00:00:00Z", 0), ("2038-01-19T03:14:08Z", 2_147_483_648_000_000),
      ("2024-02-29T12:00:00+01:00", 1_709_204_400_000_000),
      ("2024-02-29 11:00:00.123456789Z", 1_709_204_400_123_456),
      ("2024-02-29T06:00-0500", 1_709_204_400_000_000),
      ("2024-02-29T06:00:00,5-05", 1_709_204_400_500_000),
      ("1969-12-31T23:59:59.5Z", -500_000), ("2016-12-31T23:59:60Z", 1_483_228_800_000_000),
    ] as [(String, Int64)])
  func iso(_ text: String, _ expected: Int64) throws {
    #expect(try Timestamp.parse(text).count == expected)
  }

  @Test("every day agrees with the system's calendar")
  func calendar() throws {
    let formatter = ISO8601DateFormatter()
    for day in stride(from: -100_000, to: 200_000, by: 97) {
      let date = Date(timeIntervalSince1970: Double(day) * 86_400 + 3_661)
      let text = formatter.string(from: date)
      #expect(
        try Timestamp.parse(text).count == Int64(day) * 86_400_000_000 + 3_661_000_000, "\(text)")
    }
  }

  @Test(
    "what is not a time with a zone is refused",
    arguments: [
      "", "2024-02-29", "2024-02-29T12:00:00", "2023-02-29T12:00:00Z", "2024-13-01T00:00:00Z",
      "2024-01-01T24:00:00Z", "2024-01-01T00:60:00Z", "2024-01-01T00:00:00Zx", "yesterday",
      "2024-01-01T00:00:00+1", "2024-01-01T00:00:00+01:", "2024-01-01T00:00:00.Z",
      "24-01-01T00:00:00Z",
    ])
  func refused(_ text: String) {
    #expect(throws: FieldRules.Fault.self) { try Timestamp.parse(text) }
  }

  @Test("a time without a zone says so")
  func zone() {
    #expect {
      try Timestamp.parse("2024-02-29T12:00:00")
    } throws: { ($0 as? FieldRules.Fault)?.reason.contains("time zone") == true }
  }

  @Test(
    "a number's unit is told by its size",
    arguments: [
      ("0", 0), ("1694303732", 1_694_303_732_000_000), ("1694303732.25", 1_694_303_732_250_000),
      ("1694303732123", 1_694_303_732_123_000), ("1694303732123456", 1_694_303_732_123_456),
      ("2147483648", 2_147_483_648_000_000), ("1694303732.1234567", 1_694_303_732_123_457),
    ] as [(String, Int64)])
  func numbers(_ text: String, _ expected: Int64) throws {
    let bytes = Array(text.utf8)
    let number = try #require(ExactDecimal(bytes, from: 0, to: bytes.count))
    #expect(try Timestamp.parse(number).count == expected)
  }

  @Test(
    "nanoseconds, negative and absurd numbers are refused",
    arguments: ["1694303732123456789", "-1", "1e30"])
  func badNumbers(_ text: String) throws {
    let bytes = Array(text.utf8)
    let number = try #require(ExactDecimal(bytes, from: 0, to: bytes.count))
    #expect(throws: FieldRules.Fault.self) { try Timestamp.parse(number) }
  }
}
