/// A trained router's decision (ROUTING-SYSTEMS A11): climb the ladder while the head margins reach their thresholds.
///
/// Head `k` of `K − 1` answers "must this query climb above candidate k?". The pick is the first `k` with
/// `margin[k] < threshold[k]`, else the top. For a pair this is the plain threshold rule
/// `margin >= threshold` → strong.
public struct Ladder: PickingPolicy, Equatable {
  /// One threshold a head, cheapest head first. −infinity always climbs, +infinity never.
  public var thresholds: [Double]

  /// A ladder with one threshold per head; none of them NaN.
  public init(thresholds: [Double]) {
    precondition(!thresholds.isEmpty, "a ladder has at least one head, got no threshold")
    precondition(thresholds.allSatisfy { !$0.isNaN }, "a threshold is NaN")
    self.thresholds = thresholds
  }

  /// The rule for a pair: `margin >= threshold` goes to the strong candidate.
  public init(threshold: Double) { self.init(thresholds: [threshold]) }

  /// Position for the margins of one query, `thresholds.count` of them from index `start` of `margins`.
  public func position(_ margins: [Double], from start: Int = 0) -> Int {
    for (k, threshold) in thresholds.enumerated() where margins[start + k] < threshold { return k }
    return thresholds.count
  }

  /// Positions of all queries of a row-major matrix of `rows × thresholds.count` margins.
  public func picks(margins: [Double]) -> [Int] {
    let heads = thresholds.count
    precondition(
      margins.count % heads == 0, "\(margins.count) margins do not fill rows of \(heads) heads")
    return (0..<(margins.count / heads)).map { position(margins, from: $0 * heads) }
  }

  /// The position for the request's margins, of which there must be one per head; passes on what no router scored.
  public func pick(_ request: Request) -> Pick? {
    guard request.margins.count == thresholds.count else { return nil }
    precondition(
      request.candidateCount == thresholds.count + 1,
      "\(request.candidateCount) candidates for \(thresholds.count) heads")
    let position = position(request.margins)
    let head = min(position, thresholds.count - 1)  // the head that had the last word
    return Pick(
      position,
      Reason(
        "router",
        position == thresholds.count
          ? "every margin at or above threshold" : "margin below threshold",
        score: request.margins[head], threshold: thresholds[head]))
  }
}
