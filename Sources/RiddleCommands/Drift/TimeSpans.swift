import Foundation
import RiddleData
import RiddleEvaluation
import RiddleStore

/// A length of time as people write it: 7d, 24h, 2w.
struct TimeLength: Equatable {
  /// Microseconds, above 0.
  let microseconds: Int64
  /// As it was written.
  let text: String

  init?(_ text: String) {
    let units: [Character: Int64] = ["h": 3600, "d": 86_400, "w": 604_800]
    guard let last = text.last, let unit = units[last], let count = Int64(text.dropLast()),
      count > 0, count <= 5_000
    else { return nil }
    microseconds = count * unit * 1_000_000
    self.text = text
  }

  /// Whether it is made of whole days: then periods begin at midnight, UTC.
  var isWholeDays: Bool { microseconds % Self.day == 0 }

  static let day: Int64 = 86_400_000_000
}

/// A stretch of time as people write it: 2026-03-02..2026-04-12, both days included, or times with a zone, the last one excluded.
struct TimeSpan: Equatable {
  /// Start, inclusive; nil for everything before the end.
  let start: Int64?
  /// End, exclusive; nil for everything after the start.
  let end: Int64?

  init?(_ text: String) {
    guard let dots = text.range(of: "..") else { return nil }
    let (first, last) = (String(text[..<dots.lowerBound]), String(text[dots.upperBound...]))
    if first.isEmpty && last.isEmpty { return nil }
    func time(_ text: String, isEnd: Bool) -> Int64?? {
      if text.isEmpty { return .some(nil) }
      if let midnight = Microseconds(time: text + "T00:00:00Z") {
        return midnight.count + (isEnd ? TimeLength.day : 0)
      }
      return Microseconds(time: text).map { $0.count }
    }
    guard let start = time(first, isEnd: false), let end = time(last, isEnd: true) else {
      return nil
    }
    if let start, let end, start >= end { return nil }
    self.start = start
    self.end = end
  }

  init(start: Int64?, end: Int64?) {
    self.start = start
    self.end = end
  }
}

/// Reference and periods of a log.
struct DriftPeriods {
  var reference: DriftPeriod
  var periods: [DriftPeriod]

  /// Periods of one length, the newest ending with the newest row's day, back to the end of the reference; what is left over
  /// between the reference and the first of them belongs to that one.
  ///
  /// - Parameters:
  ///   - times: arrival of every row, microseconds since 1970.
  ///   - given: the reference; nil takes the older half of the periods that the log spans.
  /// - Throws: `CommandFailure` when the log is too short, or nothing follows the reference.
  init(times: [Int64], window: TimeLength, given: TimeSpan?) throws {
    guard let oldest = times.min(), let newest = times.max() else {
      throw CommandFailure(.malformedData, "no row to compare")
    }
    func midnight(_ time: Int64) -> Int64 {
      let rest = time % TimeLength.day
      return time - (rest < 0 ? rest + TimeLength.day : rest)
    }
    let step = window.microseconds
    let first = window.isWholeDays ? midnight(oldest) : oldest
    let end = window.isWholeDays ? midnight(newest) + TimeLength.day : newest + 1
    let range: (start: Int64, end: Int64)
    if let given {
      range = (given.start ?? first, given.end ?? end)
      guard range.end < end else {
        throw NothingNewer(end: Microseconds(range.end), newest: Microseconds(newest))
      }
      guard times.contains(where: { $0 >= range.start && $0 < range.end }) else {
        throw CommandFailure(
          .malformedData,
          "no row lies in the reference (the log spans \(TimeText.utc(Microseconds(oldest))) to \(TimeText.utc(Microseconds(newest))))"
        )
      }
    } else {
      let count = (end - first) / step
      guard count >= 2 else {
        throw CommandFailure(
          .malformedData,
          "the log spans \(TimeText.utc(Microseconds(oldest))) to \(TimeText.utc(Microseconds(newest))), less than two windows of \(window.text); give a shorter --window, or --reference"
        )
      }
      range = (first, end - count / 2 * step)
    }
    var starts: [Int64] = []
    var start = end - step
    while start >= range.end {
      starts.append(start)
      start -= step
    }
    starts.reverse()
    if starts.isEmpty { starts = [range.end] } else { starts[0] = range.end }
    var rowsOf = [[Int]](repeating: [], count: starts.count)
    var reference: [Int] = []
    for (row, time) in times.enumerated() {
      if time >= range.start && time < range.end { reference.append(row) }
      guard time >= range.end, time < end else { continue }
      var period = starts.count - 1
      while period > 0 && time < starts[period] { period -= 1 }
      rowsOf[period].append(row)
    }
    self.reference = DriftPeriod(start: range.start, end: range.end, rows: reference)
    periods = starts.enumerated().map { number, start in
      DriftPeriod(
        start: start, end: number + 1 < starts.count ? starts[number + 1] : end,
        rows: rowsOf[number])
    }
  }

  /// Reference and one period by position: the first `count` of `total` rows are the reference.
  init(first count: Int, of total: Int) {
    reference = DriftPeriod(start: 0, end: 0, rows: Array(0..<count))
    periods = [DriftPeriod(start: 0, end: 0, rows: Array(count..<total))]
  }
}

/// No row is later than the reference.
struct NothingNewer: Error {
  let end: Microseconds
  let newest: Microseconds

  /// The same where the user named the reference.
  var failure: CommandFailure {
    CommandFailure(
      .malformedData,
      "--reference ends \(TimeText.utc(end)), and no row is later (the newest is of \(TimeText.utc(newest))); give an earlier reference"
    )
  }
}
