import RiddleData
import RiddleStore

extension StreamedFile {
  /// Writes the decisions of a span of time in the form of the decision log, in constant memory; gives how many.
  ///
  /// - Parameters:
  ///   - start: the first time that counts; nil from the beginning.
  ///   - end: the first time that no longer counts; nil to the end.
  ///   - shown: the decision as it is to be written; nil leaves it out.
  func write(
    decisionsOf store: Store, from start: Microseconds?, until end: Microseconds?,
    shown: (DecisionRecord) -> DecisionRecord?
  ) throws -> Int {
    var bytes: [UInt8] = []
    var count = 0
    var failure: (any Error)?
    do {
      try store.forEachDecision(from: start, until: end) { decision in
        guard let decision = shown(decision) else { return }
        DecisionLogLine.append(decision, to: &bytes)
        count += 1
        guard bytes.count >= 1 << 16 else { return }
        do { try write(bytes) } catch {
          // The store would wrap it: what the file said is what the user must read.
          failure = error
          throw error
        }
        bytes.removeAll(keepingCapacity: true)
      }
    } catch {
      throw failure ?? error
    }
    try write(bytes)
    return count
  }
}
