import Glibc
import RiddleData

/// Bounds of every field, in one place for all formats. The store's CHECK constraints say the same.
enum FieldRules {
  /// Dearest answer accepted, in nano-dollars: 10 000 dollars. Beyond it the unit is wrong, and sums of
  /// 900 000 such rows still fit in 64 bits.
  static let maximumCost: Int64 = 10_000 * 1_000_000_000
  /// Longest latency accepted, in microseconds: 30 days.
  static let maximumLatency: Int64 = 30 * 86_400 * 1_000_000
  /// Most tokens accepted.
  static let maximumTokens: Int64 = 1_000_000_000_000
  /// Most candidates a row may have.
  static let maximumCandidates = 10_000
  /// Longest identifier or name, in bytes.
  static let maximumNameBytes = 1024

  /// Most dimensions of an embedding.
  static let maximumDimension = 65_536

  /// One value of an embedding: the nearest `Float`.
  static func coordinate(_ number: ExactDecimal) throws(Fault) -> Float {
    let value = Float(number.double)
    guard value.isFinite else { throw Fault("expected numbers within the range of a 32-bit float") }
    return value
  }

  static func unitInterval(_ number: ExactDecimal) throws(Fault) -> Double {
    let value = number.double
    guard value >= 0 && value <= 1 else { throw Fault("expected a number from 0 to 1") }
    return value
  }

  static func dollars(_ number: ExactDecimal) throws(Fault) -> NanoDollars {
    if number.isNegative && !number.isZero { throw Fault("a cost cannot be negative") }
    guard let count = number.scaled(places: 9), count <= maximumCost else {
      throw Fault("more than 10000 dollars for one answer; the unit is US dollars per answer")
    }
    return NanoDollars(count)
  }

  static func nanoDollars(_ number: ExactDecimal) throws(Fault) -> NanoDollars {
    if number.isNegative && !number.isZero { throw Fault("a cost cannot be negative") }
    guard let count = number.integer else { throw Fault("expected an integer of nano-dollars") }
    guard count <= maximumCost else {
      throw Fault("more than 10000 dollars for one answer; the unit is nano-dollars per answer")
    }
    return NanoDollars(count)
  }

  static func milliseconds(_ number: ExactDecimal) throws(Fault) -> Microseconds {
    if number.isNegative && !number.isZero { throw Fault("a latency cannot be negative") }
    guard let count = number.scaled(places: 3), count <= maximumLatency else {
      throw Fault("longer than 30 days; the unit is milliseconds")
    }
    return Microseconds(count)
  }

  static func tokens(_ number: ExactDecimal) throws(Fault) -> Int64 {
    guard let count = number.integer, count >= 0, count <= maximumTokens else {
      throw Fault("expected a whole number of tokens, 0 or more")
    }
    return count
  }

  static func turn(_ number: ExactDecimal) throws(Fault) -> Int {
    guard let turn = number.integer, turn >= 1, turn <= 1_000_000_000 else {
      throw Fault("expected a whole number, 1 or more")
    }
    return Int(turn)
  }

  /// An identifier or a candidate's name.
  static func name(_ text: String) throws(Fault) -> String {
    if text.isEmpty { throw Fault("is empty") }
    if text.utf8.count > maximumNameBytes {
      throw Fault("is longer than \(maximumNameBytes) bytes")
    }
    return try self.text(text)
  }

  /// Any text. U+0000 is refused: SQLite's functions and C programs would see the text end there.
  static func text(_ text: String) throws(Fault) -> String {
    var text = text
    // `memchr` over the string's own storage, for the closure's duration; `contains` took 8 % of an import.
    let hasNUL = text.withUTF8 { bytes in
      bytes.baseAddress.map { memchr($0, 0, bytes.count) != nil } ?? false
    }
    if hasNUL { throw Fault("contains a NUL character (U+0000)") }
    return text
  }

  /// Why a value is refused; the caller adds the field's name.
  struct Fault: Error {
    var reason: String
    init(_ reason: String) { self.reason = reason }
  }
}
