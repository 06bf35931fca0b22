/// Where a candidate answers, and what it costs there.
public struct UpstreamTarget: Equatable, Sendable {
  /// Address of its chat completions.
  public var address: String
  /// Its name at the upstream.
  public var model: String
  /// The key; nil sends none. Never logged.
  public var key: String?
  /// Microseconds for an answer, or for the beginning of a stream.
  public var timeout: Int64
  /// Calls at the same time.
  public var concurrency: Int
  /// Nano-dollars of a million tokens of the request; nil when unknown.
  public var inputPrice: Int64?
  /// Nano-dollars of a million tokens of the answer; nil when unknown.
  public var outputPrice: Int64?

  /// A target.
  public init(
    address: String, model: String, key: String? = nil, timeout: Int64 = 60_000_000,
    concurrency: Int = 64, inputPrice: Int64? = nil, outputPrice: Int64? = nil
  ) {
    self.address = address
    self.model = model
    self.key = key
    self.timeout = timeout
    self.concurrency = concurrency
    self.inputPrice = inputPrice
    self.outputPrice = outputPrice
  }

  /// Nano-dollars of the dearest answer that is believed, $10,000: a million of them in one day still add up in 64 bits, as spending limits
  /// and counters do it.
  static let mostCost: Int64 = 10_000_000_000_000

  /// Nano-dollars of an answer, rounded up, ``mostCost`` at most; nil when a price or a count is unknown.
  public func cost(_ usage: TokenUsage?) -> Int64? {
    guard let usage, let inputPrice, let outputPrice else { return nil }
    // 10¹² tokens at the largest price a file may state stay below 2⁶³ only in 128 bits.
    let total =
      Int128(usage.input) * Int128(inputPrice) + Int128(usage.output) * Int128(outputPrice)
    return min(Self.mostCost, Int64(clamping: (total + 999_999) / 1_000_000))
  }
}

/// Tokens that an upstream says it counted.
public struct TokenUsage: Equatable, Sendable {
  /// Tokens of the request.
  public var input: Int64
  /// Tokens of the answer.
  public var output: Int64

  /// Counts, none below 0.
  public init(input: Int64, output: Int64) {
    self.input = input
    self.output = output
  }
}
