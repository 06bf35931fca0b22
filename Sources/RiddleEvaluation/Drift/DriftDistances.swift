import Glibc

/// Population stability index of two lists of counts over the same bins: Σ (a − e) ln(a / e) over the shares a and e.
///
/// The symmetrised divergence of Kullback and Leibler (Jeffreys, 1946), as it is used in credit scoring, where 0.1 counts as a
/// shift and 0.25 as a large one (Siddiqi, 2006). An empty bin has no logarithm: every share is (count + ½) / (n + bins / 2),
/// which changes others by less than their noise and does not depend on a constant of taste. For equal distributions of n
/// and m rows in k bins its mean is about (k − 1)(1/n + 1/m): with few rows it is large without any drift, so that
/// alarms come from permutations, not from 0.1.
///
/// - Returns: at least 0; 0 with fewer than two bins, or when either list is empty.
public func populationStability(expected: [Int], actual: [Int]) -> Double {
  precondition(
    expected.count == actual.count, "\(expected.count) and \(actual.count) bins")
  let (n, m) = (expected.reduce(0, +), actual.reduce(0, +))
  if expected.count < 2 || n == 0 || m == 0 { return 0 }
  let half = Double(expected.count) / 2
  var sum = 0.0
  for (e, a) in zip(expected, actual) {
    let p = (Double(e) + 0.5) / (Double(n) + half)
    let q = (Double(a) + 0.5) / (Double(m) + half)
    sum += (q - p) * log(q / p)
  }
  return max(0, sum)
}

/// Kolmogorov and Smirnov's distance of two samples: the largest difference of their distribution functions, in [0, 1].
///
/// NaN values are left out.
///
/// - Returns: nil when a sample has no value.
/// - Complexity: O(n log n).
public func kolmogorovSmirnov(_ first: [Double], _ second: [Double]) -> Double? {
  let (a, b) = (first.filter { !$0.isNaN }.sorted(), second.filter { !$0.isNaN }.sorted())
  if a.isEmpty || b.isEmpty { return nil }
  var (i, j) = (0, 0)
  var distance = 0.0
  while i < a.count && j < b.count {
    let value = min(a[i], b[j])
    while i < a.count && a[i] == value { i += 1 }
    while j < b.count && b[j] == value { j += 1 }
    distance = max(
      distance, abs(Double(i) / Double(a.count) - Double(j) / Double(b.count)))
  }
  return distance
}

/// Population stability index of two samples over deciles of the first; a value of its own for each bin when both have at
/// most ten; missing values (NaN) are one more bin. See ``populationStability(expected:actual:)``.
public func populationStability(reference: [Double], current: [Double]) -> Double {
  let column = CodedColumn(
    reference + current, referenceCount: reference.count, isOrdered: true)
  var counter = DistanceCounter(column)
  return counter.distances(
    window: Array(reference.count..<(reference.count + current.count)).map { Int32($0) }
  ).psi
}

/// Counts the rows of a period and measures its distances from the rest, again and again in the same memory.
struct DistanceCounter {
  private let column: CodedColumn
  private let rowCount: Int
  private var window: [Int32]
  private var windowBins: [Int]
  private var restBins: [Int]

  init(_ column: CodedColumn) {
    self.column = column
    rowCount = column.codes.count
    window = [Int32](repeating: 0, count: column.codeCount)
    windowBins = [Int](repeating: 0, count: column.binCount)
    restBins = windowBins
  }

  /// Distances between the rows in `rows` and all others.
  ///
  /// - Returns: the stability index, and the Kolmogorov–Smirnov distance: 0 for an unordered column or an empty side.
  mutating func distances(window rows: [Int32]) -> (psi: Double, ks: Double) {
    for k in window.indices { window[k] = 0 }
    var missing = 0
    for row in rows {
      let code = Int(column.codes[Int(row)])
      if code < 0 { missing += 1 } else { window[code] += 1 }
    }
    for k in windowBins.indices {
      windowBins[k] = 0
      restBins[k] = 0
    }
    let present = rows.count - missing
    let others = rowCount - column.missingTotal - present
    let (size, otherSize) = (Double(max(1, present)), Double(max(1, others)))
    var (sum, rest) = (0, 0)
    var ks = 0.0
    for k in window.indices {
      let count = Int(window[k])
      let other = Int(column.totals[k]) - count
      sum += count
      rest += other
      ks = max(ks, abs(Double(sum) / size - Double(rest) / otherSize))
      windowBins[Int(column.bins[k])] += count
      restBins[Int(column.bins[k])] += other
    }
    if let bin = column.missingBin {
      windowBins[Int(bin)] = missing
      restBins[Int(bin)] = column.missingTotal - missing
    }
    return (
      populationStability(expected: restBins, actual: windowBins),
      column.isOrdered && present > 0 && others > 0 ? ks : 0
    )
  }
}
