import RiddleData
import RiddleRuntime

/// What a policy may know before any candidate has answered.
public struct Request: Sendable {
  /// The log's or the caller's identifier.
  public var id: String
  /// A stable hash of ``id``: what chance is drawn from, so that a draw does not depend on the order of requests.
  public let key: UInt64
  /// The query's text, measured and lower-cased once.
  public let text: RequestText
  /// Facts known before any answer.
  public var context: QueryContext
  /// Number of candidates on the ladder, 2 to 64. Position 0 is the cheapest.
  public var candidateCount: Int
  /// Step margins of a trained router, `candidateCount − 1` of them; empty when no router scored the query.
  public var margins: [Double]
  /// The router's calibrated probability that the query must leave the cheapest candidate; nil without a router that gives one.
  public var probability: Double?
  /// What each candidate's answer is expected to be worth, ladder order; empty when nothing predicts it.
  public var predictions: [Prediction]
  /// What an LLM's pre-check says of the query, where a replay simulates one; nil leaves it to the request's metadata.
  public var saysComplex: Bool?
  /// Which of several cross-fitted maps and tables belongs to this request; 0 in production.
  public var fold = 0
  /// The text's embedding, for policies that learn online; empty when there is none.
  public var embedding: [Float]

  /// A request.
  public init(
    id: String = "", text: String, context: QueryContext = QueryContext(), candidateCount: Int,
    margins: [Double] = [], probability: Double? = nil, predictions: [Prediction] = [],
    embedding: [Float] = []
  ) {
    precondition(
      candidateCount >= 2 && candidateCount <= 64,
      "a ladder has 2 to 64 candidates, got \(candidateCount)")
    self.id = id
    self.key = StableHash.hash(id.utf8)
    self.text = RequestText(text)
    self.context = context
    self.candidateCount = candidateCount
    self.margins = margins
    self.probability = probability
    self.predictions = predictions
    self.embedding = embedding
  }

  /// Top of the ladder.
  public var strongest: Int { candidateCount - 1 }

  /// The same positions on this request's ladder: those beyond it mean its top.
  func onLadder(_ candidates: CandidateSet) -> CandidateSet {
    var kept = CandidateSet(bits: candidates.bits & CandidateSet.all(candidateCount).bits)
    if kept != candidates { kept.insert(strongest) }
    return kept
  }

  /// A number in [0, 1) that belongs to this request and `seed`: the same however often, and in whatever order, it is drawn.
  public func chance(_ seed: UInt64) -> Double {
    Double(StableHash.mixed(key ^ StableHash.mixed(seed)) >> 11) / 9_007_199_254_740_992
  }
}

/// The expected worth of a candidate's answer, and how sure that is.
public struct Prediction: Equatable, Sendable {
  /// Expected quality, in [0, 1].
  public var quality: Double
  /// Standard error of ``quality``; 0 when unknown.
  public var standardError: Double

  /// A prediction.
  public init(quality: Double, standardError: Double = 0) {
    self.quality = quality
    self.standardError = standardError
  }
}

/// A query's text with what rules ask of it again and again.
public struct RequestText: Sendable {
  /// The text.
  public let string: String
  /// UTF-8 of the lower-cased text.
  public let lowered: [UInt8]
  /// Length in Unicode scalars.
  public let length: Int

  /// Measures `string`.
  public init(_ string: String) {
    self.string = string
    lowered = Array(string.lowercased().utf8)
    length = Int(PromptLength.score(string))
  }

  /// Tokens by the rule of thumb of four scalars a token, rounded up.
  public var estimatedTokens: Int { (length + 3) / 4 }
}
