import RiddleData

/// Reads decision logs as records: JSON lines, plain, gzip or zstd. See `DecisionLog.md`.
///
/// A last line without its newline that is no JSON is what a crash left of a write: it is counted as torn and passed over.
public enum DecisionReader {
  /// What a reading came to.
  public struct Report: Equatable, Sendable {
    /// Lines that are not blank.
    public var lines = 0
    /// Lines that are no decision.
    public var rejected = 0
    /// Last lines that a crash cut off: 0 or 1 a file.
    public var torn = 0
    /// The first twenty rejects.
    public var firstRejects: [RejectedRow] = []

    /// Nothing yet.
    public init() {}
  }

  /// Hands every decision of `path` to `body`, in order; `-` is standard input.
  ///
  /// - Parameter rejects: where rejected lines are listed.
  /// - Throws: ``StoreError`` when the file cannot be read, or what `body` throws.
  public static func read(
    path: String, rejects: RejectsWriter? = nil, into report: inout Report,
    _ body: (DecisionRecord) throws(StoreError) -> Void
  ) throws(StoreError) {
    let source = try ByteSource(path: path)
    guard case .riddleJSONL = try Sniffer.sniff(try source.peek(Sniffer.headBytes), path: path)
    else {
      throw .badFormat(
        path: path,
        reason: "a decision log is JSON lines, for example "
          + #"{"request_id":"r-1","time":"2026-03-02T08:15:42Z","candidate":"small"}"#)
    }
    let records = JSONLineRecords(source: source, limits: ReadingLimits())
    var pending: RejectedRow?
    func reject(_ row: RejectedRow) throws(StoreError) {
      report.lines += 1
      report.rejected += 1
      if report.firstRejects.count < DecisionLogFile.keptRejects { report.firstRejects.append(row) }
      try rejects?.write(row)
    }
    while let batch = try records.next() {
      for record in batch.records {
        // A line behind it: so it was not torn off at the end.
        if let row = pending {
          pending = nil
          try reject(row)
        }
        switch record.content {
        case .failure(let error):
          pending = error.at(file: path, line: record.line)
        case .success(let value):
          let decision: DecisionRecord
          do throws(RowError) {
            decision = try DecisionRecord(value)
          } catch {
            try reject(error.at(file: path, line: record.line))
            continue
          }
          report.lines += 1
          try body(decision)
        }
      }
    }
    if let row = pending {
      if records.endsWithNewline {
        try reject(row)
      } else {
        report.torn += 1
      }
    }
  }
}

extension DecisionRecord {
  /// The record that a line of a decision log says. Names of version 1 are taken too: `id`, `model`, `reward`.
  init(_ line: LogValue) throws(RowError) {
    guard case .object(let members) = line else { throw RowError(reason: "expected an object") }
    let requestID = try line["request_id"].name("request_id")
    let otherID = try line["id"].name("id")
    guard let id = requestID ?? otherID else {
      throw RowError(field: "request_id", reason: "is missing: feedback finds a decision by it")
    }
    if let otherID, otherID != id {
      throw RowError(field: "id", reason: "differs from \"request_id\"; give one of the two")
    }
    let ownTime = try line["time"].time("time")
    let timestamp = try line["timestamp"].time("timestamp")
    guard let time = ownTime ?? timestamp else {
      throw RowError(
        field: "time", reason: "is missing: expected a time such as 2026-03-02T08:15:42Z")
    }
    let chosen = try line["candidate"].name("candidate")
    let model = try line["model"].name("model")
    guard let candidate = chosen ?? model else {
      throw RowError(
        field: "candidate",
        reason: "is missing: every decision needs the name of the candidate that was chosen")
    }
    self.init(requestID: id, time: time, candidate: candidate)
    alternatives = try Self.names(line["alternatives"])
    propensity = try line["propensity"].number("propensity", Self.positiveShare)
    propensities = try Self.propensities(line["propensities"])
    policy = try line["policy"].name("policy")
    policyChecksum = try Self.checksum(line["policy_sha256"], "policy_sha256")
    routerChecksum = try Self.checksum(line["router_sha256"], "router_sha256")
    stage = try line["stage"].text("stage")
    reason = try line["reason"].text("reason")
    score = try line["score"].number("score", Self.finite)
    probability = try line["probability"].number("probability", FieldRules.unitInterval)
    threshold = try line["threshold"].number("threshold", Self.finite)
    confidence = try line["confidence"].number("confidence", FieldRules.unitInterval)
    if let truth = line["quality"].truth {
      quality = truth ? 1 : 0
    } else {
      quality = try line["quality"].number("quality", FieldRules.unitInterval)
    }
    cost = try line["cost_usd"].number("cost_usd", FieldRules.dollars)
    saved = try line["cost_saved_usd"].number("cost_saved_usd", Self.signedDollars)
    wasEscalated = try Self.truth(line["was_escalated"], "was_escalated") ?? false
    latency = try line["latency_ms"].number("latency_ms", FieldRules.milliseconds)
    decidedIn = try line["decided_in_us"].number("decided_in_us", Self.nanoseconds)
    // Empty is a text too.
    if case .string(let query) = line["query"] {
      text = try LogValue.checked(query, "query", FieldRules.text)
    } else if line["query"] != .null {
      throw RowError(field: "query", reason: "expected a text")
    }
    let givenHash = try Self.hash(line["query_hash"])
    textHash = text.map { Self.hash(ofText: $0) } ?? givenHash
    features = try Self.features(line["features"])
    conversation = try line["conversation"].name("conversation")
    turn = try line["turn"].number("turn", FieldRules.turn)
    userID = try line["user"].name("user")
    userTier = try line["user_tier"].text("user_tier")
    taskType = try line["task_type"].text("task_type")
    domain = try line["domain"].text("domain")
    sampleRate = try line["sample_rate"].number("sample_rate", Self.positiveShare)
    let others = members.filter { !Self.known.contains($0.key) && $0.value != .null }
      .sorted { $0.key < $1.key }
    if !others.isEmpty { extras = LogValue.object(others).json }
  }

  private static let known: Set<String> = [
    "request_id", "id", "time", "timestamp", "candidate", "model", "alternatives", "propensity",
    "propensities", "policy", "policy_sha256", "router_sha256", "stage", "reason", "score",
    "probability", "threshold", "confidence", "quality", "cost_usd", "cost_saved_usd",
    "was_escalated", "latency_ms", "decided_in_us", "query", "query_hash", "features",
    "conversation", "turn", "user", "user_tier", "task_type", "domain", "sample_rate",
  ]

  // MARK: values

  private static func names(_ value: LogValue) throws(RowError) -> [String]? {
    if value == .null { return nil }
    guard case .array(let elements) = value else {
      throw RowError(field: "alternatives", reason: "expected an array of names")
    }
    var names: [String] = []
    for element in elements {
      guard let name = try element.name("alternatives"), !names.contains(name) else {
        throw RowError(field: "alternatives", reason: "expected different names")
      }
      names.append(name)
    }
    return names
  }

  private static func propensities(_ value: LogValue) throws(RowError) -> [CandidatePropensity]? {
    if value == .null { return nil }
    guard case .object(let members) = value else {
      throw RowError(field: "propensities", reason: "expected an object of probabilities by name")
    }
    var all: [CandidatePropensity] = []
    for member in members {
      let field = "propensities.\(member.key)"
      let name = try LogValue.checked(member.key, field, FieldRules.name)
      guard let probability = try member.value.number(field, FieldRules.unitInterval) else {
        throw RowError(field: field, reason: "expected a number from 0 to 1")
      }
      all.append(CandidatePropensity(candidate: name, probability: probability))
    }
    let sum = all.reduce(0) { $0 + $1.probability }
    guard abs(sum - 1) <= 1e-3 else {
      throw RowError(field: "propensities", reason: "sum to \(sum), expected 1")
    }
    return all
  }

  private static func features(_ value: LogValue) throws(RowError) -> [Float]? {
    if value == .null { return nil }
    guard case .array(let elements) = value, elements.count <= FieldRules.maximumDimension else {
      throw RowError(field: "features", reason: "expected an array of numbers")
    }
    var values: [Float] = []
    for element in elements {
      guard let number = try element.number("features", FieldRules.coordinate) else {
        throw RowError(field: "features", reason: "expected an array of numbers")
      }
      values.append(number)
    }
    return values
  }

  private static func checksum(_ value: LogValue, _ field: String) throws(RowError) -> String? {
    guard let text = try value.text(field)?.lowercased() else { return nil }
    guard isChecksum(text) else {
      throw RowError(field: field, reason: "expected 64 hexadecimal digits")
    }
    return text
  }

  private static func hash(_ value: LogValue) throws(RowError) -> UInt64? {
    guard let text = try value.text("query_hash") else { return nil }
    guard text.utf8.count == 16, let hash = UInt64(text, radix: 16) else {
      throw RowError(field: "query_hash", reason: "expected 16 hexadecimal digits")
    }
    return hash
  }

  private static func truth(_ value: LogValue, _ field: String) throws(RowError) -> Bool? {
    if value.isBlank { return nil }
    guard let truth = value.truth else {
      throw RowError(field: field, reason: "expected true or false")
    }
    return truth
  }

  private static func positiveShare(_ number: ExactDecimal) throws(FieldRules.Fault) -> Double {
    guard number.double > 0, number.double <= 1 else {
      throw FieldRules.Fault("expected a number above 0 and at most 1")
    }
    return number.double
  }

  private static func finite(_ number: ExactDecimal) throws(FieldRules.Fault) -> Double {
    guard number.double.isFinite else { throw FieldRules.Fault("expected a finite number") }
    return number.double
  }

  private static func signedDollars(_ number: ExactDecimal) throws(FieldRules.Fault) -> NanoDollars
  {
    guard let count = number.scaled(places: 9), abs(count) <= FieldRules.maximumCost else {
      throw FieldRules.Fault("more than 10000 dollars for one answer; the unit is US dollars")
    }
    return NanoDollars(count)
  }

  private static func nanoseconds(_ number: ExactDecimal) throws(FieldRules.Fault) -> Int64 {
    guard let count = number.scaled(places: 3), count >= 0, count <= FieldRules.maximumLatency
    else { throw FieldRules.Fault("expected microseconds, 0 or more") }
    return count
  }
}
