import Foundation
import Testing

@testable import RiddleReport

@Suite struct HTMLStyleTests {
  @Test func `the security policy allows exactly the script that is there`() {
    let digest = Self.sha256(Array(HTMLStyle.script.utf8))
    #expect(Data(digest).base64EncodedString() == HTMLStyle.scriptHash)
  }

  @Test func `the test's digest is SHA-256`() {
    let abc = Self.sha256(Array("abc".utf8)).prefix(4)
    #expect(Array(abc) == [0xBA, 0x78, 0x16, 0xBF])
  }

  /// WCAG 2.2 contrast of text colours on their backgrounds: at least 4.5 to 1.
  @Test(arguments: [
    ("1f2328", "fcfbf8"), ("5a616b", "fcfbf8"), ("0b6a72", "fcfbf8"), ("5a616b", "f3f1eb"),
    ("e6e4de", "15181b"), ("a3a9b1", "15181b"), ("62c6c9", "15181b"), ("a3a9b1", "1d2125"),
  ])
  func `text stands out from its background`(text: String, background: String) {
    #expect(HTMLStyle.sheet.contains("#\(text)") && HTMLStyle.sheet.contains("#\(background)"))
    let a = Self.luminance(text)
    let b = Self.luminance(background)
    #expect((max(a, b) + 0.05) / (min(a, b) + 0.05) >= 4.5)
  }

  @Test func `braces balance and nothing is loaded`() {
    let sheet = HTMLStyle.sheet
    #expect(sheet.count { $0 == "{" } == sheet.count { $0 == "}" })
    #expect(!sheet.contains("url(") && !sheet.contains("@import") && !sheet.contains("<"))
    #expect(!HTMLStyle.script.contains("</"))
  }

  private static func luminance(_ hex: String) -> Double {
    let value = Int(hex, radix: 16) ?? 0
    let parts = [16, 8, 0].map { shift -> Double in
      let c = Double(value >> shift & 0xFF) / 255
      return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
  }

  /// FIPS 180-4; the constants are the fractional parts of square and cube roots of the first primes.
  private static func sha256(_ message: [UInt8]) -> [UInt8] {
    let primes = (2...311).filter { n in !(2..<n).contains { n % $0 == 0 } }
    func fraction(_ x: Double) -> UInt32 { UInt32((x - x.rounded(.down)) * 4_294_967_296) }
    let k = primes.map { fraction(cbrt(Double($0))) }
    var h = primes.prefix(8).map { fraction(Double($0).squareRoot()) }
    var bytes = message + [0x80]
    while bytes.count % 64 != 56 { bytes.append(0) }
    bytes += (0..<8).map { UInt8(truncatingIfNeeded: (message.count * 8) >> (56 - 8 * $0)) }
    func turn(_ x: UInt32, _ n: UInt32) -> UInt32 { x >> n | x << (32 - n) }
    for block in stride(from: 0, to: bytes.count, by: 64) {
      var w = (0..<16).map { i in
        (0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(bytes[block + i * 4 + $1]) }
      }
      for i in 16..<64 {
        let a = turn(w[i - 15], 7) ^ turn(w[i - 15], 18) ^ w[i - 15] >> 3
        let b = turn(w[i - 2], 17) ^ turn(w[i - 2], 19) ^ w[i - 2] >> 10
        w.append(w[i - 16] &+ a &+ w[i - 7] &+ b)
      }
      var v = h
      for i in 0..<64 {
        let s1 = turn(v[4], 6) ^ turn(v[4], 11) ^ turn(v[4], 25)
        let choice = v[4] & v[5] ^ ~v[4] & v[6]
        let t1 = v[7] &+ s1 &+ choice &+ k[i] &+ w[i]
        let s0 = turn(v[0], 2) ^ turn(v[0], 13) ^ turn(v[0], 22)
        let majority = v[0] & v[1] ^ v[0] & v[2] ^ v[1] & v[2]
        v = [t1 &+ s0 &+ majority, v[0], v[1], v[2], v[3] &+ t1, v[4], v[5], v[6]]
      }
      h = zip(h, v).map { $0 &+ $1 }
    }
    return h.flatMap { word in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> $0) } }
  }
}
