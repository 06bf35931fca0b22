import RiddleData

/// Calibration error and the parts of Brier's score under eight weightings at once, over bins fixed beforehand.
///
/// The bins of the estimate are kept in every replicate, as a fixed partition of the scores: a rank that moves with the
/// replicate would need a search per lane and changes nothing that an interval shows.
struct LaneBins: Sendable {
  private let units: [Int32]
  private let probabilities: [Double]
  private let labels: [Double]
  /// End (exclusive) of each bin in the sequence.
  private let ends: [Int]

  /// Rows in ascending order of probability, cut at `ends`.
  init(_ bins: EqualMassBins, ends: [Int], units: ClusterIndex) {
    self.units = bins.rows.map { units.ofRow[Int($0)] }
    probabilities = bins.rowProbabilities
    labels = bins.labels
    self.ends = ends
  }

  /// What the bins say: the expected calibration error, and Murphy's reliability and resolution (1973).
  struct Values {
    var error = Lanes.zero
    var reliability = Lanes.zero
    var resolution = Lanes.zero
  }

  /// One pass.
  func evaluate(_ counts: Span<Lanes>, total: Lanes) -> Values {
    let units = units.span
    let values = probabilities.span
    let labels = labels.span
    var sums: [(n: Lanes, p: Lanes, y: Lanes)] = []
    var i = 0
    var positives = Lanes.zero
    for end in ends {
      var (n, p, y) = (Lanes.zero, Lanes.zero, Lanes.zero)
      while i < end {
        let w = counts[Int(units[i])]
        n += w
        p += w * values[i]
        y += w * labels[i]
        i += 1
      }
      positives += y
      sums.append((n, p, y))
    }
    var result = Values()
    let share = positives / total
    for (n, p, y) in sums {
      let off = p - y
      result.error += off.replacing(with: -off, where: off .< 0) / total
      let filled = n .> 0
      let apart = y - n * share
      result.reliability += Lanes.zero.replacing(with: off * off / n, where: filled) / total
      result.resolution += Lanes.zero.replacing(with: apart * apart / n, where: filled) / total
    }
    return result
  }
}
