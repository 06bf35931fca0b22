import RiddleData
import RiddleRuntime

extension DecisionRecord {
  /// Hash of a query's text, the one of `queries.text_hash`.
  public static func hash(ofText text: String) -> UInt64 { ContentHash.text(bytesOf: text) }

  /// The record with its text kept, hashed or dropped.
  public func redacted(_ redaction: TextRedaction) -> DecisionRecord {
    var record = self
    switch redaction {
    case .keep: record.textHash = text.map { Self.hash(ofText: $0) } ?? textHash
    case .hash:
      record.textHash = text.map { Self.hash(ofText: $0) } ?? textHash
      record.text = nil
    case .drop:
      record.text = nil
      record.textHash = nil
    }
    return record
  }

  /// Whether a request is among the share `rate` of requests that are logged: a stable function of its identifier, so that
  /// every process keeps the same ones, and a larger share contains a smaller one.
  public static func isSampled(_ requestID: String, rate: Double) -> Bool {
    if rate >= 1 { return true }
    let hash = StableHash.hash("sample\u{0}".utf8.map { $0 } + Array(requestID.utf8))
    // 53 bits: exact as a double.
    return Double(hash >> 11) * 0x1p-53 < rate
  }

  /// What keeps the record out of a log, or nil.
  public var fault: String? {
    if requestID.isEmpty || requestID.utf8.count > FieldRules.maximumNameBytes {
      return "request_id: expected 1 to \(FieldRules.maximumNameBytes) bytes"
    }
    if candidate.isEmpty || candidate.utf8.count > FieldRules.maximumNameBytes {
      return "candidate: expected 1 to \(FieldRules.maximumNameBytes) bytes"
    }
    for (name, value) in [
      ("probability", probability), ("confidence", confidence), ("quality", quality),
    ] {
      if let value, !(value >= 0 && value <= 1) { return "\(name): expected a number from 0 to 1" }
    }
    for (name, value) in [("propensity", propensity), ("sample_rate", sampleRate)] {
      if let value, !(value > 0 && value <= 1) {
        return "\(name): expected a number above 0 and at most 1"
      }
    }
    for (name, value) in [("score", score), ("threshold", threshold)] {
      if let value, !value.isFinite { return "\(name): expected a finite number" }
    }
    if let cost, cost.count < 0 { return "cost_usd: a cost cannot be negative" }
    if let latency, latency.count < 0 { return "latency_ms: a latency cannot be negative" }
    if let decidedIn, decidedIn < 0 { return "decided_in_us: a time cannot be negative" }
    if let turn, turn < 1 { return "turn: expected a whole number, 1 or more" }
    if let features, !features.allSatisfy(\.isFinite) { return "features: expected finite numbers" }
    for (name, value) in [
      ("router_sha256", routerChecksum), ("policy_sha256", policyChecksum),
    ] {
      if let value, !Self.isChecksum(value) {
        return "\(name): expected 64 hexadecimal digits in lower case"
      }
    }
    if let propensities, !propensities.allSatisfy({ $0.probability >= 0 && $0.probability <= 1 }) {
      return "propensities: expected numbers from 0 to 1"
    }
    return nil
  }

  static func isChecksum(_ text: String) -> Bool {
    text.utf8.count == 64
      && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }
}
