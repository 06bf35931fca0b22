/// Bins of times, four to an octave from 1,024 ns to 275 s: a quantile read from them is right to an eighth.
enum LatencyBins {
  /// Bin 0 holds what is shorter, the last one what is longer.
  static let count = 112

  /// The bin of a time.
  static func bin(_ nanoseconds: Int64) -> Int {
    guard nanoseconds >= 1024 else { return 0 }
    let octave = 63 - nanoseconds.leadingZeroBitCount
    let quarter = Int(nanoseconds >> Int64(octave - 2)) & 3
    return min(count - 1, (octave - 10) * 4 + quarter + 1)
  }

  /// The middle of a bin, in nanoseconds.
  static func middle(_ bin: Int) -> Int64 {
    guard bin > 0 else { return 512 }
    let octave = (bin - 1) / 4 + 10
    let quarter = (bin - 1) % 4
    return (Int64(4 + quarter) << Int64(octave - 2)) + (Int64(1) << Int64(octave - 3))
  }

  /// The time that a share of `counts` does not exceed, in nanoseconds; nil when nothing was counted.
  ///
  /// - Parameters:
  ///   - share: in (0, 1].
  ///   - counts: by bin.
  static func quantile(_ share: Double, of counts: ArraySlice<UInt32>) -> Int64? {
    let total = counts.reduce(0) { $0 + Int($1) }
    guard total > 0 else { return nil }
    let rank = max(1, Int((share * Double(total)).rounded(.up)))
    var sum = 0
    for (bin, count) in counts.enumerated() {
      sum += Int(count)
      if sum >= rank { return middle(bin) }
    }
    return middle(count - 1)
  }
}
