import RiddleData
import RiddlePolicies

/// What one run of `neighbours` measured.
struct NeighbourMeasurement: Encodable {
  var rows: Int
  var dimension: Int
  var queries: Int
  var neighbours: Int
  /// Seconds of all predictions in blocks, of every repeat, and of the plain loop.
  var blockSeconds: [Double] = []
  var plainSeconds = 0.0
  /// Plain over the median in blocks, by the clock.
  var ratio = 0.0
  /// CPU seconds of all repeats in blocks, of the plain loop, and the ratio of the second to one of the first.
  var blockProcessorSeconds = 0.0
  var plainProcessorSeconds = 0.0
  var processorRatio = 0.0
  /// Neighbours that both found, a share of all.
  var agreement = 0.0
}

/// Predicts `--queries` queries from `--rows` references, both made from a seed, in blocks and by a plain loop.
func measureNeighbours(_ arguments: Arguments) throws -> NeighbourMeasurement {
  let rows = try arguments.count("rows", standard: 10_000)
  let dimension = try arguments.count("dimension", standard: 384)
  let queries = try arguments.count("queries", standard: 1_000)
  let neighbours = try arguments.count("neighbours", standard: 50)
  var stream = SplitMix64(seed: 1)
  let make = { (count: Int) in (0..<count).map { _ in Float(stream.unit() - 0.5) } }
  let reference = make(rows * dimension)
  let asked = make(queries * dimension)
  let qualities = make(rows * 3).map { Double($0) + 0.5 }
  let table = NearestNeighbours(
    embeddings: reference, dimension: dimension, qualities: qualities, candidateCount: 3,
    neighbours: neighbours)
  var result = NeighbourMeasurement(
    rows: rows, dimension: dimension, queries: queries, neighbours: neighbours)
  var sink = 0.0
  var cpu = processorSeconds()
  for _ in 0..<5 {
    let start = ContinuousClock.now
    sink += table.predictions(for: asked).last?.quality ?? 0
    result.blockSeconds.append((ContinuousClock.now - start) / .seconds(1))
  }
  result.blockProcessorSeconds = processorSeconds() - cpu
  cpu = processorSeconds()
  let start = ContinuousClock.now
  let plain = plainNeighbours(reference, asked, dimension: dimension, neighbours: neighbours)
  result.plainSeconds = (ContinuousClock.now - start) / .seconds(1)
  result.plainProcessorSeconds = processorSeconds() - cpu
  result.processorRatio = 5 * result.plainProcessorSeconds / result.blockProcessorSeconds
  let found = table.nearest(to: asked)
  var same = 0
  for (one, other) in zip(found, plain) { same += Set(one.map(\.row)).intersection(other).count }
  result.agreement = Double(same) / Double(max(1, found.reduce(0) { $0 + $1.count }))
  result.ratio = result.plainSeconds / result.blockSeconds.sorted()[2]
  blackHole(sink)
  return result
}

/// The rows of the `neighbours` largest cosines of each query, one product after the other.
private func plainNeighbours(
  _ reference: [Float], _ queries: [Float], dimension: Int, neighbours: Int
) -> [[Int]] {
  let rows = reference.count / dimension
  let lengths = (0..<rows).map { row -> Float in
    var square: Float = 0
    for i in 0..<dimension {
      square += reference[row * dimension + i] * reference[row * dimension + i]
    }
    return square.squareRoot()
  }
  return (0..<(queries.count / dimension)).map { query in
    // The query's own length changes no order.
    let similarities = (0..<rows).map { row -> Float in
      var sum: Float = 0
      for i in 0..<dimension {
        sum += queries[query * dimension + i] * reference[row * dimension + i]
      }
      return sum / lengths[row]
    }
    let order = (0..<rows).sorted { (similarities[$1], $0) < (similarities[$0], $1) }
    return Array(order.prefix(neighbours))
  }
}

/// Takes a result, so that the work for it cannot be left out.
@inline(never) func blackHole<Value>(_ value: Value) {}
