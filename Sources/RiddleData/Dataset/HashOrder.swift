/// Orders numbers that are spread evenly over 64 bits, in linear time: bins by the leading bits hold about one each.
///
/// Many equal numbers cost the time of sorting them by the tie-breaks; nothing is assumed of them.
enum HashOrder {
  /// The indices of `keys` in ascending order of (key, tie, index), without those whose key is `skipped`.
  ///
  /// - Parameters:
  ///   - keys: n numbers.
  ///   - ties: n numbers that order equal keys; nil for none.
  static func indices(
    _ keys: ArraySlice<UInt64>, ties: ArraySlice<UInt64>? = nil, skipping skipped: UInt64? = nil
  ) -> [Int32] {
    precondition(keys.count <= Int(Int32.max), "at most 2³¹ − 1 rows, got \(keys.count)")
    let first = keys.startIndex
    let bits = max(1, Int.bitWidth - keys.count.leadingZeroBitCount)
    let shift = UInt64(64 - bits)
    var ends = [Int32](repeating: 0, count: (1 << bits) + 1)
    for key in keys where key != skipped { ends[Int(key >> shift) + 1] += 1 }
    for bin in 1..<ends.count { ends[bin] += ends[bin - 1] }
    var order = [Int32](repeating: 0, count: Int(ends[ends.count - 1]))
    for i in 0..<keys.count where keys[first + i] != skipped {
      let bin = Int(keys[first + i] >> shift)
      order[Int(ends[bin])] = Int32(i)
      ends[bin] += 1
    }
    // Each entry has moved to the end of its bin.
    var start = 0
    for bin in 0..<(1 << bits) {
      let end = Int(ends[bin])
      if end - start > 1 {
        order[start..<end].sort { a, b in
          let (x, y) = (keys[first + Int(a)], keys[first + Int(b)])
          if x != y { return x < y }
          if let ties {
            let (s, t) = (ties[ties.startIndex + Int(a)], ties[ties.startIndex + Int(b)])
            if s != t { return s < t }
          }
          return a < b
        }
      }
      start = end
    }
    return order
  }
}
