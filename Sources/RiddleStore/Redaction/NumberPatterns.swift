/// Numbers with a form or check digits. Each function gives the end of a match that begins at `start`, or nil.
enum NumberPatterns {
  /// Digits from `start` on, single spaces and dashes between them left out; `end` after the last digit.
  private static func grouped(_ text: [UInt8], _ start: Int, atMost limit: Int)
    -> (digits: [UInt8], end: Int)
  {
    var digits: [UInt8] = []
    var i = start
    var end = start
    while i < text.count, digits.count <= limit {
      if Bytes.isDigit(text[i]) {
        digits.append(text[i] - 0x30)
        i += 1
        end = i
      } else if (text[i] == 0x20 || text[i] == 0x2d) && i == end && i > start {
        i += 1
      } else {
        break
      }
    }
    return (digits, end)
  }

  /// 13 to 19 digits, in groups or not, that begin with 2 to 6 as cards of payment do and pass Luhn's check.
  static func card(_ text: [UInt8], _ start: Int) -> Int? {
    guard (0x32...0x36).contains(text[start]) else { return nil }
    let (digits, end) = grouped(text, start, atMost: 19)
    guard (13...19).contains(digits.count), Set(digits).count > 1 else { return nil }
    var sum = 0
    for (place, digit) in digits.reversed().enumerated() {
      let doubled = place % 2 == 0 ? Int(digit) : 2 * Int(digit)
      sum += doubled > 9 ? doubled - 9 : doubled
    }
    return sum % 10 == 0 ? end : nil
  }

  /// `ddd-dd-dddd`: area not 000, 666 or 900 and above, group not 00, serial not 0000.
  static func socialSecurity(_ text: [UInt8], _ start: Int) -> Int? {
    guard start + 11 <= text.count else { return nil }
    for (place, byte) in text[start..<(start + 11)].enumerated() {
      let isRight = place == 3 || place == 6 ? byte == 0x2d : Bytes.isDigit(byte)
      if !isRight { return nil }
    }
    if start + 11 < text.count, text[start + 11] == 0x2d { return nil }
    func number(_ range: Range<Int>) -> Int {
      text[(start + range.lowerBound)..<(start + range.upperBound)].reduce(0) {
        $0 * 10 + Int($1 - 0x30)
      }
    }
    let area = number(0..<3)
    guard area != 0, area != 666, area < 900, number(4..<6) != 0, number(7..<11) != 0 else {
      return nil
    }
    return start + 11
  }

  /// Two letters of a country, two check digits and the country's number of letters and digits, in groups of four or not.
  static func iban(_ text: [UInt8], _ start: Int) -> Int? {
    guard start + 4 <= text.count, Bytes.isLetter(text[start]), Bytes.isLetter(text[start + 1]),
      Bytes.isDigit(text[start + 2]), Bytes.isDigit(text[start + 3])
    else { return nil }
    let country = String(decoding: text[start..<(start + 2)], as: UTF8.self).uppercased()
    guard let length = ibanLengths[country] else { return nil }
    var compact: [UInt8] = []
    var i = start
    while i < text.count, compact.count < length {
      if Bytes.isDigit(text[i]) || Bytes.isLetter(text[i]) {
        compact.append(text[i])
      } else if text[i] != 0x20 || text[i - 1] == 0x20 {
        return nil
      }
      i += 1
    }
    guard compact.count == length else { return nil }
    // ISO 7064 MOD 97-10 over the number with its first four characters last and letters as 10 to 35.
    var rest = 0
    for byte in compact[4...] + compact[..<4] {
      rest =
        Bytes.isDigit(byte)
        ? (rest * 10 + Int(byte - 0x30)) % 97 : (rest * 100 + Int((byte | 0x20) - 0x61) + 10) % 97
    }
    return rest == 1 ? i : nil
  }

  /// Lengths by country: SWIFT, "IBAN Registry".
  private static let ibanLengths: [String: Int] = [
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22,
    "BI": 27, "BR": 29, "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27,
    "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FK": 18, "FO": 18, "FR": 27,
    "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22,
    "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32,
    "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19,
    "MN": 20, "MR": 27, "MT": 31, "MU": 30, "NI": 28, "NL": 18, "NO": 15, "OM": 23, "PK": 24,
    "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "RU": 33, "SA": 24, "SC": 31,
    "SD": 18, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "SO": 23, "ST": 25, "SV": 28, "TL": 23,
    "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20, "YE": 30,
  ]

  /// International: `+`, then 8 to 15 digits with single spaces, dots, dashes or parentheses between. National: an area in
  /// parentheses, `ddd-ddd-dddd` with dashes, dots or spaces, or a number that begins with 0 and is written in groups.
  ///
  /// A number without any sign of its own (`4155550123`) may be an order or an amount and is left alone, as are dates.
  static func phone(_ text: [UInt8], _ start: Int) -> Int? {
    var i = start
    var groups: [Int] = []
    var inGroup = 0
    var digits = 0
    var end = start
    var separators = 0
    var hasParentheses = false
    let isInternational = text[start] == UInt8(ascii: "+")
    if isInternational { i += 1 }
    scan: while i < text.count, digits <= 15 {
      switch text[i] {
      case 0x30...0x39:
        digits += 1
        inGroup += 1
        separators = 0
        i += 1
        end = i
      case 0x20, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "("),
        UInt8(ascii: ")"):
        if text[i] == UInt8(ascii: "(") || text[i] == UInt8(ascii: ")") { hasParentheses = true }
        separators += 1
        // ") " and " (" are two.
        if separators > 2 || (digits == 0 && text[i] != UInt8(ascii: "(")) { break scan }
        if inGroup > 0 { groups.append(inGroup) }
        inGroup = 0
        i += 1
      default: break scan
      }
    }
    if inGroup > 0 { groups.append(inGroup) }
    guard end > start else { return nil }
    if isInternational { return (8...15).contains(digits) ? end : nil }
    if text[start] == UInt8(ascii: "(") {
      return hasParentheses && (9...12).contains(digits) && groups.count >= 2 ? end : nil
    }
    if groups == [3, 3, 4] || (groups == [1, 3, 3, 4] && text[start] == UInt8(ascii: "1")) {
      return end
    }
    guard text[start..<end].contains(where: { (0x31...0x39).contains($0) }) else { return nil }
    return text[start] == 0x30 && (9...12).contains(digits) && groups.count >= 2
      && (3...6).contains(groups[0]) ? end : nil
  }
}
