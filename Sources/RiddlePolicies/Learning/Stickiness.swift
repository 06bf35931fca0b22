import RiddleData
import RiddleRuntime

/// A conversation that started on a strong candidate stays there (ROUTING-SYSTEMS B1).
///
/// The first answer of a conversation decides, or with ``sticksToHighest`` the dearest so far, so that an escalation is remembered too.
/// Replays with this stage go in order of time and resample conversations, not turns. Memory is bounded: conversations not seen
/// for long are forgotten.
public struct Stickiness: Policy, Equatable {
  /// Position from which a conversation sticks.
  public var from: Int
  /// Whether later answers can make it stick as well.
  public var sticksToHighest: Bool
  private var memory: BoundedMemory<Int>

  /// Stickiness for conversations on position `from` or above.
  public init(from: Int, sticksToHighest: Bool = false, capacity: Int = 100_000) {
    self.from = from
    self.sticksToHighest = sticksToHighest
    memory = BoundedMemory(capacity: capacity)
  }

  /// Conversations remembered.
  public var remembered: Int { memory.count }

  /// The conversation's candidate; passes on the first turn, and conversations below ``from``.
  public func next(_ request: Request, after attempts: [Attempt]) -> Step? {
    guard let conversation = request.context.conversation,
      let candidate = memory[StableHash.hash(conversation.utf8)],
      candidate >= min(from, request.strongest)
    else { return nil }
    let reason = Reason("sticky", "the conversation's candidate")
    guard let last = attempts.last else {
      return .ask(Ask(min(candidate, request.strongest)), reason)
    }
    return last.isAnswered ? .accept(attempts.count - 1, reason) : .fail(reason)
  }

  /// Remembers who answered.
  public mutating func observe(_ served: Served) {
    guard let conversation = served.request.context.conversation, let candidate = served.candidate
    else { return }
    let key = StableHash.hash(conversation.utf8)
    if let known = memory[key] {
      memory.set(key, to: sticksToHighest ? max(known, candidate) : known)
    } else {
      memory.set(key, to: candidate)
    }
  }

  /// Yes.
  public var learns: Bool { true }
}
