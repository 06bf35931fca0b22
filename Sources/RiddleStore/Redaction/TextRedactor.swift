import Foundation

/// Patterns of a person's own, beside those of ``PersonalData``.
public struct OwnPatterns {
  /// Names and expressions, in the order of the file.
  let patterns: [(name: String, expression: NSRegularExpression)]

  /// Reads `NAME = EXPRESSION`, a line each; lines that begin with `#` and blank ones are skipped. Expressions are ICU's;
  /// what one finds is replaced by `[NAME]`.
  ///
  /// - Throws: `.badMapping`, which names the line, for a name, expression or line that cannot be read, and for an expression
  ///   that matches nothing at all, which would be everywhere.
  public init(_ text: String, path: String) throws(StoreError) {
    var patterns: [(name: String, expression: NSRegularExpression)] = []
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      let line = line.trimmingCharacters(in: .whitespacesAndNewlines)
      if line.isEmpty || line.hasPrefix("#") { continue }
      func fault(_ reason: String) -> StoreError {
        .badMapping(path: path, field: "line \(number + 1)", reason: reason)
      }
      guard let equals = line.firstIndex(of: "=") else {
        throw fault("expected NAME = EXPRESSION, for example employee = EMP-[0-9]{5}")
      }
      let name = line[..<equals].trimmingCharacters(in: .whitespaces)
      let pattern = line[line.index(after: equals)...].trimmingCharacters(in: .whitespaces)
      guard !name.isEmpty, name.utf8.count <= 64,
        name.utf8.allSatisfy({ Bytes.isLetter($0) || Bytes.isDigit($0) || $0 == 0x2d || $0 == 0x5f }
        )
      else { throw fault("a name has letters, digits, - and _, 64 at most") }
      let expression: NSRegularExpression
      do { expression = try NSRegularExpression(pattern: pattern) } catch {
        throw fault("'\(name)' is no regular expression that can be read")
      }
      guard !pattern.isEmpty,
        expression.firstMatch(in: "", range: NSRange(location: 0, length: 0)) == nil
      else { throw fault("'\(name)' matches a text of no characters, which is everywhere") }
      patterns.append((name, expression))
    }
    if patterns.isEmpty { throw .badMapping(path: path, field: "file", reason: "holds no pattern") }
    self.patterns = patterns
  }
}

/// Replaces what patterns find, and counts it.
struct TextRedactor {
  let scanner: PersonalDataScanner
  let own: OwnPatterns?
  /// What was found so far, by name.
  private(set) var counts: [String: Int] = [:]

  init(_ kinds: [PersonalData], own: OwnPatterns?) {
    scanner = PersonalDataScanner(kinds)
    self.own = own
  }

  /// The text with placeholders; nil when nothing was found.
  mutating func redacted(_ text: String) -> String? {
    let bytes = Array(text.utf8)
    let matches = scanner.matches(in: bytes)
    var result: String?
    if !matches.isEmpty {
      var out: [UInt8] = []
      var done = 0
      for (kind, range) in matches {
        out.append(contentsOf: bytes[done..<range.lowerBound])
        out.append(contentsOf: kind.placeholder.utf8)
        done = range.upperBound
        counts[kind.rawValue, default: 0] += 1
      }
      out.append(contentsOf: bytes[done...])
      result = String(decoding: out, as: UTF8.self)
    }
    for (name, expression) in own?.patterns ?? [] {
      let current = result ?? text
      let all = NSRange(location: 0, length: current.utf16.count)
      let count = expression.numberOfMatches(in: current, range: all)
      if count == 0 { continue }
      counts[name, default: 0] += count
      result = expression.stringByReplacingMatches(
        in: current, range: all,
        withTemplate: NSRegularExpression.escapedTemplate(for: "[\(name)]"))
    }
    return result
  }

  /// A stand-in for a value by which rows are grouped: the same for the same value, different for different ones, so that
  /// conversations stay apart. nil when nothing was found in it.
  mutating func pseudonym(_ value: String) -> String? {
    guard let redacted = redacted(value) else { return nil }
    let kind = redacted.split(separator: "[").last?.split(separator: "]").first ?? "redacted"
    return "[\(kind):\(SHA256Text.of("riddle redaction 1\n\(value)").prefix(12))]"
  }

  /// Whether anything is found, without counting.
  func finds(in text: String) -> Bool {
    var copy = self
    return copy.redacted(text) != nil
  }
}
