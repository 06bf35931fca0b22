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
    swap(&cells, &self.cells)
    swap(&keyRates, &self.keyRates)
    // The local arrays own the memory during the closures. Keys lie below 2 · cells.count because `SignedBinaryRows`
    // checks them and `learn` compares the bucket bits; a row has at most keyRates.count keys.
    unsafe cells.withUnsafeMutableBufferPointer { cells in
      unsafe keyRates.withUnsafeMutableBufferPointer { keyRates in
        for i in 0..<rows.count {
          let c = rows.weight(i)
          if c == 0 { continue }
          for j in 0..<d {
            standardised[j] = (Double(rows.dense[i * d + j]) - centers[j]) * inverseSpreads[j]
          }
          guard let hashed = rows.hashed else {
            unsafe learnRow(
              BlockPair.none, target: rows.targets[i], weight: c, cells: cells, rates: keyRates)
            continue
          }
          unsafe hashed.keys.withUnsafeBufferPointer { keys in
            let row = unsafe BlockPair(
              keys: UnsafeBufferPointer(rebasing: keys[hashed.starts[i]..<hashed.starts[i + 1]]),
              split: hashed.splits[i] - hashed.starts[i], wordScale: hashed.scales[2 * i],
              characterScale: hashed.scales[2 * i + 1])
            unsafe learnRow(
              row, target: rows.targets[i], weight: c, cells: cells, rates: keyRates)
          }
        }
      }
    }
    swap(&cells, &self.cells)
    swap(&keyRates, &self.keyRates)
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
    _ row: BlockPair, target: Double, weight c: Double,
    cells: UnsafeMutableBufferPointer<SIMD2<Float>>,
    rates: UnsafeMutableBufferPointer<Float>
  ) {
    let (split, end) = unsafe (row.split, row.keys.count)
    // Margin before the step.
    var margin = 0.0
    for j in standardised.indices { margin += denseCells[j].x * standardised[j] }
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
    var sensitivity = 0.0
    let (inverseRate, smoothing) = (1 / settings.denseRate, settings.smoothing)
    for j in standardised.indices {
      let x = standardised[j]
      let g = residual * x
      denseCells[j].y += g * g
      let rate = 1 / (inverseRate * (smoothing + denseCells[j].y.squareRoot()))
      denseRates[j] = rate
      sensitivity += rate * x * x
    }
    let wordRates = unsafe updateRates(row.keys, 0, split, wordScale, residual, cells, rates)
    let characterRates = unsafe updateRates(
      row.keys, split, end, characterScale, residual, cells, rates)
    sensitivity += Double(wordScale * wordScale * wordRates)
    sensitivity += Double(characterScale * characterScale * characterRates)

    let step = implicitResidual(
      margin: margin, target: target, weight: c, sensitivity: sensitivity, guess: residual)
    for j in standardised.indices { denseCells[j].x -= step * denseRates[j] * standardised[j] }
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
