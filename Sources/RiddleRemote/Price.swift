import RiddleData

/// What a model costs: nano-dollars per million tokens, as price lists state it.
public struct Price: Equatable, Sendable, Codable {
  /// Nano-dollars per million tokens read.
  public var inputPerMillion: Int64
  /// Nano-dollars per million tokens written.
  public var outputPerMillion: Int64

  /// A price; both at least 0.
  public init(inputPerMillion: Int64, outputPerMillion: Int64) {
    precondition(inputPerMillion >= 0 && outputPerMillion >= 0, "a price cannot be negative")
    self.inputPerMillion = inputPerMillion
    self.outputPerMillion = outputPerMillion
  }

  /// Whether everything is free of charge.
  public var isZero: Bool { inputPerMillion == 0 && outputPerMillion == 0 }

  /// (input · price + output · price) / 10⁶, rounded up to whole nano-dollars; the largest amount there is when it
  /// does not fit.
  public func cost(inputTokens: Int64, outputTokens: Int64) -> NanoDollars {
    let (a, overflow1) = max(0, inputTokens).multipliedReportingOverflow(by: inputPerMillion)
    let (b, overflow2) = max(0, outputTokens).multipliedReportingOverflow(by: outputPerMillion)
    let (sum, overflow3) = a.addingReportingOverflow(b)
    if overflow1 || overflow2 || overflow3 { return NanoDollars(.max) }
    return NanoDollars(sum / 1_000_000 + (sum % 1_000_000 > 0 ? 1 : 0))
  }
}

/// Money that may be spent, and what of it is spoken for. A call is started only when the most it can cost is left.
public struct Budget: Equatable, Sendable {
  /// The most that may be spent; nil for no limit.
  public let limit: NanoDollars?
  /// Spent for certain, or possibly by calls that nothing is known of.
  public private(set) var spent: NanoDollars
  /// Set aside for calls under way.
  public private(set) var reserved = NanoDollars.zero

  /// A budget of which `spent` is gone already.
  public init(limit: NanoDollars?, spent: NanoDollars) {
    self.limit = limit
    self.spent = spent
  }

  /// Sets `amount` aside; false when less than that is left.
  public mutating func reserve(_ amount: NanoDollars) -> Bool {
    guard let limit else {
      reserved = Self.sum(reserved, amount)
      return true
    }
    guard Self.sum(Self.sum(spent, reserved), amount) <= limit else { return false }
    reserved = Self.sum(reserved, amount)
    return true
  }

  /// Books `actual` for a call for which `amount` was set aside.
  public mutating func settle(_ amount: NanoDollars, actual: NanoDollars) {
    reserved = NanoDollars(max(0, reserved.count - amount.count))
    spent = Self.sum(spent, actual)
  }

  private static func sum(_ a: NanoDollars, _ b: NanoDollars) -> NanoDollars {
    let (sum, overflow) = a.count.addingReportingOverflow(b.count)
    return NanoDollars(overflow ? .max : sum)
  }
}

/// Tokens of a text before any tokenizer has seen it.
public enum TokenEstimate {
  /// Bytes / 4, rounded up: the usual figure for English; other scripts take more.
  public static func likely(bytes: Int) -> Int64 { Int64((bytes + 3) / 4) }

  /// One token a byte, and 64 for the frame of a message: byte-level vocabularies never need more.
  public static func most(bytes: Int) -> Int64 { Int64(bytes) + 64 }
}
