import Glibc

/// E-mail and network addresses. Each function gives the end of a match that begins at `start`, or nil.
enum AddressPatterns {
  /// A local part of at most 64 bytes (RFC 5321) without quotes, `@`, and a domain of at least two labels whose last has two
  /// letters or more. Letters beyond ASCII are taken in both.
  static func email(_ text: [UInt8], _ start: Int) -> Int? {
    var i = start
    while i < text.count, i - start < 65, isLocal(text[i]) { i += 1 }
    guard i > start, i - start <= 64, i < text.count, text[i] == UInt8(ascii: "@"),
      text[i - 1] != UInt8(ascii: ".")
    else { return nil }
    i += 1
    let domain = i
    var label = i
    var end: Int?
    while i <= text.count, i - domain <= 255 {
      let isLetterOfLabel =
        i < text.count && (Bytes.isWord(text[i]) || text[i] == UInt8(ascii: "-"))
      if isLetterOfLabel {
        i += 1
        continue
      }
      // A label ends here: with two letters or more it can be the last.
      guard i > label else { break }
      let isLast =
        label > domain && i - label >= 2
        && !text[label..<i].contains { Bytes.isDigit($0) || $0 == 0x2d }
      if isLast { end = i }
      guard i < text.count, text[i] == UInt8(ascii: ".") else { break }
      i += 1
      label = i
    }
    return end
  }

  private static func isLocal(_ byte: UInt8) -> Bool {
    Bytes.isWord(byte) || "._%+-'".utf8.contains(byte)
  }

  /// IPv4 in dots, or IPv6 as RFC 4291 writes it with at least four hexadecimal digits. The addresses that every machine
  /// has (127.0.0.1, 0.0.0.0, ::1) are nobody's.
  static func ip(_ text: [UInt8], _ start: Int) -> Int? {
    version4(text, start) ?? version6(text, start)
  }

  private static func version4(_ text: [UInt8], _ start: Int) -> Int? {
    // 1.2.3.4.5 and v1.2.3.4 are versions.
    if start > 0, text[start - 1] == UInt8(ascii: ".") { return nil }
    var i = start
    var octets: [Int] = []
    while octets.count < 4 {
      let first = i
      var value = 0
      while i < text.count, i - first < 3, Bytes.isDigit(text[i]) {
        value = value * 10 + Int(text[i] - 0x30)
        i += 1
      }
      guard i > first, value <= 255, i - first == 1 || text[first] != 0x30 else { return nil }
      octets.append(value)
      if octets.count < 4 {
        guard i < text.count, text[i] == UInt8(ascii: ".") else { return nil }
        i += 1
      }
    }
    if i + 1 < text.count, text[i] == UInt8(ascii: "."), Bytes.isDigit(text[i + 1]) { return nil }
    return octets == [127, 0, 0, 1] || octets == [0, 0, 0, 0] ? nil : i
  }

  private static func version6(_ text: [UInt8], _ start: Int) -> Int? {
    if start > 0, text[start - 1] == UInt8(ascii: ":") { return nil }
    var end = start
    while end < text.count, end - start < 46,
      Bytes.isHex(text[end]) || text[end] == UInt8(ascii: ":") || text[end] == UInt8(ascii: ".")
    {
      end += 1
    }
    // A full stop or colon of the sentence is no part of the address.
    while end > start,
      text[end - 1] == UInt8(ascii: ".")
        || (text[end - 1] == UInt8(ascii: ":")
          && !(end - start >= 2 && text[end - 2] == UInt8(ascii: ":")))
    {
      end -= 1
    }
    let part = text[start..<end]
    let colons = part.count { $0 == UInt8(ascii: ":") }
    guard colons >= 2, part.count(where: Bytes.isHex) >= 4, part.contains(where: Bytes.isDigit)
    else { return nil }
    var address = in6_addr()
    return inet_pton(AF_INET6, String(decoding: part, as: UTF8.self), &address) == 1 ? end : nil
  }
}
