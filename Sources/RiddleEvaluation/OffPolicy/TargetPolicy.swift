/// A policy whose value is asked for: for every logged decision, the probability of each candidate.
public struct TargetPolicy: Equatable, Sendable {
  /// Name for tables.
  public let name: String
  /// What it does.
  public let choice: Choice

  /// How the probabilities are stored.
  public enum Choice: Equatable, Sendable {
    /// One candidate a decision, with certainty; −1 stands for a candidate that the log does not have.
    case picks([Int32])
    /// The same probabilities for every decision.
    case shares([Double])
    /// Probabilities, decisions × candidates. What a row lacks to 1 lies on candidates that the log does not have.
    case table([Double])
  }

  /// A policy that does `choice`.
  public init(name: String, choice: Choice) {
    self.name = name
    self.choice = choice
  }

  /// Always the same candidate.
  ///
  /// - Throws: `.unknownCandidate`.
  public static func always(_ name: String, on log: LoggedActions) throws(OffPolicyError)
    -> TargetPolicy
  {
    guard let k = log.candidates.firstIndex(of: name) else {
      throw .unknownCandidate(name, available: log.candidates)
    }
    return TargetPolicy(
      name: "always=\(name)",
      choice: .picks([Int32](repeating: Int32(k), count: log.count)))
  }

  /// Every candidate equally often.
  public static func uniform(on log: LoggedActions) -> TargetPolicy {
    let k = log.candidates.count
    return TargetPolicy(
      name: "uniform", choice: .shares([Double](repeating: 1 / Double(k), count: k)))
  }

  /// Probability of candidate `k` on decision `i`.
  func probability(_ i: Int, _ k: Int, width: Int) -> Double {
    switch choice {
    case .picks(let picks): Int(picks[i]) == k ? 1 : 0
    case .shares(let shares): shares[k]
    case .table(let table): table[i * width + k]
    }
  }

  /// How far a row's probabilities may be from summing to 1.
  static let tolerance = 1e-6

  /// Checks lengths and probabilities.
  func check(on log: LoggedActions) throws(OffPolicyError) {
    let width = log.candidates.count
    switch choice {
    case .picks(let picks):
      guard picks.count == log.count else {
        throw .columnLength(
          column: "picks of '\(name)'", expected: log.count, actual: picks.count)
      }
      for (i, pick) in picks.enumerated() where Int(pick) >= width || pick < -1 {
        throw .badProbabilities(target: name, row: i, sum: .nan)
      }
    case .shares(let shares):
      guard shares.count == width else {
        throw .columnLength(column: "shares of '\(name)'", expected: width, actual: shares.count)
      }
      try check(shares[...], row: 0)
    case .table(let table):
      guard table.count == log.count * width else {
        throw .columnLength(
          column: "probabilities of '\(name)'", expected: log.count * width, actual: table.count)
      }
      for i in 0..<log.count { try check(table[(i * width)..<((i + 1) * width)], row: i) }
    }
  }

  private func check(_ probabilities: ArraySlice<Double>, row: Int) throws(OffPolicyError) {
    let sum = probabilities.reduce(0, +)
    let isValid = probabilities.allSatisfy { $0 >= 0 && $0 <= 1 + Self.tolerance }
    guard isValid, sum <= 1 + Self.tolerance else {
      throw .badProbabilities(target: name, row: row, sum: sum)
    }
  }
}
