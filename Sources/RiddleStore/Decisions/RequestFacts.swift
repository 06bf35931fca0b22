import RiddleData

/// What a request line says beside what a router reads: when it came, of which conversation and user it is, and, in a row of Riddle
/// JSONL, what each candidate's answer was worth.
public struct RequestFacts: Sendable {
  /// When, since 1970, UTC.
  public var time: Microseconds?
  /// The conversation.
  public var conversation: String?
  /// Who asked.
  public var userID: String?
  /// Values of fields that a router may read too.
  public var turn: Int?
  /// For example premium, standard, free.
  public var userTier: String?
  /// For example summarize, debug, sql.
  public var taskType: String?
  /// For example billing, medical, legal.
  public var domain: String?
  /// What the answers of candidates were worth and cost.
  public var outcomes: [CandidateOutcome] = []

  /// Nothing known.
  public init() {}

  /// The facts of a line of JSON. Fields that a router does not need and that are malformed are taken as unknown: a request
  /// was decided, and a decision is logged.
  public init(line: [UInt8]) {
    self.init()
    do throws(JSONError) {
      let row = try LogValue(json: line)
      do throws(RowError) {
        time = try row["time"].time("time")
      } catch {}  // Unknown: see above.
      conversation = Self.text(row["conversation"])
      userID = Self.text(row["user"]) ?? Self.text(row["user_id"])
      userTier = Self.text(row["user_tier"])
      taskType = Self.text(row["task_type"])
      domain = Self.text(row["domain"])
      turn = row["turn"].decimal?.integer.flatMap { $0 >= 1 ? Int(exactly: $0) : nil }
      for member in row["outcomes"].members {
        if let outcome = Self.outcome(member.value) {
          outcomes.append(CandidateOutcome(candidate: member.key, outcome: outcome))
        }
      }
    } catch {}  // The router's own reader took the line; nothing more is known of it.
  }

  private static func text(_ value: LogValue) -> String? {
    guard let text = value.text, !text.isEmpty, text.utf8.count <= FieldRules.maximumNameBytes,
      !text.utf8.contains(0)
    else { return nil }
    return text
  }

  private static func outcome(_ value: LogValue) -> Outcome? {
    do throws(RowError) {
      var quality = value["quality"].truth.map { $0 ? 1.0 : 0 }
      if quality == nil {
        quality = try value["quality"].number("quality", FieldRules.unitInterval)
      }
      let dollars = try value["cost_usd"].number("cost_usd", FieldRules.dollars)
      let exact = try value["cost_nanousd"].number("cost_nanousd", FieldRules.nanoDollars)
      return Outcome(
        quality: quality, cost: dollars ?? exact,
        latency: try value["latency_ms"].number("latency_ms", FieldRules.milliseconds),
        confidence: nil, gateScore: nil, inputTokens: nil, outputTokens: nil, answer: nil)
    } catch {
      return nil
    }
  }
}
