import Glibc

/// McNemar's test of two policies' accuracy on the same rows (1947): only the rows on which they disagree count.
public struct McNemar: Equatable, Sendable {
  /// Rows on which only the first policy is right.
  public let onlyFirst: Int
  /// Rows on which only the second policy is right.
  public let onlySecond: Int
  /// Discordant rows up to which ``pValue`` is the exact one.
  public static let exactLimit = 1000

  /// The test from its two discordant counts.
  public init(onlyFirst: Int, onlySecond: Int) {
    precondition(onlyFirst >= 0 && onlySecond >= 0, "counts \(onlyFirst) and \(onlySecond)")
    self.onlyFirst = onlyFirst
    self.onlySecond = onlySecond
  }

  /// The test from both policies' verdicts, one a row.
  public init(first: [Bool], second: [Bool]) {
    precondition(first.count == second.count, "\(first.count) and \(second.count) verdicts")
    var (b, c) = (0, 0)
    for (x, y) in zip(first, second) where x != y {
      if x { b += 1 } else { c += 1 }
    }
    self.init(onlyFirst: b, onlySecond: c)
  }

  /// Two-sided binomial p: min(1, 2 P(X ≤ min(b, c))), X ~ Binomial(b + c, ½). 1 without discordant rows.
  public var exactPValue: Double {
    let n = onlyFirst + onlySecond
    let k = min(onlyFirst, onlySecond)
    if n == 0 || 2 * k == n { return 1 }
    // P(X ≤ k) = I_½(n − k, k + 1).
    return min(1, 2 * incompleteBeta(0.5, Double(n - k), Double(k + 1)))
  }

  /// χ² with Edwards's continuity correction: (|b − c| − 1)² / (b + c); 0 without discordant rows.
  public var statistic: Double {
    let n = onlyFirst + onlySecond
    guard n > 0 else { return 0 }
    let distance = Double(abs(onlyFirst - onlySecond)) - 1
    return distance * distance / Double(n)
  }

  /// p of ``statistic`` with one degree of freedom: P(χ²₁ ≥ s) = erfc(√(s/2)).
  public var asymptoticPValue: Double {
    onlyFirst + onlySecond == 0 ? 1 : erfc((statistic / 2).squareRoot())
  }

  /// The exact p up to ``exactLimit`` discordant rows, the asymptotic one beyond.
  public var pValue: Double {
    onlyFirst + onlySecond <= Self.exactLimit ? exactPValue : asymptoticPValue
  }
}
