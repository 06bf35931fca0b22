/// Columns that moved in any period, the surest first, with the period and the day in which they did.
func movedColumns(_ table: DriftTable, _ periods: [DriftReport.Period]) -> [DriftReport.Moved] {
  var moved: [(entry: DriftReport.Moved, p: Double, excess: Double)] = []
  for column in table.columns {
    let found = periods.compactMap { period in
      period.columns.first { $0.name == column.name && $0.isDrift }.map { (period, $0) }
    }
    guard let first = found.first else { continue }
    let entry = DriftReport.Moved(
      name: column.name, kind: column.kind, since: first.0.span.start,
      changed: changeDay(of: column, table), periods: found.count,
      psi: found.map(\.1.psi).max() ?? 0, ks: found.compactMap(\.1.ks).max())
    let excess = found.map { $0.1.psi / max($0.1.psiLine, 1e-12) }.max() ?? 0
    moved.append((entry, found.map(\.1.p).min() ?? 1, excess))
  }
  // Among equally sure ones the one that is farthest beyond its line.
  return moved.sorted { ($0.p, -$0.excess, $0.entry.name) < ($1.p, -$1.excess, $1.entry.name) }
    .map(\.entry)
}

/// The day that divides a column's values best into before and after: the start of the day d for which
/// √(n m / (n + m)) · D is largest, where D is the Kolmogorov–Smirnov distance, or half the sum of differences of shares for
/// a column without order, between the n rows before d and the m rows from d on (Picard, 1985, doi:10.2307/1427090; Csörgő & Horváth, 1997).
///
/// An estimate, made when it is known that something moved. O(days · codes).
func changeDay(of column: DriftColumn, _ table: DriftTable) -> Int64? {
  guard let times = table.times else { return nil }
  let day: Int64 = 86_400_000_000
  let rows = (table.reference.rows + table.periods.flatMap(\.rows)).filter {
    !column.values[$0].isNaN
  }
  let coded = CodedColumn(
    rows.map { column.values[$0] }, referenceCount: rows.count, isOrdered: column.isOrdered)
  if coded.isConstant { return nil }
  func dayOf(_ row: Int) -> Int64 {
    times[row] >= 0 ? times[row] / day : (times[row] + 1) / day - 1
  }
  // Bins are enough to find a day, and few.
  var counts: [Int64: [Double]] = [:]
  for (place, row) in rows.enumerated() {
    let bin = Int(coded.bins[Int(coded.codes[place])])
    counts[dayOf(row), default: [Double](repeating: 0, count: coded.binCount)][bin] += 1
  }
  var totals = [Double](repeating: 0, count: coded.binCount)
  for list in counts.values { for k in list.indices { totals[k] += list[k] } }
  let all = totals.reduce(0, +)
  var before = [Double](repeating: 0, count: coded.binCount)
  var best: (day: Int64, value: Double)?
  for date in counts.keys.sorted() {
    let n = before.reduce(0, +)
    let m = all - n
    if n > 0 && m > 0 {
      var (distance, difference) = (0.0, 0.0)
      for k in before.indices {
        let step = before[k] / n - (totals[k] - before[k]) / m
        difference += step
        distance = coded.isOrdered ? max(distance, abs(difference)) : distance + abs(step) / 2
      }
      let value = (n * m / all).squareRoot() * distance
      if value > best?.value ?? 0 { best = (date, value) }
    }
    for (k, count) in (counts[date] ?? []).enumerated() { before[k] += count }
  }
  return best.map { $0.day * day }
}
