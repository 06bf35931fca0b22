import RiddleData
import RiddleRuntime

/// Hashes of what a log says, version 1. They find changes and duplicates; they are not cryptographic.
///
/// **Row.** ``StableHash`` over the fields in the order id, text, group, conversation, turn, user tier, task
/// type, domain, time, number of outcomes, then per outcome (sorted by name) candidate, quality, cost,
/// latency, confidence, gate score, input tokens, output tokens, answer. An absent field is the byte 0; a
/// text is the byte 1, its length in bytes as 8 little-endian bytes, and its UTF-8; a number is the byte 2
/// and its 8 little-endian bytes (for quality, confidence and gate score the bits of the double). The query's
/// text counts as a number, the hash of its UTF-8 alone, so that it is gone through once. A tier, where there
/// is one, follows the outcomes as the byte 3 and a text; without one nothing follows, so that the hashes of
/// logs without tiers are those of older versions. Metadata, where there is any, follows likewise: the byte 4, the number
/// of names, then per name in ascending order of the names' UTF-8 the name and the value as texts. Vectors have no part in it: they follow from the text.
///
/// **Log.** ``StableHash`` over the row hashes, 8 little-endian bytes each, in row order; as 16 hexadecimal
/// digits. Order counts, because sums of doubles depend on it: equal hashes mean equal results.
public struct ContentHash: Sendable {
  private var state = StableHash.start

  /// The hash of an empty log.
  public init() {}

  /// Adds one row's hash.
  mutating func add(_ row: UInt64) { state = Self.adding(row, to: state) }

  /// Adds one row.
  public mutating func add(_ query: LoggedQuery) { add(Self.row(query)) }

  /// The hash of the rows so far: 16 hexadecimal digits.
  public var text: String {
    let digits = String(StableHash.mixed(state), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// The hash of a whole log, equal to that of a store which holds the same rows in the same order.
  public static func text(of log: some Sequence<LoggedQuery>) -> String {
    var hash = ContentHash()
    for query in log { hash.add(query) }
    return hash.text
  }

  /// The hash of one row.
  public static func row(_ query: LoggedQuery) -> UInt64 {
    row(query, textHash: query.text.map { text(bytesOf: $0) })
  }

  /// The hash of one row, given that of its text.
  static func row(_ query: LoggedQuery, textHash: UInt64?) -> UInt64 {
    var state = StableHash.start
    state = adding(query.id, to: state)
    state = adding(textHash.map { Int64(bitPattern: $0) }, to: state)
    let context = query.context
    state = adding(context.group, to: state)
    state = adding(context.conversation, to: state)
    state = adding(context.turn.map(Int64.init), to: state)
    state = adding(context.userTier, to: state)
    state = adding(context.taskType, to: state)
    state = adding(context.domain, to: state)
    state = adding(context.time?.count, to: state)
    state = adding(Int64(query.outcomes.count), to: state)
    for entry in query.outcomes {
      let outcome = entry.outcome
      state = adding(entry.candidate, to: state)
      state = adding(outcome.quality, to: state)
      state = adding(outcome.cost?.count, to: state)
      state = adding(outcome.latency?.count, to: state)
      state = adding(outcome.confidence, to: state)
      state = adding(outcome.gateScore, to: state)
      state = adding(outcome.inputTokens, to: state)
      state = adding(outcome.outputTokens, to: state)
      state = adding(outcome.answer, to: state)
    }
    if let tier = query.tier { state = adding(tier, to: StableHash.adding(3, to: state)) }
    if !context.metadata.isEmpty {
      state = adding(Int64(context.metadata.count), to: StableHash.adding(4, to: state))
      let names = context.metadata.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      for name in names {
        state = adding(name, to: state)
        state = adding(context.metadata[name], to: state)
      }
    }
    return StableHash.mixed(state)
  }

  /// The hash of a text's UTF-8 bytes alone: equal texts, equal hashes.
  static func text(bytesOf text: String) -> UInt64 {
    var text = text
    return StableHash.mixed(
      text.withUTF8 { bytes in
        var state = StableHash.start
        for byte in bytes { state = StableHash.adding(byte, to: state) }
        return state
      })
  }

  private static func adding(_ text: String?, to state: UInt64) -> UInt64 {
    guard var text else { return StableHash.adding(0, to: state) }
    // The buffer is the string's own storage and lives for the closure.
    return text.withUTF8 { bytes in
      var state = adding(UInt64(bytes.count), to: StableHash.adding(1, to: state))
      for byte in bytes { state = StableHash.adding(byte, to: state) }
      return state
    }
  }

  private static func adding(_ number: Int64?, to state: UInt64) -> UInt64 {
    guard let number else { return StableHash.adding(0, to: state) }
    return adding(UInt64(bitPattern: number), to: StableHash.adding(2, to: state))
  }

  private static func adding(_ number: Double?, to state: UInt64) -> UInt64 {
    guard let number else { return StableHash.adding(0, to: state) }
    return adding(number.bitPattern, to: StableHash.adding(2, to: state))
  }

  private static func adding(_ word: UInt64, to state: UInt64) -> UInt64 {
    var state = state
    for shift in stride(from: UInt64(0), to: 64, by: 8) {
      state = StableHash.adding(UInt8(truncatingIfNeeded: word >> shift), to: state)
    }
    return state
  }
}
