import RiddleData

/// A policy with every threshold moved by the same amount: what lowering or raising it would ask.
struct ThresholdShift {
  /// Offsets from the thresholds of today, ascending; the ends are minus and plus infinity, the middle has 0.
  let offsets: [Double]
  private let policy: ScoredPolicy
  private let rows: Int

  /// Offsets that are tried: at most so many quantiles of the distance between margin and threshold.
  static let most = 100

  /// Nil for a policy without a score.
  init?(_ policy: ScoredPolicy, rows: Int) {
    guard policy.hasScore, rows > 0 else { return nil }
    let heads = policy.thresholds.count
    // A row changes its pick where the offset passes margin − threshold of the head that holds it.
    var distances: [Double] = []
    for i in 0..<rows {
      for head in 0..<heads {
        let distance = policy.margins[i * heads + head] - policy.thresholds[head]
        if distance.isFinite { distances.append(distance) }
      }
    }
    distances.sort()
    var offsets: [Double] = [-.infinity, 0]
    if !distances.isEmpty {
      for q in 0..<Self.most {
        offsets.append(distances[(distances.count - 1) * q / (Self.most - 1)])
      }
    }
    offsets.append(.infinity)
    self.offsets = Set(offsets).sorted()
    self.policy = policy
    self.rows = rows
  }

  /// Positions on the ladder at the offset numbered `j`: climbing while `margin − threshold >= offset`, today's at 0.
  func picks(at j: Int) -> [Int] {
    let offset = offsets[j]
    if offset == 0 { return policy.picks }
    let heads = policy.thresholds.count
    return (0..<rows).map { i in
      for head in 0..<heads {
        if policy.margins[i * heads + head] - policy.thresholds[head] < offset { return head }
      }
      return heads
    }
  }

  /// The thresholds at the offset numbered `j`; nil for one that is never passed, or always.
  func thresholds(at j: Int) -> [Double?] {
    policy.thresholds.map { ($0 + offsets[j]).isFinite ? $0 + offsets[j] : nil }
  }

  /// Numbers of the offsets below 0 (more goes up), or above.
  func numbers(tighter: Bool) -> [Int] {
    offsets.indices.filter { tighter ? offsets[$0] < 0 : offsets[$0] > 0 }
  }
}
