/// How well a log covers what a target policy would do. Codable: part of ``OffPolicyReport``.
public struct Overlap: Equatable, Sendable, Codable {
  /// Effective sample size (Σ w)² / Σ w² (Kish, 1965): as many decisions of the target itself would be as informative. 0
  /// when no weight is positive.
  public var effectiveSampleSize: Double
  /// Largest weight.
  public var largestWeight: Double
  /// Mean weight: 1 in expectation, less what lies outside the support.
  public var meanWeight: Double
  /// (mean weight − 1 + unsupported mass) in standard errors: beyond ±4 the propensities do not describe the log.
  public var meanWeightDeviation: Double?
  /// Quantiles of the weights, at 0, 25, 50, 75, 90, 99 and 100 percent.
  public var weightQuantiles: [Quantile]
  /// Share of decisions with weight 0: they say nothing about the target.
  public var zeroWeightShare: Double
  /// Share of decisions on which the target may choose a candidate that could not have been logged.
  public var unsupportedRows: Double
  /// Mean probability that the target gives to such candidates. No estimator but the model's can know their worth.
  public var unsupportedMass: Double
  /// The part of `unsupportedMass` on candidates that were never logged at all.
  public var neverLoggedMass: Double
  /// Whether zero propensities could be seen: the log has all candidates' propensities, or they were assumed. Otherwise only candidates that
  /// were never logged are known to be out of reach.
  public var seesZeroPropensities: Bool
  /// One row a candidate, in the log's order.
  public var candidates: [Candidate]

  /// One candidate's part.
  public struct Candidate: Equatable, Sendable, Codable {
    /// Its name.
    public var name: String
    /// Decisions in which it was logged.
    public var logged: Int
    /// Share of the decisions in which it was logged.
    public var loggedShare: Double
    /// Mean probability that the target gives to it.
    public var targetShare: Double
    /// Mean weight of the decisions in which it was logged; nil when it never was.
    public var meanWeight: Double?
  }

  /// A quantile.
  public struct Quantile: Equatable, Sendable, Codable {
    /// Share of the weights that are at most `weight`.
    public var level: Double
    /// Linearly interpolated.
    public var weight: Double
  }

  private static let levels = [0, 0.25, 0.5, 0.75, 0.9, 0.99, 1]

  /// The overlap of `target` with `log`, whose weights are `weights`.
  init(_ log: LoggedActions, target: TargetPolicy, weights: [Double]) {
    let n = Double(log.count)
    let width = log.candidates.count
    let sum = weights.reduce(0, +)
    let squares = weights.reduce(0) { $0 + $1 * $1 }
    effectiveSampleSize = squares > 0 ? sum * sum / squares : 0
    largestWeight = weights.max() ?? 0
    let mean = sum / n
    meanWeight = mean
    let sorted = weights.sorted()
    weightQuantiles = Self.levels.map {
      Quantile(level: $0, weight: quantile(ofSorted: sorted, $0))
    }
    zeroWeightShare = Double(weights.count { $0 == 0 }) / n

    var logged = [Int](repeating: 0, count: width)
    var loggedWeight = [Double](repeating: 0, count: width)
    for i in 0..<log.count {
      logged[Int(log.actions[i])] += 1
      loggedWeight[Int(log.actions[i])] += weights[i]
    }
    var targetMass = [Double](repeating: 0, count: width)
    var (unsupported, never) = (0.0, 0.0)
    var rows = 0
    for i in 0..<log.count {
      // What lies on candidates that the log does not have; rounding is no candidate.
      var outside = 1.0
      var (rowUnsupported, rowNever) = (0.0, 0.0)
      for k in 0..<width {
        let p = target.probability(i, k, width: width)
        if p == 0 { continue }
        outside -= p
        targetMass[k] += p
        if logged[k] == 0 {
          rowNever += p
        } else if let all = log.allPropensities, all[i * width + k] == 0 {
          rowUnsupported += p
        }
      }
      if outside > TargetPolicy.tolerance { rowNever += outside }
      rowUnsupported += rowNever
      never += rowNever
      unsupported += rowUnsupported
      rows += rowUnsupported > 0 ? 1 : 0
    }
    unsupportedRows = Double(rows) / n
    unsupportedMass = unsupported / n
    neverLoggedMass = never / n
    seesZeroPropensities = log.allPropensities != nil || log.assumedCount == log.count
    let variance = weights.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n
    let deviation = (mean - 1 + unsupported / n) / (variance / n).squareRoot()
    meanWeightDeviation = variance > 0 && deviation.isFinite ? deviation : nil
    candidates = (0..<width).map { k in
      Candidate(
        name: log.candidates[k], logged: logged[k], loggedShare: Double(logged[k]) / n,
        targetShare: targetMass[k] / n,
        meanWeight: logged[k] > 0 ? loggedWeight[k] / Double(logged[k]) : nil)
    }
  }
}
