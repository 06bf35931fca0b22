import ArgumentParser

/// How many bootstrap replicates a command takes.
enum Replicates {
  /// Most of them: more would narrow no interval and fill the memory.
  static let most = 100_000
  /// Seed of the replicates where none is asked for. Training draws by it too, whatever its own seed: the verdict that it prints is the one
  /// that `riddle evaluate` comes to on the same rows.
  static let seed: UInt64 = 1

  /// Refuses counts that give no interval, or none in reasonable time.
  static func check(_ count: Int, allowsNone: Bool = true) throws {
    guard (allowsNone && count == 0) || (2...most).contains(count) else {
      throw ValidationError(
        "--replicates must be \(allowsNone ? "0, or " : "")from 2 to \(most)")
    }
  }
}
