/// Decisions that somebody else has taken, by request: another router's answers, replayed beside ours.
public struct Recorded: PickingPolicy, Equatable {
  /// Position by ``Request/key``.
  public var picks: [UInt64: Int]
  /// The stage's name in reasons.
  public var stage: String

  /// Decisions by request.
  public init(picks: [UInt64: Int], stage: String) {
    self.picks = picks
    self.stage = stage
  }

  /// The recorded candidate; passes on requests nobody decided.
  public func pick(_ request: Request) -> Pick? {
    picks[request.key].map { Pick(min($0, request.strongest), Reason(stage)) }
  }
}
