import RiddleData
import Testing

@testable import RiddleEvaluation

@Suite("Dashboard counts")
struct DashboardCountsTests {
  static let day: Int64 = 86_400_000_000

  /// Decisions over `days`, ten conversations of three a day; scores move by `shift` from day 30 on.
  static func rows(days: Int, shift: Double = 0) -> [DailyDecision] {
    var random = SplitMix64(seed: 3)
    var rows: [DailyDecision] = []
    for day in 0..<days {
      for i in 0..<30 {
        var judged = JudgedDecision(unit: i % 4 == 3 ? -1 : i / 3, candidate: i % 2)
        judged.quality = i % 5 == 0 ? 0.25 : 1
        judged.satisfaction = i % 3 == 0 ? (i % 2 == 0 ? 1 : 0) : nil
        judged.cost = i % 2 == 0 ? 100_000 : 1_000_000
        judged.saved = i % 2 == 0 ? 900_000 : 0
        judged.wasEscalated = i == 0
        judged.latency = Int64(1_000_000 * (1 + i % 10))
        judged.taskType = i % 5 == 0 ? "debug" : "how_to"
        var row = DailyDecision(judged: judged, time: (20_000 + Int64(day)) * Self.day + Int64(i))
        let unit = Double(random.next() >> 11) * 0x1p-53
        row.probability = min(1, unit * (1 - shift) + (day >= 30 ? shift : 0))
        row.domain = "api"
        rows.append(row)
      }
    }
    return rows
  }

  static func counted(_ rows: [DailyDecision], daysAPeriod: Int = 1) -> DashboardCounts {
    var counts = DashboardCounts(names: ["small", "large"], daysAPeriod: daysAPeriod)
    for row in rows { counts.add(row) }
    counts.finish()
    return counts
  }

  @Test("a day's figures are those of its rows")
  func day() throws {
    let report = Self.counted(Self.rows(days: 3)).report(order: [0, 1], marks: [])
    #expect(report.periods.map(\.day) == [20_000, 20_001, 20_002])
    let first = report.periods[0]
    #expect(first.decisions == 30 && first.byCandidate.map(\.share) == [0.5, 0.5])
    let cost: Double = try #require(first.byCandidate[0].costDollars)
    #expect(abs(cost - 0.0001) < 1e-15)
    // 15 of 30 cost a tenth: 13.5 of 30 saved.
    let savings: Double = try #require(first.savings.value)
    #expect(abs(savings - 0.45) < 1e-12)
    let quality: Double = try #require(first.quality.value)
    let expected: Double = 25.5 / 30  // six of 0.25, 24 of 1
    #expect(abs(quality - expected) < 1e-12)
    #expect(first.escalated.value == 1.0 / 30)
    let low = try #require(first.savings.low)
    #expect(low < 0.45)
    // Within 9 % of 5 and 10 seconds.
    let p50: Double = try #require(first.p50) / 5000
    let p95: Double = try #require(first.p95) / 10_000
    #expect(abs(p50 - 1) < 0.09 && abs(p95 - 1) < 0.09)
  }

  @Test("periods of several days add up to the same totals")
  func periods() {
    let rows = Self.rows(days: 21)
    let days = Self.counted(rows).report(order: [0, 1], marks: [])
    let weeks = Self.counted(rows, daysAPeriod: 7).report(order: [1, 0], marks: [])
    #expect(weeks.candidates == ["large", "small"])
    let inDays = days.periods.reduce(0) { $0 + $1.decisions }
    let inWeeks = weeks.periods.reduce(0) { $0 + $1.decisions }
    #expect(inDays == 630 && inWeeks == 630)
    #expect(weeks.periods.count <= 4)
  }

  @Test("scores that move are seen in the weeks where they do, others stay below the line")
  func drift() {
    let quiet = Self.counted(Self.rows(days: 56)).report(order: [0, 1], marks: [])
    #expect(quiet.referenceDays == 14 && quiet.weeks.count == 8)
    #expect(quiet.weeks.prefix(2).allSatisfy { $0.isReference && $0.stability == nil })
    #expect(quiet.weeks.dropFirst(2).allSatisfy { ($0.stability ?? 1) < 0.15 })
    let moved = Self.counted(Self.rows(days: 56, shift: 0.5)).report(order: [0, 1], marks: [])
    #expect(moved.weeks[2].stability ?? 1 < 0.15)
    #expect(moved.weeks[6].stability ?? 0 > 0.5)
  }

  @Test("segments stand worst first by what is sure, and only with enough rows")
  func segments() {
    let report = Self.counted(Self.rows(days: 5)).report(order: [0, 1], marks: [])
    #expect(
      report.segments.map(\.name) == ["task type: debug", "domain: api", "task type: how_to"])
    #expect(report.segments[0].low.value == 1 && report.segments[0].judged == 30)
    let few = Self.counted(Array(Self.rows(days: 1).prefix(9))).report(order: [0, 1], marks: [])
    #expect(few.segments.isEmpty)
  }
}
