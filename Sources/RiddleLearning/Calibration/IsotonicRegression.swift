import RiddleRuntime

/// Fits the non-decreasing function of the margin that is closest to the targets in weighted squares.
///
/// Pool-adjacent-violators (Ayer et al., 1955, doi:10.1214/aoms/1177728423), rows of equal margin pooled first. A block of
/// pooled rows becomes a knot at its first and one at its last margin; between knots the map is linear, outside it is
/// constant: scikit-learn's `IsotonicRegression(out_of_bounds="clip")`.
///
/// Least squares and least log loss have the same solution here, because the minimum of either over a block is its mean
/// target; so the map is the best calibrated non-decreasing one on these rows, and overfits the most of all maps.
public struct IsotonicRegression: Equatable, Sendable {
  /// With ``CalibrationSmoothing/prior`` every probability lies strictly inside (0, 1): before pooling, one row of target
  /// 1 joins the least margin and one of target 0 the largest, so that the end blocks have Laplace's estimate.
  public var smoothing = CalibrationSmoothing.prior

  /// Two knots a block: what a weight file holds at most.
  static let maximumBlocks = WeightFileLayout.maximumKnots / 2

  /// Default settings.
  public init() {}

  /// Fits a non-decreasing map.
  ///
  /// - Parameters:
  ///   - margins: n finite values, any order.
  ///   - targets: n values in [0, 1]; 1 means climb.
  ///   - weights: n finite values of at least 0; nil weighs every row 1.
  /// - Returns: `.isotonic` with at most 4096 knots.
  /// - Throws: as ``PlattScaling/fit(margins:targets:weights:)``; `.decreasingCalibration` if the fit is a constant, so
  ///   that no threshold could divide the rows.
  /// - Complexity: O(n log n).
  public func fit(
    margins: [Double], targets: [Double], weights: [Double]? = nil
  ) throws(LearningError) -> Fitted<CalibrationMap> {
    let columns = try CalibrationColumns(margins: margins, targets: targets, weights: weights)
    var blocks: [Block] = []
    for row in tiedRows(columns) {
      blocks.append(row)
      // Equal means pool too: one block instead of two with the same value.
      while blocks.count >= 2, let last = blocks.last, blocks[blocks.count - 2].mean >= last.mean {
        blocks.removeLast()
        blocks[blocks.count - 1].absorb(last)
      }
    }
    if blocks.count < 2 { throw .decreasingCalibration(slope: 0) }
    while blocks.count > Self.maximumBlocks { blocks = Self.halved(blocks) }
    var margins: [Double] = []
    var probabilities: [Double] = []
    for block in blocks {
      margins.append(block.first)
      probabilities.append(block.mean)
      if block.last > block.first {
        margins.append(block.last)
        probabilities.append(block.mean)
      }
    }
    let map = IsotonicMap(margins: margins, probabilities: probabilities)
    var squares = 0.0
    for i in 0..<columns.count {
      let error = columns.targets[i] - map.probability(ofMargin: columns.margins[i])
      squares += columns.weights[i] * error * error
    }
    let report = FitReport(
      solver: "isotonic-pava", iterations: 1, converged: true, gradientNorm: 0, tolerance: 0,
      objective: squares, rows: columns.count, positives: columns.positives)
    return Fitted(model: .isotonic(map), report: report)
  }

  /// Neighbouring rows with one value.
  private struct Block {
    var first: Double
    var last: Double
    var weight: Double
    var weightedTargets: Double

    var mean: Double { weightedTargets / weight }

    mutating func absorb(_ next: Block) {
      last = next.last
      weight += next.weight
      weightedTargets += next.weightedTargets
    }
  }

  /// Every two neighbours as one, for soft targets that rise at nearly every row.
  private static func halved(_ blocks: [Block]) -> [Block] {
    var merged: [Block] = []
    for (i, block) in blocks.enumerated() {
      if i % 2 == 0 { merged.append(block) } else { merged[merged.count - 1].absorb(block) }
    }
    return merged
  }

  /// One block per distinct margin, ascending; sums in row order.
  private func tiedRows(_ columns: CalibrationColumns) -> [Block] {
    let margins = columns.margins
    let order = margins.indices.sorted { (margins[$0], $0) < (margins[$1], $1) }
    var blocks: [Block] = []
    for i in order {
      let row = Block(
        first: margins[i], last: margins[i], weight: columns.weights[i],
        weightedTargets: columns.weights[i] * columns.targets[i])
      if blocks.last?.last == margins[i] {
        blocks[blocks.count - 1].absorb(row)
      } else {
        blocks.append(row)
      }
    }
    if smoothing == .prior {
      blocks[0].weight += 1
      blocks[0].weightedTargets += 1
      blocks[blocks.count - 1].weight += 1
    }
    return blocks
  }
}
