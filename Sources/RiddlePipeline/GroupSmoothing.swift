import RiddleData

/// Targets drawn towards the mean of their group, so that a fit sees less of the labels' noise.
///
/// t′_i = (1 − α) t_i + α (Σ_{j ∈ g, j ≠ i} t_j + m t̄) / (n_g − 1 + m): the mean leaves the row itself out and is drawn
/// towards the mean t̄ of all rows with the weight of m = 20 rows (the empirical-Bayes estimate of Micci-Barreca, 2001,
/// used on the target instead of a feature). The text alone must then predict it: no group is needed to score.
struct GroupSmoothing: Sendable {
  /// Group of every row, 0 ..< groupCount.
  let groups: [Int]
  let groupCount: Int

  /// Weight of the overall mean, in rows.
  static let priorRows = 20.0

  /// The groups of `contexts` by their field `group`, else `domain`; nil when fewer than nine in ten rows have one, or
  /// when the groups are fewer than 2 or smaller than 10 rows on average.
  init?(_ contexts: [QueryContext]) {
    for field in ["group", "domain"] {
      var numbers: [String: Int] = [:]
      var groups: [Int] = []
      var known = 0
      for context in contexts {
        let value = context.segment(named: field)
        if value != nil { known += 1 }
        let key = value ?? ""
        let number = numbers[key] ?? numbers.count
        numbers[key] = number
        groups.append(number)
      }
      if known * 10 >= contexts.count * 9 && numbers.count >= 2
        && contexts.count >= 10 * numbers.count
      {
        self.groups = groups
        groupCount = numbers.count
        return
      }
    }
    return nil
  }

  /// Smoothed targets of the rows at `rows`, from those rows alone, in their order.
  func smoothed(_ targets: [Double], rows: [Int], alpha: Double) -> [Double] {
    if alpha == 0 { return rows.map { targets[$0] } }
    var sums = [Double](repeating: 0, count: groupCount)
    var counts = [Double](repeating: 0, count: groupCount)
    var total = 0.0
    for i in rows {
      sums[groups[i]] += targets[i]
      counts[groups[i]] += 1
      total += targets[i]
    }
    let mean = total / Double(max(1, rows.count))
    return rows.map { i in
      let g = groups[i]
      let others =
        (sums[g] - targets[i] + Self.priorRows * mean) / (counts[g] - 1 + Self.priorRows)
      return min(1, max(0, (1 - alpha) * targets[i] + alpha * others))
    }
  }
}
