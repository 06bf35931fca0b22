import RiddleRuntime

/// One decision as it is printed.
struct DecisionLine: Encodable {
  var id: String?
  var candidate: String
  var probability: Double
  var margin: Double
  var threshold: Double
  var reason: String
  /// `unknown` when the router reads an embedding that the query did not bring.
  var embedding: String?
  var features: [QueryReasons.Reason]?

  init(
    _ decision: Decision, id: String?, names: [String], lacksEmbedding: Bool,
    features: [QueryReasons.Reason]?
  ) {
    self.id = id
    embedding = lacksEmbedding ? "unknown" : nil
    self.features = features
    candidate = names[decision.candidate]
    probability = decision.probability
    margin = decision.margin
    threshold = decision.threshold
    let below = names[decision.head]
    reason =
      decision.candidate > decision.head
      ? "margin at or above the threshold: \(below) is not expected to be enough"
      : "margin below the threshold: \(below) is expected to be enough"
  }

  /// The line of a request, with its newline.
  static func text(
    _ decision: Decision, _ request: ScoreRequest, _ opened: OpenedRouter,
    features: [QueryReasons.Reason]? = nil
  ) throws -> String {
    let lacksEmbedding =
      request.embedding.isEmpty && !opened.router.schema.embeddingMeans.isEmpty
    let line = DecisionLine(
      decision, id: request.id, names: opened.candidates, lacksEmbedding: lacksEmbedding,
      features: features)
    return try JSONOutput.text(line, pretty: false) + "\n"
  }
}

/// What stands in the place of a decision that could not be made.
struct FailedLine: Encodable {
  var line: Int
  var error: String

  /// The output line, with its newline.
  static func text(line: Int, _ error: ScoreRequest.BadLine) throws -> String {
    try JSONOutput.text(FailedLine(line: line, error: "\(error)"), pretty: false) + "\n"
  }
}
