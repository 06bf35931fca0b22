import RiddleData
import Testing

@testable import RiddleEvaluation

/// Worlds whose drift is known.
@Suite("Drift: alarms") struct FindDriftTests {
  static let week: Int64 = 7 * 86_400_000_000

  /// `weeks` of `perWeek` rows in three columns; `shift` moves the second one from week `from` on.
  static func table(
    seed: UInt64, weeks: Int = 6, perWeek: Int = 120, shift: Double = 0, from: Int = 4,
    families: Int = 100_000, copies: Int = 0
  ) -> DriftTable {
    var random = SplitMix64(seed: seed)
    var (a, b, c): ([Double], [Double], [Double]) = ([], [], [])
    var (times, family): ([Int64], [UInt64]) = ([], [])
    for week in 0..<weeks {
      for i in 0..<perWeek {
        times.append(Int64(week) * Self.week + Int64(i) * (Self.week / Int64(perWeek)))
        family.append(UInt64(random.below(families)))
        a.append(random.unit())
        b.append(random.unit() + (week >= from ? shift : 0))
        c.append(random.unit() < 0.3 ? 1 : 0)
      }
      // One query, again and again: a burst in the last week.
      for _ in 0..<(week == weeks - 1 ? copies : 0) {
        times.append(Int64(week + 1) * Self.week - 1)
        family.append(UInt64.max)
        a.append(0.99)
        b.append(0.01)
        c.append(1)
      }
    }
    let split = weeks - 2
    func period(_ first: Int, _ last: Int) -> DriftPeriod {
      let (start, end) = (Int64(first) * Self.week, Int64(last) * Self.week)
      return DriftPeriod(
        start: start, end: end, rows: times.indices.filter { times[$0] >= start && times[$0] < end }
      )
    }
    return DriftTable(
      columns: [
        DriftColumn(name: "a", kind: .feature, values: a),
        DriftColumn(name: "b", kind: .feature, values: b),
        DriftColumn(name: "c", kind: .label, values: c),
        DriftColumn(name: "constant", kind: .feature, values: a.map { _ in 7 }),
        DriftColumn(
          name: "parity", kind: .context, values: a.map { $0 < 0.5 ? 0 : 1 },
          categories: ["low", "high"]),
      ], families: family, times: times, reference: period(0, split),
      periods: [period(split, split + 1), period(split + 1, split + 2)], stretch: Self.week)
  }

  static func settings(_ permutations: Int = 199, alpha: Double = 0.02) -> DriftSettings {
    var settings = DriftSettings()
    settings.permutations = permutations
    settings.falseAlarms = alpha
    settings.smallestShift = 0
    return settings
  }

  @Test("a shift is found, in the column, the week and on the day that it came")
  func shifted() throws {
    let table = Self.table(seed: 1, shift: 0.25)
    let report = findDrift(table, settings: Self.settings())
    #expect(report.periods.map(\.verdict) == [.drift, .drift])
    #expect(report.moved.map(\.name) == ["b"])
    #expect(report.moved[0].since == 4 * Self.week)
    #expect(report.moved[0].changed == 4 * Self.week)
    #expect(report.constant == ["constant"])
    #expect(report.isNewestAdrift)
    let column = try #require(report.periods[0].columns.first { $0.name == "b" })
    #expect(column.psi > column.psiLine)
    #expect(column.p <= 0.02)
    // What is reported is what the plain functions say.
    let reference = table.reference.rows.map { table.columns[1].values[$0] }
    let current = table.periods[0].rows.map { table.columns[1].values[$0] }
    #expect(column.ks == kolmogorovSmirnov(reference, current))
    #expect(abs(column.psi - populationStability(reference: reference, current: current)) < 1e-12)
  }

  @Test("the chance of any alarm in quiet weeks is what was asked for")
  func falseAlarmRate() {
    // 60 worlds of two periods at α = 0.1: more than 24 alarms of 120 have a chance below 10⁻³.
    var alarms = 0
    for seed in 100..<160 {
      let report = findDrift(
        Self.table(seed: UInt64(seed), weeks: 4, perWeek: 60),
        settings: Self.settings(99, alpha: 0.1))
      alarms += report.periods.count { $0.verdict == .drift }
    }
    #expect(alarms <= 24)
    #expect(alarms >= 2)
  }

  @Test("a burst of near-duplicates is one observation, and raises no alarm; single rows would")
  func burst() {
    let report = findDrift(Self.table(seed: 3, copies: 80), settings: Self.settings())
    #expect(report.periods[1].verdict == .quiet)
    var apart = Self.table(seed: 3, copies: 80)
    for i in apart.families.indices { apart.families[i] = UInt64(i) }
    #expect(findDrift(apart, settings: Self.settings()).periods[1].verdict == .drift)
  }

  @Test("false alarms are measured on the reference")
  func measured() throws {
    let report = findDrift(Self.table(seed: 4), settings: Self.settings(499, alpha: 0.05))
    let found = try #require(report.falseAlarms)
    #expect(found.trials == 499)
    #expect(found.stretches == 4)
    #expect(try #require(found.rate.value) < 0.11)
    #expect(found.alarmed <= 1)
  }

  @Test("the report depends on the seed and on nothing else")
  func deterministic() {
    let table = Self.table(seed: 5, shift: 0.1)
    var settings = Self.settings()
    let first = findDrift(table, settings: settings)
    settings.threads = 1
    var second = findDrift(table, settings: settings)
    second.settings.threads = first.settings.threads
    #expect(first == second)
    settings.seed = 2
    #expect(findDrift(table, settings: settings).periods != first.periods)
  }

  @Test("too few rows, units or permutations: undecided, and why")
  func undecided() throws {
    var table = Self.table(seed: 6)
    for rows in [[], [table.periods[1].rows[0]]] {
      table.periods[1].rows = rows
      let report = findDrift(table, settings: Self.settings())
      #expect(report.periods[1].verdict == .undecided)
      #expect(try #require(report.periods[1].reason).contains("\(rows.count) rows"))
      #expect(!report.isNewestAdrift)
    }
    table.reference.rows = []
    #expect(
      findDrift(table, settings: Self.settings()).periods.allSatisfy { $0.verdict == .undecided })
    let few = findDrift(Self.table(seed: 6), settings: Self.settings(20, alpha: 0.01))
    #expect(few.periods.allSatisfy { $0.verdict == .undecided })
    let one = findDrift(Self.table(seed: 6, families: 1), settings: Self.settings())
    #expect(one.periods.allSatisfy { $0.verdict == .undecided })
  }

  @Test("columns of missing values alone, and of one value, cannot move")
  func constants() {
    var table = Self.table(seed: 7)
    for k in table.columns.indices {
      table.columns[k].values = table.columns[k].values.map { _ in k == 0 ? .nan : 1 }
    }
    let report = findDrift(table, settings: Self.settings())
    #expect(report.periods.allSatisfy { $0.verdict == .quiet && $0.columns.isEmpty })
    #expect(report.constant == table.columns.map(\.name))
  }
}
