import Dispatch
import Foundation

/// Reads and parses on a background thread while the caller stores what is ready: batches arrive in file
/// order, about ``capacity`` bytes of them waiting, whatever the machine's speed.
///
/// `@unchecked Sendable`: `producer` and `transform` are touched by the background closure alone, from `init` until
/// `isFinished`; every other property is read and written under `condition`'s lock.
final class BatchPump<Batch: Sendable>: @unchecked Sendable {
  private let producer: any RowProducer
  private let transform: (RowBatch) -> Batch
  private let condition = NSCondition()
  private var ready: [(batch: Batch, bytes: Int)] = []
  private var waitingBytes = 0
  private var failure: StoreError?
  private var isFinished = false
  private var isCancelled = false

  /// Bytes of records that may wait. Enough for a transaction of 20 000 usual rows (4 to 12 MB): with less, the writer
  /// waits for the parser after every transaction, and an import takes a third longer.
  private static var capacity: Int { 16 << 20 }

  /// - Parameter transform: what the background thread makes of each batch before it hands it over.
  init(_ producer: any RowProducer, transform: @escaping (RowBatch) -> Batch) {
    self.producer = producer
    self.transform = transform
    DispatchQueue.global(qos: .userInitiated).async { self.run() }
  }

  /// The next batch, waiting for it; nil at the end. Batches before a failure come first.
  func next() throws(StoreError) -> Batch? {
    condition.lock()
    defer { condition.unlock() }
    while ready.isEmpty && !isFinished { condition.wait() }
    if !ready.isEmpty {
      condition.broadcast()
      let batch = ready.removeFirst()
      waitingBytes -= batch.bytes
      return batch.batch
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
      while let rows = try producer.next() {
        let batch = transform(rows)
        condition.lock()
        while waitingBytes >= Self.capacity && !isCancelled { condition.wait() }
        let stop = isCancelled
        if !stop {
          ready.append((batch, rows.recordBytes))
          waitingBytes += rows.recordBytes
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

extension BatchPump where Batch == RowBatch {
  /// A pump of the batches as they are read.
  convenience init(_ producer: any RowProducer) { self.init(producer) { $0 } }
}
