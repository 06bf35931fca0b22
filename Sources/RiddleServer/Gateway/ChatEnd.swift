import Synchronization

/// How a chat request ended. Raw values are labels of `riddle_chat_total`.
enum ChatEnd: String, Sendable {
  /// The caller got a whole answer.
  case answered
  /// Nobody answered.
  case failed
  /// The candidate's answer broke off after it had begun.
  case cut
  /// The caller went, or stopped reading, or the server stopped: nothing is said of the candidate.
  case left
}

/// Settles a chat request whose answer is still on its way, and once: also when nobody ever gets to send that answer.
final class ChatSettlement: Sendable {
  private let endpoint: ChatEndpoint
  private let call: ChatCall
  private let isSettled = Atomic<Bool>(false)

  init(_ endpoint: ChatEndpoint, _ call: ChatCall) {
    self.endpoint = endpoint
    self.call = call
  }

  func settle(_ end: ChatEnd) {
    let wasSettled = isSettled.exchange(true, ordering: .acquiringAndReleasing)
    if !wasSettled { endpoint.settle(call, end) }
  }

  deinit { settle(.left) }
}
