import Glibc
import RiddleData

/// What a log of outcomes says about two candidates that are to be compared: the numbers that a plan takes.
public struct MeasuredPair: Equatable, Sendable, Encodable {
  /// Queries that both answered.
  public var rows: Int
  /// Mean quality of the control.
  public var baseline: Double
  /// Mean quality of the treatment minus the control's.
  public var difference: Double
  /// Standard deviation of quality within a candidate: root mean square of the two.
  public var deviation: Double
  /// Standard deviation of the row-wise differences.
  public var differenceDeviation: Double
  /// Correlation of the two qualities over rows; nil where one never varies.
  public var correlation: Double?
  /// Share of rows on which exactly one succeeds; nil where quality is not 0 or 1.
  public var discordant: Double?
  /// Requests per cluster, weighted by requests, Σ m² / Σ m; 1 without clusters.
  public var clusterSize: Double
  /// Correlation of quality within a cluster, by one-way analysis of variance, mean of the two candidates; 0 at least.
  public var intraclassCorrelation: Double
  /// The same of the row-wise differences.
  public var differenceIntraclassCorrelation: Double

  private enum CodingKeys: String, CodingKey {
    case rows, baseline, difference, deviation, correlation, discordant
    case differenceDeviation = "difference_deviation"
    case clusterSize = "cluster_size"
    case intraclassCorrelation = "icc"
    case differenceIntraclassCorrelation = "difference_icc"
  }

  /// Measures two columns of a table.
  ///
  /// - Parameters:
  ///   - control: its position on the ladder.
  ///   - clusters: a number for each row; equal numbers were one user's or conversation's. Nil: all by themselves.
  /// - Throws: ``ExperimentError/badSetting(name:value:expected:)`` below two rows.
  public init(_ table: OutcomeTable, control: Int, treatment: Int, clusters: [Int]? = nil)
    throws(ExperimentError)
  {
    let n = table.rowCount
    guard n >= 2 else {
      throw .badSetting(
        name: "number of rows", value: "\(n)", expected: "2 or more: one row has no variance")
    }
    let a = (0..<n).map { table.quality($0, control) }
    let b = (0..<n).map { table.quality($0, treatment) }
    let d = zip(a, b).map { $1 - $0 }
    let (meanA, varianceA) = Self.moments(a)
    let (meanB, varianceB) = Self.moments(b)
    let varianceD = Self.moments(d).variance
    rows = n
    baseline = meanA
    difference = meanB - meanA
    deviation = ((varianceA + varianceB) / 2).squareRoot()
    differenceDeviation = varianceD.squareRoot()
    if varianceA > 0 && varianceB > 0 {
      correlation = (varianceA + varianceB - varianceD) / (2 * (varianceA * varianceB).squareRoot())
    }
    if (a + b).allSatisfy({ $0 == 0 || $0 == 1 }) {
      discordant = Double(d.count { $0 != 0 }) / Double(n)
    }
    let index = ClusterIndex(clusters ?? Array(0..<n))
    var sizes = [Int](repeating: 0, count: index.count)
    for c in index.ofRow { sizes[Int(c)] += 1 }
    clusterSize = sizes.reduce(0) { $0 + Double($1 * $1) } / Double(n)
    intraclassCorrelation =
      (intraclass(a, of: index.ofRow, sizes: sizes) + intraclass(b, of: index.ofRow, sizes: sizes))
      / 2
    differenceIntraclassCorrelation = intraclass(d, of: index.ofRow, sizes: sizes)
  }

  /// Mean, and variance with n − 1, in two passes.
  static func moments(_ values: [Double]) -> (mean: Double, variance: Double) {
    let n = Double(values.count)
    let mean = values.reduce(0, +) / n
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (mean, squares / (n - 1))
  }
}

/// Correlation of values within clusters by one-way analysis of variance (Donner 1986, doi:10.2307/1403259):
/// (B − W) / (B + (m₀ − 1) W), B and W the mean squares between and within, m₀ = (n − Σ m²/n) / (k − 1). 0 where it would
/// be negative, or where every cluster has one value.
func intraclass(_ values: [Double], of clusters: [Int32], sizes: [Int]) -> Double {
  let n = Double(values.count)
  let k = Double(sizes.count)
  guard k > 1, n > k else { return 0 }
  let mean = values.reduce(0, +) / n
  var sums = [Double](repeating: 0, count: sizes.count)
  for (value, c) in zip(values, clusters) { sums[Int(c)] += value - mean }
  var between = 0.0
  for (sum, size) in zip(sums, sizes) { between += sum * sum / Double(size) }
  var total = 0.0
  for value in values { total += (value - mean) * (value - mean) }
  let betweenSquare = between / (k - 1)
  let withinSquare = max(0, total - between) / (n - k)
  let typical = (n - sizes.reduce(0) { $0 + Double($1 * $1) } / n) / (k - 1)
  let denominator = betweenSquare + (typical - 1) * withinSquare
  guard denominator > 0 else { return 0 }
  return min(1, max(0, (betweenSquare - withinSquare) / denominator))
}
