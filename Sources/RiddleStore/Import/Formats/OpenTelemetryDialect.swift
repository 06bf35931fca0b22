/// The names under which four families of instrumentation write the same facts on a span.
///
/// | | current conventions | OpenLLMetry | OpenInference | Vercel AI SDK |
/// |---|---|---|---|---|
/// | told by | `gen_ai.provider.name`, `gen_ai.input.messages` | `gen_ai.system`, `gen_ai.prompt.0.role` | `openinference.span.kind` | `ai.operationId` |
/// | query | `gen_ai.input.messages` | `gen_ai.prompt.N.content` | `llm.input_messages.N.message.content` | `ai.prompt.messages`, `ai.prompt` |
/// | model | `gen_ai.response.model`, `gen_ai.request.model` | the same | `llm.model_name` | `ai.response.model`, `ai.model.id` |
/// | tokens | `gen_ai.usage.input_tokens` | `gen_ai.usage.prompt_tokens` | `llm.token_count.prompt` | `ai.usage.promptTokens`, `inputTokens` |
/// | conversation | `gen_ai.conversation.id` | `traceloop.association.properties.session_id` | `session.id` | `ai.telemetry.metadata.sessionId` |
enum OpenTelemetryDialect: String, CaseIterable {
  case current = "current conventions"
  case openLLMetry = "OpenLLMetry"
  case openInference = "OpenInference"
  case vercel = "Vercel AI SDK"

  /// The dialect of a span about a model; nil for any other span.
  init?(_ span: OpenTelemetrySpan) {
    if !span["ai.operationId", "ai.model.id"].isBlank {
      self = .vercel
    } else if !span["openinference.span.kind", "llm.model_name"].isBlank {
      self = .openInference
    } else if span.attributes.keys.contains(where: {
      $0.hasPrefix("gen_ai.prompt.") || $0.hasPrefix("traceloop.") || $0.hasPrefix("llm.")
    }) || (!span["gen_ai.system"].isBlank && !span["gen_ai.usage.prompt_tokens"].isBlank) {
      self = .openLLMetry
    } else if span.attributes.keys.contains(where: { $0.hasPrefix("gen_ai.") }) {
      self = .current
    } else {
      return nil
    }
  }

  /// Whether the span is one call of a model, and not a step around such calls, a tool, or an embedding.
  func isCall(_ span: OpenTelemetrySpan) -> Bool {
    switch self {
    case .vercel:
      // `ai.generateText` wraps `ai.generateText.doGenerate`: counting both would count every call twice.
      let operation = span["ai.operationId"].text ?? span.name
      return operation.hasSuffix(".doGenerate") || operation.hasSuffix(".doStream")
    case .openInference:
      return span["openinference.span.kind"].text.map { $0.uppercased() == "LLM" } ?? true
    case .openLLMetry:
      let kind = span["llm.request.type", "gen_ai.operation.name"].text?.lowercased()
      if let kind { return ["chat", "completion", "text_completion"].contains(kind) }
      return span["traceloop.span.kind"].isBlank && !model(span).isBlank
    case .current:
      let operation = span["gen_ai.operation.name"].text?.lowercased()
      if let operation {
        return ["chat", "text_completion", "generate_content"].contains(operation)
      }
      return !model(span).isBlank
    }
  }

  func model(_ span: OpenTelemetrySpan) -> LogValue {
    switch self {
    case .current, .openLLMetry: span["gen_ai.response.model", "gen_ai.request.model"]
    case .openInference: span["llm.model_name", "gen_ai.response.model", "gen_ai.request.model"]
    case .vercel:
      span["ai.response.model", "ai.model.id", "gen_ai.response.model", "gen_ai.request.model"]
    }
  }

  /// The prompt, also where an older version of the dialect kept it.
  func prompt(_ span: OpenTelemetrySpan) -> ChatPrompt? {
    switch self {
    case .current:
      return ChatPrompt(span["gen_ai.input.messages"]) ?? Self.promptOfEvents(span)
    case .openLLMetry:
      return ChatPrompt(span.messages(under: "gen_ai.prompt"))
        ?? ChatPrompt(span.messages(under: "llm.prompts"))
        ?? ChatPrompt(span["gen_ai.input.messages"]) ?? Self.promptOfEvents(span)
    case .openInference:
      return ChatPrompt(span.messages(under: "llm.input_messages"))
        ?? ChatPrompt(span["input.value"])
    case .vercel:
      return ChatPrompt(span["ai.prompt.messages"]) ?? ChatPrompt(span["ai.prompt"])
        ?? ChatPrompt(span["gen_ai.input.messages"])
    }
  }

  /// Events `gen_ai.user.message`, `gen_ai.content.prompt` and `gen_ai.client.inference.operation.details`.
  private static func promptOfEvents(_ span: OpenTelemetrySpan) -> ChatPrompt? {
    var texts: [LogValue] = []
    for event in span.events {
      let attributes = OpenTelemetrySpan.attributes(event["attributes"])
      switch event["name"].text {
      case "gen_ai.user.message": texts.append(attributes["content"] ?? .null)
      case "gen_ai.content.prompt":
        if let prompt = attributes["gen_ai.prompt"].flatMap({ ChatPrompt($0) }) { return prompt }
      case "gen_ai.client.inference.operation.details":
        if let prompt = attributes["gen_ai.input.messages"].flatMap({ ChatPrompt($0) }) {
          return prompt
        }
      default: continue
      }
    }
    return ChatPrompt(.array(texts))
  }

  func inputTokens(_ span: OpenTelemetrySpan) -> LogValue {
    switch self {
    case .current, .openLLMetry:
      span["gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens"]
    case .openInference: span["llm.token_count.prompt"]
    case .vercel:
      span["ai.usage.inputTokens", "ai.usage.promptTokens", "gen_ai.usage.input_tokens"]
    }
  }

  func outputTokens(_ span: OpenTelemetrySpan) -> LogValue {
    switch self {
    case .current, .openLLMetry:
      span["gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens"]
    case .openInference: span["llm.token_count.completion"]
    case .vercel:
      span["ai.usage.outputTokens", "ai.usage.completionTokens", "gen_ai.usage.output_tokens"]
    }
  }

  /// Input tokens that the provider had cached; they are among the input tokens.
  func cachedTokens(_ span: OpenTelemetrySpan) -> LogValue {
    switch self {
    case .current, .openLLMetry:
      span[
        "gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_read_input_tokens",
        "gen_ai.usage.input_tokens.cached"]
    case .openInference: span["llm.token_count.prompt_details.cache_read"]
    case .vercel: span["ai.usage.cachedInputTokens", "ai.usage.inputTokenDetails.cacheReadTokens"]
    }
  }

  func conversation(_ span: OpenTelemetrySpan) -> LogValue {
    switch self {
    case .current: span["gen_ai.conversation.id", "session.id"]
    case .openLLMetry:
      span["gen_ai.conversation.id", "traceloop.association.properties.session_id", "session.id"]
    case .openInference: span["session.id"]
    case .vercel: span["ai.telemetry.metadata.sessionId", "gen_ai.conversation.id", "session.id"]
    }
  }

  func user(_ span: OpenTelemetrySpan) -> LogValue {
    switch self {
    case .current, .openInference: span["user.id", "enduser.id"]
    case .openLLMetry: span["traceloop.association.properties.user_id", "user.id"]
    case .vercel: span["ai.telemetry.metadata.userId", "user.id"]
    }
  }
}
