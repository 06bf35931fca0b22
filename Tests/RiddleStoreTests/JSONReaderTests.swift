import RiddleData
import Testing

@testable import RiddleStore

@Suite("JSON reader")
struct JSONReaderTests {
  func parse(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

  @Test("strings come back unescaped")
  func escapes() throws {
    guard case .string(let text) = try parse(#""a\n\t\"\\\/\u00e9\ud83d\ude00\b\f\r é😀""#) else {
      Issue.record("not a string")
      return
    }
    #expect(text == "a\n\t\"\\/é😀\u{8}\u{c}\r é😀")
  }

  @Test(
    "text that is not JSON is refused",
    arguments: [
      "", " ", "{", "[", "{]", "[1,]", "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "[1 2]", "tru", "nulll",
      "NaN", "Infinity", "-Infinity", "+1", "01", "1.", ".5", "1e", "1e+", "-", "0x10", "'a'",
      "\"a", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"a\nb\"", "\"\u{1}\"", "1 2", "// a\n1",
      "[1]]", "\"\\",
    ])
  func refused(_ text: String) {
    #expect(throws: JSONError.self) { try parse(text) }
  }

  @Test(
    "lone surrogates are refused",
    arguments: [#""\ud800""#, #""\udc00""#, #""\ud800x""#, #""\ud800\u0041""#, #""\ud800\ud800""#])
  func surrogates(_ text: String) {
    #expect {
      try parse(text)
    } throws: { ($0 as? JSONError)?.reason.contains("lone surrogate") == true }
  }

  @Test(
    "invalid UTF-8 is refused, also in values that are skipped",
    arguments: [[0x80], [0xc3], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80]]
      as [[UInt8]])
  func invalidUTF8(_ bytes: [UInt8]) {
    let text = [0x22] + bytes + [0x22]
    #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
    var reader = JSONReader(text)
    #expect(throws: JSONError.self) { try reader.skipValue() }
  }

  @Test("an error names the byte column")
  func column() {
    #expect {
      try parse("{\"a\": tru}")
    } throws: { ($0 as? JSONError)?.column == 7 }
  }

  @Test("nesting to 64 levels is read, 65 and 100 000 are refused without a crash")
  func depth() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    _ = try parse(nested(64))
    for depth in [65, 100_000] {
      #expect {
        try parse(nested(depth))
      } throws: { ($0 as? JSONError)?.reason.contains("deeper") == true }
      var reader = JSONReader(Array(String(repeating: "{\"a\":", count: depth).utf8))
      #expect(throws: JSONError.self) { try reader.skipValue() }
    }
  }

  @Test("any bytes are read or refused, never trapped on")
  func anyBytes() {
    var generator = SplitMix64(seed: 20_250_131)
    let alphabet: [UInt8] = Array("{}[]\",:\\u0e1-+.tfn ".utf8) + [0x00, 0x80, 0xff, 0xc3]
    for _ in 0..<3000 {
      let length = Int.random(in: 0..<40, using: &generator)
      let bytes = (0..<length).map { _ in alphabet.randomElement(using: &generator) ?? 0 }
      if let value = try? JSONValue(parsing: bytes) {
        // Whatever is accepted is accepted by a second reader of the same bytes.
        var reader = JSONReader(bytes)
        #expect(throws: Never.self, "\(bytes) \(value)") {
          try reader.skipValue()
          try reader.finish()
        }
      }
    }
  }
}
