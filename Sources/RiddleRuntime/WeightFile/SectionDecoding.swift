// One function per section of the weight file. Each reads its section to the last byte.

func decodeSchema(_ start: ByteReader, _ bytes: Span<UInt8>) throws(WeightFileError)
  -> FeatureSchema
{
  var reader = start
  let version = try reader.uint16(bytes)
  if version != FeatureSchema.currentVersion {
    throw .unsupportedFeatures(found: version, supported: FeatureSchema.currentVersion)
  }
  let flags = try reader.byte(bytes)
  if flags > 3 { throw reader.failure(.unknownKind) }
  let bucketBits = Int(try reader.byte(bytes))
  let wordOrders = Int(try reader.byte(bytes))
  let characterMinimum = Int(try reader.byte(bytes))
  let characterMaximum = Int(try reader.byte(bytes))
  try reader.zeros(1, bytes)
  let count = try reader.count(upTo: FeatureSchema.maximumCategories, bytes)
  try reader.zeros(4, bytes)
  try reader.require(count, of: 16)
  var categories: [FeatureSchema.Category] = []
  categories.reserveCapacity(count)
  for _ in 0..<count {
    guard let field = ContextField(rawValue: try reader.byte(bytes)) else {
      throw reader.failure(.unknownKind)
    }
    try reader.zeros(3, bytes)
    let share = try reader.float(bytes)
    categories.append(
      FeatureSchema.Category(
        field: field, valueHash: try reader.uint64(bytes), share: share))
  }
  let schema = FeatureSchema(
    usesStatistics: flags & 1 != 0, usesTurn: flags & 2 != 0, bucketBits: bucketBits,
    wordOrders: wordOrders, characterMinimum: characterMinimum,
    characterMaximum: characterMaximum, categories: categories, version: version)
  if !schema.isValid { throw reader.failure(.invalidSchema) }
  try reader.finish()
  return schema
}

func decodeModel(_ start: ByteReader, _ bytes: Span<UInt8>, _ schema: FeatureSchema)
  throws(WeightFileError) -> RouterModel
{
  var reader = start
  let kind = try reader.uint32(bytes)
  let heads = try reader.count(upTo: WeightFileLayout.maximumHeads, bytes)
  if heads == 0 { throw reader.failure(.countOutOfRange) }
  switch kind {
  case 1: return .linear(try decodeLinear(&reader, bytes, schema, heads))
  case 2: return .tree(try decodeTree(&reader, bytes, schema, heads))
  default: throw reader.failure(.unknownKind)
  }
}

private func decodeLinear(
  _ reader: inout ByteReader, _ bytes: Span<UInt8>, _ schema: FeatureSchema, _ heads: Int
) throws(WeightFileError) -> LinearModel {
  let denseCount = Int(try reader.uint32(bytes))
  if denseCount != schema.denseCount { throw reader.failure(.inconsistentCounts) }
  let precision = try reader.uint32(bytes)
  try reader.require(heads, of: 8)
  var intercepts: [Double] = []
  for _ in 0..<heads { intercepts.append(try reader.double(bytes)) }
  let dense = try reader.floats(heads * denseCount, bytes)
  // Limits: 63 heads × 2²² buckets fits an Int with room to spare.
  let count = schema.usesHashing ? heads << schema.bucketBits : 0
  let storage: HashedWeights.Storage
  switch precision {
  case 0:
    if count != 0 { throw reader.failure(.inconsistentCounts) }
    storage = .float32([])
  case 1:
    if count == 0 { throw reader.failure(.inconsistentCounts) }
    storage = .float32(try reader.floats(count, bytes))
  case 2:
    if count == 0 { throw reader.failure(.inconsistentCounts) }
    let blocks = (count + HashedWeights.blockLength - 1) / HashedWeights.blockLength
    try reader.require(count, of: 1)
    let scales = try reader.floats(blocks, bytes)
    var weights: [Int8] = []
    try reader.require(count, of: 1)
    weights.reserveCapacity(count)
    for _ in 0..<count { weights.append(Int8(bitPattern: try reader.byte(bytes))) }
    storage = .int8(weights, scales: scales)
  default: throw reader.failure(.unknownKind)
  }
  try reader.finish()
  return LinearModel(
    headCount: heads, intercepts: intercepts, dense: dense,
    hashed: HashedWeights(
      bucketBits: schema.bucketBits, headCount: schema.usesHashing ? heads : 0, storage: storage))
}

private func decodeTree(
  _ reader: inout ByteReader, _ bytes: Span<UInt8>, _ schema: FeatureSchema, _ heads: Int
) throws(WeightFileError) -> TreeModel {
  let nodeCount = try reader.count(upTo: WeightFileLayout.maximumNodes, bytes)
  try reader.zeros(4, bytes)
  try reader.require(heads, of: 4)
  var roots: [UInt32] = []
  for _ in 0..<heads { roots.append(try reader.uint32(bytes)) }
  try reader.require(nodeCount, of: WeightFileLayout.nodeLength)
  var nodes: [TreeModel.Node] = []
  nodes.reserveCapacity(nodeCount)
  for _ in 0..<nodeCount {
    let feature = try reader.uint16(bytes)
    try reader.zeros(2, bytes)
    nodes.append(
      TreeModel.Node(
        feature: feature, threshold: try reader.float(bytes), left: try reader.uint32(bytes),
        right: try reader.uint32(bytes), value: try reader.float(bytes)))
  }
  let tree = TreeModel(nodes: nodes, roots: roots)
  if !tree.isWellFormed(denseCount: schema.denseCount) { throw reader.failure(.badTree) }
  try reader.finish()
  return tree
}

func decodeCalibration(_ start: ByteReader, _ bytes: Span<UInt8>, _ heads: Int)
  throws(WeightFileError) -> [CalibrationMap]
{
  var reader = start
  var maps: [CalibrationMap] = []
  for _ in 0..<heads {
    let kind = try reader.uint32(bytes)
    try reader.zeros(4, bytes)
    let slope = try reader.double(bytes)
    let offset = try reader.double(bytes)
    switch kind {
    case 0:
      if slope != 1 || offset != 0 { throw reader.failure(.inconsistentCounts) }
      maps.append(.identity)
    case 1:
      if slope <= 0 { throw reader.failure(.notIncreasing) }
      maps.append(.platt(slope: slope, offset: offset))
    default: throw reader.failure(.unknownKind)
    }
  }
  try reader.finish()
  return maps
}

func decodeThresholds(_ start: ByteReader, _ bytes: Span<UInt8>, _ heads: Int)
  throws(WeightFileError) -> [Router.Threshold]
{
  var reader = start
  var thresholds: [Router.Threshold] = []
  for _ in 0..<heads {
    let value = try reader.double(bytes)
    guard let guarantee = Router.Threshold.Guarantee(rawValue: try reader.uint32(bytes)) else {
      throw reader.failure(.unknownKind)
    }
    try reader.zeros(4, bytes)
    thresholds.append(Router.Threshold(value: value, guarantee: guarantee))
  }
  try reader.finish()
  return thresholds
}

func decodeCandidates(_ start: ByteReader, _ bytes: Span<UInt8>, _ heads: Int)
  throws(WeightFileError) -> [Router.Candidate]
{
  var reader = start
  let count = try reader.count(upTo: heads + 1, bytes)
  if count != heads + 1 { throw reader.failure(.inconsistentCounts) }
  var candidates: [Router.Candidate] = []
  for _ in 0..<count {
    let length = try reader.count(upTo: reader.remaining, bytes)
    let meanCost = Int64(bitPattern: try reader.uint64(bytes))
    let name = try reader.text(length, bytes)
    if name.isEmpty { throw reader.failure(.badText) }
    candidates.append(Router.Candidate(name: name, meanCost: meanCost))
  }
  try reader.finish()
  return candidates
}

func decodeProbes(_ start: ByteReader, _ bytes: Span<UInt8>, _ heads: Int)
  throws(WeightFileError) -> [Probe]
{
  var reader = start
  let count = try reader.count(upTo: WeightFileLayout.maximumProbes, bytes)
  var probes: [Probe] = []
  for _ in 0..<count {
    let length = try reader.count(upTo: reader.remaining, bytes)
    var context = RequestContext()
    context.turn = Int32(bitPattern: try reader.uint32(bytes))
    for field in ContextField.allCases {
      context.valueHashes[field] = try reader.uint64(bytes)
    }
    let fingerprint = try reader.uint64(bytes)
    try reader.require(heads, of: 8)
    var margins: [Double] = []
    for _ in 0..<heads { margins.append(try reader.double(bytes)) }
    probes.append(
      Probe(
        text: try reader.raw(length, bytes), context: context, featureFingerprint: fingerprint,
        margins: margins))
  }
  try reader.finish()
  return probes
}

func decodeMetadata(_ start: ByteReader, _ bytes: Span<UInt8>) throws(WeightFileError)
  -> [Router.MetadataEntry]
{
  var reader = start
  let count = try reader.count(upTo: reader.remaining / 8, bytes)
  var entries: [Router.MetadataEntry] = []
  for _ in 0..<count {
    let keyLength = try reader.count(upTo: reader.remaining, bytes)
    let valueLength = try reader.count(upTo: reader.remaining, bytes)
    let key = try reader.text(keyLength, bytes)
    let value = try reader.text(valueLength, bytes)
    if key.isEmpty { throw reader.failure(.badText) }
    if let last = entries.last, !last.key.lexicographicallyPrecedes(key) {
      throw reader.failure(.badText)
    }
    entries.append(Router.MetadataEntry(key: key, value: value))
  }
  try reader.finish()
  return entries
}
