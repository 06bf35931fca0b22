import Glibc

/// How far a histogram has moved from a reference: PSI = Σ (a − e) ln (a / e) over bins of about equal share of the reference.
///
/// Shares come from counts plus one half, so that an empty bin is no infinity. Without a shift, PSI · n m / (n + m) is about
/// χ² with bins − 1 degrees of freedom (Yurdakul, Statistical properties of the population stability index, 2018), from which the
/// noise of small samples follows.
public struct PopulationStability: Equatable, Sendable {
  /// First fine bin of each coarse bin but the first, ascending.
  private let edges: [Int]
  private let reference: [Int]

  /// Coarse bins of about equal counts over the fine bins of `histogram`.
  public init(reference histogram: [Int], bins: Int = 10) {
    let total = histogram.reduce(0, +)
    var edges: [Int] = []
    var sum = 0
    for (bin, count) in histogram.enumerated() where bin + 1 < histogram.count {
      sum += count
      let isDue = sum * bins >= total * (edges.count + 1)
      if isDue && total > 0 && edges.count < bins - 1 && sum < total { edges.append(bin + 1) }
    }
    self.edges = edges
    reference = Self.coarse(histogram, edges)
  }

  /// Number of bins that are compared.
  public var bins: Int { edges.count + 1 }

  /// PSI of `histogram`, over the same fine bins as the reference; nil when either is empty or all of it is one bin.
  public func index(of histogram: [Int]) -> Double? {
    let actual = Self.coarse(histogram, edges)
    let (n, m) = (actual.reduce(0, +), reference.reduce(0, +))
    guard n > 0, m > 0, bins > 1 else { return nil }
    let k = Double(bins)
    var sum = 0.0
    for (a, e) in zip(actual, reference) {
      let p = (Double(a) + 0.5) / (Double(n) + 0.5 * k)
      let q = (Double(e) + 0.5) / (Double(m) + 0.5 * k)
      sum += (p - q) * log(p / q)
    }
    return sum
  }

  /// What PSI reaches in one of a hundred samples of `count` rows that have not moved: the 99 % point of χ² (Wilson & Hilferty, 1931)
  /// times 1/n + 1/m.
  public func noise(count: Int) -> Double? {
    let m = reference.reduce(0, +)
    guard count > 0, m > 0, bins > 1 else { return nil }
    let degrees = Double(bins - 1)
    let root = 1 - 2 / (9 * degrees) + 2.3263478740408408 * (2 / (9 * degrees)).squareRoot()
    return degrees * root * root * root * (1 / Double(count) + 1 / Double(m))
  }

  private static func coarse(_ histogram: [Int], _ edges: [Int]) -> [Int] {
    var counts = [Int](repeating: 0, count: edges.count + 1)
    var next = 0
    for (bin, count) in histogram.enumerated() {
      while next < edges.count && bin >= edges[next] { next += 1 }
      counts[next] += count
    }
    return counts
  }
}
