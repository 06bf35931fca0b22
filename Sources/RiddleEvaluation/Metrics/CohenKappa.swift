/// How far apart two different categories count.
public enum KappaWeights: String, CaseIterable, Equatable, Sendable, Codable {
  /// Every disagreement counts the same (Cohen, 1960).
  case none
  /// |i − j| (Cohen, 1968).
  case linear
  /// (i − j)² (Cohen, 1968).
  case quadratic

  /// The weight of a disagreement between categories `i` and `j`.
  func weight(_ i: Int, _ j: Int) -> Double {
    let distance = Double(abs(i - j))
    switch self {
    case .none: return distance == 0 ? 0 : 1
    case .linear: return distance
    case .quadratic: return distance * distance
    }
  }
}

/// Agreement of two raters beyond chance.
///
/// κ = 1 − Σ w_ij O_ij / Σ w_ij E_ij, where O is the table of both ratings and E the one expected if the raters were
/// independent with their own margins; 1 is agreement, 0 is chance. Without weights this is (p_o − p_e) / (1 − p_e)
/// (Cohen, 1960, doi:10.1177/001316446002000104); with weights, Cohen (1968, doi:10.1037/h0026256). As
/// scikit-learn's `cohen_kappa_score`.
///
/// - Parameters:
///   - first: category of each row by one rater, in 0 ..< `categories`.
///   - second: category of each row by the other.
///   - counts: how often each row counts; nil for once.
/// - Returns: κ, or nil where it is undefined: no rows, or no disagreement that chance could bring about.
public func cohenKappa(
  _ first: [Int], _ second: [Int], categories: Int, weights: KappaWeights = .none,
  counts: [Double]? = nil
) -> Double? {
  precondition(first.count == second.count, "\(first.count) ratings against \(second.count)")
  var table = [Double](repeating: 0, count: categories * categories)
  var (rowSums, columnSums) = (
    [Double](repeating: 0, count: categories), [Double](repeating: 0, count: categories)
  )
  var total = 0.0
  for i in first.indices {
    let count = counts?[i] ?? 1
    table[first[i] * categories + second[i]] += count
    rowSums[first[i]] += count
    columnSums[second[i]] += count
    total += count
  }
  guard total > 0 else { return nil }
  var (observed, expected) = (0.0, 0.0)
  for i in 0..<categories {
    for j in 0..<categories {
      let weight = weights.weight(i, j)
      observed += weight * table[i * categories + j]
      expected += weight * rowSums[i] * columnSums[j] / total
    }
  }
  return expected > 0 ? 1 - observed / expected : nil
}

/// ``cohenKappa(_:_:categories:weights:counts:)`` with a percentile bootstrap interval over rows.
public func cohenKappaFigure(
  _ first: [Int], _ second: [Int], categories: Int, weights: KappaWeights = .none,
  replicates: Int = 2000, confidence: Double = 0.95, seed: UInt64, threads: Int = 1
) -> Figure {
  guard !first.isEmpty else { return .undefined }
  return bootstrapInterval(
    rows: first.count, replicates: replicates, confidence: confidence, seed: seed,
    threads: threads
  ) { counts in
    cohenKappa(first, second, categories: categories, weights: weights, counts: counts) ?? .nan
  }
}
