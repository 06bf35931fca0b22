/// How often the procedure raises an alarm on the reference alone, where nothing is to be found.
///
/// Two answers. Reshufflings: stretches of the reference play the period, drawn anew for every family, again and again; half of
/// the draws make the lines, the other half are held against them. Stretches: each stretch of the reference that is as long as a
/// period is held against the rest, as if it were new; what repeats by the week but not by the row is seen there.
///
/// - Returns: nil when the reference has too few rows.
func measuredFalseAlarms(
  _ table: DriftTable, level: Double, settings: DriftSettings
) -> DriftReport.FalseAlarms? {
  let rows = table.reference.rows
  let units = table.units(of: rows)
  let unitCount = Set(units).count
  let sizes = table.periods.map { Set(table.units(of: $0.rows)).count }.filter { $0 > 0 }.sorted()
  guard rows.count >= 2 * settings.fewestRows, unitCount >= 2 * settings.fewestUnits,
    !sizes.isEmpty
  else { return nil }
  let windowUnits = min(max(settings.fewestUnits, sizes[sizes.count / 2]), unitCount / 2)
  let coded = table.columns.map { column in
    CodedColumn(
      rows.map { column.values[$0] }, referenceCount: rows.count, isOrdered: column.isOrdered)
  }
  let stretches = rows.map { table.stretch(of: $0) }
  let exchangeable =
    table.times != nil && Set(stretches).count >= 2
    ? ExchangeableRows(families: rows.map { table.families[$0] }, stretches: stretches)
    : ExchangeableRows(units: units, inPeriod: windowUnits)
  let lines = PermutationLines(
    coded, rows: exchangeable, observed: nil, settings: settings, stream: 1 << 60)
  let critical = lines.critical(level)
  guard critical.isFinite else { return nil }
  let trials = PermutationLines.draw(
    coded, rows: exchangeable, count: settings.permutations, settings: settings,
    stream: 1 << 61)
  let false_ = trials.count { distances in
    coded.indices.contains { k in
      let z = max(
        lines.standardised(distances[2 * k], 2 * k),
        lines.standardised(distances[2 * k + 1], 2 * k + 1))
      return z >= critical && distances[2 * k] * distances[2 * k] >= settings.smallestShift
    }
  }
  let (held, alarmed) = heldStretches(table, level: level, settings: settings)
  return DriftReport.FalseAlarms(
    rate: wilsonInterval(successes: false_, trials: trials.count), trials: trials.count,
    stretches: held, alarmed: alarmed)
}

/// Stretches of the reference held against its rest, and those that raised an alarm.
private func heldStretches(
  _ table: DriftTable, level: Double, settings: DriftSettings
) -> (held: Int, alarmed: Int) {
  guard table.times != nil, table.stretch > 0 else { return (0, 0) }
  var rowsOf: [Int64: [Int]] = [:]
  for row in table.reference.rows { rowsOf[table.stretch(of: row), default: []].append(row) }
  guard rowsOf.count >= 3 else { return (0, 0) }
  var (held, alarmed) = (0, 0)
  for (number, stretch) in rowsOf.keys.sorted().enumerated() {
    let rest = table.reference.rows.filter { table.stretch(of: $0) != stretch }
    let period = DriftPeriod(start: 0, end: 0, rows: rowsOf[stretch] ?? [])
    let found = compare(
      table, reference: rest, period: period, level: level, settings: settings,
      stream: 1 << 62 | UInt64(number) << 40)
    if found.verdict == .undecided { continue }
    held += 1
    if found.verdict == .drift { alarmed += 1 }
  }
  return (held, alarmed)
}
