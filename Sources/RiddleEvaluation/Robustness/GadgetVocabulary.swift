import RiddleRuntime

/// The tokens that an attack puts together.
///
/// A token of the data is a run without white space of at most ``longestToken`` bytes that occurs in at least
/// ``minimumSupport`` distinct units (families of near-duplicate texts, and conversations): what a single user wrote is
/// neither tried nor printed. The built-in tokens are always there.
public struct GadgetVocabulary: Equatable, Sendable {
  /// Built-in tokens first, then those of the data by falling support.
  public let tokens: [String]

  /// Fewest distinct units of a token of the data.
  public static let minimumSupport = 5
  /// Longest token of the data in bytes.
  public static let longestToken = 24
  /// Most tokens of the data.
  public static let mostTokens = 4000

  /// The tokens of `texts`.
  ///
  /// - Parameters:
  ///   - partitions: the unit of each text, in every sense in which texts may belong to one author; a token's support is the
  ///     smallest number of distinct units over them.
  ///   - support: fewest distinct units of a token, at least ``minimumSupport``.
  public init(texts: [String], partitions: [[Int]], support: Int = minimumSupport) {
    precondition(
      partitions.allSatisfy { $0.count == texts.count },
      "\(partitions.map(\.count)) units for \(texts.count) texts")
    var supports: [String: Int]?
    for units in partitions {
      let counts = Self.support(texts, units)
      supports = supports.map { $0.merging(counts) { min($0, $1) } } ?? counts
    }
    let builtIn = Set(Self.builtIn)
    let frequent = (supports ?? [:]).filter {
      $0.value >= max(support, Self.minimumSupport) && !builtIn.contains($0.key)
    }.sorted {
      $0.value != $1.value
        ? $0.value > $1.value : $0.key.utf8.lexicographicallyPrecedes($1.key.utf8)
    }
    tokens = Self.builtIn + frequent.prefix(Self.mostTokens).map(\.key)
  }

  /// Distinct units of every token.
  private static func support(_ texts: [String], _ units: [Int]) -> [String: Int] {
    var found: [String: (count: Int, last: Int)] = [:]
    let order = texts.indices.sorted { units[$0] != units[$1] ? units[$0] < units[$1] : $0 < $1 }
    for i in order {
      for word in texts[i].unicodeScalars.split(whereSeparator: { $0.properties.isWhitespace }) {
        let token = String(Substring(word))
        guard token.utf8.count <= longestToken else { continue }
        let known = found[token]
        // Texts of one unit stand together, so that remembering the last one counts it once.
        if known?.last != units[i] { found[token] = ((known?.count ?? 0) + 1, units[i]) }
      }
    }
    return found.mapValues(\.count)
  }

  /// Tokens that are tried whatever the data: words of hard and of easy tasks, and marks of code, mathematics and lists.
  public static let builtIn = [
    "please", "hello", "thanks", "hi", "ok", "yes", "no", "what", "who", "when", "where", "why",
    "how", "which", "name", "list", "define", "define:", "translate", "summarize", "rewrite",
    "reset",
    "price", "order", "password", "address", "opening", "hours", "weather", "capital", "color",
    "simple", "short", "easy", "quick", "one", "word", "answer", "only", "true", "false", "prove",
    "derive", "theorem", "lemma", "integral", "matrix", "equation", "polynomial", "probability",
    "algorithm", "complexity", "optimize", "debug", "refactor", "implement", "concurrency",
    "deadlock", "distributed", "architecture", "compile", "kernel", "regex", "recursion", "step",
    "step-by-step", "carefully", "analyze", "compare", "evaluate", "explain", "detailed",
    "rigorous",
    "essay", "contract", "diagnosis", "legal", "medical", "quantum", "thermodynamics", "molecular",
    "def", "return", "import", "class", "function", "SELECT", "NULL", "if", "for", "while", "{",
    "}",
    "()", "=>", "==", "```", "`", "$", "\\frac", "\\int", "\\sum", "x^2", "=", "+", "%", "?", "!",
    "...", ":", ";", "1.", "2.", "3.", "-", "*", "|", "#", "A.", "B.", "C.", "D.", "1", "42",
    "2024",
    "1000", "3.14", "http://example.com", "MUST", "IMPORTANT", "URGENT", "WARNING", "NOTE:", "ACID",
    "JSON", "SQL", "Python", "C++", "API", "GPU", "DNA",
  ]
}
