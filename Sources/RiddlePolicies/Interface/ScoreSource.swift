import RiddleData

/// Where a stage takes its score from: larger means a harder query.
public enum ScoreSource: Equatable, Sendable {
  /// The router's calibrated probability that the query must leave the cheapest candidate.
  case probability
  /// ``ComplexityScore``, in [0, 1].
  case complexity
  /// ``KeywordDifficulty``: 0, ½ or 1.
  case keywords
  /// Unicode scalars.
  case length
  /// A number that the request carries (``QueryContext/number(of:)``).
  case field(String)

  /// The request's score; nil when the request has none.
  public func score(_ request: Request) -> Double? {
    switch self {
    case .probability: request.probability
    case .complexity: ComplexityScore.score(request.text)
    case .keywords: KeywordDifficulty.verdict(request.text).score
    case .length: Double(request.text.length)
    case .field(let name): request.context.number(of: name)
    }
  }

  /// The name for reasons.
  public var name: String {
    switch self {
    case .probability: "probability"
    case .complexity: "complexity"
    case .keywords: "keywords"
    case .length: "length"
    case .field(let name): name
    }
  }
}
