public import RiddleRuntime

/// Encodes a router as a weight file: the same router gives the same bytes.
///
/// The specification is `WeightFileFormat.md` in RiddleRuntime's documentation.
///
/// - Throws: ``ExportError`` when the encoded bytes do not decode to an equal router. The file is proven
///   before anybody sees it.
public func encodeWeightFile(_ router: Router) throws(ExportError) -> [UInt8] {
  let bytes = WeightFileWriter.encode(router)
  let decoded: Router
  do {
    decoded = try Router(decoding: bytes.span)
  } catch {
    throw .doesNotDecode(error)
  }
  if decoded != router { throw .decodesDifferently }
  return bytes
}

/// Why a router could not be exported.
public enum ExportError: Error, Equatable, Sendable {
  /// The reader refuses what the writer wrote.
  case doesNotDecode(WeightFileError)
  /// The reader finds another router than the writer was given.
  case decodesDifferently
  /// The decoded router decides a query differently from the model in memory.
  case decidesDifferently(row: Int)
}

enum WeightFileWriter {
  static func encode(_ router: Router) -> [UInt8] {
    let sections: [(WeightFileLayout.Section, [UInt8])] = [
      (.schema, schema(router.schema)),
      (.model, model(router.model)),
      (.calibration, calibration(router.calibration)),
      (.rule, rule(router.rule)),
      (.thresholds, thresholds(router.thresholds)),
      (.candidates, candidates(router.candidates)),
      (.policy, router.policy),
      (.probes, probes(router.probes)),
      (.metadata, metadata(router.metadata)),
    ]
    let alignment = WeightFileLayout.alignment
    var body = ByteWriter()
    var table = ByteWriter()
    let start =
      WeightFileLayout.headerLength + sections.count * WeightFileLayout.sectionEntryLength
    for (tag, content) in sections {
      table.add(tag.rawValue)
      table.add(UInt32(0))
      table.add(UInt64(start + body.bytes.count))
      table.add(UInt64(content.count))
      body.bytes += content
      while body.bytes.count % alignment != 0 { body.bytes.append(0) }
    }
    var file = ByteWriter()
    for i in 0..<WeightFileLayout.magic.count { file.bytes.append(WeightFileLayout.magic[i]) }
    file.add(WeightFileLayout.version)
    file.add(UInt32(sections.count))
    file.add(UInt64(start + body.bytes.count + WeightFileLayout.checksumLength))
    file.add(router.schema.fingerprint)
    file.bytes += table.bytes
    file.bytes += body.bytes
    file.add(Checksum().value(file.bytes.span, count: file.bytes.count))
    return file.bytes
  }

  private static func schema(_ schema: FeatureSchema) -> [UInt8] {
    var out = ByteWriter()
    out.add(schema.version)
    out.add(
      UInt8(
        (schema.usesStatistics ? 1 : 0) | (schema.usesTurn ? 2 : 0)
          | (schema.embeddingMeans.isEmpty ? 0 : 4)))
    out.add(UInt8(schema.bucketBits))
    out.add(UInt8(schema.wordOrders))
    out.add(UInt8(schema.characterMinimum))
    out.add(UInt8(schema.characterMaximum))
    out.add(UInt8(0))
    out.add(UInt32(schema.categories.count))
    out.add(UInt32(schema.embeddingMeans.count))
    for category in schema.categories {
      out.add(UInt32(category.field.rawValue))
      out.add(category.share)
      out.add(category.valueHash)
    }
    for mean in schema.embeddingMeans { out.add(mean) }
    return out.bytes
  }

  private static func model(_ model: RouterModel) -> [UInt8] {
    var out = ByteWriter()
    let kind: UInt32 =
      switch model {
      case .linear: 1
      case .tree: 2
      case .forest: 3
      case .stack: 4
      }
    out.add(kind)
    out.add(UInt32(model.headCount))
    switch model {
    case .linear(let linear): add(linear, to: &out)
    case .tree(let tree):
      out.add(UInt32(tree.nodes.count))
      out.add(UInt32(0))
      for root in tree.roots { out.add(root) }
      add(tree.nodes, to: &out)
    case .forest(let forest): add(forest, to: &out)
    case .stack(let linear, let forest):
      add(linear, to: &out)
      add(forest, to: &out)
    }
    return out.bytes
  }

  private static func add(_ linear: LinearModel, to out: inout ByteWriter) {
    out.add(UInt32(linear.denseCount))
    let hashed = linear.hashed
    let precision: UInt32 =
      switch hashed.storage {
      case .float32: 1
      case .int8: 2
      case .float16: 3
      }
    out.add(hashed.headCount == 0 ? 0 : precision)
    let isBitmap = hashed.keptBuckets.map {
      keptBucketsAreBitmap($0, bits: hashed.bucketBits)
    }
    out.add(UInt32(isBitmap.map { $0 ? 1 : 2 } ?? 0))
    out.add(
      UInt32(hashed.keptBuckets?.count ?? (hashed.headCount == 0 ? 0 : 1 << hashed.bucketBits)))
    for value in linear.intercepts { out.add(value) }
    for value in linear.dense { out.add(value) }
    if let kept = hashed.keptBuckets, let isBitmap {
      out.bytes += isBitmap ? bitmap(kept, bits: hashed.bucketBits) : gaps(kept)
    }
    switch hashed.storage {
    case .float32(let weights):
      for value in weights { out.add(value) }
    case .float16(let weights):
      for value in weights { out.add(value) }
    case .int8(let weights, let scales):
      for value in scales { out.add(value) }
      for value in weights { out.add(UInt8(bitPattern: value)) }
    }
  }

  /// One bit per bucket, the first in the lowest bit of the first byte.
  private static func bitmap(_ kept: [UInt32], bits: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 1 << (bits - 3))
    for bucket in kept { bytes[Int(bucket >> 3)] |= 1 << UInt8(bucket & 7) }
    return bytes
  }

  /// The number of buckets left out before each kept one, in LEB128.
  private static func gaps(_ kept: [UInt32]) -> [UInt8] {
    var bytes: [UInt8] = []
    var next: UInt32 = 0
    for bucket in kept {
      var gap = bucket - next
      while gap >= 0x80 {
        bytes.append(UInt8(gap & 0x7f) | 0x80)
        gap >>= 7
      }
      bytes.append(UInt8(gap))
      next = bucket + 1
    }
    return bytes
  }

  private static func add(_ forest: ForestModel, to out: inout ByteWriter) {
    out.add(UInt32(forest.nodes.count))
    out.add(UInt32(forest.roots.count))
    for base in forest.bases { out.add(base) }
    for count in forest.treeCounts { out.add(UInt32(count)) }
    for root in forest.roots { out.add(root) }
    add(forest.nodes, to: &out)
  }

  private static func add(_ nodes: [TreeModel.Node], to out: inout ByteWriter) {
    for node in nodes {
      out.add(node.feature)
      out.add(UInt16(0))
      out.add(node.threshold)
      out.add(node.left)
      out.add(node.right)
      out.add(node.value)
    }
  }

  private static func rule(_ rule: DecisionRule) -> [UInt8] {
    var out = ByteWriter()
    switch rule {
    case .ladder:
      out.add(UInt32(0))
      out.add(UInt32(0))
    case .values(let values):
      out.add(UInt32(1))
      out.add(values.link.rawValue)
      out.add(UInt32(values.candidateCount))
      out.add(UInt32(0))
      for value in values.worth { out.add(value) }
      for price in values.prices { out.add(price) }
    }
    return out.bytes
  }

  private static func calibration(_ maps: [CalibrationMap]) -> [UInt8] {
    var out = ByteWriter()
    for map in maps {
      switch map {
      case .identity:
        out.add(UInt32(0))
        out.add(UInt32(0))
        out.add(1.0)
        out.add(0.0)
      case .platt(let slope, let offset):
        out.add(UInt32(1))
        out.add(UInt32(0))
        out.add(slope)
        out.add(offset)
      case .isotonic(let map):
        out.add(UInt32(2))
        out.add(UInt32(map.margins.count))
        for value in map.margins { out.add(value) }
        for value in map.probabilities { out.add(value) }
      }
    }
    return out.bytes
  }

  private static func thresholds(_ thresholds: [Router.Threshold]) -> [UInt8] {
    var out = ByteWriter()
    for threshold in thresholds {
      out.add(threshold.value)
      out.add(threshold.guarantee.rawValue)
      out.add(UInt32(0))
    }
    return out.bytes
  }

  private static func candidates(_ candidates: [Router.Candidate]) -> [UInt8] {
    var out = ByteWriter()
    out.add(UInt32(candidates.count))
    for candidate in candidates {
      out.add(UInt32(candidate.name.count))
      out.add(UInt64(bitPattern: candidate.meanCost))
      for price in [
        candidate.prices.input, candidate.prices.cachedInput, candidate.prices.output,
      ] { out.add(UInt64(bitPattern: price)) }
      out.bytes += candidate.name
    }
    return out.bytes
  }

  private static func probes(_ probes: [Probe]) -> [UInt8] {
    var out = ByteWriter()
    out.add(UInt32(probes.count))
    for probe in probes {
      out.add(UInt32(probe.text.count))
      out.add(UInt32(bitPattern: probe.context.turn))
      for field in ContextField.allCases { out.add(probe.context.valueHashes[field]) }
      out.add(probe.featureFingerprint)
      for margin in probe.margins { out.add(margin) }
      out.bytes += probe.text
    }
    return out.bytes
  }

  private static func metadata(_ entries: [Router.MetadataEntry]) -> [UInt8] {
    var out = ByteWriter()
    out.add(UInt32(entries.count))
    for entry in entries {
      out.add(UInt32(entry.key.count))
      out.add(UInt32(entry.value.count))
      out.bytes += entry.key
      out.bytes += entry.value
    }
    return out.bytes
  }
}

/// Appends numbers in little-endian order.
struct ByteWriter {
  var bytes: [UInt8] = []

  mutating func add(_ value: some FixedWidthInteger) {
    var rest = value
    for _ in 0..<value.bitWidth / 8 {
      bytes.append(UInt8(truncatingIfNeeded: rest))
      rest >>= 8
    }
  }

  mutating func add(_ value: UInt8) { bytes.append(value) }
  mutating func add(_ value: Float) { add(value.bitPattern) }
  mutating func add(_ value: Double) { add(value.bitPattern) }
}
