/// RouterBench (Hu et al., 2024, arXiv:2403.12031) as one wide table of CSV.
///
/// | row | column |
/// |---|---|
/// | id, group | `sample_id`; `eval_name` |
/// | query | `prompt`: a list of texts as Python writes it, `['…', "…"]`, its elements joined by newlines |
/// | candidate | the name of every column that has a sibling `<name>\|total_cost` |
/// | quality, cost | `<name>`; `<name>\|total_cost` in dollars |
///
/// It is published as a pickle, which is a program: that is never opened. The CSV is read by ``CSVMapping``; here is only
/// what is particular to it.
enum RouterBench {
  /// What the names of columns with costs end with.
  static let costSuffix = "|total_cost"

  /// A list of texts as Python writes it, joined by newlines; any other text as it is. Nothing is evaluated.
  static func plain(_ text: String) -> String {
    var parser = PythonList(bytes: Array(text.utf8))
    guard let texts = parser.texts(), !texts.isEmpty else { return text }
    return texts.joined(separator: "\n")
  }

  /// Reads `['a', "b"]`: texts in single or double quotes with Python's escapes, separated by commas.
  private struct PythonList {
    let bytes: [UInt8]
    var i = 0

    mutating func texts() -> [String]? {
      skipSpace()
      guard take(0x5b) else { return nil }
      var texts: [String] = []
      while true {
        skipSpace()
        if take(0x5d) { break }
        guard let text = text() else { return nil }
        texts.append(text)
        skipSpace()
        if take(0x2c) { continue }
        guard take(0x5d) else { return nil }
        break
      }
      skipSpace()
      return i == bytes.count ? texts : nil
    }

    private mutating func text() -> String? {
      guard i < bytes.count, bytes[i] == 0x27 || bytes[i] == 0x22 else { return nil }
      let quote = bytes[i]
      var out: [UInt8] = []
      i += 1
      while i < bytes.count, bytes[i] != quote {
        if bytes[i] != 0x5c {
          out.append(bytes[i])
          i += 1
          continue
        }
        guard i + 1 < bytes.count else { return nil }
        let escape = bytes[i + 1]
        i += 2
        switch escape {
        case 0x6e: out.append(0x0a)
        case 0x74: out.append(0x09)
        case 0x72: out.append(0x0d)
        case 0x5c, 0x27, 0x22: out.append(escape)
        case 0x78, 0x75, 0x55:
          let count = escape == 0x78 ? 2 : escape == 0x75 ? 4 : 8
          guard i + count <= bytes.count,
            let code = UInt32(String(decoding: bytes[i..<(i + count)], as: UTF8.self), radix: 16),
            let scalar = Unicode.Scalar(code)
          else { return nil }
          out.append(contentsOf: String(Character(scalar)).utf8)
          i += count
        default: out += [0x5c, escape]
        }
      }
      guard take(quote) else { return nil }
      return String(validating: out, as: UTF8.self)
    }

    private mutating func take(_ byte: UInt8) -> Bool {
      guard i < bytes.count, bytes[i] == byte else { return false }
      i += 1
      return true
    }

    private mutating func skipSpace() {
      while i < bytes.count, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[i]) { i += 1 }
    }
  }
}
