/// Kinds of personal data and secrets that are found in texts.
public enum PersonalData: String, CaseIterable, Sendable, Codable {
  /// A JSON web token: three base64url parts, the first a JSON object.
  case jwt
  /// A key or token of a known form: `sk-…`, `AKIA…`, `ghp_…`, `github_pat_…`, `glpat-…`, `xox?-…`, `AIza…`, `hf_…`, `-----BEGIN … PRIVATE KEY-----`.
  case key
  /// An e-mail address.
  case email
  /// An IBAN of the length of its country whose check digits are right (ISO 13616, ISO 7064 MOD 97-10).
  case iban
  /// A payment card's number: 13 to 19 digits whose check digit is right (ISO/IEC 7812-1, Luhn).
  case card
  /// A US social security number of an area, group and serial that are given out: `123-45-6789`.
  case ssn
  /// A telephone number: `+` and 8 to 15 digits (ITU-T E.164), or one in a usual national notation.
  case phone
  /// An IPv4 or IPv6 address.
  case ip

  /// What stands in the text instead.
  public var placeholder: String { "[\(rawValue)]" }
}

/// Finds personal data in UTF-8 text. Every pattern is bounded in length, so that time is linear in the text's.
///
/// A match begins and ends at a border: no letter or digit stands before or after it. At one place the kinds are tried in the
/// order of ``PersonalData``; what is found is skipped.
struct PersonalDataScanner {
  let kinds: [PersonalData]

  init(_ kinds: [PersonalData] = PersonalData.allCases) {
    self.kinds = PersonalData.allCases.filter(kinds.contains)
  }

  /// What is found, in order: the kind and the bytes.
  func matches(in text: [UInt8]) -> [(kind: PersonalData, range: Range<Int>)] {
    var found: [(kind: PersonalData, range: Range<Int>)] = []
    var i = 0
    var isBorder = true
    while i < text.count {
      let byte = text[i]
      if isBorder && Self.mayBegin(byte), let (kind, end) = match(text, at: i) {
        found.append((kind, i..<end))
        i = end
        isBorder = true
        continue
      }
      isBorder = !Bytes.isWord(byte)
      i += 1
    }
    return found
  }

  /// Letters, digits, and what addresses, numbers and keys may begin with.
  private static func mayBegin(_ byte: UInt8) -> Bool {
    Bytes.isWord(byte) || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "(")
      || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "_")
  }

  private func match(_ text: [UInt8], at start: Int) -> (PersonalData, Int)? {
    for kind in kinds {
      let end: Int? =
        switch kind {
        case .jwt: SecretPatterns.token(text, start)
        case .key: SecretPatterns.key(text, start)
        case .email: AddressPatterns.email(text, start)
        case .iban: NumberPatterns.iban(text, start)
        case .card: NumberPatterns.card(text, start)
        case .ssn: NumberPatterns.socialSecurity(text, start)
        case .phone: NumberPatterns.phone(text, start)
        case .ip: AddressPatterns.ip(text, start)
        }
      if let end, end >= text.count || !Bytes.isWord(text[end]) { return (kind, end) }
    }
    return nil
  }
}

/// Classes of bytes.
enum Bytes {
  static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

  static func isLetter(_ byte: UInt8) -> Bool {
    (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a
  }

  static func isHex(_ byte: UInt8) -> Bool {
    isDigit(byte) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66)
  }

  /// A letter or digit, or a byte of a character beyond ASCII, most of which are letters.
  static func isWord(_ byte: UInt8) -> Bool { isDigit(byte) || isLetter(byte) || byte >= 0x80 }
}
