import RiddleData
import RiddleLearning
import RiddleRuntime

/// One way to hold rows out: which fold judges which row.
struct SplitProtocol: Sendable {
  /// What is kept together, or held out.
  var name: String
  /// Fold that judges each row; −1 for rows that no fold judges.
  var folds: [Int]
  /// Number of folds.
  var foldCount: Int
  /// Rows that are judged.
  var judged: [Int]
  /// Rows left out because they repeat a row that was fitted.
  var leftOut = 0
  /// Resampling unit of each row; nil for single rows.
  var clusters: [Int]?
  /// What the unit is called.
  var resampled: String
  /// Whether the router was split this way.
  var isOwn = false
  /// Whether rows that no fold judges are fitted too: not those that were left out.
  private var fitsOthers: [Bool]

  /// Rows that the fit of `fold` sees.
  func training(_ fold: Int) -> [Int] {
    folds.indices.filter { folds[$0] != fold && (folds[$0] >= 0 || fitsOthers[$0]) }
  }

  /// Judged rows of `fold`.
  func heldOut(_ fold: Int) -> [Int] { judged.filter { folds[$0] == fold } }

  private init(
    _ name: String, folds: FoldAssignment, clusters: [Int]? = nil, resampled: String = "query"
  ) {
    self.name = name
    self.folds = folds.folds
    foldCount = folds.foldCount
    judged = folds.folds.indices.filter { folds.folds[$0] >= 0 }
    self.clusters = clusters
    self.resampled = resampled
    fitsOthers = [Bool](repeating: true, count: folds.folds.count)
  }

  /// Rows of the newest side of a split by time.
  private init(newestOf assignment: SplitAssignment) {
    name = "newest 20 % held out"
    folds = assignment.sides.map { $0 == .test ? 0 : -1 }
    foldCount = 1
    judged = assignment.rows(.test)
    leftOut = assignment.summary.droppedFromTest
    resampled = "query"
    fitsOthers = assignment.sides.map { $0 != nil }
  }

  /// Every way that the data allow, from the most flattering on.
  static func all(
    _ data: Dataset, split: Split, segmentField: SegmentField?, seed: UInt64
  ) -> [SplitProtocol] {
    var found: [SplitProtocol] = []
    let count = SideBySide.folds
    let contexts = data.contexts
    func keep(
      _ name: String, _ keys: [UInt64], grouped: Bool, isJoined: Bool = true, resampled: String,
      unit: SplitUnit?,
      field: SegmentField? = nil
    ) {
      let groups = Set(keys).count
      guard groups >= 2 else { return }
      let folds = min(count, groups)
      let assigned: FoldAssignment?
      do throws(LearningError) {
        assigned =
          try grouped
          ? FoldAssignment.grouped(keys, foldCount: folds, seed: seed)
          : FoldAssignment.hashed(keys, foldCount: folds, seed: seed)
      } catch { assigned = nil }  // too few rows for as many folds: there is nothing to show
      guard let assigned else { return }
      // Below a few dozen units a bootstrap of units says nothing of its own.
      let clusters = resampled == "query" || groups < 20 ? nil : numbers(keys)
      var line = SplitProtocol(
        name, folds: assigned, clusters: clusters, resampled: clusters == nil ? "query" : resampled)
      line.isOwn = unit == split.unit && field == split.segmentField
      if grouped || (unit != nil && !isJoined) {
        line.dropRepeats(data, conversations: unit != .text)
      }
      found.append(line)
    }
    // A row of its own: its id, which is unique in a log.
    keep(
      "random, nothing together", data.ids.map { StableHash.hash($0.utf8) }, grouped: false,
      resampled: "query", unit: nil)
    let byText = SplitUnits(data, unit: .text)
    let families = byText.keys
    keep(
      "near-duplicates together", families, grouped: false, isJoined: byText.isJoined,
      resampled: "family", unit: .text)
    let conversations = contexts.compactMap(\.conversation)
    if Set(conversations).count < conversations.count {
      let units = SplitUnits(data, unit: .conversation)
      keep(
        "conversations together", units.keys, grouped: false, isJoined: units.isJoined,
        resampled: "conversation", unit: .conversation)
    }
    let field = segmentField ?? split.segmentField ?? .suggested(for: contexts)
    func keys(_ field: SegmentField) -> [UInt64] {
      contexts.indices.map { i in
        field.value(of: contexts[i]).map { StableHash.hash($0.utf8) } ?? families[i]
      }
    }
    let groups = contexts.compactMap(\.group)
    if Set(groups).count > 1 && groups.count * 2 > contexts.count && field != .group {
      keep("groups together", keys(.group), grouped: true, resampled: "group", unit: .group)
    }
    if let field, Set(contexts.compactMap { field.value(of: $0) }).count > 1 {
      keep(
        "segments left out (\(field.rawValue))", keys(field), grouped: true, resampled: "segment",
        unit: split.unit == .group && field == .group ? .group : .segment,
        field: split.unit == .segment ? field : nil)
    }
    let times = contexts.compactMap { $0.time?.count }
    if times.count * 2 > contexts.count && Set(times).count >= 10 {
      var line = SplitProtocol(
        newestOf: Split(unit: .time, seed: seed).assignment(of: data))
      line.isOwn = split.unit == .time
      if !line.judged.isEmpty { found.append(line) }
    }
    return found
  }

  /// Numbers of equal keys.
  private static func numbers(_ keys: [UInt64]) -> [Int] {
    var numbers: [UInt64: Int] = [:]
    return keys.map { key in
      let number = numbers[key] ?? numbers.count
      numbers[key] = number
      return number
    }
  }

  /// Leaves out of judging the rows that repeat a row of another fold, or share its conversation: whole segments are
  /// held out, so these would be seen.
  private mutating func dropRepeats(_ data: Dataset, conversations isApart: Bool) {
    let conversations = data.texts.indices.map {
      RowFingerprint.unit(.conversation, text: data.texts[$0], context: data.contexts[$0])
    }
    let before = judged.count
    for keys in [data.duplicateKeys ?? [], isApart ? conversations : []] where !keys.isEmpty {
      var foldOfKey: [UInt64: Int] = [:]
      var straddling: Set<UInt64> = []
      for (key, fold) in zip(keys, folds) {
        if let known = foldOfKey[key], known != fold { straddling.insert(key) }
        foldOfKey[key] = fold
      }
      judged.removeAll { straddling.contains(keys[$0]) }
    }
    leftOut = before - judged.count
  }
}
