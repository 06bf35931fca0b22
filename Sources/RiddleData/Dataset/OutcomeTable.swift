/// Outcomes of the same queries under an ordered list of candidates, as columns: what every evaluation reads.
///
/// Row `i`, candidate `k` stands at index `i * candidates.count + k` of each column. Complete in quality by
/// construction: rows without a judged outcome for every candidate are left out and counted by ``Dataset``.
public struct OutcomeTable: Equatable, Sendable {
  /// Candidates from cheapest (weak) to dearest (strong): the ladder. At least two.
  public let candidates: [String]
  /// Quality in [0, 1], finite.
  public let quality: [Double]
  /// Cost in nano-dollars, or `missingCost`.
  public let cost: [Int64]
  /// Latency in microseconds, or `missingLatency`.
  public let latency: [Int64]

  /// Stands for a cost that the log does not say.
  public static let missingCost = Int64.min
  /// Stands for a latency that the log does not say.
  public static let missingLatency = Int64.min

  /// Number of queries.
  public var rowCount: Int { quality.count / candidates.count }
  /// Number of cells without a cost.
  public var missingCostCount: Int { cost.reduce(0) { $0 + ($1 == Self.missingCost ? 1 : 0) } }

  /// A table from columns of `rows × candidates.count` values, row-major.
  public init(candidates: [String], quality: [Double], cost: [Int64], latency: [Int64]) {
    precondition(candidates.count >= 2, "a table needs two candidates, got \(candidates.count)")
    precondition(
      quality.count % candidates.count == 0 && cost.count == quality.count
        && latency.count == quality.count,
      "columns of \(quality.count), \(cost.count), \(latency.count) values for \(candidates.count) candidates"
    )
    self.candidates = candidates
    self.quality = quality
    self.cost = cost
    self.latency = latency
  }

  /// Quality of candidate `k` on row `i`.
  public func quality(_ i: Int, _ k: Int) -> Double { quality[i * candidates.count + k] }
  /// Cost of candidate `k` on row `i` in nano-dollars, or nil when the log does not say.
  public func cost(_ i: Int, _ k: Int) -> Int64? {
    let value = cost[i * candidates.count + k]
    return value == Self.missingCost ? nil : value
  }

  /// The rows at `indices`, in that order.
  public func rows(_ indices: [Int]) -> OutcomeTable {
    let width = candidates.count
    func pick<T>(_ column: [T]) -> [T] {
      var out: [T] = []
      out.reserveCapacity(indices.count * width)
      for i in indices { out.append(contentsOf: column[(i * width)..<((i + 1) * width)]) }
      return out
    }
    return OutcomeTable(
      candidates: candidates, quality: pick(quality), cost: pick(cost), latency: pick(latency))
  }
}
