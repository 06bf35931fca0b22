/// How far labels contradict each other on near-duplicate queries, and the ceiling on accuracy that this implies.
///
/// Model: the members of a cluster ask the same question and so share one probability p of a positive label; the labels
/// are independent given p. A pair then disagrees with probability d = 2p(1 − p), and no predictor can be right more
/// often than max(p, 1 − p) = 1 − ε, where 2ε(1 − ε) = d. Over queries of different p the mean of ε is, by Jensen's
/// inequality, at least ε(D) = (1 − √(1 − 2D)) / 2 for D = mean d, and at most D. So the accuracy of the best
/// possible router against these labels lies between 1 − D and 1 − ε(D).
///
/// Limits: near-duplicates that differ in the word that matters (a number, a name) look like noise and lower the
/// ceiling; duplicates answered from a cache, or by a deterministic candidate, hide noise and raise it; clustered queries
/// may not be like the rest. Read it as an order of magnitude.
public struct LabelNoise: Equatable, Sendable, Codable, CustomStringConvertible {
  /// Rows that have a near-duplicate.
  public var rows: Int
  /// Clusters of at least two rows.
  public var clusters: Int
  /// Pairs within clusters.
  public var pairs: Int
  /// D: share of pairs with different labels, averaged within a cluster, clusters weighted by their rows.
  public var disagreement: Double
  /// Wilson's interval of ``disagreement``, with (Σw)²/Σw² clusters as the number of trials.
  public var disagreementInterval: ClosedInterval
  /// What D would be if these rows were paired at random: 2q(1 − q) for their positive share q.
  public var chanceDisagreement: Double
  /// ε(D), the least noise rate that explains D, in [0, ½].
  public var noise: Double
  /// The interval of ``noise``.
  public var noiseInterval: ClosedInterval
  /// Highest accuracy that any router can be expected to have against these labels: 1 − ε(D).
  public var accuracyCeiling: Double
  /// The same when noise sits on few queries: 1 − D.
  public var pessimisticAccuracyCeiling: Double
  /// Share of rows whose candidates are all equally good: they decide nothing. nil when not known.
  public var tieShare: Double?
  /// Confidence of the intervals.
  public var confidence: Double

  /// Two ends.
  public struct ClosedInterval: Equatable, Sendable, Codable {
    /// Lower end.
    public var low: Double
    /// Upper end.
    public var high: Double
  }

  private enum CodingKeys: String, CodingKey {
    case rows, clusters, pairs, disagreement, noise, confidence
    case disagreementInterval = "disagreement_interval"
    case chanceDisagreement = "chance_disagreement"
    case noiseInterval = "noise_interval"
    case accuracyCeiling = "accuracy_ceiling"
    case pessimisticAccuracyCeiling = "pessimistic_accuracy_ceiling"
    case tieShare = "tie_share"
  }

  /// Estimates the noise; nil when fewer than `minimumClusters` clusters have two rows.
  ///
  /// - Parameters:
  ///   - clusters: the cluster of every row, as ``NearDuplicates/clusters(texts:threshold:)`` gives it.
  ///   - labels: one a row; above ½ is positive.
  ///   - tieShare: see ``tieShare(of:)``.
  ///   - minimumClusters: below this many nothing is estimated.
  public init?(
    clusters: [Int], labels: [Double], tieShare: Double? = nil, minimumClusters: Int = 20
  ) {
    precondition(
      clusters.count == labels.count, "\(clusters.count) clusters for \(labels.count) labels")
    var tally: [Int: (rows: Int, positives: Int)] = [:]
    for (cluster, label) in zip(clusters, labels) {
      tally[cluster, default: (0, 0)].rows += 1
      if label > 0.5 { tally[cluster, default: (0, 0)].positives += 1 }
    }
    var (rows, groups, pairs, positives) = (0, 0, 0, 0)
    var (weighted, weight, squares) = (0.0, 0.0, 0.0)
    // In row order, so that the sums have the same bits every time.
    for (row, cluster) in clusters.enumerated() where row == cluster {
      guard let (n, k) = tally[cluster], n > 1 else { continue }
      rows += n
      groups += 1
      pairs += n * (n - 1) / 2
      positives += k
      weighted += Double(n) * Double(k * (n - k)) / Double(n * (n - 1) / 2)
      weight += Double(n)
      squares += Double(n) * Double(n)
    }
    if groups < max(1, minimumClusters) { return nil }
    let interval = wilsonInterval(
      share: weighted / weight, trials: weight * weight / squares, quantile: 1.959963984540054)
    let share = Double(positives) / Double(rows)
    self.rows = rows
    self.clusters = groups
    self.pairs = pairs
    disagreement = weighted / weight
    disagreementInterval = interval
    chanceDisagreement = 2 * share * (1 - share)
    noise = noiseRate(disagreement)
    noiseInterval = ClosedInterval(
      low: noiseRate(interval.low), high: noiseRate(interval.high))
    accuracyCeiling = 1 - noise
    pessimisticAccuracyCeiling = 1 - disagreement
    self.tieShare = tieShare
    confidence = 0.95
  }

  /// Share of rows on which every candidate has the same quality; 0 without rows.
  public static func tieShare(of table: OutcomeTable) -> Double {
    let width = table.candidates.count
    var ties = 0
    for i in 0..<table.rowCount
    where (1..<width).allSatisfy({ table.quality(i, $0) == table.quality(i, 0) }) {
      ties += 1
    }
    return table.rowCount == 0 ? 0 : Double(ties) / Double(table.rowCount)
  }

  /// What it means, in plain sentences.
  public var description: String {
    var text = """
      \(clusters) clusters of near-duplicate queries (\(rows) rows, \(pairs) pairs) disagree on \
      \(percent(disagreement)) of pairs [\(percent(disagreementInterval.low)), \
      \(percent(disagreementInterval.high))], so at least \(percent(noise)) of labels are noise \
      [\(percent(noiseInterval.low)), \(percent(noiseInterval.high))] and no router can be right on more than \
      \(percent(accuracyCeiling)) of them.
      """
    if disagreementInterval.high >= chanceDisagreement {
      text += " Random pairs would disagree on \(percent(chanceDisagreement)): hardly more."
    }
    if let tieShare {
      text += " On \(percent(tieShare)) of rows all candidates are equally good."
    }
    return text
  }
}

/// ε in [0, ½] with 2ε(1 − ε) = d; ½ from d = ½ on.
private func noiseRate(_ d: Double) -> Double {
  d >= 0.5 ? 0.5 : (1 - (1 - 2 * d).squareRoot()) / 2
}

/// Wilson's score interval (1927, doi:10.1080/01621459.1927.10502953) of a share over `trials` trials.
private func wilsonInterval(
  share p: Double, trials n: Double, quantile z: Double
) -> LabelNoise.ClosedInterval {
  let centre = (p + z * z / (2 * n)) / (1 + z * z / n)
  let half = z / (1 + z * z / n) * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
  return .init(low: p == 0 ? 0 : max(0, centre - half), high: p == 1 ? 1 : min(1, centre + half))
}

/// A share as a percentage with one decimal.
private func percent(_ share: Double) -> String {
  let tenths = Int((share * 1000).rounded())
  return "\(tenths / 10).\(tenths % 10) %"
}
