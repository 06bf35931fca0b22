import RiddleData

/// Rows of a reference and of the periods after it, with everything that can move.
public struct DriftTable: Sendable {
  /// Every column, one value a row.
  public var columns: [DriftColumn]
  /// Family of each row: near-duplicates, a conversation, a group.
  public var families: [UInt64]
  /// Arrival of each row, microseconds since 1970; nil when rows have no times.
  public var times: [Int64]?
  /// The reference.
  public var reference: DriftPeriod
  /// The periods after it, oldest first.
  public var periods: [DriftPeriod]
  /// Length of a stretch whose near-duplicates count as one unit, microseconds: that of a period.
  public var stretch: Int64

  /// A table.
  public init(
    columns: [DriftColumn], families: [UInt64], times: [Int64]?, reference: DriftPeriod,
    periods: [DriftPeriod], stretch: Int64
  ) {
    self.columns = columns
    self.families = families
    self.times = times
    self.reference = reference
    self.periods = periods
    self.stretch = stretch
  }

  /// The unit of each of `rows`: rows of one family in one stretch of time are one, numbered by first row. Stretches of the
  /// reference count from its start, those of a period from its own.
  func units(of rows: [Int]) -> [Int] {
    struct Key: Hashable {
      var family: UInt64
      var stretch: Int64
    }
    var numbers: [Key: Int] = [:]
    return rows.map { row in
      let key = Key(family: families[row], stretch: stretch(of: row))
      let number = numbers[key] ?? numbers.count
      numbers[key] = number
      return number
    }
  }

  /// What could have changed places between reference and period, rows numbered in that order.
  func exchangeable(reference: [Int], period: [Int], units: [Int], inPeriod: Int)
    -> ExchangeableRows
  {
    guard times != nil, stretch > 0 else {
      return ExchangeableRows(units: units, inPeriod: inPeriod)
    }
    // The period is one stretch, whatever is left over at its start.
    return ExchangeableRows(
      families: (reference + period).map { families[$0] },
      stretches: reference.map { stretch(of: $0) } + period.map { _ in .max })
  }

  /// The stretch of a row, counted from the end of the reference.
  func stretch(of row: Int) -> Int64 {
    guard let times, stretch > 0 else {
      // Without times what is known is which side a row is on: the reference's rows are numbered first.
      return reference.rows.last.map { row <= $0 ? -1 : 0 } ?? 0
    }
    let distance = times[row] - reference.end
    return distance >= 0 ? distance / stretch : -((-distance - 1) / stretch) - 1
  }
}

/// Compares each period with the reference, column by column.
///
/// - Parameters:
///   - classifiers: what a domain classifier found, one a period; nil where it was not asked.
public func findDrift(
  _ table: DriftTable, settings: DriftSettings,
  classifiers: [DriftReport.Classifier?] = [], warnings: [String] = []
) -> DriftReport {
  let usesClassifiers = classifiers.contains { $0 != nil }
  let level = usesClassifiers ? settings.falseAlarms / 2 : settings.falseAlarms
  var constant: Set<String> = Set(table.columns.map(\.name))
  var periods: [DriftReport.Period] = []
  for (number, period) in table.periods.enumerated() {
    var found = compare(
      table, reference: table.reference.rows, period: period, level: level, settings: settings,
      stream: UInt64(number + 1) << 40)
    for column in found.columns { constant.remove(column.name) }
    if found.verdict != .undecided, classifiers.indices.contains(number) {
      found.classifier = classifiers[number]
      if found.classifier?.isDrift == true { found.verdict = .drift }
    }
    periods.append(found)
  }
  let reference = table.reference
  return DriftReport(
    reference: DriftReport.Span(
      start: table.times == nil ? nil : reference.start,
      end: table.times == nil ? nil : reference.end, rows: reference.rows.count,
      units: Set(table.units(of: reference.rows)).count),
    periods: periods,
    falseAlarms: measuredFalseAlarms(table, level: level, settings: settings),
    moved: movedColumns(table, periods),
    constant: periods.contains { $0.verdict != .undecided }
      ? table.columns.map(\.name).filter(constant.contains) : [],
    settings: settings, warnings: warnings)
}

/// One period against reference rows.
func compare(
  _ table: DriftTable, reference: [Int], period: DriftPeriod, level: Double,
  settings: DriftSettings, stream: UInt64
) -> DriftReport.Period {
  let all = reference + period.rows
  let units = table.units(of: all)
  let referenceUnits = Set(units.prefix(reference.count)).count
  let windowUnits = Set(units.dropFirst(reference.count)).count
  var result = DriftReport.Period(
    span: DriftReport.Span(
      start: table.times == nil ? nil : period.start, end: table.times == nil ? nil : period.end,
      rows: period.rows.count, units: windowUnits),
    verdict: .quiet, columns: [])
  for (name, rows, units) in [
    ("the reference", reference.count, referenceUnits),
    ("the period", period.rows.count, windowUnits),
  ] where rows < settings.fewestRows || units < settings.fewestUnits {
    result.verdict = .undecided
    result.reason =
      "\(name) has \(rows) rows in \(units) units; at least \(settings.fewestRows) in \(settings.fewestUnits) are needed"
    return result
  }
  let coded = table.columns.map { column in
    CodedColumn(
      all.map { column.values[$0] }, referenceCount: reference.count, isOrdered: column.isOrdered)
  }
  let window = (reference.count..<all.count).map { Int32($0) }
  var counters = coded.map(DistanceCounter.init)
  let observed = PermutationLines.distances(&counters, window: window)
  let lines = PermutationLines(
    coded,
    rows: table.exchangeable(
      reference: reference, period: period.rows, units: units, inPeriod: windowUnits),
    observed: observed, settings: settings, stream: stream)
  let critical = lines.critical(level)
  guard critical.isFinite else {
    result.verdict = .undecided
    result.reason =
      "\(settings.permutations) permutations cannot show a chance of \(level); at least \(Int((1 / level).rounded(.up))) are needed"
    return result
  }
  for (k, column) in table.columns.enumerated() where !coded[k].isConstant {
    let (psi, ks) = (observed[2 * k] * observed[2 * k], observed[2 * k + 1])
    let z = max(
      lines.standardised(observed[2 * k], 2 * k),
      column.isOrdered ? lines.standardised(ks, 2 * k + 1) : -.infinity)
    guard let line = lines.lines(column: k, critical: critical) else { continue }
    let p = lines.adjustedP(z)
    var entry = DriftReport.Column(
      name: column.name, kind: column.kind, psi: psi, psiLine: line.psi,
      ks: column.isOrdered ? ks : nil, ksLine: column.isOrdered ? line.ks : nil, p: p,
      isDrift: p <= level && psi >= settings.smallestShift)
    if column.isOrdered {
      entry.referenceMean = mean(column.values, reference)
      entry.mean = mean(column.values, period.rows)
    } else {
      entry.largestChange = largestChange(column, reference, period.rows)
    }
    result.columns.append(entry)
  }
  if result.columns.contains(where: \.isDrift) { result.verdict = .drift }
  return result
}

/// Mean of the known values; nil without any.
private func mean(_ values: [Double], _ rows: [Int]) -> Double? {
  var (sum, count) = (0.0, 0)
  for row in rows where !values[row].isNaN {
    sum += values[row]
    count += 1
  }
  return count > 0 ? sum / Double(count) : nil
}

/// The category whose share changed most; the first of equals.
private func largestChange(
  _ column: DriftColumn, _ reference: [Int], _ window: [Int]
) -> DriftReport.ShareChange? {
  func shares(_ rows: [Int]) -> [Double] {
    var counts = [Double](repeating: 0, count: column.categories.count)
    for row in rows where !column.values[row].isNaN { counts[Int(column.values[row])] += 1 }
    return counts.map { $0 / Double(max(1, rows.count)) }
  }
  let (before, now) = (shares(reference), shares(window))
  var best: Int?
  for k in before.indices
  where best.map({ abs(now[k] - before[k]) > abs(now[$0] - before[$0]) }) ?? true {
    best = k
  }
  return best.map {
    DriftReport.ShareChange(value: column.categories[$0], before: before[$0], now: now[$0])
  }
}
