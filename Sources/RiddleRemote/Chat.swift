import Foundation

/// One question to a chat model: `POST /chat/completions`.
public struct ChatRequest: Equatable, Sendable {
  /// The name of the field that limits the reply's tokens: servers and models differ.
  public enum TokenField: String, CaseIterable, Sendable {
    /// Most servers.
    case maxTokens = "max_tokens"
    /// Newer models of OpenAI.
    case maxCompletionTokens = "max_completion_tokens"
  }

  /// What the model is told to do.
  public var system: String
  /// What it is asked.
  public var user: String
  /// Most tokens of the reply.
  public var maximumTokens: Int
  /// The field that says so.
  public var tokenField = TokenField.maxTokens
  /// Whether the server is asked to let only JSON through.
  public var wantsJSON = true

  /// A question.
  public init(system: String, user: String, maximumTokens: Int) {
    self.system = system
    self.user = user
    self.maximumTokens = maximumTokens
  }

  /// Bytes of the texts.
  public var byteCount: Int { system.utf8.count + user.utf8.count }
  /// Most tokens that a call reads: one a byte, and the frames of two messages.
  public var mostInputTokens: Int64 { TokenEstimate.most(bytes: byteCount) + 64 }

  /// The body, keys sorted: one request, one sequence of bytes.
  public func body(model: String) throws(RemoteError) -> Data {
    var object: [String: Any] = [
      "model": model, "temperature": 0,
      "messages": [
        ["role": "system", "content": system], ["role": "user", "content": user],
      ],
      tokenField.rawValue: maximumTokens,
    ]
    // Newer models take no temperature beside this field.
    if tokenField == .maxCompletionTokens { object["temperature"] = nil }
    if wantsJSON { object["response_format"] = ["type": "json_object"] }
    do {
      return try JSONSerialization.data(
        withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])
    } catch {
      throw .badEndpoint(reason: "the request has no form in JSON")
    }
  }
}

/// Tokens that a server counted.
public struct TokenUsage: Equatable, Sendable {
  /// Tokens read.
  public var input: Int64
  /// Tokens written.
  public var output: Int64

  /// From `usage`: prompt_tokens, and completion_tokens or none; nil when the reply does not say.
  init?(_ object: [String: Any]) {
    guard let usage = object["usage"] as? [String: Any],
      let input = (usage["prompt_tokens"] as? NSNumber)?.int64Value, input >= 0
    else { return nil }
    self.input = input
    output = max(0, (usage["completion_tokens"] as? NSNumber)?.int64Value ?? 0)
  }
}

/// What a chat model said.
public struct ChatReply: Equatable, Sendable {
  /// The text; empty when it refused.
  public var text: String
  /// Whether the model or a filter declined.
  public var isRefusal: Bool
  /// Whether the reply ran into the limit of tokens.
  public var isCutShort: Bool
  /// Tokens, when the server says.
  public var usage: TokenUsage?

  /// Parses a reply's body.
  ///
  /// - Throws: ``RemoteError/badReply(address:reason:)`` when it is no chat completion.
  public init(parsing body: Data, address: String) throws(RemoteError) {
    guard let object = try? JSONSerialization.jsonObject(with: body) as? [String: Any] else {
      throw .badReply(address: address, reason: "no JSON object")
    }
    guard let choice = (object["choices"] as? [[String: Any]])?.first,
      let message = choice["message"] as? [String: Any]
    else { throw .badReply(address: address, reason: "no choices[0].message in it") }
    text = message["content"] as? String ?? ""
    let reason = choice["finish_reason"] as? String
    isRefusal = message["refusal"] is String || reason == "content_filter"
    isCutShort = reason == "length"
    usage = TokenUsage(object)
  }
}

extension RemoteClient {
  /// Asks a chat model. The reply's usage is what the call is billed by.
  public func ask(_ request: ChatRequest) async throws(RemoteError) -> ChatReply {
    let operation = "chat/completions"
    let reply = try await post(
      try request.body(model: endpoint.model), to: operation,
      tokens: Int(TokenEstimate.likely(bytes: request.byteCount)) + request.maximumTokens)
    return try ChatReply(parsing: reply.body, address: endpoint.base + "/" + operation)
  }
}
