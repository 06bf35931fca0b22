import Dispatch

/// Data parallelism whose results depend on neither the number of threads nor the machine.
///
/// Work is cut into a *fixed* number of shards; each writes its own place, and the caller combines shards in
/// index order. Threads only decide when a shard runs.
public enum Shards {
  /// Shards of a loop over rows or buckets.
  public static let count = 8

  /// 0 ..< `total` in `shards` consecutive ranges whose lengths differ by at most one.
  public static func ranges(of total: Int, shards: Int = count) -> [Range<Int>] {
    precondition(shards >= 1, "work needs at least one shard, got \(shards)")
    return (0..<shards).map { (total * $0 / shards)..<(total * ($0 + 1) / shards) }
  }

  /// Runs `body` on every state, each exactly once, possibly at the same time.
  public static func update<State: Sendable>(
    _ states: inout [State], _ body: @Sendable (Int, inout State) -> Void
  ) {
    // The array owns the states and outlives the call: `concurrentPerform` returns when all are done. Iteration
    // i touches element i < count only, so no two threads share one.
    unsafe states.withUnsafeMutableBufferPointer { buffer in
      let shared = unsafe SharedBuffer(buffer: buffer)
      DispatchQueue.concurrentPerform(iterations: buffer.count) { i in
        unsafe body(i, &shared.buffer[i])
      }
    }
  }

  /// Runs `body` on every shard of the elements, each exactly once, possibly at the same time.
  ///
  /// - Parameter body: gets the shard's indices and the elements at them, from 0.
  public static func update<Value: Sendable>(
    elementsOf values: inout [Value], shards: Int = count,
    _ body: @Sendable (Range<Int>, inout MutableSpan<Value>) -> Void
  ) {
    let ranges = ranges(of: values.count, shards: shards)
    // The array owns the elements and outlives the call; ranges do not overlap, so no two threads share one.
    unsafe values.withUnsafeMutableBufferPointer { buffer in
      let shared = unsafe SharedBuffer(buffer: buffer)
      DispatchQueue.concurrentPerform(iterations: ranges.count) { i in
        let part = unsafe UnsafeMutableBufferPointer(rebasing: shared.buffer[ranges[i]])
        var span = unsafe part.mutableSpan
        body(ranges[i], &span)
      }
    }
  }

  /// Runs `body` for 0 ..< `count`, each exactly once, possibly at the same time.
  public static func run(count: Int, _ body: @Sendable (Int) -> Void) {
    DispatchQueue.concurrentPerform(iterations: count) { body($0) }
  }

  /// `body(0)`, …, `body(count − 1)` in that order, computed possibly at the same time.
  public static func map<Value: Sendable>(
    count: Int, _ body: @Sendable (Int) -> Value
  ) -> [Value] {
    var results = [Value?](repeating: nil, count: count)
    update(&results) { i, slot in slot = body(i) }
    return results.compactMap { $0 }  // every slot was filled
  }
}

/// A buffer whose elements are divided among threads; the user proves that no element is shared.
@unsafe struct SharedBuffer<Element>: @unchecked Sendable {
  let buffer: UnsafeMutableBufferPointer<Element>
}
