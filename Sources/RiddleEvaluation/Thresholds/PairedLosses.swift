import RiddleData

/// What a policy loses against always asking the strongest candidate, per unit of testing.
///
/// Loss of a row = quality of the strongest − quality of the policy's pick, in [−1, 1]: a query that only the cheaper
/// candidate gets right counts in the policy's favour. Rows of one conversation depend on each other, so where
/// conversations are known a unit is a conversation and its loss the mean over its rows: the promise is then about the
/// average conversation. Units are tested in an order made from the queries alone, never from outcomes.
public struct PairedLosses: Sendable {
  /// Unit of each row, in testing order.
  private let unitOfRow: [Int32]
  /// Rows sorted by unit; those of unit u stand from `starts[u]` to `starts[u + 1]`, in the order of the table.
  private let rowsByUnit: [Int32]
  private let starts: [Int32]
  private let table: OutcomeTable

  /// Losses on `table`.
  ///
  /// - Parameters:
  ///   - clusters: conversation of each row, any numbers; nil: each row is a unit.
  ///   - keys: a stable hash of each row's query. Units are tested by increasing smallest key, equal ones by first row.
  public init(_ table: OutcomeTable, clusters: [Int]? = nil, keys: [UInt64]) {
    precondition(
      keys.count == table.rowCount && (clusters?.count ?? keys.count) == keys.count,
      "\(keys.count) keys and \(clusters?.count ?? 0) clusters for \(table.rowCount) rows")
    self.table = table
    let index = ClusterIndex(clusters ?? Array(0..<table.rowCount))
    var smallest = [UInt64](repeating: .max, count: index.count)
    var sizes = [Int32](repeating: 0, count: index.count)
    for (row, unit) in index.ofRow.enumerated() {
      smallest[Int(unit)] = min(smallest[Int(unit)], keys[row])
      sizes[Int(unit)] += 1
    }
    let order = smallest.indices.sorted { (smallest[$0], $0) < (smallest[$1], $1) }
    var position = [Int32](repeating: 0, count: index.count)
    var starts: [Int32] = [0]
    for (place, unit) in order.enumerated() {
      position[unit] = Int32(place)
      starts.append(starts[place] + sizes[unit])
    }
    unitOfRow = index.ofRow.map { position[Int($0)] }
    var next = starts
    var rowsByUnit = [Int32](repeating: 0, count: unitOfRow.count)
    for (row, unit) in unitOfRow.enumerated() {
      rowsByUnit[Int(next[Int(unit)])] = Int32(row)
      next[Int(unit)] += 1
    }
    self.rowsByUnit = rowsByUnit
    self.starts = starts
  }

  /// Number of units.
  public var unitCount: Int { starts.count - 1 }

  /// Loss of every unit under `picks`, one position on the ladder a row.
  public func losses(picks: [Int]) -> [Double] {
    (0..<unitCount).map { loss(ofUnit: $0, picks: picks) }
  }

  /// Unit of a row.
  func unit(ofRow row: Int) -> Int { Int(unitOfRow[row]) }

  /// Mean loss over the rows of a unit.
  func loss(ofUnit unit: Int, picks: [Int]) -> Double {
    let top = table.candidates.count - 1
    let (start, end) = (Int(starts[unit]), Int(starts[unit + 1]))
    var sum = 0.0
    for place in start..<end {
      let row = Int(rowsByUnit[place])
      sum += table.quality(row, top) - table.quality(row, picks[row])
    }
    return sum / Double(end - start)
  }
}
