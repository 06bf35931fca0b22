extension Microseconds {
  /// The time since 1970 as ISO 8601 in UTC, for example `2026-03-02T08:15:42Z`; a fraction has three or six digits, none when it
  /// is zero. Reads back as the same microsecond.
  public var timeText: String {
    let day = (count / 86_400_000_000) - (count % 86_400_000_000 < 0 ? 1 : 0)
    let inDay = count - day * 86_400_000_000
    let seconds = inDay / 1_000_000
    let fraction = inDay % 1_000_000
    func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
    var text = Self.dateText(daysSince1970: day)
    text += "T" + two(seconds / 3600) + ":" + two(seconds / 60 % 60) + ":" + two(seconds % 60)
    if fraction > 0 {
      let isWhole = fraction % 1000 == 0
      let digits = String(isWhole ? fraction / 1000 : fraction)
      text += "." + String(repeating: "0", count: (isWhole ? 3 : 6) - digits.count) + digits
    }
    return text + "Z"
  }

  /// The date of a day counted from 1970-01-01, in the proleptic Gregorian calendar.
  ///
  /// Howard Hinnant, "chrono-compatible low-level date algorithms", 2013: years count from March, in eras of 400.
  public static func dateText(daysSince1970 day: Int64) -> String {
    let shifted = day + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    let dayOfMonth = dayOfYear - (153 * marchMonth + 2) / 5 + 1
    let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    func padded(_ value: Int64, _ count: Int) -> String {
      let digits = String(value)
      return String(repeating: "0", count: max(0, count - digits.count)) + digits
    }
    return padded(year, 4) + "-" + padded(month, 2) + "-" + padded(dayOfMonth, 2)
  }
}
