import Foundation
import RiddleData
import Synchronization

/// Takes decisions from the threads that make them and writes them down on a thread of its own.
///
/// Whoever decides pays for a lock that nobody holds longer than it takes to append to an array or to swap two: no system call,
/// no file, no SQLite. The queue is bounded: when the writer cannot follow, decisions are dropped and counted, or, where losing one is
/// worse than waiting, the caller waits. A failure of the writer stops the log and not the decisions; ``finish()`` throws it.
public final class DecisionRecorder: Sendable {
  /// What to do with a decision that the queue has no room for.
  public enum Overflow: Sendable {
    /// Forget it and count it: a server answers in time.
    case drop
    /// Wait for room: a batch loses nothing.
    case wait
  }

  /// How a log is kept.
  public struct Settings: Sendable {
    /// Most decisions that wait to be written.
    public var queueLength = 1 << 16
    /// When the queue is full.
    public var overflow = Overflow.drop
    /// Share of requests that are logged, in (0, 1], chosen by a stable hash of the request's id.
    public var sampleRate = 1.0
    /// What becomes of texts.
    public var text = TextRedaction.keep
    /// Whether dense features are kept.
    public var keepsFeatures = false
    /// Longest time that a decision waits while the queue is not full.
    public var flushMilliseconds = 200

    /// Everything logged, in full.
    public init() {}
  }

  /// What became of the decisions so far.
  public struct Counts: Equatable, Sendable {
    /// Given to the recorder.
    public var offered = 0
    /// Left out by sampling.
    public var unsampled = 0
    /// Lost because the queue was full, or because the log had failed.
    public var dropped = 0
    /// What the sink did with the others.
    public var written = DecisionCounts()
  }

  private struct State {
    var queue: [DecisionRecord] = []
    var counts = Counts()
    var failure: StoreError?
    var isFinishing = false
  }

  /// The settings as given.
  public let settings: Settings
  private let sink: any DecisionSink
  private let state = Mutex(State())
  /// Signalled when the queue is half full, and at the end.
  private let wake = DispatchSemaphore(value: 0)
  /// Signalled when the writer has taken a queue, for those who wait.
  private let room = DispatchSemaphore(value: 0)
  private let waiting = Atomic<Int>(0)
  private let done = DispatchSemaphore(value: 0)

  /// Starts the writer.
  public init(_ sink: any DecisionSink, settings: Settings = Settings()) {
    precondition(settings.queueLength > 0, "a queue needs room, got \(settings.queueLength)")
    precondition(
      settings.sampleRate > 0 && settings.sampleRate <= 1,
      "the share of logged requests lies in (0, 1], got \(settings.sampleRate)")
    self.sink = sink
    self.settings = settings
    let thread = Thread { self.writeUntilFinished() }
    thread.name = "riddle decision log"
    thread.start()
  }

  /// Takes one decision; any thread.
  public func record(_ decision: consuming DecisionRecord) {
    var decision = decision
    let isKept = DecisionRecord.isSampled(decision.requestID, rate: settings.sampleRate)
    if settings.sampleRate < 1 { decision.sampleRate = settings.sampleRate }
    let (isDone, isHalfFull) = state.withLock { state -> (Bool, Bool) in
      state.counts.offered += 1
      guard isKept else {
        state.counts.unsampled += 1
        return (true, false)
      }
      if state.failure != nil || state.isFinishing {
        state.counts.dropped += 1
        return (true, false)
      }
      if state.queue.count < settings.queueLength {
        state.queue.append(decision)
        return (true, state.queue.count == (settings.queueLength + 1) / 2)
      }
      if settings.overflow == .drop { state.counts.dropped += 1 }
      return (settings.overflow == .drop, false)
    }
    if isHalfFull { wake.signal() }
    if !isDone { append([decision]) }
  }

  /// Takes decisions in order; any thread.
  public func record(_ decisions: consuming [DecisionRecord]) {
    var kept = consume decisions
    let offered = kept.count
    if settings.sampleRate < 1 {
      kept.removeAll { !DecisionRecord.isSampled($0.requestID, rate: settings.sampleRate) }
      for index in kept.indices { kept[index].sampleRate = settings.sampleRate }
    }
    let unsampled = offered - kept.count
    state.withLock {
      $0.counts.offered += offered
      $0.counts.unsampled += unsampled
    }
    append(kept)
  }

  /// Takes decisions that are counted as offered already.
  private func append(_ kept: [DecisionRecord]) {
    var rest = kept[...]
    while !rest.isEmpty {
      let (taken, isHalfFull) = state.withLock { state -> (Int, Bool) in
        if state.failure != nil || state.isFinishing {
          state.counts.dropped += rest.count
          return (rest.count, false)
        }
        let room = settings.queueLength - state.queue.count
        let count = min(room, rest.count)
        let wasBelow = state.queue.count * 2 < settings.queueLength
        state.queue.append(contentsOf: rest.prefix(count))
        let isHalfFull = wasBelow && state.queue.count * 2 >= settings.queueLength
        if count < rest.count && settings.overflow == .drop {
          state.counts.dropped += rest.count - count
          return (rest.count, isHalfFull)
        }
        return (count, isHalfFull)
      }
      rest = rest.dropFirst(taken)
      if isHalfFull { wake.signal() }
      if !rest.isEmpty {
        waiting.add(1, ordering: .sequentiallyConsistent)
        wake.signal()
        // A wake-up that came between is not lost: semaphores count. The limit is for one that never comes.
        _ = room.wait(timeout: .now() + .milliseconds(settings.flushMilliseconds))
        waiting.subtract(1, ordering: .sequentiallyConsistent)
      }
    }
  }

  /// What became of the decisions so far.
  public var counts: Counts { state.withLock { $0.counts } }

  /// Writes what is left and closes the log.
  ///
  /// - Throws: the writer's first failure.
  @discardableResult
  public func finish() throws(StoreError) -> Counts {
    let isFirst = state.withLock { state in
      defer { state.isFinishing = true }
      return !state.isFinishing
    }
    if isFirst {
      wake.signal()
      done.wait()
      try sink.close()
    }
    if let failure = state.withLock({ $0.failure }) { throw failure }
    return counts
  }

  private func writeUntilFinished() {
    var batch: [DecisionRecord] = []
    while true {
      _ = wake.wait(timeout: .now() + .milliseconds(settings.flushMilliseconds))
      let isFinishing = state.withLock { state in
        swap(&state.queue, &batch)
        return state.isFinishing
      }
      for _ in 0..<waiting.load(ordering: .sequentiallyConsistent) { room.signal() }
      if !batch.isEmpty { write(batch) }
      batch.removeAll(keepingCapacity: true)
      if isFinishing { break }
    }
    done.signal()
  }

  private func write(_ batch: [DecisionRecord]) {
    let kept = batch.map { decision in
      var decision = decision.redacted(settings.text)
      if !settings.keepsFeatures { decision.features = nil }
      return decision
    }
    do throws(StoreError) {
      let written = try sink.append(kept)
      state.withLock { $0.counts.written += written }
    } catch {
      state.withLock { state in
        if state.failure == nil { state.failure = error }
        state.counts.dropped += batch.count
      }
    }
  }
}
