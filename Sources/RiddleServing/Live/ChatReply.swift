import RiddleData

/// What a chat completion says of itself: its text, its tokens, and how sure the candidate was of each.
public struct ChatReply: Equatable, Sendable {
  /// The answer's text.
  public var content = ""
  /// Tokens; nil when the upstream does not say.
  public var usage: TokenUsage?
  /// Mean log-probability of the answer's tokens; nil without `logprobs`.
  public var meanLogProbability: Double?
  /// Most tokens that are believed; an upstream that says more says nothing.
  static let mostTokens: Int64 = 1_000_000_000
  /// Whether there was a choice, as an answer has.
  public var hasChoice = false
  private var logProbabilities = 0.0
  private var tokens = 0

  init() {}

  /// The geometric mean of the tokens' probabilities; nil without `logprobs`.
  public func confidence(_ exponential: (Double) -> Double) -> Double? {
    meanLogProbability.map { min(1, max(0, exponential($0))) }
  }

  /// What agreement compares; nil without text.
  public var key: AnswerKey? { AnswerKey(content) }

  /// Reads a completion, `{"choices": […], "usage": {…}}`; nil when it is none.
  public init?(_ bytes: Span<UInt8>) {
    var reply = ChatReply()
    guard reply.take(bytes), reply.hasChoice else { return nil }
    self = reply
  }

  /// Reads a stream of events, `data: {…}` line by line; nil when it has no choice or does not end with `[DONE]`.
  public init?(events bytes: Span<UInt8>) {
    var reply = ChatReply()
    var isDone = false
    var start = 0
    while start < bytes.count {
      var end = start
      while end < bytes.count, bytes[end] != 0x0a { end += 1 }
      let line = bytes.extracting(start..<end)
      start = end + 1
      guard let data = Self.payload(line) else { continue }
      let event = line.extracting(data..<line.count)
      if Self.isDone(event) { isDone = true } else { _ = reply.take(event) }
    }
    guard isDone, reply.hasChoice else { return nil }
    self = reply
  }

  /// Where the payload of a `data:` line begins; nil for any other line.
  private static func payload(_ line: Span<UInt8>) -> Int? {
    let name = Array("data:".utf8)
    guard line.count >= name.count else { return nil }
    for (index, byte) in name.enumerated() where line[index] != byte { return nil }
    var start = name.count
    while start < line.count, line[start] == 0x20 { start += 1 }
    return start
  }

  private static func isDone(_ event: Span<UInt8>) -> Bool {
    let word = Array("[DONE]".utf8)
    guard event.count >= word.count else { return false }
    for (index, byte) in word.enumerated() where event[index] != byte { return false }
    return true
  }

  /// Takes one completion or one event of a stream; false when it is no JSON object.
  private mutating func take(_ bytes: Span<UInt8>) -> Bool {
    guard (try? UTF8Span(validating: bytes)) != nil else { return false }
    var walker = JSONWalker()
    do throws(JSONWalker.Fault) {
      try walker.openObject(bytes)
      var isFirst = true
      while let key = try walker.nextKey(bytes, isFirst: &isFirst) {
        if walker.matches(key, "choices", of: bytes), try walker.kind(bytes) == .array {
          try choices(&walker, bytes)
        } else if walker.matches(key, "usage", of: bytes), try walker.kind(bytes) == .object {
          try usage(&walker, bytes)
        } else {
          try walker.skipValue(bytes)
        }
      }
      try walker.end(bytes)
    } catch {
      return false
    }
    return true
  }

  /// The first choice counts.
  private mutating func choices(_ walker: inout JSONWalker, _ bytes: Span<UInt8>)
    throws(JSONWalker.Fault)
  {
    try walker.openArray(bytes)
    var isFirst = true
    var number = 0
    while try walker.nextElement(bytes, isFirst: &isFirst) {
      number += 1
      guard number == 1, try walker.kind(bytes) == .object else {
        try walker.skipValue(bytes)
        continue
      }
      hasChoice = true
      try walker.openObject(bytes)
      var isFirstKey = true
      while let key = try walker.nextKey(bytes, isFirst: &isFirstKey) {
        let isMessage =
          walker.matches(key, "message", of: bytes) || walker.matches(key, "delta", of: bytes)
        if isMessage, try walker.kind(bytes) == .object {
          try message(&walker, bytes)
        } else if walker.matches(key, "logprobs", of: bytes), try walker.kind(bytes) == .object {
          try logProbabilities(&walker, bytes)
        } else {
          try walker.skipValue(bytes)
        }
      }
    }
  }

  private mutating func message(_ walker: inout JSONWalker, _ bytes: Span<UInt8>)
    throws(JSONWalker.Fault)
  {
    try walker.openObject(bytes)
    var isFirst = true
    while let key = try walker.nextKey(bytes, isFirst: &isFirst) {
      if walker.matches(key, "content", of: bytes), try walker.kind(bytes) == .string {
        content += walker.text(try walker.string(bytes), of: bytes)
      } else {
        try walker.skipValue(bytes)
      }
    }
  }

  private mutating func usage(_ walker: inout JSONWalker, _ bytes: Span<UInt8>)
    throws(JSONWalker.Fault)
  {
    var (input, output): (Int64?, Int64?) = (nil, nil)
    try walker.openObject(bytes)
    var isFirst = true
    while let key = try walker.nextKey(bytes, isFirst: &isFirst) {
      guard try walker.kind(bytes) == .number else {
        try walker.skipValue(bytes)
        continue
      }
      let count = Int64(try walker.numberText(bytes)).flatMap {
        (0...Self.mostTokens).contains($0) ? $0 : nil
      }
      if walker.matches(key, "prompt_tokens", of: bytes) { input = count }
      if walker.matches(key, "completion_tokens", of: bytes) { output = count }
    }
    if let input, let output { usage = TokenUsage(input: input, output: output) }
  }

  /// `{"content": [{"logprob": −0.1, …}, …]}`.
  private mutating func logProbabilities(_ walker: inout JSONWalker, _ bytes: Span<UInt8>)
    throws(JSONWalker.Fault)
  {
    try walker.openObject(bytes)
    var isFirst = true
    while let key = try walker.nextKey(bytes, isFirst: &isFirst) {
      guard walker.matches(key, "content", of: bytes), try walker.kind(bytes) == .array else {
        try walker.skipValue(bytes)
        continue
      }
      try walker.openArray(bytes)
      var isFirstToken = true
      while try walker.nextElement(bytes, isFirst: &isFirstToken) {
        guard try walker.kind(bytes) == .object else {
          try walker.skipValue(bytes)
          continue
        }
        try walker.openObject(bytes)
        var isFirstField = true
        while let field = try walker.nextKey(bytes, isFirst: &isFirstField) {
          guard walker.matches(field, "logprob", of: bytes), try walker.kind(bytes) == .number
          else {
            try walker.skipValue(bytes)
            continue
          }
          guard let value = Double(try walker.numberText(bytes)), value.isFinite else { continue }
          logProbabilities += value
          tokens += 1
          meanLogProbability = logProbabilities / Double(tokens)
        }
      }
    }
  }
}
