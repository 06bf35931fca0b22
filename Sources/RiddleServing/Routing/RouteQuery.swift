import RiddleData
import RiddleRuntime

/// What a caller wants routed: the query's text and the facts known before any answer.
public struct RouteQuery: Sendable, Equatable {
  /// UTF-8 of the query: the last message of a user.
  public var text: [UInt8] = []
  /// Whether the last message of a user has parts that are no text, such as images.
  public var hasOtherParts = false
  /// The caller's identifier; nil when it gave none.
  public var id: String?
  /// Who asks.
  public var user: String?
  /// Facts that policies and the log read. ``QueryContext/metadata`` holds whatever else the request carried.
  public var context = QueryContext()
  /// The candidate or router that the caller names, as in OpenAI's `model`.
  public var model: String?
  /// Whether the caller wants the answer as a stream of events.
  public var isStream = false

  /// Longest value of a fact, in bytes: what a log takes, and what feedback may name.
  static let longestFact = 1024

  /// Nothing is known.
  public init() {}

  /// Reads the body of a request, see ``RouteQueryReader``.
  public init(reading bytes: Span<UInt8>) throws(BadRequest) {
    self = try RouteQueryReader.read(bytes)
  }

  /// Why the router has nothing to look at; nil when it has.
  public var abstention: Abstention? {
    if text.contains(where: { $0 > 0x20 }) { return nil }
    return hasOtherParts ? .noText : .emptyText
  }

  /// The facts as the runtime reads them.
  public var runtimeContext: RequestContext {
    var facts = RequestContext()
    facts.turn = Int32(clamping: context.turn ?? 0)
    if let value = context.userTier { facts.set(.userTier, to: value.utf8Span.span) }
    if let value = context.taskType { facts.set(.taskType, to: value.utf8Span.span) }
    if let value = context.domain { facts.set(.domain, to: value.utf8Span.span) }
    return facts
  }

  /// Takes a fact from the request's metadata or from a header.
  public mutating func set(_ name: String, to value: String) {
    if value.isEmpty { return }
    switch name {
    case "user_tier": context.userTier = value
    case "task_type": context.taskType = value
    case "domain": context.domain = value
    case "conversation", "conversation_id", "session_id", "thread_id": context.conversation = value
    case "group": context.group = value
    case "request_id": id = value.cut(to: Self.longestFact)
    case "user", "user_id": user = value
    case "turn": context.turn = Int(value).flatMap { $0 > 0 && $0 <= Int(Int32.max) ? $0 : nil }
    default: context.metadata[name] = value
    }
  }

  /// Takes a fact from a header that means something to routing; any other is ignored. `name` is in lower case.
  public mutating func setHeader(_ name: String, to value: String) {
    switch name {
    case "x-model-tier": set("x-model-tier", to: value)
    case "x-user-tier": set("user_tier", to: value)
    case "x-task-type": set("task_type", to: value)
    case "x-conversation-id": set("conversation", to: value)
    case "x-request-id": set("request_id", to: value)
    case "x-riddle-override": set("override", to: value)
    default: break
    }
  }
}

/// Why a router abstains: the stated default candidate is taken. Raw values are labels of metrics.
public enum Abstention: String, Sendable, CaseIterable {
  /// The text is empty or nothing but white space.
  case emptyText = "empty_text"
  /// There are images, sounds or files, and no text.
  case noText = "no_text"

  /// The same for a person.
  public var explanation: String {
    switch self {
    case .emptyText: "abstained: the query has no text"
    case .noText: "abstained: the message has no text, only other parts"
    }
  }
}

/// Why a request cannot be understood, and what to do.
public struct BadRequest: Error, Equatable, Sendable {
  /// What is wrong, without the query's text.
  public var message: String
  /// What to try.
  public var next: String

  /// A reason.
  public init(_ message: String, next: String) {
    self.message = message
    self.next = next
  }
}
