import RiddleData

/// What a threshold does on the rows it was chosen on, with intervals.
public struct ThresholdFigures: Equatable, Sendable, Codable {
  /// Mean over units of quality of the strongest − quality of the pick.
  public var loss: Figure
  /// 1 − cost of the picks / cost of always asking the strongest; undefined without costs.
  public var savings: Figure
  /// Share of rows that ask the strongest candidate.
  public var strongShare: Figure
  /// Mean quality of the picks.
  public var quality: Figure
  /// Mean cost of the picks in dollars; undefined without costs.
  public var costDollars: Figure

  private enum CodingKeys: String, CodingKey {
    case loss
    case savings
    case strongShare = "strong_share"
    case quality
    case costDollars = "cost_usd"
  }

  /// Figures of `picks`, with paired percentile bootstrap intervals over clusters (Efron 1979): one resample counts the same
  /// rows for the policy and for always-strongest.
  ///
  /// - Parameter replicates: 0 for no intervals, else at least 2.
  public init(
    _ table: OutcomeTable, picks: [Int], clusters: [Int]? = nil, replicates: Int,
    confidence: Double, seed: UInt64, threads: Int = 1
  ) {
    let top = table.candidates.count - 1
    let n = table.rowCount
    var sizes: [Int: Double] = [:]
    for cluster in clusters ?? [] { sizes[cluster, default: 0] += 1 }
    let share = clusters.map { $0.map { 1 / (sizes[$0] ?? 1) } }
    var loss = [Double](repeating: 0, count: n)
    var cost = loss
    var strongest = loss
    var quality = loss
    var knowsCosts = true
    for i in 0..<n {
      quality[i] = table.quality(i, picks[i])
      loss[i] = (table.quality(i, top) - quality[i]) * (share?[i] ?? 1)
      if let own = table.cost(i, picks[i]), let high = table.cost(i, top) {
        cost[i] = Double(own) / 1e9
        strongest[i] = Double(high) / 1e9
      } else {
        knowsCosts = false
      }
    }
    let units = share ?? [Double](repeating: 1, count: n)
    let ones = [Double](repeating: 1, count: n)
    let up = picks.map { $0 == top ? 1.0 : 0 }
    func ratio(_ above: [Double], _ below: [Double]) -> Figure {
      bootstrapRatio(
        above, below, clusters: clusters, replicates: replicates, confidence: confidence,
        seed: seed, threads: threads)
    }
    self.loss = ratio(loss, units)
    let paid = strongest
    let saved = zip(paid, cost).map { $0 - $1 }
    savings = knowsCosts ? ratio(saved, paid) : .undefined
    strongShare = ratio(up, ones)
    self.quality = ratio(quality, ones)
    costDollars = knowsCosts ? ratio(cost, ones) : .undefined
  }
}
