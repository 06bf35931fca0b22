import ArgumentParser

/// How many bootstrap replicates a command takes.
enum Replicates {
  /// Most of them: more would narrow no interval and fill the memory.
  static let most = 100_000

  /// Refuses counts that give no interval, or none in reasonable time.
  static func check(_ count: Int, allowsNone: Bool = true) throws {
    guard (allowsNone && count == 0) || (2...most).contains(count) else {
      throw ValidationError(
        "--replicates must be \(allowsNone ? "0, or " : "")from 2 to \(most)")
    }
  }
}
