import RiddleData

/// Decision logs read from files: JSON lines, one decision each, plain or gzip.
///
/// | field | type | meaning |
/// |---|---|---|
/// | `candidate` or `model` | string, required | the candidate that was asked |
/// | `request_id` or `id` | string or integer | identifier of the decision; the query's or the line's number without it |
/// | `query_id`, `conversation` | string or integer | what the decision is about: the units of resampling |
/// | `query`, `group`, `task_type`, `domain`, `user_tier`, `turn`, `time` | | as in Riddle JSONL |
/// | `policy`, `step` | string, integer | who decided, and when in its life |
/// | `quality` | 0 to 1, or true or false | what the answer was worth |
/// | `reward` | any number, or true or false | what the policy was told it was worth |
/// | `cost_usd`, `latency_ms` | number ≥ 0 | what the answer cost and took |
/// | `propensity` | 10⁻¹² to 1 | probability with which `candidate` was chosen |
/// | `propensities` | {candidate: [0, 1]} | probabilities of all candidates; they sum to 1 |
///
/// Other fields are checked for syntax and ignored: `DecisionLog.md` has them all.
public enum DecisionLogFile {
  /// What a reading came to.
  public struct Report: Equatable, Sendable {
    /// Lines that are not blank.
    public var lines = 0
    /// Lines that were left out because something is wrong with them.
    public var rejected = 0
    /// Lines with an `id` that repeat an earlier one in every field that is read.
    public var repeated = 0
    /// The first twenty rejects.
    public var firstRejects: [RejectedRow] = []
  }

  /// Most rejects that are kept for the report.
  static let keptRejects = 20

  /// Reads decision logs in order; `-` is standard input.
  ///
  /// - Throws: ``StoreError`` when a file as a whole cannot be read, or none of its lines is a decision.
  public static func read(paths: [String], maximumRowBytes: Int = 16 << 20)
    throws(StoreError) -> (log: DecisionLog, report: Report)
  {
    var decisions: [LoggedDecision] = []
    var report = Report()
    var known: [String: [Int]] = [:]
    for path in paths {
      let source = try ByteSource(path: path)
      guard case .riddleJSONL = try Sniffer.sniff(try source.peek(Sniffer.headBytes), path: path)
      else {
        throw .badFormat(
          path: path,
          reason: "a decision log is JSON lines, for example "
            + #"{"id":"1","candidate":"small","quality":1,"propensity":0.5}"#)
      }
      let before = decisions.count
      let rejectedBefore = report.rejected
      _ = try JSONObjectLines.read(
        source: source, limits: ReadingLimits(recordBytes: maximumRowBytes)
      ) { reader, line throws(RowError) in
        report.lines += 1
        var parser = DecisionRow(reader)
        let decision = try parser.parse(line: line)
        if parser.hasOwnID {
          let earlier = known[decision.id] ?? []
          if earlier.contains(where: { decisions[$0] == decision }) {
            report.repeated += 1
            return
          }
          known[decision.id] = earlier + [decisions.count]
        }
        decisions.append(decision)
      } rejected: { row throws(StoreError) in
        report.rejected += 1
        if report.firstRejects.count < keptRejects { report.firstRejects.append(row) }
      }
      if decisions.count == before, report.rejected > rejectedBefore,
        let first = report.firstRejects.first(where: { $0.file == path })
      {
        throw .badFormat(path: path, reason: "no line is a decision; the first: \(first)")
      }
    }
    return (DecisionLog(decisions: decisions), report)
  }
}

/// Parses one line of a decision log. Remembers which field it is in, so that an error can name it.
private struct DecisionRow {
  /// How far propensities may be from summing to 1: logs round.
  private static let tolerance = 1e-3

  private var reader: JSONReader
  private var field: String?
  private var seen: Set<String> = []
  /// Whether the line has an `id`: only then is an equal line a repetition, not another decision.
  private(set) var hasOwnID = false

  init(_ reader: JSONReader) { self.reader = reader }

  mutating func parse(line: Int) throws(RowError) -> LoggedDecision {
    do throws(JSONError) {
      return try row(line: line)
    } catch {
      throw RowError(field: field, column: error.column, reason: error.reason)
    }
  }

  private mutating func row(line: Int) throws(JSONError) -> LoggedDecision {
    var id: String?
    var names: [String] = []
    var decision = LoggedDecision(id: "", candidate: "")
    var hasOutcomes = false
    try reader.beginObject()
    while true {
      field = nil
      guard let key = try reader.nextKey() else { break }
      field = key
      if Self.fields.contains(key), !seen.insert(key).inserted {
        throw reader.error("is given twice")
      }
      switch key {
      case "id", "request_id":
        let name = try reader.identifier()
        guard id == nil || name == nil || name == id else {
          throw reader.error(
            "differs from the other of \"request_id\" and \"id\"; give one of them")
        }
        id = name ?? id
      case "query_id": decision.queryID = try reader.identifier()
      case "conversation": decision.context.conversation = try reader.identifier()
      case "query": decision.text = try reader.optionalText()
      case "group": decision.context.group = try reader.optionalText()
      case "task_type": decision.context.taskType = try reader.optionalText()
      case "domain": decision.context.domain = try reader.optionalText()
      case "user_tier": decision.context.userTier = try reader.optionalText()
      case "turn": decision.context.turn = try reader.optionalNumber(FieldRules.turn)
      case "policy": decision.policy = try reader.identifier()
      case "step": decision.step = try reader.optionalNumber(Self.step)
      case "candidate", "model":
        names.append(try reader.checked(try reader.string(), FieldRules.name))
      case "quality": decision.quality = try reader.worth(FieldRules.unitInterval)
      case "reward": decision.reward = try reader.worth(Self.reward)
      case "cost_usd": decision.cost = try reader.optionalNumber(FieldRules.dollars)
      case "latency_ms": decision.latency = try reader.optionalNumber(FieldRules.milliseconds)
      case "propensity": decision.propensity = try reader.optionalNumber(Self.propensity)
      case "propensities": decision.propensities = try propensities()
      case "time", "timestamp":
        switch try reader.peekKind() {
        case .null: _ = try reader.takeNull()
        case .number:
          decision.context.time = try reader.checked(try reader.number(), Timestamp.parse)
        default: decision.context.time = try reader.checked(try reader.string(), Timestamp.parse)
        }
      case "outcomes":
        hasOutcomes = true
        try reader.skipValue()
      default: try reader.skipValue()
      }
    }
    field = nil
    try reader.finish()
    field = "candidate"
    guard let name = names.first else {
      throw reader.error(
        hasOutcomes
          ? "is missing: this looks like a log of outcomes of every candidate; judge a router on it with riddle evaluate"
          : "is missing: every decision needs the name of the candidate that was asked")
    }
    guard names.allSatisfy({ $0 == name }) else {
      throw reader.error("differs from \"model\"; give one of the two")
    }
    decision.candidate = name
    hasOwnID = id != nil
    decision.id = id ?? decision.queryID ?? "line \(line)"
    try reconcile(&decision)
    return decision
  }

  /// The logged choice must be possible, and both forms of its probability must agree.
  private mutating func reconcile(_ decision: inout LoggedDecision) throws(JSONError) {
    guard let all = decision.propensities else { return }
    field = "propensities"
    guard let own = all.first(where: { $0.candidate == decision.candidate })?.probability,
      own >= Self.leastPropensity
    else {
      throw reader.error("give the logged candidate no probability: it could not have been chosen")
    }
    if let stated = decision.propensity, abs(stated - own) > Self.tolerance {
      throw reader.error("contradict \"propensity\" for the logged candidate")
    }
  }

  private static let fields: Set<String> = [
    "id", "request_id", "query_id", "conversation", "query", "group", "task_type", "domain",
    "user_tier", "turn",
    "policy", "step", "candidate", "model", "quality", "reward", "cost_usd", "latency_ms",
    "propensity", "propensities", "time", "timestamp",
  ]

  // MARK: values

  private mutating func propensities() throws(JSONError) -> [CandidatePropensity]? {
    if try reader.takeNull() { return nil }
    var all: [CandidatePropensity] = []
    var names: Set<String> = []
    try reader.beginObject()
    while let key = try reader.nextKey() {
      let name = try reader.checked(key, FieldRules.name)
      field = "propensities.\(name)"
      guard names.insert(name).inserted else { throw reader.error("is given twice") }
      if all.count == FieldRules.maximumCandidates {
        throw reader.error("is one of more than \(FieldRules.maximumCandidates) candidates")
      }
      all.append(
        CandidatePropensity(
          candidate: name,
          probability: try reader.checked(try reader.number(), FieldRules.unitInterval)))
    }
    field = "propensities"
    let sum = all.reduce(0) { $0 + $1.probability }
    guard abs(sum - 1) <= Self.tolerance else {
      throw reader.error("sum to \(sum), expected 1")
    }
    return all
  }

  private static func step(_ number: ExactDecimal) throws(FieldRules.Fault) -> Int64 {
    guard let step = number.integer, step >= 0 else {
      throw FieldRules.Fault("expected a whole number, 0 or more")
    }
    return step
  }

  /// Smaller propensities of what was chosen are mistakes, and would make weights that no sum survives.
  private static let leastPropensity = 1e-12

  /// Rewards beyond this size are mistakes, and would cost the sums their digits.
  private static let mostReward = 1e9

  private static func reward(_ number: ExactDecimal) throws(FieldRules.Fault) -> Double {
    guard abs(number.double) <= mostReward else {
      throw FieldRules.Fault("expected a number between -10^9 and 10^9")
    }
    return number.double
  }

  private static func propensity(_ number: ExactDecimal) throws(FieldRules.Fault) -> Double {
    guard number.double >= leastPropensity, number.double <= 1 else {
      throw FieldRules.Fault(
        "expected a probability above 0 (10^-12 or more) and at most 1: what was chosen was possible"
      )
    }
    return number.double
  }
}

extension JSONReader {
  /// `value` by a rule for fields.
  mutating func checked<V, T>(_ value: V, _ rule: (V) throws(FieldRules.Fault) -> T)
    throws(JSONError) -> T
  {
    do throws(FieldRules.Fault) {
      return try rule(value)
    } catch {
      throw self.error(error.reason)
    }
  }

  /// Text or null.
  mutating func optionalText() throws(JSONError) -> String? {
    if try takeNull() { return nil }
    return try checked(try string(), FieldRules.text)
  }

  /// A number by a rule, or null.
  mutating func optionalNumber<T>(_ rule: (ExactDecimal) throws(FieldRules.Fault) -> T)
    throws(JSONError) -> T?
  {
    if try takeNull() { return nil }
    return try checked(try number(), rule)
  }
}
