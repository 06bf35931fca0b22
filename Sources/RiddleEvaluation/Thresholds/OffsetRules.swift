import RiddleData

/// A rule that chooses a threshold from what it does on the rows at hand, without a promise.
public enum OffsetRule: Equatable, Sendable {
  /// The share of rows that asks the strongest candidate is nearest to this.
  case strongShare(Double)
  /// The strongest policy whose mean cost is at most these dollars a query.
  case budget(Double)
  /// The cheapest policy that keeps this share of the strongest candidate's mean quality.
  case retention(Double)
}

/// Every policy that one common offset of all thresholds can make on the rows at hand, from always-strongest to
/// always-cheapest.
public struct OffsetSweep: Sendable {
  /// A policy between two neighbouring events.
  public struct Point: Equatable, Sendable {
    /// Added to every threshold: half-way between the events, one beyond the last.
    public var offset: Double
    /// Share of rows with the strongest candidate.
    public var strongShare: Double
    /// Mean quality.
    public var quality: Double
    /// Mean cost in dollars; nil when a cost is unknown.
    public var costDollars: Double?
  }

  /// Points by rising offset.
  public let points: [Point]

  /// Walks down the ladder: row i falls to candidate k or below when the offset exceeds min over heads j ≤ k … of
  /// margin_j − threshold_j, since a query climbs past every head in turn.
  ///
  /// - Parameters:
  ///   - margins: row-major `rows × thresholds.count`, finite.
  ///   - table: outcomes of the same rows.
  public init(margins: [Double], thresholds: [Double], table: OutcomeTable) {
    let heads = thresholds.count
    let n = table.rowCount
    var events: [(offset: Double, row: Int, to: Int)] = []
    events.reserveCapacity(n * heads)
    for i in 0..<n {
      var least = Double.infinity
      for k in 0..<heads {
        least = min(least, margins[i * heads + k] - thresholds[k])
        events.append((least, i, k))
      }
    }
    events.sort { ($0.offset, $0.row, -$0.to) < ($1.offset, $1.row, -$1.to) }
    var position = [Int](repeating: heads, count: n)
    var strong = n
    var quality = (0..<n).reduce(0.0) { $0 + table.quality($1, heads) }
    let knowsCosts = table.missingCostCount == 0
    var cost = (0..<n).reduce(0.0) { $0 + Double(table.cost($1, heads) ?? 0) / 1e9 }
    var points: [Point] = []
    func add(_ offset: Double) {
      points.append(
        Point(
          offset: offset, strongShare: Double(strong) / Double(n), quality: quality / Double(n),
          costDollars: knowsCosts ? cost / Double(n) : nil))
    }
    add((events.first?.offset ?? 0) - 1)
    var i = 0
    while i < events.count {
      let offset = events[i].offset
      while i < events.count && events[i].offset == offset {
        let (row, to) = (events[i].row, events[i].to)
        let from = position[row]
        if to < from {
          if from == heads { strong -= 1 }
          quality += table.quality(row, to) - table.quality(row, from)
          cost += Double((table.cost(row, to) ?? 0) - (table.cost(row, from) ?? 0)) / 1e9
          position[row] = to
        }
        i += 1
      }
      let next = i < events.count ? events[i].offset : offset + 2
      let middle = offset + (next - offset) / 2
      add(middle > offset ? middle : next)  // no room between neighbouring numbers
    }
    self.points = points
  }

  /// The point that a rule chooses; nil when none obeys it, or it needs costs that are unknown.
  public func point(_ rule: OffsetRule) -> Point? {
    switch rule {
    case .strongShare(let wanted):
      return points.min { abs($0.strongShare - wanted) < abs($1.strongShare - wanted) }
    case .budget(let dollars):
      return points.first { ($0.costDollars ?? .infinity) <= dollars + 1e-15 }
    case .retention(let share):
      let wanted = share * (points.first?.quality ?? 0) - 1e-12
      return points.last { $0.quality >= wanted }
    }
  }
}
