import RiddleData

/// Reads a request's body: `{"messages": […]}` or `{"input": "…"}`, with `user` and `metadata`; what else there is, is checked and skipped.
///
/// The query is the text of the last message with the role `user`, its text parts joined by a line break, as the importers of logs
/// take it; `turn` counts those messages. A plain `input` (or `query`, `prompt`) has no turn.
struct RouteQueryReader {
  private var walker = JSONWalker()
  private var query = RouteQuery()
  private var hasQuery = false
  private var userMessages = 0
  private var seen: UInt16 = 0

  /// Most facts of `metadata` that are kept.
  static let mostFacts = 64

  /// Reads one request.
  static func read(_ bytes: Span<UInt8>) throws(BadRequest) -> RouteQuery {
    try checkUTF8(bytes)
    var reader = RouteQueryReader()
    do throws(JSONWalker.Fault) {
      try reader.object(bytes)
      try reader.walker.end(bytes)
    } catch {
      throw BadRequest(error)
    }
    return try reader.result()
  }

  /// Reads `{"inputs": […]}`: texts, or objects like a single request; at most `most`.
  static func readBatch(_ bytes: Span<UInt8>, most: Int) throws(BadRequest) -> [RouteQuery] {
    try checkUTF8(bytes)
    var walker = JSONWalker()
    var queries: [RouteQuery] = []
    var hasInputs = false
    var shared = RouteQueryReader()
    do throws(JSONWalker.Fault) {
      try walker.openObject(bytes)
      var isFirstKey = true
      while let key = try walker.nextKey(bytes, isFirst: &isFirstKey) {
        guard walker.matches(key, "inputs", of: bytes), !hasInputs else {
          shared.walker = walker
          try shared.field(key, bytes)
          walker = shared.walker
          continue
        }
        hasInputs = true
        try walker.openArray(bytes)
        var isFirst = true
        while try walker.nextElement(bytes, isFirst: &isFirst) {
          guard queries.count < most else {
            throw JSONWalker.Fault(offset: walker.position, expected: "fewer inputs in one batch")
          }
          var one = RouteQueryReader()
          one.walker = walker
          if try walker.kind(bytes) == .object {
            try one.object(bytes)
          } else {
            let text = try one.walker.string(bytes)
            one.walker.append(text, of: bytes, to: &one.query.text)
            one.hasQuery = true
          }
          walker = one.walker
          queries.append(one.hasQuery ? one.finished() : RouteQuery())
        }
      }
      try walker.end(bytes)
    } catch {
      throw BadRequest(error)
    }
    guard hasInputs else {
      throw BadRequest(
        "field inputs is missing", next: #"send {"inputs": ["…", "…"]}, texts or objects"#)
    }
    for index in queries.indices {
      queries[index].user = queries[index].user ?? shared.query.user
    }
    return queries
  }

  private static func checkUTF8(_ bytes: Span<UInt8>) throws(BadRequest) {
    guard !bytes.isEmpty else {
      throw BadRequest("the body is empty", next: #"send {"input": "…"} or {"messages": […]}"#)
    }
    guard (try? UTF8Span(validating: bytes)) != nil else {
      throw BadRequest("the body is not UTF-8", next: "encode the body as UTF-8")
    }
  }

  private func result() throws(BadRequest) -> RouteQuery {
    guard hasQuery else {
      throw BadRequest(
        "neither messages nor input is there",
        next: #"send {"messages": [{"role": "user", "content": "…"}]} or {"input": "…"}"#)
    }
    return finished()
  }

  private func finished() -> RouteQuery {
    var query = query
    if query.context.turn == nil && userMessages > 0 { query.context.turn = userMessages }
    return query
  }

  private mutating func object(_ bytes: Span<UInt8>) throws(JSONWalker.Fault) {
    try walker.openObject(bytes)
    var isFirst = true
    while let key = try walker.nextKey(bytes, isFirst: &isFirst) { try field(key, bytes) }
  }

  private static let names: [StaticString] = [
    "messages", "input", "query", "prompt", "user", "metadata", "id", "model", "stream",
    "request_id",
  ]

  /// Reads the value of one top-level field.
  private mutating func field(_ key: JSONWalker.Text, _ bytes: Span<UInt8>)
    throws(JSONWalker.Fault)
  {
    guard let number = Self.names.firstIndex(where: { walker.matches(key, $0, of: bytes) }) else {
      return try walker.skipValue(bytes)
    }
    // Whoever reads the other one of two would see another request than we do.
    guard seen & (1 << UInt16(number)) == 0 else {
      throw JSONWalker.Fault(offset: key.range.lowerBound, expected: "each field once")
    }
    seen |= 1 << UInt16(number)
    if walker.takesNull(bytes) { return }
    switch number {
    case 0, 1, 2, 3:
      // Messages are what an upstream reads; of the others the first counts.
      guard !hasQuery || number == 0 else { return try walker.skipValue(bytes) }
      query.text.removeAll(keepingCapacity: true)
      let kind = try walker.kind(bytes)
      if number == 0 || (number == 1 && kind == .array) {
        try messages(bytes)
      } else {
        let text = try walker.string(bytes)
        walker.append(text, of: bytes, to: &query.text)
      }
      hasQuery = true
    // Somebody without a name is nobody in particular: neither an identity nor a key for a rollout.
    case 4: query.set("user", to: try shortText(bytes))
    case 5: try metadata(bytes)
    case 6, 9: query.set("request_id", to: try shortText(bytes))
    case 7: query.model = try shortText(bytes)
    default: query.isStream = try walker.boolean(bytes)
    }
  }

  /// A string, or a number or boolean as it is written; cut at ``RouteQuery/longestFact`` bytes.
  private mutating func shortText(_ bytes: Span<UInt8>) throws(JSONWalker.Fault) -> String {
    let text: String
    switch try walker.kind(bytes) {
    case .number: text = try walker.numberText(bytes)
    case .boolean: text = try walker.boolean(bytes) ? "true" : "false"
    default: text = walker.text(try walker.string(bytes), of: bytes)
    }
    return text.cut(to: RouteQuery.longestFact)
  }

  private mutating func metadata(_ bytes: Span<UInt8>) throws(JSONWalker.Fault) {
    try walker.openObject(bytes)
    var isFirst = true
    var count = 0
    while let key = try walker.nextKey(bytes, isFirst: &isFirst) {
      count += 1
      let kind = try walker.kind(bytes)
      guard count <= Self.mostFacts, [.string, .number, .boolean].contains(kind) else {
        try walker.skipValue(bytes)
        continue
      }
      query.set(walker.text(key, of: bytes), to: try shortText(bytes))
    }
  }

  private mutating func messages(_ bytes: Span<UInt8>) throws(JSONWalker.Fault) {
    try walker.openArray(bytes)
    var isFirst = true
    while try walker.nextElement(bytes, isFirst: &isFirst) {
      if try walker.kind(bytes) == .string {
        take(MessageText(try walker.string(bytes)), bytes)
      } else {
        try message(bytes)
      }
    }
  }

  private mutating func message(_ bytes: Span<UInt8>) throws(JSONWalker.Fault) {
    var isUser = false
    var content = MessageText()
    try walker.openObject(bytes)
    var isFirst = true
    while let key = try walker.nextKey(bytes, isFirst: &isFirst) {
      if walker.matches(key, "role", of: bytes), try walker.kind(bytes) == .string {
        let role = try walker.string(bytes)
        isUser =
          walker.matches(role, "user", of: bytes) || walker.matches(role, "human", of: bytes)
      } else if walker.matches(key, "content", of: bytes) {
        content = try MessageText(&walker, bytes)
      } else {
        try walker.skipValue(bytes)
      }
    }
    if isUser { take(content, bytes) }
  }

  /// A user's message; the last one is the query.
  private mutating func take(_ content: MessageText, _ bytes: Span<UInt8>) {
    userMessages += 1
    query.text.removeAll(keepingCapacity: true)
    query.hasOtherParts = content.hasOtherParts
    for (index, part) in content.parts.enumerated() {
      if index > 0 { query.text.append(0x0a) }
      walker.append(part, of: bytes, to: &query.text)
    }
  }
}

/// Where the text of one message stands.
private struct MessageText {
  var parts: [JSONWalker.Text] = []
  var hasOtherParts = false

  init() {}

  init(_ text: JSONWalker.Text) { parts = [text] }

  /// Reads a message's content: a text, or a list of parts `{type, text}`.
  init(_ walker: inout JSONWalker, _ bytes: Span<UInt8>) throws(JSONWalker.Fault) {
    switch try walker.kind(bytes) {
    case .string: parts = [try walker.string(bytes)]
    case .array:
      try walker.openArray(bytes)
      var isFirst = true
      while try walker.nextElement(bytes, isFirst: &isFirst) {
        if try walker.kind(bytes) == .string {
          parts.append(try walker.string(bytes))
        } else {
          try part(&walker, bytes)
        }
      }
    default: try walker.skipValue(bytes)
    }
  }

  private mutating func part(_ walker: inout JSONWalker, _ bytes: Span<UInt8>)
    throws(JSONWalker.Fault)
  {
    var isText = true
    var text: JSONWalker.Text?
    try walker.openObject(bytes)
    var isFirst = true
    while let key = try walker.nextKey(bytes, isFirst: &isFirst) {
      if walker.matches(key, "type", of: bytes), try walker.kind(bytes) == .string {
        let type = try walker.string(bytes)
        isText =
          walker.matches(type, "text", of: bytes) || walker.matches(type, "input_text", of: bytes)
      } else if walker.matches(key, "text", of: bytes), try walker.kind(bytes) == .string {
        text = try walker.string(bytes)
      } else {
        try walker.skipValue(bytes)
      }
    }
    if isText, let text { parts.append(text) } else { hasOtherParts = true }
  }
}

extension BadRequest {
  fileprivate init(_ fault: JSONWalker.Fault) {
    self.init(
      "byte \(fault.offset): expected \(fault.expected)",
      next:
        #"send strict JSON such as {"input": "…"} or {"messages": [{"role": "user", "content": "…"}]}"#
    )
  }
}
