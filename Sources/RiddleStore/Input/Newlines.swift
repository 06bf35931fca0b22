import Glibc

// `memchr` compares many bytes at once, a loop over the array one. The call stays inside `from ..< to`,
// within the array's own storage, for the duration of the closure.
extension [UInt8] {
  /// Index of the first newline in `from ..< to`.
  func firstNewline(from: Int, to: Int) -> Int? {
    guard from < to else { return nil }
    return withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress, let found = memchr(base + from, 0x0a, to - from) else {
        return nil
      }
      return UnsafeRawPointer(found) - base
    }
  }

  /// Index of the last newline at or after `from`. Looks from the end, where one is near.
  func lastNewline(from: Int) -> Int? {
    var i = count
    while i > from {
      i -= 1
      if self[i] == 0x0a { return i }
    }
    return nil
  }

  /// Number of newlines before index `end`.
  func newlineCount(upTo end: Int) -> Int {
    var count = 0
    var position = 0
    while let newline = firstNewline(from: position, to: end) {
      count += 1
      position = newline + 1
    }
    return count
  }
}
