/// Keys and tokens. Each function gives the end of a match that begins at `start`, or nil.
enum SecretPatterns {
  /// Longest part of a token.
  private static let longest = 8192

  /// Beginnings of keys, with the fewest characters that follow and whether dashes and underscores are among them.
  private static let prefixes: [(text: [UInt8], fewest: Int, hasMarks: Bool)] = [
    ("sk-", 16, true), ("sk_live_", 16, false), ("sk_test_", 16, false), ("rk_live_", 16, false),
    ("AKIA", 16, false), ("ASIA", 16, false), ("ghp_", 30, false), ("gho_", 30, false),
    ("ghu_", 30, false), ("ghs_", 30, false), ("ghr_", 30, false), ("github_pat_", 20, true),
    ("glpat-", 20, true), ("xoxb-", 10, true), ("xoxp-", 10, true), ("xoxa-", 10, true),
    ("xoxr-", 10, true), ("xoxs-", 10, true), ("AIza", 35, true), ("hf_", 30, false),
    ("npm_", 30, false), ("pypi-", 30, true), ("SG.", 20, true),
  ].map { (Array($0.0.utf8), $0.1, $0.2) }

  /// A key by its beginning, or a private key in PEM with everything up to its end.
  static func key(_ text: [UInt8], _ start: Int) -> Int? {
    if text[start] == UInt8(ascii: "-") { return privateKey(text, start) }
    for prefix in prefixes where text[start...].starts(with: prefix.text) {
      let first = start + prefix.text.count
      let end = run(text, first, hasMarks: prefix.hasMarks)
      // A word of letters alone (sk-learn-…) is no key.
      if end - first >= prefix.fewest, text[first..<end].contains(where: Bytes.isDigit) {
        return end
      }
    }
    return nil
  }

  /// Three parts of base64url with dots between; the first two begin as base64url of `{"` does.
  static func token(_ text: [UInt8], _ start: Int) -> Int? {
    func part(_ from: Int, isJSON: Bool) -> Int? {
      if isJSON && !text[from...].starts(with: "eyJ".utf8) { return nil }
      let end = run(text, from, hasMarks: true)
      return end - from >= 8 ? end : nil
    }
    func dot(_ i: Int) -> Bool { i < text.count && text[i] == UInt8(ascii: ".") }
    guard let header = part(start, isJSON: true), dot(header),
      let payload = part(header + 1, isJSON: true), dot(payload)
    else { return nil }
    return part(payload + 1, isJSON: false)
  }

  private static func privateKey(_ text: [UInt8], _ start: Int) -> Int? {
    guard text[start...].starts(with: "-----BEGIN ".utf8) else { return nil }
    let limit = min(text.count, start + 2 * longest)
    let head = String(decoding: text[start..<min(limit, start + 64)], as: UTF8.self)
    guard head.contains("PRIVATE KEY-----") else { return nil }
    let mark = Array("-----END ".utf8)
    var i = start + 11
    while i < limit {
      if text[i] == 0x2d, text[i...].starts(with: mark) {
        var end = i + mark.count
        while end < text.count, text[end] != 0x2d, end < i + 64 { end += 1 }
        while end < text.count, text[end] == 0x2d { end += 1 }
        return end
      }
      i += 1
    }
    // Cut off: everything that follows is the key.
    return limit
  }

  /// The end of a run of letters and digits.
  private static func run(_ text: [UInt8], _ start: Int, hasMarks: Bool) -> Int {
    var i = start
    while i < text.count, i - start < longest,
      Bytes.isLetter(text[i]) || Bytes.isDigit(text[i])
        || (hasMarks && (text[i] == UInt8(ascii: "-") || text[i] == UInt8(ascii: "_")))
    {
      i += 1
    }
    return i
  }
}
