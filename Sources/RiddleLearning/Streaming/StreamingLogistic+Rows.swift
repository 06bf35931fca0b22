import RiddleLinearAlgebra

// The hot loop: three short passes over a row's keys, no allocation. All pointers live in `learnRows`.
extension StreamingLogistic {
  mutating func learnRows(_ rows: CompactRows) {
    let d = denseCount
    let centers = moments.means
    let inverseSpreads = (0..<d).map { moments.inverseSpread($0) }
    if let hashed = rows.hashed {
      let longest = (0..<rows.count).reduce(0) {
        max($0, hashed.starts[$1 + 1] - hashed.starts[$1])
      }
      if keyRates.count < longest { keyRates = [Float](repeating: 0, count: longest) }
    }
    var cells: [SIMD2<Float>] = []
    var keyRates: [Float] = []
    var denseState: [Double] = []
    swap(&cells, &self.cells)
    swap(&keyRates, &self.keyRates)
    swap(&denseState, &self.denseState)
    // The local arrays own the memory during the closures. Keys lie below 2 · cells.count because `SignedBinaryRows`
    // checks them and `learn` compares the bucket bits; a row has at most keyRates.count keys; denseState has room
    // for four vectors of d + 1.
    unsafe cells.withUnsafeMutableBufferPointer { cells in
      unsafe keyRates.withUnsafeMutableBufferPointer { keyRates in
        unsafe denseState.withUnsafeMutableBufferPointer { denseState in
          let k = d + 1
          let dense = unsafe Dense(
            weights: UnsafeMutableBufferPointer(rebasing: denseState[..<k]),
            squares: UnsafeMutableBufferPointer(rebasing: denseState[k..<(2 * k)]),
            features: UnsafeMutableBufferPointer(rebasing: denseState[(2 * k)..<(3 * k)]),
            rates: UnsafeMutableBufferPointer(rebasing: denseState[(3 * k)...]))
          unsafe dense.features[d] = 1
          for i in 0..<rows.count {
            let c = rows.weight(i)
            if c == 0 { continue }
            let raw = rows.dense.span.extracting(i * d..<(i + 1) * d)
            for j in 0..<d {
              unsafe dense.features[j] =
                (Double(raw[unchecked: j]) - centers[j]) * inverseSpreads[j]
            }
            guard let hashed = rows.hashed else {
              unsafe learnRow(
                BlockPair.none, dense, target: rows.targets[i], weight: c, cells: cells,
                rates: keyRates)
              continue
            }
            unsafe hashed.keys.withUnsafeBufferPointer { keys in
              let row = unsafe BlockPair(
                keys: UnsafeBufferPointer(rebasing: keys[hashed.starts[i]..<hashed.starts[i + 1]]),
                split: hashed.splits[i] - hashed.starts[i], wordScale: hashed.scales[2 * i],
                characterScale: hashed.scales[2 * i + 1])
              unsafe learnRow(
                row, dense, target: rows.targets[i], weight: c, cells: cells, rates: keyRates)
            }
          }
        }
      }
    }
    swap(&cells, &self.cells)
    swap(&keyRates, &self.keyRates)
    swap(&denseState, &self.denseState)
  }

  /// The dense block during a batch, intercept last; d + 1 values each.
  @unsafe private struct Dense {
    var weights: UnsafeMutableBufferPointer<Double>
    var squares: UnsafeMutableBufferPointer<Double>
    var features: UnsafeMutableBufferPointer<Double>
    var rates: UnsafeMutableBufferPointer<Double>

    /// Σ weight · feature.
    @inline(__always)
    func margin() -> Double {
      let k = unsafe weights.count
      var (a, b, c, d) = (0.0, 0.0, 0.0, 0.0)
      var j = 0
      while j &+ 4 <= k {
        unsafe a += weights[j] * features[j]
        unsafe b += weights[j &+ 1] * features[j &+ 1]
        unsafe c += weights[j &+ 2] * features[j &+ 2]
        unsafe d += weights[j &+ 3] * features[j &+ 3]
        j &+= 4
      }
      while j < k {
        unsafe a += weights[j] * features[j]
        j &+= 1
      }
      return (a + b) + (c + d)
    }

    /// Adds g² to Σg², sets 1/D, and returns Σ feature²/D.
    @inline(__always)
    func updateRates(residual: Double, inverseRate: Double, smoothing: Double) -> Double {
      let k = unsafe weights.count
      for j in 0..<k {
        let g = unsafe residual * features[j]
        let total = unsafe squares[j] + g * g
        unsafe squares[j] = total
        unsafe rates[j] = 1 / (inverseRate * (smoothing + total.squareRoot()))
      }
      var (even, odd) = (0.0, 0.0)
      var j = 0
      while j &+ 2 <= k {
        unsafe even += features[j] * features[j] * rates[j]
        unsafe odd += features[j &+ 1] * features[j &+ 1] * rates[j &+ 1]
        j &+= 2
      }
      if j < k { unsafe even += features[j] * features[j] * rates[j] }
      return even + odd
    }

    @inline(__always)
    func move(_ step: Double) {
      for j in unsafe weights.indices { unsafe weights[j] -= step * rates[j] * features[j] }
    }
  }

  /// The keys of one row: words before `split`, characters from there.
  @unsafe private struct BlockPair {
    var keys: UnsafeBufferPointer<UInt32>
    var split: Int
    var wordScale: Float
    var characterScale: Float

    static var none: BlockPair {
      unsafe BlockPair(
        keys: UnsafeBufferPointer(start: nil, count: 0), split: 0, wordScale: 0, characterScale: 0)
    }
  }

  @inline(__always)
  private mutating func learnRow(
    _ row: BlockPair, _ dense: Dense, target: Double, weight c: Double,
    cells: UnsafeMutableBufferPointer<SIMD2<Float>>,
    rates: UnsafeMutableBufferPointer<Float>
  ) {
    let (split, end) = unsafe (row.split, row.keys.count)
    // Margin before the step.
    var margin = unsafe dense.margin()
    let words = unsafe signedSum(row.keys, 0, split, cells)
    let characters = unsafe signedSum(row.keys, split, end, cells)
    let (wordScale, characterScale) = unsafe (row.wordScale, row.characterScale)
    margin += Double(wordScale * words + characterScale * characters)

    let (p, _) = LogisticLoss.probabilityAndCurvature(margin: margin)
    let residual = c * (p - target)
    lossSum += c * LogisticLoss.value(margin: margin, target: target)
    weightSum += c
    targetSum += c * target
    rowCount += 1
    if target > 0.5 { positiveCount += 1 }

    // Σg², 1/D of every coordinate, and q = Σ x²/D.
    let inverseDenseRate = unsafe Double(dense.weights.count).squareRoot() / settings.denseRate
    var sensitivity = unsafe dense.updateRates(
      residual: residual, inverseRate: inverseDenseRate, smoothing: settings.smoothing)
    let wordRates = unsafe updateRates(row.keys, 0, split, wordScale, residual, cells, rates)
    let characterRates = unsafe updateRates(
      row.keys, split, end, characterScale, residual, cells, rates)
    sensitivity += Double(wordScale * wordScale * wordRates)
    sensitivity += Double(characterScale * characterScale * characterRates)

    let step = implicitResidual(
      margin: margin, target: target, weight: c, sensitivity: sensitivity, guess: residual)
    unsafe dense.move(step)
    unsafe move(row.keys, 0, split, Float(step) * wordScale, cells, rates)
    unsafe move(row.keys, split, end, Float(step) * characterScale, cells, rates)
  }

  /// Σ ±weight over some keys.
  @inline(__always)
  private func signedSum(
    _ keys: UnsafeBufferPointer<UInt32>, _ start: Int, _ end: Int,
    _ cells: UnsafeMutableBufferPointer<SIMD2<Float>>
  ) -> Float {
    var (even, odd): (Float, Float) = (0, 0)
    var p = start
    while p + 2 <= end {
      let (a, b) = unsafe (keys[p], keys[p + 1])
      unsafe even += signed(cells[Int(a >> 1)].x, a)
      unsafe odd += signed(cells[Int(b >> 1)].x, b)
      p += 2
    }
    if p < end { unsafe even += signed(cells[Int(keys[p] >> 1)].x, keys[p]) }
    return even + odd
  }

  /// Adds g² = (residual · scale)² to some keys' buckets; stores their 1/D, and returns the sum of those.
  @inline(__always)
  private func updateRates(
    _ keys: UnsafeBufferPointer<UInt32>, _ start: Int, _ end: Int, _ scale: Float,
    _ residual: Double, _ cells: UnsafeMutableBufferPointer<SIMD2<Float>>,
    _ rates: UnsafeMutableBufferPointer<Float>
  ) -> Float {
    let g = Float(residual) * scale
    let squared = g * g
    let inverseRate = Float(1 / settings.hashedRate)
    let base = Float(settings.l2Penalty) + inverseRate * Float(settings.smoothing)
    var sum: Float = 0
    for p in start..<end {
      let bucket = unsafe Int(keys[p] >> 1)
      let total = unsafe cells[bucket].y + squared
      unsafe cells[bucket].y = total
      let rate = 1 / (base + inverseRate * total.squareRoot())
      unsafe rates[p] = rate
      sum += rate
    }
    return sum
  }

  /// weight ∓= amount / D over some keys.
  @inline(__always)
  private func move(
    _ keys: UnsafeBufferPointer<UInt32>, _ start: Int, _ end: Int, _ amount: Float,
    _ cells: UnsafeMutableBufferPointer<SIMD2<Float>>, _ rates: UnsafeMutableBufferPointer<Float>
  ) {
    for p in start..<end {
      let key = unsafe keys[p]
      unsafe cells[Int(key >> 1)].x -= signed(amount * rates[p], key)
    }
  }

  /// −`value` when the key's sign bit is set.
  @inline(__always)
  private func signed(_ value: Float, _ key: UInt32) -> Float {
    Float(bitPattern: value.bitPattern ^ (key << 31))
  }
}
