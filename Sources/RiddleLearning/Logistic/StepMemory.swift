import RiddleLinearAlgebra

/// The remembered steps s and gradient changes y of a limited-memory method, as inner products.
///
/// Rows live with the shards; here are the dense parts, the Gram matrix of all remembered vectors, and their
/// products with the gradient: all that the two-loop recursion (Nocedal, 1980) needs.
struct StepMemory: Sendable {
  let length: Int
  private var count = 0
  private(set) var nextSlot = 0
  /// Inner products of remembered vectors, 2·length × 2·length; s of slot j at 2j, y at 2j + 1.
  private var gram: Matrix
  /// Products of the gradient with the remembered vectors.
  private var withGradient: [Double]
  /// Dense parts, 2·length × k.
  private var dense: Matrix
  var previousGradient: [Double]

  init(length: Int, denseCount: Int) {
    self.length = length
    gram = Matrix(rowCount: 2 * length, columnCount: 2 * length)
    withGradient = [Double](repeating: 0, count: 2 * length)
    dense = Matrix(rowCount: 2 * length, columnCount: denseCount)
    previousGradient = [Double](repeating: 0, count: denseCount)
  }

  var isEmpty: Bool { count == 0 }
  /// Rows of the stacks that hold something.
  var usedRows: Int { 2 * count }

  mutating func removeAll() {
    count = 0
    nextSlot = 0
  }

  /// Takes the next slot for s = t·p and y = g − g_previous; returns their dense parts.
  mutating func remember(
    step t: Double, direction: [Double], gradient: [Double]
  ) -> (s: [Double], y: [Double]) {
    let s = direction.map { t * $0 }
    let y = gradient.indices.map { gradient[$0] - previousGradient[$0] }
    for j in s.indices {
      dense[2 * nextSlot, j] = s[j]
      dense[2 * nextSlot + 1, j] = y[j]
    }
    previousGradient = gradient
    nextSlot = (nextSlot + 1) % length
    count = min(count + 1, length)
    return (s, y)
  }

  /// Adds up the shards' products of g, s and y of `slot` with everything remembered, in shard order.
  mutating func update(slot: Int, s: [Double], y: [Double], products: [Matrix]) {
    var triple = Matrix(rowCount: 3, columnCount: s.count)
    for j in s.indices {
      triple[0, j] = previousGradient[j]
      triple[1, j] = s[j]
      triple[2, j] = y[j]
    }
    var total = BLAS.product(triple, transposedOf: dense, firstRows: usedRows)
    for part in products { BLAS.add(1, part.values, to: &total.values) }
    for l in 0..<usedRows {
      withGradient[l] = total[0, l]
      for (vector, row) in [(2 * slot, 1), (2 * slot + 1, 2)] {
        gram[vector, l] = total[row, l]
        gram[l, vector] = total[row, l]
      }
    }
  }

  /// Coefficients of Hg over the remembered vectors and, last, g itself: the two-loop recursion.
  func coefficients(gradient: [Double]) -> [Double] {
    let used = usedRows
    var c = [Double](repeating: 0, count: used + 1)
    c[used] = 1
    if used == 0 { return c }
    /// ⟨remembered l, Σ c⟩
    func product(_ l: Int) -> Double {
      var sum = c[used] * withGradient[l]
      for i in 0..<used { sum += c[i] * gram[i, l] }
      return sum
    }
    var alphas = [Double](repeating: 0, count: count)
    // Slots from newest to oldest.
    let order = (1...count).map { (nextSlot - $0 + length) % length }
    for (position, slot) in order.enumerated() {
      let curvature = gram[2 * slot, 2 * slot + 1]
      // Rounding alone can make sᵀy fail to be positive; such a pair is passed over.
      guard curvature > 0 else { continue }
      alphas[position] = product(2 * slot) / curvature
      c[2 * slot + 1] -= alphas[position]
    }
    let newest = order[0]
    let squared = gram[2 * newest + 1, 2 * newest + 1]
    let ratio = gram[2 * newest, 2 * newest + 1] / squared
    if ratio > 0 && ratio.isFinite { BLAS.scale(&c, by: ratio) }
    for (position, slot) in order.enumerated().reversed() {
      let curvature = gram[2 * slot, 2 * slot + 1]
      guard curvature > 0 else { continue }
      c[2 * slot] += alphas[position] - product(2 * slot + 1) / curvature
    }
    return c
  }

  /// The dense part of −Σ c · remembered − c_last · g.
  func combineDense(_ c: [Double], gradient: [Double]) -> [Double] {
    var result = gradient
    let used = c.count - 1
    BLAS.multiply(
      dense, firstRows: used, transposed: true, alpha: -1, Array(c[..<used]), beta: -c[used],
      into: &result)
    return result
  }
}
