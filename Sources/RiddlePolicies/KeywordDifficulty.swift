/// Two word lists and a length: a rule that many teams start with (ROUTING-SYSTEMS A26).
///
/// In this order: more than 2 of the 9 simple phrases occur → simple; more than 2 of the 10 complex ones →
/// complex; fewer than 50 Unicode scalars → simple; more than 500 → complex; else borderline. A phrase counts
/// once, wherever it stands in the lower-cased text, inside a word too. Known to fail on short hard queries:
/// "Design a system to reduce database latency by 50%" has 49 scalars and is called simple.
public struct KeywordDifficulty: PickingPolicy, Equatable {
  /// What the rule says of a query.
  public enum Verdict: String, CaseIterable, Sendable, Codable {
    /// The cheapest candidate will do.
    case simple
    /// Neither list and no length decides; the rule's author asks an LLM here.
    case borderline
    /// The strongest candidate is needed.
    case complex

    /// Simple 0, borderline ½, complex 1: the verdict as a score to sweep a threshold over.
    public var score: Double {
      switch self {
      case .simple: 0
      case .borderline: 0.5
      case .complex: 1
      }
    }
  }

  /// Phrases of simple queries.
  public static let simplePhrases = [
    "what is", "how do i", "password", "reset", "faq", "status", "hours", "phone number", "address",
  ]
  /// Phrases of complex queries.
  public static let complexPhrases = [
    "why", "analyze", "compare", "strategy", "design", "complex", "reasoning", "code",
    "architecture", "optimize",
  ]

  /// Whether borderline queries go to the strongest candidate; by default they go to the cheapest.
  public var sendsBorderlineUp: Bool

  /// The rule; borderline queries go to the cheapest candidate unless told otherwise.
  public init(sendsBorderlineUp: Bool = false) { self.sendsBorderlineUp = sendsBorderlineUp }

  /// The rule's verdict on `text`. O(bytes × phrases with the same first letter).
  public static func verdict(_ text: String) -> Verdict {
    let bytes = Array(text.lowercased().utf8)
    if hits(simpleTable, in: bytes) > 2 { return .simple }
    if hits(complexTable, in: bytes) > 2 { return .complex }
    let length = PromptLength.score(text)
    if length < 50 { return .simple }
    return length > 500 ? .complex : .borderline
  }

  /// The verdict on `text` as a score: 0, ½ or 1.
  public static func score(_ text: String) -> Double { verdict(text).score }

  /// Complex → the strongest candidate, simple → the cheapest, borderline as told.
  public func pick(_ request: Request) -> (candidate: Int, reason: Reason) {
    let verdict = Self.verdict(request.text)
    let goesUp = verdict == .complex || (verdict == .borderline && sendsBorderlineUp)
    return (
      goesUp ? request.candidateCount - 1 : 0, Reason(verdict.rawValue, score: verdict.score)
    )
  }

  private static let simpleTable = PhraseTable(simplePhrases)
  private static let complexTable = PhraseTable(complexPhrases)

  /// How many of the table's phrases occur in `bytes`; each counts once.
  private static func hits(_ table: PhraseTable, in bytes: [UInt8]) -> Int {
    var found = 0  // bit set over phrases; both lists are shorter than a word
    for start in bytes.indices {
      for index in table.startingWith[Int(bytes[start])] where found & (1 << index) == 0 {
        let phrase = table.phrases[index]
        if bytes.count - start >= phrase.count
          && bytes[start..<(start + phrase.count)].elementsEqual(phrase)
        {
          found |= 1 << index
        }
      }
    }
    return found.nonzeroBitCount
  }
}

/// Phrases by their first byte, so that most positions of a text are passed over after one look-up.
private struct PhraseTable: Sendable {
  let phrases: [[UInt8]]
  let startingWith: [[Int]]  // 256 lists of phrase indices

  init(_ phrases: [String]) {
    self.phrases = phrases.map { Array($0.utf8) }
    var lists = [[Int]](repeating: [], count: 256)
    for (index, phrase) in self.phrases.enumerated() {
      if let first = phrase.first { lists[Int(first)].append(index) }
    }
    startingWith = lists
  }
}
