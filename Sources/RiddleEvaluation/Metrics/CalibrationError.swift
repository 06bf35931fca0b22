/// Expected calibration error over bins of equal mass: Σ (rows of bin / n) · |mean p − mean y| (Naeini, Cooper &
/// Hauskrecht, 2015, with quantile bins as Nixon et al., 2019, arXiv 1904.01685).
///
/// Rows sorted by p are cut into `bins` runs whose sizes differ by at most one, longer runs first, as numpy's
/// `array_split`. Where a cut falls inside a run of equal p, those rows share their mean label, so the order of
/// the input does not matter. Fewer rows than bins leave bins empty.
public func expectedCalibrationError(
  probabilities: [Double], labels: [Double], bins: Int = 15
) -> Double? {
  precondition(
    probabilities.count == labels.count,
    "\(probabilities.count) probabilities for \(labels.count) labels")
  let weights = [Double](repeating: 1, count: labels.count)
  let value = EqualMassBins(probabilities: probabilities, labels: labels, bins: bins)
    .evaluate(weights.span, total: labels.count)
  return value.isNaN ? nil : value
}

/// Expected calibration error over bins of equal width: bin b holds b/bins ≤ p < (b + 1)/bins, the last also p = 1.
public func expectedCalibrationErrorEqualWidth(
  probabilities: [Double], labels: [Double], bins: Int = 15
) -> Double? {
  precondition(
    probabilities.count == labels.count,
    "\(probabilities.count) probabilities for \(labels.count) labels")
  if labels.isEmpty { return nil }
  var difference = [Double](repeating: 0, count: bins)
  for (p, y) in zip(probabilities, labels) {
    difference[min(Int(p * Double(bins)), bins - 1)] += p - y
  }
  return difference.reduce(0) { $0 + abs($1) } / Double(labels.count)
}

/// Probabilities in ascending order with their labels, ready to be binned under any row weights.
struct EqualMassBins: Sendable {
  let rows: [Int32]
  private let groupEnds: [Int32]
  private let probabilities: [Double]  // per group
  let labels: [Double]  // in the sequence of `rows`
  private let bins: Int

  init(probabilities: [Double], labels: [Double], bins: Int = 15) {
    let order = RankOrder(descending: probabilities.map { -$0 })
    rows = order.rows
    groupEnds = order.groupEnds
    self.probabilities = order.groupEnds.map { probabilities[Int(order.rows[Int($0) - 1])] }
    self.labels = order.rows.map { labels[Int($0)] }
    self.bins = bins
  }

  /// Probability of each row, in the sequence of ``rows``.
  var rowProbabilities: [Double] {
    var result: [Double] = []
    result.reserveCapacity(rows.count)
    for group in groupEnds.indices {
      while result.count < Int(groupEnds[group]) { result.append(probabilities[group]) }
    }
    return result
  }

  /// Ends of the bins in the sequence of ``rows``, every row counted once; a cut inside a run of equal probabilities cuts it.
  var massEnds: [Int] {
    let (size, longer) = (rows.count / bins, rows.count % bins)
    return (1...bins).map { $0 * size + min($0, longer) }
  }

  /// Ends of bins of equal width, as ``expectedCalibrationErrorEqualWidth(probabilities:labels:bins:)`` makes them.
  var widthEnds: [Int] {
    let values = rowProbabilities
    var ends: [Int] = []
    var i = 0
    for bin in 0..<bins {
      while i < values.count && min(Int(values[i] * Double(bins)), bins - 1) <= bin { i += 1 }
      ends.append(i)
    }
    return ends
  }

  /// The error under integer row weights that sum to `total`; NaN for no rows.
  func evaluate(_ weights: Span<Double>, total: Int) -> Double {
    var error = 0.0
    each(weights, total: total) { _, p, y in error += abs(p - y) }
    return total > 0 ? error / Double(total) : .nan
  }

  /// The bins with every row counted once; empty ones are left out.
  func reliability() -> [PolicyFigures.ReliabilityBin] {
    var result: [PolicyFigures.ReliabilityBin] = []
    let weights = [Double](repeating: 1, count: rows.count)
    each(weights.span, total: rows.count) { count, p, y in
      if count > 0 {
        result.append(.init(count: Int(count), predicted: p / count, observed: y / count))
      }
    }
    return result
  }

  /// Calls `body` with (rows, Σ p, Σ y) of each bin in ascending order of p.
  private func each(
    _ weights: Span<Double>, total: Int, _ body: (Double, Double, Double) -> Void
  ) {
    let rows = rows.span
    let ends = groupEnds.span
    let values = probabilities.span
    let labels = labels.span
    let (size, longer) = (total / bins, total % bins)
    var bin = 0
    var room = Double(longer > 0 ? size + 1 : size)
    var (count, sumP, sumY) = (0.0, 0.0, 0.0)
    var i = 0
    for group in ends.indices {
      let end = Int(ends[group])
      var mass = 0.0
      var positive = 0.0
      while i < end {
        let w = weights[Int(rows[i])]
        mass += w
        positive += w * labels[i]
        i += 1
      }
      let p = values[group]
      while mass >= room && bin < bins - 1 {
        let part = mass > 0 ? positive * (room / mass) : 0
        body(count + room, sumP + room * p, sumY + part)
        positive -= part
        mass -= room
        (count, sumP, sumY) = (0, 0, 0)
        bin += 1
        room = Double(bin < longer ? size + 1 : size)
      }
      count += mass
      sumP += mass * p
      sumY += positive
      room -= mass
    }
    body(count, sumP, sumY)
  }
}
