import RiddleRuntime

/// Which rows are held out together, and what may be trained on meanwhile.
///
/// Three ways: by hash of a row's key, so that adding rows moves none; whole groups, dealt to folds of about equal
/// size; and by time, where every fold is judged by a model that has seen only earlier rows.
public struct FoldAssignment: Equatable, Sendable {
  /// Fold of every row in 0 ..< ``foldCount``, or −1 for rows that are never held out.
  public let folds: [Int]
  /// Number of folds, at least 2.
  public let foldCount: Int
  /// Whether a fold trains on earlier folds only.
  public let isForward: Bool

  /// Folds by a stable hash of each row's key: rows of one key share a fold, whatever other rows there are.
  ///
  /// - Throws: `LearningError.invalidSetting` for fewer than two folds, `.emptyFold` if the hash leaves one empty.
  public static func hashed(
    _ keys: [UInt64], foldCount: Int, seed: UInt64
  ) throws(LearningError) -> FoldAssignment {
    let salt = StableHash.mixed(seed)
    let folds = keys.map { key in
      Int(
        StableHash.mixed(key ^ salt).multipliedFullWidth(by: UInt64(max(foldCount, 1))).high)
    }
    return try FoldAssignment(folds, foldCount: foldCount, isForward: false)
  }

  /// Folds of whole groups: the largest group first, each to the fold with the fewest rows.
  ///
  /// Ties between groups go by a hash of group and seed, ties between folds to the lowest, so row order does
  /// not matter.
  ///
  /// - Throws: `LearningError.invalidSetting` for fewer than two folds, `.emptyFold` with fewer groups than folds.
  public static func grouped(
    _ groups: [UInt64], foldCount: Int, seed: UInt64
  ) throws(LearningError) -> FoldAssignment {
    var sizes: [UInt64: Int] = [:]
    for group in groups { sizes[group, default: 0] += 1 }
    let salt = StableHash.mixed(seed)
    let order = sizes.keys.sorted { a, b in
      let (sizeA, sizeB) = (sizes[a, default: 0], sizes[b, default: 0])
      if sizeA != sizeB { return sizeA > sizeB }
      let (hashA, hashB) = (StableHash.mixed(a ^ salt), StableHash.mixed(b ^ salt))
      return hashA != hashB ? hashA < hashB : a < b
    }
    var rows = [Int](repeating: 0, count: max(foldCount, 1))
    var foldOfGroup: [UInt64: Int] = [:]
    for group in order {
      var lightest = 0
      for fold in rows.indices where rows[fold] < rows[lightest] { lightest = fold }
      foldOfGroup[group] = lightest
      rows[lightest] += sizes[group, default: 0]
    }
    return try FoldAssignment(
      groups.map { foldOfGroup[$0, default: 0] }, foldCount: foldCount, isForward: false)
  }

  /// Forward chaining: time is cut into `foldCount` + 1 spans of about equal rows, the first is never held out, and
  /// each later one is judged by a model of all spans before it.
  ///
  /// Rows of equal time share a span.
  ///
  /// - Parameter times: a time per row, in any unit.
  /// - Throws: `LearningError.invalidSetting` for fewer than two folds, `.emptyFold` when there are too few
  ///   distinct times.
  public static func forward(
    _ times: [Int64], foldCount: Int
  ) throws(LearningError) -> FoldAssignment {
    let sorted = times.sorted()
    let spans = max(foldCount, 1) + 1
    // A span begins with the first row of the time at its quantile.
    let begins = (1..<spans).map { span in
      sorted.isEmpty ? 0 : sorted[sorted.count * span / spans]
    }
    let folds = times.map { time in (begins.lastIndex { $0 <= time } ?? -1) }
    let result = try FoldAssignment(folds, foldCount: foldCount, isForward: true)
    // Without rows before it, the first fold could not be trained.
    if !folds.contains(-1) { throw .emptyFold(fold: 0, folds: foldCount) }
    return result
  }

  private init(_ folds: [Int], foldCount: Int, isForward: Bool) throws(LearningError) {
    if foldCount < 2 {
      throw .invalidSetting(name: "foldCount", value: Double(foldCount), expected: "at least 2")
    }
    var sizes = [Int](repeating: 0, count: foldCount)
    for fold in folds where fold >= 0 { sizes[fold] += 1 }
    if let empty = sizes.firstIndex(of: 0) { throw .emptyFold(fold: empty, folds: foldCount) }
    self.folds = folds
    self.foldCount = foldCount
    self.isForward = isForward
  }
}
