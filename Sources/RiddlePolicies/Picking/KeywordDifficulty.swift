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

  /// Where borderline queries go.
  public enum Borderline: String, CaseIterable, Sendable {
    /// To the cheapest candidate.
    case cheapest
    /// To the strongest.
    case strongest
    /// To the next stage, for example an LLM's pre-check (``PreCheck``).
    case passOn = "pass-on"
  }

  /// Where borderline queries go.
  public var borderline: Borderline

  /// The rule; borderline queries go to the cheapest candidate unless told otherwise.
  public init(borderline: Borderline = .cheapest) { self.borderline = borderline }

  /// The rule's verdict on `text`. O(bytes).
  public static func verdict(_ text: String) -> Verdict { verdict(RequestText(text)) }

  /// The rule's verdict on a measured text.
  public static func verdict(_ text: RequestText) -> Verdict {
    if simpleTable.hits(in: text.lowered, atMost: 3) > 2 { return .simple }
    if complexTable.hits(in: text.lowered, atMost: 3) > 2 { return .complex }
    if text.length < 50 { return .simple }
    return text.length > 500 ? .complex : .borderline
  }

  /// The verdict on `text` as a score: 0, ½ or 1.
  public static func score(_ text: String) -> Double { verdict(text).score }

  /// Complex → the strongest candidate, simple → the cheapest; borderline as told, or passed on.
  public func pick(_ request: Request) -> Pick? {
    let verdict = Self.verdict(request.text)
    if verdict == .borderline && borderline == .passOn { return nil }
    let goesUp = verdict == .complex || (verdict == .borderline && borderline == .strongest)
    return Pick(
      goesUp ? request.strongest : 0,
      Reason("keywords", verdict.rawValue, score: verdict.score))
  }

  static let simpleTable = PhraseTable(simplePhrases)
  static let complexTable = PhraseTable(complexPhrases)
}
