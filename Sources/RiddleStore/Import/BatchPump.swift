import Dispatch
import Foundation

/// Reads and parses on a background thread while the caller stores what is ready: batches arrive in file
/// order, about ``capacity`` bytes of them waiting, whatever the machine's speed.
///
/// `@unchecked Sendable`: `producer` is touched by the background closure alone, from `init` until
/// `isFinished`; every other property is read and written under `condition`'s lock.
final class BatchPump: @unchecked Sendable {
  private let producer: any RowProducer
  private let condition = NSCondition()
  private var ready: [RowBatch] = []
  private var waitingBytes = 0
  private var failure: StoreError?
  private var isFinished = false
  private var isCancelled = false

  /// Bytes of records that may wait. Enough for a transaction of 20 000 usual rows: with less, the writer
  /// waits for the parser after every transaction, and an import takes a third longer.
  private static let capacity = 32 << 20

  init(_ producer: any RowProducer) {
    self.producer = producer
    DispatchQueue.global(qos: .userInitiated).async { self.run() }
  }

  /// The next batch, waiting for it; nil at the end. Batches before a failure come first.
  func next() throws(StoreError) -> RowBatch? {
    condition.lock()
    defer { condition.unlock() }
    while ready.isEmpty && !isFinished { condition.wait() }
    if !ready.isEmpty {
      condition.broadcast()
      let batch = ready.removeFirst()
      waitingBytes -= batch.recordBytes
      return batch
    }
    if let failure { throw failure }
    return nil
  }

  /// Tells the background thread to stop at the next batch. Does not wait: it may be blocked on a pipe.
  func cancel() {
    condition.lock()
    isCancelled = true
    condition.broadcast()
    condition.unlock()
  }

  private func run() {
    var failure: StoreError?
    do throws(StoreError) {
      while let batch = try producer.next() {
        condition.lock()
        while waitingBytes >= Self.capacity && !isCancelled { condition.wait() }
        let stop = isCancelled
        if !stop {
          ready.append(batch)
          waitingBytes += batch.recordBytes
        }
        condition.broadcast()
        condition.unlock()
        if stop { break }
      }
    } catch {
      failure = error
    }
    condition.lock()
    self.failure = failure
    isFinished = true
    condition.broadcast()
    condition.unlock()
  }
}
