/// Always the same candidate (ROUTING-SYSTEMS A1): always-cheapest, always-strongest and best-single are of this kind.
public struct Static: PickingPolicy, Equatable {
  /// Position on the ladder.
  public var candidate: Int

  /// A policy that always picks `candidate`, a position on the ladder, at least 0. On a shorter ladder it picks the top.
  public init(candidate: Int) {
    precondition(candidate >= 0, "a ladder position starts at 0, got \(candidate)")
    self.candidate = candidate
  }

  /// The fixed candidate.
  public func pick(_ request: Request) -> Pick? {
    Pick(min(candidate, request.strongest), Reason("static"))
  }
}
