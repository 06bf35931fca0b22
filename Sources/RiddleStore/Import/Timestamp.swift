import RiddleData

/// Arrival times: ISO 8601 with a zone, or a number of seconds, milliseconds or microseconds since 1970.
enum Timestamp {
  /// A number's unit is told by its size: below 10¹¹ seconds (until the year 5138), below 10¹⁴ milliseconds,
  /// below 10¹⁷ microseconds. Fractions are kept to the microsecond.
  static func parse(_ number: ExactDecimal) throws(FieldRules.Fault) -> Microseconds {
    if number.isNegative && !number.isZero {
      throw FieldRules.Fault("expected a time after 1970")
    }
    guard let whole = number.scaled(places: 0), whole < 100_000_000_000_000_000 else {
      throw FieldRules.Fault("too large for microseconds since 1970")
    }
    let places = whole < 100_000_000_000 ? 6 : whole < 100_000_000_000_000 ? 3 : 0
    guard let count = number.scaled(places: places) else {
      throw FieldRules.Fault("too large for microseconds since 1970")
    }
    return Microseconds(count)
  }

  /// `YYYY-MM-DD`, `T` or a space, `hh:mm[:ss[.fraction]]`, then `Z` or `±hh[:]mm` or `±hh`.
  ///
  /// A time without a zone is refused, because which zone was meant cannot be guessed, unless the format says that it is
  /// UTC. Years 0001 to 9999; a leap second counts as the first second of the next minute.
  static func parse(_ text: String) throws(FieldRules.Fault) -> Microseconds {
    try parse(text, isUTCWithoutZone: false)
  }

  /// As ``parse(_:)``.
  static func parse(_ text: String, isUTCWithoutZone: Bool) throws(FieldRules.Fault)
    -> Microseconds
  {
    var scanner = Scanner(bytes: Array(text.utf8))
    let form = FieldRules.Fault("expected a time such as 2025-01-31T18:30:00Z")
    guard let year = scanner.digits(4), scanner.take("-"), let month = scanner.digits(2),
      scanner.take("-"), let day = scanner.digits(2),
      scanner.take("T") || scanner.take("t") || scanner.take(" "),
      let hour = scanner.digits(2), scanner.take(":"), let minute = scanner.digits(2)
    else { throw form }
    var second = 0
    var microsecond = 0
    if scanner.take(":") {
      guard let seconds = scanner.digits(2) else { throw form }
      second = seconds
      if scanner.take(".") || scanner.take(",") {
        guard let fraction = scanner.fraction() else { throw form }
        microsecond = fraction
      }
    }
    guard year >= 1, (1...12).contains(month), (1...daysInMonth(year, month)).contains(day),
      hour < 24, minute < 60, second <= 60
    else { throw FieldRules.Fault("no such date or time of day") }
    var offset = 0
    if !(scanner.take("Z") || scanner.take("z") || (isUTCWithoutZone && scanner.isAtEnd)) {
      let isEast = scanner.take("+")
      guard isEast || scanner.take("-"), let hours = scanner.digits(2) else {
        throw FieldRules.Fault("has no time zone; add Z or an offset such as +01:00")
      }
      let hasColon = scanner.take(":")
      let minutes = scanner.digits(2)
      guard hours < 24, (minutes ?? 0) < 60, !hasColon || minutes != nil else { throw form }
      offset = (hours * 60 + (minutes ?? 0)) * (isEast ? 60 : -60)
    }
    guard scanner.isAtEnd else { throw form }
    let seconds =
      daysSince1970(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset
    return Microseconds(Int64(seconds) * 1_000_000 + Int64(microsecond))
  }

  /// The time as ISO 8601 in UTC, which ``parse(_:)`` reads back: fractions of a second as far as there are any.
  static func text(_ time: Microseconds) -> String {
    var text = time.timeText
    guard text.contains(".") else { return text }
    text.removeLast()
    while text.hasSuffix("0") { text.removeLast() }
    return text + "Z"
  }

  private static func daysInMonth(_ year: Int, _ month: Int) -> Int {
    switch month {
    case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Days from 1970-01-01 in the proleptic Gregorian calendar; years count from March, so that the leap
  /// day is the last of its year.
  private static func daysSince1970(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let marchYear = month > 2 ? year : year - 1
    let marchMonth = (month + 9) % 12
    let dayOfYear = (153 * marchMonth + 2) / 5 + day - 1
    let leapDays = marchYear / 4 - marchYear / 100 + marchYear / 400
    return 365 * marchYear + leapDays + dayOfYear - 719_468
  }

  private struct Scanner {
    let bytes: [UInt8]
    var position = 0
    var isAtEnd: Bool { position == bytes.count }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
      guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
      position += 1
      return true
    }

    mutating func digits(_ count: Int) -> Int? {
      guard position + count <= bytes.count else { return nil }
      var value = 0
      for byte in bytes[position..<(position + count)] {
        guard byte >= 0x30 && byte <= 0x39 else { return nil }
        value = value * 10 + Int(byte - 0x30)
      }
      position += count
      return value
    }

    /// A fraction of a second in microseconds, further digits cut off.
    mutating func fraction() -> Int? {
      var value = 0
      var count = 0
      while position < bytes.count, bytes[position] >= 0x30, bytes[position] <= 0x39 {
        if count < 6 { value = value * 10 + Int(bytes[position] - 0x30) }
        count += 1
        position += 1
      }
      guard count > 0 else { return nil }
      for _ in 0..<max(0, 6 - count) { value *= 10 }
      return value
    }
  }
}

extension Microseconds {
  /// The time since 1970 as ISO 8601 in UTC, for example 2025-01-31T18:30:00Z.
  public var time: String { Timestamp.text(self) }

  /// The time since 1970 of an ISO 8601 time with a zone, for example 2025-01-31T18:30:00Z; nil when `text` is none.
  public init?(time text: String) {
    do throws(FieldRules.Fault) {
      self = try Timestamp.parse(text)
    } catch {
      return nil
    }
  }
}
