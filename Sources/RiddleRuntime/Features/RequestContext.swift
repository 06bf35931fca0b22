/// A categorical fact about a request that is known before any answer.
public enum ContextField: UInt8, CaseIterable, Sendable {
  /// For example premium, standard, free.
  case userTier = 0
  /// For example summarize, debug, sql.
  case taskType = 1
  /// For example billing, medical, legal.
  case domain = 2
}

/// Facts known before any answer. Values are kept as stable hashes, so the runtime holds no strings.
public struct RequestContext: Equatable, Sendable {
  /// Position in the conversation, from 1; 0 when unknown.
  public var turn: Int32
  /// Hash of each categorical value, by ``ContextField``; 0 when unknown.
  public var valueHashes: InlineFields

  /// Three hashes without an allocation.
  public struct InlineFields: Equatable, Sendable {
    var userTier: UInt64 = 0
    var taskType: UInt64 = 0
    var domain: UInt64 = 0

    /// The hash of one field's value; 0 when unknown.
    public subscript(field: ContextField) -> UInt64 {
      get {
        switch field {
        case .userTier: userTier
        case .taskType: taskType
        case .domain: domain
        }
      }
      set {
        switch field {
        case .userTier: userTier = newValue
        case .taskType: taskType = newValue
        case .domain: domain = newValue
        }
      }
    }
  }

  /// Nothing is known.
  public init() {
    turn = 0
    valueHashes = InlineFields()
  }

  /// Sets a categorical value from its UTF-8 bytes. An empty value means unknown.
  ///
  /// ASCII letters are folded to lower case, so `Premium` and `premium` are one value.
  public mutating func set(_ field: ContextField, to value: Span<UInt8>) {
    valueHashes[field] = Self.hash(ofValue: value)
  }

  /// The hash under which a categorical value is known; 0 for the empty value.
  public static func hash(ofValue value: Span<UInt8>) -> UInt64 {
    if value.isEmpty { return 0 }
    var state = StableHash.start
    for i in value.indices {
      let byte = value[i]
      state = StableHash.adding(byte >= 65 && byte <= 90 ? byte | 32 : byte, to: state)
    }
    let hash = StableHash.mixed(state)
    return hash == 0 ? 1 : hash
  }
}
