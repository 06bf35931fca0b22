import Crypto
import Foundation

/// SHA-256 as 64 hexadecimal digits, as the store keeps it.
enum SHA256Text {
  static func of(_ bytes: Data) -> String { digits(SHA256.hash(data: bytes)) }

  static func of(_ text: String) -> String { digits(SHA256.hash(data: Array(text.utf8))) }

  private static func digits(_ hash: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: hash.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
