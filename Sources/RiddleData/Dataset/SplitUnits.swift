import RiddleRuntime

extension Dataset {
  /// The same rows with ``duplicateKeys``: rows with one key are near-duplicates, directly or by way of others.
  ///
  /// - Complexity: see ``NearDuplicates/clusters(texts:threshold:)``; nothing when they are known already.
  public func withDuplicateKeys() -> Dataset {
    if duplicateKeys != nil { return self }
    var copy = self
    copy.duplicateKeys = NearDuplicates.keys(texts: texts)
    return copy
  }
}

/// Which rows stay together: the connected components of "same unit" and "near-duplicates".
public struct SplitUnits: Equatable, Sendable {
  /// What decides each row's side or fold: the smallest unit hash of its component. A row whose unit has no
  /// near-duplicate elsewhere keeps its unit's hash, and so do all rows when joining would go too far: see
  /// ``isJoined``.
  public let keys: [UInt64]
  /// Whether components stay together. Not when near-duplicates would chain units into one component of more than
  /// ``largestShare`` of the rows: then units stay together, and repeats on later sides must be left out instead.
  public let isJoined: Bool
  /// Units that were joined with another one because of near-duplicates.
  public let joinedUnits: Int
  /// Rows of the largest set with one key.
  public let largest: Int

  /// Share of the rows that a component of several units may hold.
  public static let largestShare = 0.3

  /// The components of `dataset`, whose near-duplicates are searched unless they are known.
  public init(_ dataset: Dataset, unit: SplitUnit) {
    let units = (0..<dataset.count).map {
      RowFingerprint.unit(unit, text: dataset.texts[$0], context: dataset.contexts[$0])
    }
    let families = dataset.duplicateKeys ?? NearDuplicates.keys(texts: dataset.texts)
    var numberOfUnit: [UInt64: Int] = [:]
    var unitHashes: [UInt64] = []
    let numbers = units.map { hash in
      if let known = numberOfUnit[hash] { return known }
      numberOfUnit[hash] = unitHashes.count
      unitHashes.append(hash)
      return unitHashes.count - 1
    }
    var union = UnionFind(count: unitHashes.count)
    var firstOfFamily: [UInt64: Int] = [:]
    for (number, family) in zip(numbers, families) {
      if let first = firstOfFamily[family] {
        union.join(first, number)
      } else {
        firstOfFamily[family] = number
      }
    }
    let roots = union.smallestMembers()
    var smallest = unitHashes
    var unitCounts = [Int](repeating: 0, count: roots.count)
    for (number, root) in roots.enumerated() {
      smallest[root] = min(smallest[root], unitHashes[number])
      unitCounts[root] += 1
    }
    var rows = [Int](repeating: 0, count: roots.count)
    var rowsOfUnit = rows
    for number in numbers {
      rows[roots[number]] += 1
      rowsOfUnit[number] += 1
    }
    let limit = Self.largestShare * Double(dataset.count)
    let isJoined = !rows.indices.contains { unitCounts[$0] > 1 && Double(rows[$0]) > limit }
    self.isJoined = isJoined
    keys = isJoined ? numbers.map { smallest[roots[$0]] } : units
    joinedUnits = isJoined ? unitCounts.reduce(0) { $0 + ($1 > 1 ? $1 : 0) } : 0
    largest = (isJoined ? rows : rowsOfUnit).max() ?? 0
  }
}

extension Dataset {
  /// The cluster of every row by ``withDuplicateKeys()``: the smallest index of a member.
  public var duplicateClusters: [Int] {
    guard let duplicateKeys else { return NearDuplicates.clusters(texts: texts) }
    var first: [UInt64: Int] = [:]
    return duplicateKeys.enumerated().map { i, key in
      if let known = first[key] { return known }
      first[key] = i
      return i
    }
  }
}
