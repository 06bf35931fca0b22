import RiddleData
import RiddleServing
import RiddleStore
import Synchronization

/// The way of decisions into the log. What waits for the disk is bounded in decisions and in bytes of text, and a text that the log will
/// not show does not wait either.
final class LogQueue: Sendable {
  private let recorder: DecisionRecorder
  private let waiting: Waiting
  private let text: TextRedaction

  /// A queue before `sink`, with the limits of `settings`.
  init(_ sink: any DecisionSink, _ settings: ServerSettings) {
    let waiting = Waiting(decisions: settings.logQueue, bytes: settings.logBytes)
    var how = DecisionRecorder.Settings()
    how.overflow = .drop
    how.queueLength = settings.logQueue
    how.text = settings.logText
    recorder = DecisionRecorder(MeasuredSink(sink: sink, waiting: waiting), settings: how)
    self.waiting = waiting
    text = settings.logText
  }

  /// Takes one decision; any thread.
  func record(_ decision: DecisionRecord) {
    let decision = text == .keep ? decision : decision.redacted(text)
    if waiting.takes(decision) { recorder.record(decision) }
  }

  /// What became of the decisions so far.
  var counts: ServerMetrics.LogCounts {
    let counts = recorder.counts
    return ServerMetrics.LogCounts(
      written: counts.written.inserted, dropped: counts.dropped + waiting.dropped,
      refused: counts.written.refused + counts.written.conflicts)
  }

  /// Writes what is left and closes the log.
  func finish() throws(StoreError) -> ServerMetrics.LogCounts {
    try recorder.finish()
    return counts
  }
}

/// Decisions between whoever made them and the disk.
private final class Waiting: Sendable {
  private struct State {
    var decisions = 0
    var bytes = 0
    var dropped = 0
  }

  private let mostDecisions: Int
  private let mostBytes: Int
  private let state = Mutex(State())

  init(decisions: Int, bytes: Int) {
    mostDecisions = decisions
    mostBytes = bytes
  }

  /// Decisions that found no room.
  var dropped: Int { state.withLock { $0.dropped } }

  /// Whether there is room for `decision`, which then waits; else it is counted as dropped. The recorder behind it has room for as many,
  /// so it drops none that wait here.
  func takes(_ decision: DecisionRecord) -> Bool {
    let bytes = Self.bytes(decision)
    return state.withLock { state in
      guard state.decisions < mostDecisions, state.bytes + bytes <= mostBytes else {
        state.dropped += 1
        return false
      }
      state.decisions += 1
      state.bytes += bytes
      return true
    }
  }

  /// These wait no longer.
  func left(_ decisions: [DecisionRecord]) {
    let bytes = decisions.reduce(0) { $0 + Self.bytes($1) }
    state.withLock { state in
      state.decisions -= decisions.count
      state.bytes -= bytes
    }
  }

  private static func bytes(_ decision: DecisionRecord) -> Int { decision.text?.utf8.count ?? 0 }
}

/// A sink that says when decisions wait no longer.
private struct MeasuredSink: DecisionSink {
  let sink: any DecisionSink
  let waiting: Waiting

  func append(_ decisions: [DecisionRecord]) throws(StoreError) -> DecisionCounts {
    // Written, or lost with the log.
    defer { waiting.left(decisions) }
    return try sink.append(decisions)
  }

  func close() throws(StoreError) { try sink.close() }
}
