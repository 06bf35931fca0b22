/// All weights as whole numbers: v = sign(w) · ⌊|w| / unit + ½⌋ with unit = 2^(e − 29), where 2^e is the power of two of
/// the largest magnitude, so that |v| < 2³⁰. Sums of such numbers are exact in any order.
///
/// - Parameter count: weights of all buckets, stored or not; those that are not stored are 0.
/// - Returns: per bucket the numbers of all heads, then the same with the other sign; and the unit.
/// - Complexity: one pass over the stored weights for the unit, one for the numbers: what opening a file mostly waits for.
@_optimize(speed)
func fixedPointTable(
  _ storage: HashedWeights.Storage, count: Int, headCount: Int, keptBuckets: [UInt32]?
) -> ([Int32], Double) {
  if headCount == 0 { return ([], 1) }
  var table = [Int32](repeating: 0, count: 2 * count)
  let largest = largestMagnitude(storage)
  if largest == 0 { return (table, 1) }
  let exponent = Int(Double(largest).bitPattern >> 52) - 1023
  let unit = Double(bitPattern: UInt64(exponent - 29 + 1023) << 52)
  let unitsPerOne = Double(bitPattern: UInt64(29 - exponent + 1023) << 52)
  let buckets = storage.count / headCount
  precondition(buckets <= keptBuckets?.count ?? (count / headCount), "more weights than buckets")
  unsafe table.withUnsafeMutableBufferPointer { table in
    switch storage {
    case .float32(let weights):
      unsafe weights.withUnsafeBufferPointer { weights in
        unsafe write(to: table, buckets, headCount, keptBuckets, unitsPerOne) {
          unsafe weights[$0]
        }
      }
    case .float16(let weights):
      unsafe weights.withUnsafeBufferPointer { weights in
        unsafe write(to: table, buckets, headCount, keptBuckets, unitsPerOne) {
          unsafe float(ofHalf: weights[$0])
        }
      }
    case .int8(let weights, let scales):
      // Looked up, because x86's conversion waits for what its register held before: in code that is built for size the
      // weights would follow one another at 10 ns each.
      var numbers = [Float](repeating: 0, count: 256)
      for byte in Int8.min...Int8.max { numbers[Int(UInt8(bitPattern: byte))] = Float(byte) }
      unsafe numbers.withUnsafeBufferPointer { numbers in
        unsafe weights.withUnsafeBufferPointer { weights in
          unsafe scales.withUnsafeBufferPointer { scales in
            unsafe write(to: table, buckets, headCount, keptBuckets, unitsPerOne) {
              // An index is not negative: this division is a shift.
              let block = UInt(bitPattern: $0) / UInt(HashedWeights.blockLength)
              let number = unsafe numbers[Int(UInt8(bitPattern: weights[$0]))]
              return unsafe number * scales[Int(bitPattern: block)]
            }
          }
        }
      }
    }
  }
  return (table, unit)
}

/// Writes the whole numbers of `buckets` stored buckets. `weight` is asked for indices below `buckets` · `headCount` alone,
/// and every kept bucket is checked against the table's length: the pointers stay in bounds.
@inline(__always)
private func write(
  to table: UnsafeMutableBufferPointer<Int32>, _ buckets: Int, _ headCount: Int,
  _ keptBuckets: [UInt32]?, _ unitsPerOne: Double, _ weight: (Int) -> Float
) {
  func number(_ index: Int) -> Int32 {
    let units = Double(weight(index)) * unitsPerOne
    return Int32(units + (units < 0 ? -0.5 : 0.5))
  }
  if headCount == 1 && keptBuckets == nil {
    for index in 0..<buckets {
      let value = number(index)
      unsafe table[2 &* index] = value
      unsafe table[2 &* index &+ 1] = 0 &- value
    }
    return
  }
  let stride = 2 * headCount
  let all = table.count / stride
  for rank in 0..<buckets {
    let bucket = keptBuckets.map { Int($0[rank]) } ?? rank
    precondition(bucket < all, "a kept bucket outside the table")
    for head in 0..<headCount {
      let value = number(rank &* headCount &+ head)
      let place = bucket &* stride &+ head
      unsafe table[place] = value
      unsafe table[place &+ headCount] = 0 &- value
    }
  }
}

private func largestMagnitude(_ storage: HashedWeights.Storage) -> Float {
  var largest: Float = 0
  switch storage {
  case .float32(let weights):
    for weight in weights { largest = max(largest, weight.magnitude) }
  case .float16(let weights):
    // Without the sign, halves are in the order of their bits.
    var bits: UInt16 = 0
    for weight in weights { bits = max(bits, weight & 0x7fff) }
    largest = float(ofHalf: bits)
  case .int8(let weights, let scales):
    // Rounding keeps the order: the largest byte of a block gives its largest product.
    for (block, scale) in scales.enumerated() {
      let start = block * HashedWeights.blockLength
      var byte: UInt8 = 0
      for i in start..<min(weights.count, start + HashedWeights.blockLength) {
        byte = max(byte, weights[i].magnitude)
      }
      largest = max(largest, Float(byte) * scale.magnitude)
    }
  }
  return largest
}
