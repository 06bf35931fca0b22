// One function per section of the weight file. Each reads its section to the last byte.

func decodeSchema(_ start: ByteReader, _ bytes: Span<UInt8>) throws(WeightFileError)
  -> FeatureSchema
{
  var reader = start
  let version = try reader.uint16(bytes)
  if version == 0 || version > FeatureSchema.currentVersion {
    throw .unsupportedFeatures(found: version, supported: FeatureSchema.currentVersion)
  }
  let flags = try reader.byte(bytes)
  if flags > 7 { throw reader.failure(.unknownKind) }
  let bucketBits = Int(try reader.byte(bytes))
  let wordOrders = Int(try reader.byte(bytes))
  let characterMinimum = Int(try reader.byte(bytes))
  let characterMaximum = Int(try reader.byte(bytes))
  try reader.zeros(1, bytes)
  let count = try reader.count(upTo: FeatureSchema.maximumCategories, bytes)
  let embeddingCount = try reader.count(upTo: WeightFileLayout.maximumEmbedding, bytes)
  if (embeddingCount > 0) != (flags & 4 != 0) { throw reader.failure(.invalidSchema) }
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
  let embeddingMeans = try reader.floats(embeddingCount, bytes)
  let schema = FeatureSchema(
    usesStatistics: flags & 1 != 0, usesTurn: flags & 2 != 0, bucketBits: bucketBits,
    wordOrders: wordOrders, characterMinimum: characterMinimum,
    characterMaximum: characterMaximum, categories: categories,
    embeddingMeans: embeddingMeans, version: version)
  if !schema.isValid { throw reader.failure(.invalidSchema) }
  try reader.finish()
  return schema
}

func decodeModel(
  _ start: ByteReader, _ bytes: Span<UInt8>, _ schema: FeatureSchema, version: UInt32
) throws(WeightFileError) -> RouterModel {
  var reader = start
  let kind = try reader.uint32(bytes)
  let heads = try reader.count(upTo: WeightFileLayout.maximumHeads, bytes)
  if heads == 0 { throw reader.failure(.countOutOfRange) }
  let model: RouterModel
  switch kind {
  case 1: model = .linear(try decodeLinear(&reader, bytes, schema, heads, version))
  case 2: model = .tree(try decodeTree(&reader, bytes, schema, heads))
  case 3: model = .forest(try decodeForest(&reader, bytes, schema, heads))
  case 4:
    let linear = try decodeLinear(&reader, bytes, schema, heads, version)
    model = .stack(linear, try decodeForest(&reader, bytes, schema, heads))
  default: throw reader.failure(.unknownKind)
  }
  try reader.finish()
  return model
}

private func decodeTree(
  _ reader: inout ByteReader, _ bytes: Span<UInt8>, _ schema: FeatureSchema, _ heads: Int
) throws(WeightFileError) -> TreeModel {
  let nodeCount = try reader.count(upTo: WeightFileLayout.maximumNodes, bytes)
  try reader.zeros(4, bytes)
  try reader.require(heads, of: 4)
  var roots: [UInt32] = []
  for _ in 0..<heads { roots.append(try reader.uint32(bytes)) }
  let nodes = try decodeNodes(&reader, bytes, nodeCount)
  let tree = TreeModel(nodes: nodes, roots: roots)
  if !tree.isWellFormed(denseCount: schema.denseCount) { throw reader.failure(.badTree) }
  return tree
}

private func decodeForest(
  _ reader: inout ByteReader, _ bytes: Span<UInt8>, _ schema: FeatureSchema, _ heads: Int
) throws(WeightFileError) -> ForestModel {
  let nodeCount = try reader.count(upTo: WeightFileLayout.maximumNodes, bytes)
  let treeCount = try reader.count(upTo: WeightFileLayout.maximumNodes, bytes)
  try reader.require(heads, of: 12)
  var bases: [Double] = []
  for _ in 0..<heads { bases.append(try reader.double(bytes)) }
  var treeCounts: [Int] = []
  for _ in 0..<heads { treeCounts.append(try reader.count(upTo: treeCount, bytes)) }
  try reader.require(treeCount, of: 4)
  var roots: [UInt32] = []
  roots.reserveCapacity(treeCount)
  for _ in 0..<treeCount { roots.append(try reader.uint32(bytes)) }
  let nodes = try decodeNodes(&reader, bytes, nodeCount)
  let forest = ForestModel(nodes: nodes, roots: roots, treeCounts: treeCounts, bases: bases)
  if !forest.isWellFormed(denseCount: schema.denseCount) { throw reader.failure(.badTree) }
  return forest
}

private func decodeNodes(
  _ reader: inout ByteReader, _ bytes: Span<UInt8>, _ count: Int
) throws(WeightFileError) -> [TreeModel.Node] {
  try reader.require(count, of: WeightFileLayout.nodeLength)
  var nodes: [TreeModel.Node] = []
  nodes.reserveCapacity(count)
  for _ in 0..<count {
    let feature = try reader.uint16(bytes)
    try reader.zeros(2, bytes)
    nodes.append(
      TreeModel.Node(
        feature: feature, threshold: try reader.float(bytes), left: try reader.uint32(bytes),
        right: try reader.uint32(bytes), value: try reader.float(bytes)))
  }
  return nodes
}

func decodeRule(_ start: ByteReader, _ bytes: Span<UInt8>, _ heads: Int)
  throws(WeightFileError) -> DecisionRule
{
  var reader = start
  let kind = try reader.uint32(bytes)
  switch kind {
  case 0:
    try reader.zeros(4, bytes)
    try reader.finish()
    return .ladder
  case 1:
    guard let link = OutcomeValues.Link(rawValue: try reader.uint32(bytes)) else {
      throw reader.failure(.unknownKind)
    }
    let limit = WeightFileLayout.maximumMagnitude
    let candidates = try reader.count(upTo: WeightFileLayout.maximumCandidates, bytes)
    try reader.zeros(4, bytes)
    try reader.require(candidates * (heads + 1), of: 8)
    var worth: [Double] = []
    for _ in 0..<candidates * heads { worth.append(try reader.moderate(bytes)) }
    var prices: [Double] = []
    for _ in 0..<candidates { prices.append(try reader.moderate(bytes)) }
    let values = OutcomeValues(link: link, worth: worth, prices: prices)
    if !values.isWellFormed(headCount: heads) { throw reader.failure(.notIncreasing) }
    for k in 1..<candidates where 1 / (prices[k] - prices[k - 1]) > limit {
      throw reader.failure(.notFinite)
    }
    try reader.finish()
    return .values(values)
  default: throw reader.failure(.unknownKind)
  }
}

func decodeCalibration(
  _ start: ByteReader, _ bytes: Span<UInt8>, _ heads: Int, _ rule: DecisionRule
) throws(WeightFileError) -> [CalibrationMap] {
  var reader = start
  var maps: [CalibrationMap] = []
  var isSoftmax = false
  if case .values(let values) = rule { isSoftmax = values.link == .softmax }
  for _ in 0..<heads {
    let kind = try reader.uint32(bytes)
    let knots = try reader.count(upTo: WeightFileLayout.maximumKnots, bytes)
    if (knots > 0) != (kind == 2) { throw reader.failure(.inconsistentCounts) }
    switch kind {
    case 0, 1:
      let slope = isSoftmax ? try reader.moderate(bytes) : try reader.double(bytes)
      let offset = isSoftmax ? try reader.moderate(bytes) : try reader.double(bytes)
      if kind == 1 {
        if slope <= 0 { throw reader.failure(.notIncreasing) }
        maps.append(.platt(slope: slope, offset: offset))
      } else {
        // Bits, not numbers: an offset of −0 would be a second file for the same router.
        if slope.bitPattern != Double(1).bitPattern || offset.bitPattern != 0 {
          throw reader.failure(.inconsistentCounts)
        }
        maps.append(.identity)
      }
    case 2:
      if isSoftmax { throw reader.failure(.unknownKind) }
      try reader.require(knots, of: 16)
      var margins: [Double] = []
      for _ in 0..<knots { margins.append(try reader.double(bytes)) }
      var probabilities: [Double] = []
      for _ in 0..<knots { probabilities.append(try reader.double(bytes)) }
      let map = IsotonicMap(margins: margins, probabilities: probabilities)
      if !map.isWellFormed { throw reader.failure(.notIncreasing) }
      maps.append(.isotonic(map))
    default: throw reader.failure(.unknownKind)
    }
  }
  try reader.finish()
  return maps
}

func decodeThresholds(_ start: ByteReader, _ bytes: Span<UInt8>, _ steps: Int)
  throws(WeightFileError) -> [Router.Threshold]
{
  var reader = start
  var thresholds: [Router.Threshold] = []
  for _ in 0..<steps {
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

func decodeCandidates(
  _ start: ByteReader, _ bytes: Span<UInt8>, _ expected: Int, version: UInt32
) throws(WeightFileError) -> [Router.Candidate] {
  var reader = start
  let count = try reader.count(upTo: expected, bytes)
  if count != expected { throw reader.failure(.inconsistentCounts) }
  var candidates: [Router.Candidate] = []
  for _ in 0..<count {
    let length = try reader.count(upTo: reader.remaining, bytes)
    let meanCost = Int64(bitPattern: try reader.uint64(bytes))
    let prices =
      version < 3
      ? .unknown
      : Router.Prices(
        input: try price(&reader, bytes), cachedInput: try price(&reader, bytes),
        output: try price(&reader, bytes))
    let name = try reader.text(length, bytes)
    if name.isEmpty { throw reader.failure(.badText) }
    candidates.append(Router.Candidate(name: name, meanCost: meanCost, prices: prices))
  }
  try reader.finish()
  return candidates
}

/// A price of tokens: not negative, or −1 for unknown.
private func price(_ reader: inout ByteReader, _ bytes: Span<UInt8>) throws(WeightFileError)
  -> Int64
{
  let price = Int64(bitPattern: try reader.uint64(bytes))
  if price < -1 { throw reader.failure(.countOutOfRange) }
  return price
}

func decodePolicy(_ start: ByteReader, _ bytes: Span<UInt8>) throws(WeightFileError) -> [UInt8] {
  var reader = start
  if reader.remaining > WeightFileLayout.maximumPolicy { throw reader.failure(.countOutOfRange) }
  return try reader.text(reader.remaining, bytes)
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
