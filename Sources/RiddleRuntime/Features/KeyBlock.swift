/// Distinct keys in order of first appearance, without a branch: every key is written behind the last one, and the count
/// moves on only if the key's bit was not set yet.
@unsafe struct KeyBlock {
  /// Room for every key that can be added, and one more.
  let keys: UnsafeMutablePointer<UInt32>
  /// One bit per possible key, all clear between blocks.
  let seen: UnsafeMutablePointer<UInt64>
  /// Number of words of `seen`.
  let seenCount: Int
  var count: Int

  /// Adds a key below 64 · `seenCount` unless it is there.
  @inline(__always)
  mutating func insert(_ key: UInt64) {
    let word = Int(truncatingIfNeeded: key &>> 6)
    let bit = (1 as UInt64) &<< (key & 63)
    let old = unsafe seen[word]
    unsafe seen[word] = old | bit
    unsafe keys[count] = UInt32(truncatingIfNeeded: key)
    unsafe count &+= Int(truncatingIfNeeded: ~(old &>> (key & 63)) & 1)
  }

  /// Forgets the keys from `start` on, for the next block or text.
  @inline(__always)
  func forget(from start: Int) {
    if unsafe count &- start > seenCount {
      unsafe seen.update(repeating: 0, count: seenCount)
    } else {
      let end = unsafe count
      for i in start..<end { unsafe seen[Int(keys[i] &>> 6)] = 0 }
    }
  }
}
