// The weights of a linear model, its table of hashed n-grams whole or pruned.

func decodeLinear(
  _ reader: inout ByteReader, _ bytes: Span<UInt8>, _ schema: FeatureSchema, _ heads: Int,
  _ version: UInt32
) throws(WeightFileError) -> LinearModel {
  let denseCount = Int(try reader.uint32(bytes))
  if denseCount != schema.denseCount { throw reader.failure(.inconsistentCounts) }
  let precision = try reader.uint32(bytes)
  if precision > 3 || precision == 3 && version < 3 { throw reader.failure(.unknownKind) }
  if (precision == 0) == schema.usesHashing { throw reader.failure(.inconsistentCounts) }
  let pruning = version < 3 ? 0 : try reader.uint32(bytes)
  // Limits: 2²² buckets, and 63 heads × 2²² buckets fit an Int with room to spare.
  let buckets = schema.usesHashing ? 1 << schema.bucketBits : 0
  let kept = version < 3 ? buckets : try reader.count(upTo: buckets, bytes)
  if pruning > 2 { throw reader.failure(.unknownKind) }
  if (pruning == 0) != (kept == buckets) { throw reader.failure(.inconsistentCounts) }
  // Scoring unpacks the table to four bytes a weight: a small file must not ask for gigabytes.
  if pruning != 0 && heads << schema.bucketBits > WeightFileLayout.maximumUnpackedWeights {
    throw reader.failure(.countOutOfRange)
  }
  try reader.require(heads, of: 8)
  var intercepts = [Double](repeating: 0, count: heads)
  for head in 0..<heads { intercepts[head] = try reader.double(bytes) }
  let dense = try reader.floats(heads * denseCount, bytes)
  let keptBuckets: [UInt32]? =
    pruning == 0
    ? nil
    : try decodeKeptBuckets(
      &reader, bytes, isBitmap: pruning == 1, count: kept, bits: schema.bucketBits)
  return LinearModel(
    headCount: heads, intercepts: intercepts, dense: dense,
    hashed: HashedWeights(
      bucketBits: schema.bucketBits, headCount: schema.usesHashing ? heads : 0,
      storage: try decodeWeights(&reader, bytes, precision, count: heads * kept),
      keptBuckets: keptBuckets))
}

private func decodeWeights(
  _ reader: inout ByteReader, _ bytes: Span<UInt8>, _ precision: UInt32, count: Int
) throws(WeightFileError) -> HashedWeights.Storage {
  switch precision {
  case 2:
    let blocks = (count + HashedWeights.blockLength - 1) / HashedWeights.blockLength
    try reader.require(count, of: 1)
    let scales = try reader.floats(blocks, bytes)
    // A weight is byte × scale: it must be finite too.
    for scale in scales where scale.magnitude > .greatestFiniteMagnitude / 128 {
      throw reader.failure(.notFinite)
    }
    return .int8(try reader.signedBytes(count, bytes), scales: scales)
  case 3:
    return .float16(try reader.halves(count, bytes))
  default: return .float32(try reader.floats(count, bytes))
  }
}

/// The kept buckets, as a bitmap or as gaps in LEB128. The form that takes fewer bytes is the only valid one.
private func decodeKeptBuckets(
  _ reader: inout ByteReader, _ bytes: Span<UInt8>, isBitmap: Bool, count: Int, bits: Int
) throws(WeightFileError) -> [UInt32] {
  // A bucket of an index takes a byte at least: nothing is allocated that the file does not justify.
  let bitmapLength = 1 << (bits - 3)
  try reader.require(isBitmap ? bitmapLength : count, of: 1)
  var kept = [UInt32](repeating: 0, count: count)
  if isBitmap {
    var found = 0
    for i in 0..<bitmapLength {
      var byte = try reader.byte(bytes)
      while byte != 0 {
        if found == count { throw reader.failure(.inconsistentCounts) }
        kept[found] = UInt32(8 * i + byte.trailingZeroBitCount)
        found += 1
        byte &= byte - 1
      }
    }
    if found != count { throw reader.failure(.inconsistentCounts) }
  } else {
    var next = 0
    for i in 0..<count {
      next += Int(try reader.gap(bytes))
      if next >= 1 << bits { throw reader.failure(.countOutOfRange) }
      kept[i] = UInt32(next)
      next += 1
    }
  }
  if isBitmap != keptBucketsAreBitmap(kept, bits: bits) {
    throw reader.failure(.inconsistentCounts)
  }
  return kept
}

/// Whether a bitmap takes no more bytes than the gaps do.
public func keptBucketsAreBitmap(_ kept: [UInt32], bits: Int) -> Bool {
  var length = 0
  var next: UInt32 = 0
  for bucket in kept {
    let gap = bucket - next
    length += gap < 1 << 7 ? 1 : gap < 1 << 14 ? 2 : gap < 1 << 21 ? 3 : 4
    next = bucket + 1
  }
  return 1 << (bits - 3) <= length
}
