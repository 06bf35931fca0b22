import RiddleRuntime

/// Σ above / Σ below with its percentile bootstrap interval over clusters (Efron 1979).
///
/// Sums are made once per resampled unit, so that a replicate costs the number of units and not of rows. More than
/// ``Resampling/mostUnits`` clusters are resampled as that many blocks, to which a hash of their number assigns them.
///
/// - Parameters:
///   - clusters: resampling unit of each row; nil for rows.
///   - replicates: 0 for no interval, else at least 2.
func bootstrapRatio(
  _ above: [Double], _ below: [Double], clusters: [Int]?, replicates: Int, confidence: Double,
  seed: UInt64, threads: Int
) -> Figure {
  let index = clusters.map { ClusterIndex($0) }
  let count = index?.count ?? above.count
  let limit = Resampling.mostUnits
  let units = min(count, limit)
  var tops = [Double](repeating: 0, count: units)
  var bottoms = tops
  for row in above.indices {
    let cluster = index.map { Int($0.ofRow[row]) } ?? row
    let unit =
      count <= limit ? cluster : Int(StableHash.mixed(UInt64(cluster)) % UInt64(limit))
    tops[unit] += above[row]
    bottoms[unit] += below[row]
  }
  if replicates == 0 {
    let value = tops.reduce(0, +) / bottoms.reduce(0, +)
    return value.isFinite ? Figure(value) : .undefined
  }
  let (a, b) = (tops, bottoms)
  return bootstrapInterval(
    rows: units, replicates: replicates, confidence: confidence, seed: seed, threads: threads
  ) { weights in
    var (top, bottom) = (0.0, 0.0)
    for i in weights.indices {
      top += weights[i] * a[i]
      bottom += weights[i] * b[i]
    }
    return top / bottom
  }
}
