import RiddleData

/// Predictions q̂(x, a) of the reward of each candidate on each logged decision.
public enum RewardModel: Equatable, Sendable {
  /// Means of the log itself, cross-fitted: see ``CrossFittedMeans``.
  case means
  /// Predictions from elsewhere, row-major, decisions × candidates. They must not have been fitted to these decisions.
  case given([Double])
}

/// The reward model that every log supports: the mean reward per candidate, cross-fitted over folds of clusters.
///
/// A decision in fold f is predicted from the decisions outside f. Where decisions have groups, the mean of a group and
/// candidate is shrunken to the candidate's: (Σ r + k · m) / (n + k), k = ``shrinkage``, m = the candidate's mean. A candidate
/// that was not logged outside f is predicted by the mean of all of them.
///
/// Cross-fitting (Chernozhukov et al., 2018, doi:10.1111/ectj.12097) keeps a decision's own reward out of its prediction,
/// without which the corrections of DR would shrink.
struct CrossFittedMeans: Sendable {
  /// Folds.
  static let foldCount = 5
  /// Decisions that a candidate's mean is worth against a group's own.
  static let shrinkage = 10.0

  private let candidateCount: Int
  private let groupCount: Int
  private let folds: [Int32]
  private let groups: [Int32]

  /// - Parameters:
  ///   - folds: fold of each decision, below ``foldCount``.
  ///   - groups: group of each decision, numbered from 0; all 0 without groups.
  init(candidateCount: Int, folds: [Int32], groups: [Int32]) {
    self.candidateCount = candidateCount
    self.folds = folds
    self.groups = groups
    groupCount = Int(groups.max() ?? 0) + 1
  }

  /// Folds for clusters 0 ..< `count`: a seeded shuffle dealt out in turn, so that folds differ by one cluster at most.
  static func folds(clusters: Int, seed: UInt64) -> [Int32] {
    var order = Array(0..<clusters)
    var stream = SplitMix64(seed: seed, stream: "off-policy-folds")
    for i in stride(from: clusters - 1, to: 0, by: -1) {
      order.swapAt(i, stream.below(i + 1))
    }
    var folds = [Int32](repeating: 0, count: clusters)
    for (place, cluster) in order.enumerated() { folds[cluster] = Int32(place % foldCount) }
    return folds
  }

  /// The predictions after decision i counted `counts[i]` times.
  func fit(_ counts: [Double], actions: [Int32], rewards: [Double]) -> Fitted {
    let width = groupCount * candidateCount
    // folds × groups × candidates, then what all folds hold together.
    var sums = [Double](repeating: 0, count: Self.foldCount * width)
    var weights = sums
    for i in 0..<rewards.count where counts[i] != 0 {
      let cell =
        Int(folds[i]) * width + Int(groups[i]) * candidateCount + Int(actions[i])
      sums[cell] += counts[i] * rewards[i]
      weights[cell] += counts[i]
    }
    var totalSums = [Double](repeating: 0, count: width)
    var totalWeights = totalSums
    for cell in sums.indices {
      totalSums[cell % width] += sums[cell]
      totalWeights[cell % width] += weights[cell]
    }
    var predictions = [Double](repeating: 0, count: Self.foldCount * width)
    var groupSums = [Double](repeating: 0, count: width)
    var groupWeights = groupSums
    for fold in 0..<Self.foldCount {
      // All folds less this one; a difference of sums is right to rounding.
      for cell in 0..<width {
        groupSums[cell] = totalSums[cell] - sums[fold * width + cell]
        groupWeights[cell] = totalWeights[cell] - weights[fold * width + cell]
      }
      let all = groupWeights.reduce(0, +)
      let mean = all > 0 ? groupSums.reduce(0, +) / all : 0
      for candidate in 0..<candidateCount {
        var (sum, weight) = (0.0, 0.0)
        for cell in stride(from: candidate, to: width, by: candidateCount) {
          sum += groupSums[cell]
          weight += groupWeights[cell]
        }
        let own = weight > 0 ? sum / weight : mean
        for cell in stride(from: candidate, to: width, by: candidateCount) {
          predictions[fold * width + cell] =
            groupCount == 1
            ? own
            : (groupSums[cell] + Self.shrinkage * own) / (groupWeights[cell] + Self.shrinkage)
        }
      }
    }
    return Fitted(
      predictions: predictions, candidateCount: candidateCount, groupCount: groupCount,
      folds: folds, groups: groups)
  }

  /// Fitted means.
  struct Fitted {
    fileprivate let predictions: [Double]
    fileprivate let candidateCount: Int
    fileprivate let groupCount: Int
    fileprivate let folds: [Int32]
    fileprivate let groups: [Int32]

    /// Index of the first candidate's prediction for decision `i`.
    func row(_ i: Int) -> Int {
      (Int(folds[i]) * groupCount + Int(groups[i])) * candidateCount
    }
    /// q̂ of candidate `a` in the row that begins at `row`.
    func prediction(row: Int, _ a: Int) -> Double { predictions[row + a] }
  }
}
