/// Long queries to the strongest candidate, the others to the cheapest: the simplest router there is, and often
/// not the worst.
public struct PromptLength: PickingPolicy, Equatable {
  /// Length in Unicode scalars from which a query goes to the strongest candidate.
  public var threshold: Double

  /// A policy that sends queries of at least `threshold` Unicode scalars to the strongest candidate.
  public init(threshold: Double) { self.threshold = threshold }

  /// Number of Unicode scalars in `text`, from its UTF-8 bytes. O(bytes).
  ///
  /// Scalars rather than characters: the count does not move with the Unicode version, and it is what most other
  /// tools call the length of a string.
  public static func score(_ text: String) -> Double {
    var count = 0
    // Every byte but a continuation byte (10xxxxxx) starts a scalar.
    for byte in text.utf8 where byte & 0xc0 != 0x80 { count += 1 }
    return Double(count)
  }

  /// Top of the ladder when `length >= threshold`, else the bottom.
  public func pick(_ request: Request) -> Pick? {
    let length = Double(request.text.length)
    let goesUp = length >= threshold
    return Pick(
      goesUp ? request.strongest : 0,
      Reason(
        "length", goesUp ? "at or above threshold" : "below threshold", score: length,
        threshold: threshold))
  }
}
