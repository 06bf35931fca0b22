/// What a user asked, found in the shapes in which logs keep prompts.
///
/// A prompt is a plain text, or a list of messages `{role, content}` whose content is a text or a list of parts
/// `{type, text}` (OpenAI, Anthropic), `{type, content}` (OpenTelemetry `parts`) or `{text}` (Gemini). The query is the last
/// message of a user; `turn` counts the user's messages. Images, tool results and system prompts are no part of it.
struct ChatPrompt: Equatable {
  /// The query's text.
  var text: String
  /// How many messages the user had sent, this one included; nil when the prompt is a plain text.
  var turn: Int?

  /// Finds the prompt in `value`; nil when there is none: null, `{}`, `[]`, a list without a user's text.
  init?(_ value: LogValue) {
    let value = value.opened
    switch value {
    case .string(let text):
      self.init(plain: text)
    case .array(let messages):
      self.init(messages: messages)
    case .object:
      // A request body: {"messages": […]}, {"prompt": "…"}, {"input": …}, {"contents": […]}.
      for key in ["messages", "prompt", "input", "contents", "question", "query"] {
        let inner = value[key]
        if !inner.isBlank {
          guard let prompt = ChatPrompt(inner) else { continue }
          self = prompt
          return
        }
      }
      guard value["role"] != .null else { return nil }
      self.init(messages: [value])
    case .number, .bool, .null:
      return nil
    }
  }

  private init?(plain text: String) {
    guard text.utf8.contains(where: { $0 > 0x20 }) else { return nil }
    self.text = text
    turn = nil
  }

  private init?(messages: [LogValue]) {
    var last: String?
    var turns = 0
    for message in messages {
      // A list of texts, as batch prompts have.
      if case .string(let text) = message {
        last = text
        turns += 1
        continue
      }
      let role = message["role"].text?.lowercased()
      guard role == "user" || role == "human" else { continue }
      turns += 1
      if let text = Self.content(message[anyOf: "content", "parts", "text"]) { last = text }
    }
    guard let last, last.utf8.contains(where: { $0 > 0x20 }) else { return nil }
    text = last
    turn = max(1, turns)
  }

  /// The text of one message's content; nil when it has none.
  static func content(_ value: LogValue) -> String? {
    switch value.opened {
    case .string(let text): return text
    case .array(let parts):
      let texts = parts.compactMap { part -> String? in
        if case .string(let text) = part { return text }
        let type = part["type"].text ?? "text"
        guard ["text", "input_text"].contains(type) else { return nil }
        return part[anyOf: "text", "content"].text
      }
      return texts.isEmpty ? nil : texts.joined(separator: "\n")
    case .object:
      // A content that was a JSON text itself stays as it was written.
      if case .string(let text) = value { return text }
      return value[anyOf: "text", "content"].text
    case .number, .bool, .null: return nil
    }
  }
}
