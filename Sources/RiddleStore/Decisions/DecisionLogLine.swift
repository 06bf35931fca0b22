import RiddleData

/// Writes decisions as lines of JSON, version 2 of the decision log: see `DecisionLog.md`.
public enum DecisionLogLine {
  /// Appends the line of `record`, with its newline. Fields stand in the order of the specification; unknown ones are left out.
  public static func append(_ record: DecisionRecord, to out: inout [UInt8]) {
    var line = Fields(out: out)
    out = []  // One owner of the buffer: no copy.
    line.text("request_id", record.requestID)
    line.text("time", record.time.timeText)
    line.text("candidate", record.candidate)
    if let names = record.alternatives {
      line.raw("alternatives", JSONText.array(names))
    }
    line.number("propensity", record.propensity)
    if let all = record.propensities {
      line.raw(
        "propensities",
        "{"
          + all.map { JSONText.quoted($0.candidate) + ":" + Fields.shortest($0.probability) }
          .joined(separator: ",") + "}")
    }
    line.text("policy", record.policy)
    line.text("policy_sha256", record.policyChecksum)
    line.text("router_sha256", record.routerChecksum)
    line.text("stage", record.stage)
    line.text("reason", record.reason)
    line.number("score", record.score)
    line.number("probability", record.probability)
    line.number("threshold", record.threshold)
    line.number("confidence", record.confidence)
    line.number("quality", record.quality)
    line.fixed("cost_usd", record.cost?.count, places: 9)
    line.fixed("cost_saved_usd", record.saved?.count, places: 9)
    line.raw("was_escalated", record.wasEscalated ? "true" : "false")
    line.fixed("latency_ms", record.latency?.count, places: 3)
    line.fixed("decided_in_us", record.decidedIn, places: 3)
    line.text("query", record.text)
    line.text("query_hash", record.textHash.map(hashText))
    if let features = record.features {
      line.raw("features", "[" + features.map { shortest($0) }.joined(separator: ",") + "]")
    }
    line.text("conversation", record.conversation)
    if let turn = record.turn { line.raw("turn", String(turn)) }
    line.text("user", record.userID)
    line.text("user_tier", record.userTier)
    line.text("task_type", record.taskType)
    line.text("domain", record.domain)
    line.number("sample_rate", record.sampleRate)
    if let extras = record.extras, extras.utf8.count > 2 {
      // An object's members, without its braces.
      line.out.append(0x2c)
      line.out.append(contentsOf: extras.utf8.dropFirst().dropLast())
    }
    line.out.append(0x7d)
    line.out.append(0x0a)
    out = line.out
  }

  /// The line of `record`, with its newline.
  public static func text(_ record: DecisionRecord) -> String {
    var bytes: [UInt8] = []
    append(record, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A hash as 16 hexadecimal digits.
  static func hashText(_ hash: UInt64) -> String {
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  private static func shortest(_ value: Float) -> String {
    let text = value.description
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  private struct Fields {
    var out: [UInt8]
    private var isFirst = true

    init(out: [UInt8]) {
      self.out = out
      self.out.append(0x7b)
    }

    private mutating func begin(_ name: StaticString) {
      if !isFirst { out.append(0x2c) }
      isFirst = false
      out.append(0x22)
      out.append(
        contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
      out.append(0x22)
      out.append(0x3a)
    }

    mutating func raw(_ name: StaticString, _ json: String) {
      begin(name)
      out.append(contentsOf: json.utf8)
    }

    mutating func text(_ name: StaticString, _ value: String?) {
      guard var value else { return }
      begin(name)
      // Most texts need no escape: their bytes go in as they are.
      let isPlain = value.withUTF8 { bytes in
        bytes.allSatisfy { $0 >= 0x20 && $0 != 0x22 && $0 != 0x5c && $0 != 0x7f }
      }
      if isPlain {
        out.append(0x22)
        out.append(contentsOf: value.utf8)
        out.append(0x22)
      } else {
        out.append(contentsOf: JSONText.quoted(value).utf8)
      }
    }

    mutating func number(_ name: StaticString, _ value: Double?) {
      guard let value else { return }
      begin(name)
      out.append(contentsOf: Self.shortest(value).utf8)
    }

    /// The shortest decimal that reads back as `value`, which is finite.
    static func shortest(_ value: Double) -> String {
      let text = value.description
      return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    /// `count` · 10^−places, exactly.
    mutating func fixed(_ name: StaticString, _ count: Int64?, places: Int) {
      guard let count else { return }
      begin(name)
      if count < 0 { out.append(0x2d) }
      var unit: UInt64 = 1
      for _ in 0..<places { unit *= 10 }
      out.append(contentsOf: String(count.magnitude / unit).utf8)
      var fraction = count.magnitude % unit
      guard fraction > 0 else { return }
      out.append(0x2e)
      while fraction > 0 {
        unit /= 10
        out.append(0x30 + UInt8(fraction / unit))
        fraction %= unit
      }
    }
  }
}
