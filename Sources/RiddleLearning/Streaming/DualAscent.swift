import RiddleData
import RiddleLinearAlgebra

/// The state of ``DualLogistic``: one dual value a row and the weights they add up to.
///
/// At the optimum β_i = c_i (t_i − σ(m_i)) and w = Σ β_i x_i / λ. A visit of row i solves the first equation for β_i
/// with everything else held, the second is kept all along. Dense columns are standardised and divided by
/// √multiplier, which turns their larger penalty into λ.
///
/// The intercept is free only in the limit: its penalty is centred on where it stood a pass ago (a proximal point
/// method). Under λ alone a single row would shake it, under a penalty of the order of Σc it would hardly move while
/// the weights emulate it; √Σc/5 is between, and needed the fewest passes at 12 000 and at 160 000 rows.
struct DualAscent {
  let rows: CompactRows
  let penalty: Double
  let multiplier: Double
  /// What is subtracted from each raw column, and what it is multiplied by then; 0 leaves a column out.
  let centers: [Double]
  let scales: [Double]
  /// β, n.
  private(set) var duals: [Double]
  /// Weights of the scaled dense columns; of the buckets.
  private var dense: [Double]
  private var hashed: [Double]
  private var intercept: Double
  /// Where the intercept's penalty is centred.
  private var interceptCenter: Double
  private let interceptPenalty: Double

  struct State {
    /// ‖∇f‖₂ by standardised dense, intercept and hashed weights.
    var gradientNorm: Double
    var objective: Double
  }

  init(_ rows: CompactRows, penalty: Double, multiplier: Double, intercept: Double) {
    self.rows = rows
    self.penalty = penalty
    self.multiplier = multiplier
    var moments = ColumnMoments(columns: rows.denseCount)
    moments.add(rows)
    centers = moments.means
    scales = (0..<rows.denseCount).map { moments.inverseSpread($0) / multiplier.squareRoot() }
    duals = [Double](repeating: 0, count: rows.count)
    dense = [Double](repeating: 0, count: rows.denseCount)
    hashed = [Double](repeating: 0, count: rows.hashed?.bucketCount ?? 0)
    self.intercept = intercept
    interceptCenter = intercept
    interceptPenalty = max(penalty, 0.2 * rows.totals.weight.squareRoot())
  }

  /// The weights in raw units.
  var coefficients: LogisticCoefficients {
    var raw = dense
    var offset = intercept
    for j in raw.indices {
      raw[j] *= scales[j]
      offset -= raw[j] * centers[j]
    }
    return LogisticCoefficients(intercept: offset, dense: raw, hashed: hashed)
  }

  /// Rows of a block that is visited in order: neighbours in memory, shuffled as one.
  private static let blockLength = 8

  /// Visits every row once, blocks in an order that the number of the pass decides. Returns Σ 2ε²/c with ε the
  /// errors of the visited equations before their solution: near the optimum, about the duality gap.
  mutating func pass(_ number: Int) -> Double {
    let blocks = (rows.count + Self.blockLength - 1) / Self.blockLength
    var order = Array(0..<UInt32(blocks))
    var generator = SplitMix64(seed: UInt64(number), stream: "dual-ascent")
    for i in order.indices.reversed() { order.swapAt(i, generator.below(i + 1)) }
    var gap = 0.0
    let source = DualRows(rows, centers: centers, scales: scales)
    var features = [Double](repeating: 0, count: rows.denseCount)
    var z = features.mutableSpan
    // Taken out of `self` for the loop, so that each has one owner and none is copied.
    var (ownDense, ownHashed, ownDuals): ([Double], [Double], [Double]) = ([], [], [])
    swap(&ownDense, &dense)
    swap(&ownHashed, &hashed)
    swap(&ownDuals, &duals)
    var denseWeights = ownDense.mutableSpan
    var buckets = ownHashed.mutableSpan
    let inverse = 1 / penalty
    for block in order {
      let first = Int(block) * Self.blockLength
      for i in first..<min(first + Self.blockLength, rows.count) {
        let c = rows.weight(i)
        if c == 0 { continue }
        let squared = source.load(i, into: &z)
        let margin =
          intercept + source.denseProduct(z, denseWeights) + source.hashedProduct(i, buckets)
        let sensitivity = squared * inverse + 1 / interceptPenalty
        let old = ownDuals[i]
        // The error is the residual's distance from where β holds it: ρ = −β.
        let dual =
          -implicitResidual(
            margin: margin - sensitivity * old, target: rows.targets[i], weight: c,
            sensitivity: sensitivity, guess: -old)
        let change = dual - old
        ownDuals[i] = dual
        gap += change * change / c
        intercept += change / interceptPenalty
        source.addDense(change * inverse, z, to: &denseWeights)
        source.addHashed(change * inverse, row: i, to: &buckets)
      }
    }
    swap(&ownDense, &dense)
    swap(&ownHashed, &hashed)
    swap(&ownDuals, &duals)
    let moved = intercept - interceptCenter
    interceptCenter = intercept
    intercept += moved
    return 2 * gap
  }

  /// Gradient norm and objective over all rows, shards side by side, added in shard order.
  func measured() -> State {
    let ranges = Shards.ranges(of: rows.count, shards: 4)
    let source = DualRows(rows, centers: centers, scales: scales)
    let d = rows.denseCount
    let parts = Shards.map(count: ranges.count) { shard in
      var (loss, interceptSum) = (0.0, 0.0)
      var features = [Double](repeating: 0, count: d)
      var denseSums = features
      var hashedSums = [Double](repeating: 0, count: hashed.count)
      var z = features.mutableSpan
      var denseSum = denseSums.mutableSpan
      var hashedSum = hashedSums.mutableSpan
      for i in ranges[shard] {
        let c = rows.weight(i)
        if c == 0 { continue }
        _ = source.load(i, into: &z)
        let margin =
          intercept + source.denseProduct(z, dense.span) + source.hashedProduct(i, hashed.span)
        let residual = c * (LogisticLoss.probability(margin: margin) - rows.targets[i])
        loss += c * LogisticLoss.value(margin: margin, target: rows.targets[i])
        interceptSum += residual
        // Xᵀ(β + residual) = λw + Xᵀ residual.
        let error = duals[i] + residual
        source.addDense(error, z, to: &denseSum)
        source.addHashed(error, row: i, to: &hashedSum)
      }
      return Part(loss: loss, intercept: interceptSum, dense: denseSums, hashed: hashedSums)
    }
    var total = parts[0]
    for part in parts.dropFirst() {
      total.loss += part.loss
      total.intercept += part.intercept
      BLAS.add(1, part.dense, to: &total.dense)
      BLAS.add(1, part.hashed, to: &total.hashed)
    }
    // A scaled column is the standardised one divided by √multiplier.
    let squared =
      multiplier * BLAS.dot(total.dense, total.dense) + BLAS.dot(total.hashed, total.hashed)
      + total.intercept * total.intercept
    let weights = BLAS.dot(dense, dense) + BLAS.dot(hashed, hashed)
    return State(
      gradientNorm: squared.squareRoot(), objective: total.loss + 0.5 * penalty * weights)
  }

  /// A shard's sums.
  private struct Part: Sendable {
    var loss: Double
    var intercept: Double
    var dense: [Double]
    var hashed: [Double]
  }
}
