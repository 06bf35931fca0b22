import RiddleData

/// Votes in the style of Chatbot Arena: two candidates answered, somebody said which answer was better.
///
/// A vote is a preference, not a quality: it compares the two candidates of one row and says nothing of the others. It is
/// kept as the share of the vote that each candidate won: 1 and 0, ½ each for a tie, 0 each when both were bad.
///
/// | row | field |
/// |---|---|
/// | id | `question_id`, `id`, else a hash of the prompt, the candidates and the judge |
/// | query | first user message of `conversation_a`, else `prompt` |
/// | candidates | `model_a`, `model_b` |
/// | quality | `winner` (`model_a`, `model_b`, `tie`, `tie (bothbad)`), or `winner_model_a`, `winner_model_b`, `winner_tie` |
/// | time, conversation | `tstamp`; `session_id`, `conversation_id` |
/// | metadata | `winner`, `language`, `judge` |
struct ArenaMapper: RecordMapper {
  static let mapping = [
    "id ← question_id, else id", "query ← first user message of conversation_a, else prompt",
    "candidates ← model_a, model_b", "quality ← winner: 1 won, 0 lost, 0.5 tie, 0 both bad",
    "time ← tstamp", "conversation ← session_id", "metadata ← winner, language, judge",
  ]

  private var ties = 0
  private var bothBad = 0
  private var votes = 0

  var missingPrompts: (log: String, remedy: String) {
    ("a file of preferences", "Take a release with `conversation_a` or `prompt`.")
  }

  var notes: [String] {
    guard votes > 0 else { return [] }
    return [
      "qualities are preferences (1 won, 0 lost, 0.5 tie): they compare the two candidates of a row and nothing else; "
        + "\(votes) votes, \(ties) ties, \(bothBad) both bad"
    ]
  }

  mutating func items(of record: LogValue, part: String) -> [MappedItem] {
    guard let prompt = Self.prompt(record) else { return [.withoutPrompt] }
    do throws(RowError) {
      return [try row(record, prompt)]
    } catch {
      return [.rejected(error)]
    }
  }

  /// The first message of the user: what both candidates were asked before their answers differed.
  private static func prompt(_ record: LogValue) -> String? {
    let conversation = record["conversation_a"].opened.elements
    for message in conversation where message["role"].text?.lowercased() == "user" {
      if let text = ChatPrompt.content(message["content"]), !text.isEmpty { return text }
    }
    let prompt = record[anyOf: "prompt", "question", "turns"].opened
    let text = prompt.elements.first?.text ?? prompt.text
    return text.flatMap { $0.isEmpty ? nil : $0 }
  }

  private mutating func row(_ record: LogValue, _ prompt: String) throws(RowError) -> MappedItem {
    guard let first = try record["model_a"].name("model_a"),
      let second = try record["model_b"].name("model_b")
    else { throw RowError(field: "model_a", reason: "two candidates are needed") }
    if first == second {
      throw RowError(field: "model_b", reason: "is the same candidate as model_a")
    }
    let (winner, a, b) = try Self.verdict(record)
    let judge = record["judge"].text ?? ""
    let own =
      "arena-\(String(ContentHash.text(bytesOf: "\(first)\n\(second)\n\(judge)\n\(prompt)"), radix: 36))"
    var kept = LogMetadata()
    kept.put("winner", winner)
    kept.add("language", record["language"])
    kept.add("judge", record["judge"])
    var context = QueryContext(
      conversation: try record[anyOf: "session_id", "conversation_id"].text("session_id"),
      turn: 1, time: try record[anyOf: "tstamp", "timestamp"].time("tstamp"))
    context.metadata = kept.values
    votes += 1
    if winner == "tie" { ties += 1 }
    if winner == "bothbad" { bothBad += 1 }
    return .row(
      LoggedQuery(
        id: try record[anyOf: "question_id", "id"].name("question_id") ?? own,
        text: try LogValue.checked(prompt, "prompt", FieldRules.text), context: context,
        outcomes: [
          CandidateOutcome(candidate: first, outcome: Outcome(quality: a)),
          CandidateOutcome(candidate: second, outcome: Outcome(quality: b)),
        ]))
  }

  /// Who won, in one word, and the share of each side.
  private static func verdict(_ record: LogValue) throws(RowError) -> (String, Double, Double) {
    var word = record["winner"].text?.lowercased() ?? ""
    if word.isEmpty {
      for (key, name) in [
        ("winner_model_a", "model_a"), ("winner_model_b", "model_b"), ("winner_tie", "tie"),
      ] where record[key].decimal?.integer == 1 || record[key].truth == true {
        word = name
      }
    }
    switch word.filter({ $0 != " " && $0 != "(" && $0 != ")" && $0 != "_" }) {
    case "modela", "a": return ("model_a", 1, 0)
    case "modelb", "b": return ("model_b", 0, 1)
    case "tie", "draw": return ("tie", 0.5, 0.5)
    case "tiebothbad", "bothbad": return ("bothbad", 0, 0)
    default:
      throw RowError(
        field: "winner", reason: "expected model_a, model_b, tie or tie (bothbad)")
    }
  }
}
