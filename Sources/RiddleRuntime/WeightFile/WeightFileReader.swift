extension Router {
  /// Decodes and validates a weight file: checksum over every byte first, then structure, then values, then the
  /// probes. Written from the specification in `WeightFileFormat.md`.
  ///
  /// No allocation is larger than the bytes that are there.
  ///
  /// - Throws: ``WeightFileError``, naming the section and the byte offset at fault.
  public init(decoding bytes: Span<UInt8>) throws(WeightFileError) {
    let frame = try WeightFileFrame(bytes)
    let schema = try decodeSchema(frame.reader(.schema), bytes)
    let fingerprint = schema.fingerprint
    if fingerprint != frame.fingerprint {
      throw .schemaMismatch(stated: frame.fingerprint, computed: fingerprint)
    }
    let model = try decodeModel(frame.reader(.model), bytes, schema, version: frame.version)
    let heads = model.headCount
    let rule: DecisionRule =
      frame.version < WeightFileLayout.Section.rule.firstVersion
      ? .ladder : try decodeRule(frame.reader(.rule), bytes, heads)
    let calibration = try decodeCalibration(frame.reader(.calibration), bytes, heads, rule)
    let candidates: Int
    switch rule {
    case .ladder: candidates = heads + 1
    case .values(let values):
      candidates = values.candidateCount
      if values.link == .softmax && !hasModerateConstants(model) {
        throw frame.reader(.model).failure(.notFinite)
      }
    }
    let router = Router(
      schema: schema, model: model, calibration: calibration, rule: rule,
      thresholds: try decodeThresholds(frame.reader(.thresholds), bytes, candidates - 1),
      candidates: try decodeCandidates(
        frame.reader(.candidates), bytes, candidates, version: frame.version),
      policy: frame.version < WeightFileLayout.Section.policy.firstVersion
        ? [] : try decodePolicy(frame.reader(.policy), bytes),
      probes: try decodeProbes(frame.reader(.probes), bytes, heads),
      metadata: try decodeMetadata(frame.reader(.metadata), bytes))
    if let probe = router.firstFailingProbe() { throw .probeMismatch(probe: probe) }
    self = router
  }
}

/// Whether the constants of the margins leave room for a softmax: sums of the largest slopes and margins stay finite then. All
/// other parts of a margin are sums of f32 products, below 10⁸⁵.
private func hasModerateConstants(_ model: RouterModel) -> Bool {
  let constants: [Double] =
    switch model {
    case .linear(let linear): linear.intercepts
    case .tree: []
    case .forest(let forest): forest.bases
    case .stack(let linear, let forest): linear.intercepts + forest.bases
    }
  for constant in constants where constant.magnitude > WeightFileLayout.maximumMagnitude {
    return false
  }
  return true
}

/// The outer structure of a weight file: header, section table, checksum. Nothing inside a section is read.
struct WeightFileFrame {
  let version: UInt32
  let fingerprint: UInt64
  private var offsets: InlineArray<9, Int> = InlineArray(repeating: 0)
  private var lengths: InlineArray<9, Int> = InlineArray(repeating: 0)

  init(_ bytes: Span<UInt8>) throws(WeightFileError) {
    let layout = WeightFileLayout.self
    let magic = layout.magic
    for i in 0..<min(magic.count, bytes.count) where bytes[i] != magic[i] {
      throw .notAWeightFile
    }
    if bytes.count < layout.headerLength + layout.checksumLength {
      throw .tooShort(length: bytes.count)
    }
    if bytes.count > layout.maximumLength { throw .tooLong(length: bytes.count) }
    let stated = littleEndian(bytes, at: 16, size: 8)
    if stated != UInt64(bytes.count) {
      throw .wrongLength(stated: stated, actual: bytes.count)
    }
    let body = bytes.count - layout.checksumLength
    let sum = littleEndian(bytes, at: body, size: 8)
    let computed = Checksum().value(bytes, count: body)
    if sum != computed { throw .wrongChecksum(stated: sum, computed: computed) }
    version = UInt32(littleEndian(bytes, at: 8, size: 4))
    if version < layout.firstVersion || version > layout.version {
      throw .unsupportedVersion(found: version, supported: layout.version)
    }
    fingerprint = littleEndian(bytes, at: 24, size: 8)

    let sections = WeightFileLayout.Section.allCases
    var sectionCount = 0
    for section in sections where section.firstVersion <= version { sectionCount += 1 }
    if littleEndian(bytes, at: 12, size: 4) != UInt64(sectionCount) {
      throw .badSectionTable(offset: 12)
    }
    // The table has nine entries at most, the length above covers the header alone: the table must end before the body.
    var expected = layout.headerLength + sectionCount * layout.sectionEntryLength
    if expected > body { throw .badSectionTable(offset: layout.headerLength) }
    var entry = layout.headerLength - layout.sectionEntryLength
    for (index, section) in sections.enumerated() {
      if section.firstVersion > version { continue }
      entry += layout.sectionEntryLength
      let offset = littleEndian(bytes, at: entry + 8, size: 8)
      let length = littleEndian(bytes, at: entry + 16, size: 8)
      if littleEndian(bytes, at: entry, size: 4) != UInt64(section.rawValue)
        || littleEndian(bytes, at: entry + 4, size: 4) != 0
        || offset != UInt64(expected) || length > UInt64(body - expected)
      {
        throw .badSectionTable(offset: entry)
      }
      offsets[index] = expected
      lengths[index] = Int(length)
      let sectionEnd = expected + Int(length)
      expected = (sectionEnd + layout.alignment - 1) / layout.alignment * layout.alignment
      if expected > body { throw .badSectionTable(offset: entry) }
      for i in sectionEnd..<expected where bytes[i] != 0 {
        throw .badValue(section: section, offset: i, rule: .nonZeroPadding)
      }
    }
    if expected != body { throw .badSectionTable(offset: layout.headerLength) }
  }

  /// A reader over the bytes of `section`.
  func reader(_ section: WeightFileLayout.Section) -> ByteReader {
    var index = 0
    for (i, other) in WeightFileLayout.Section.allCases.enumerated() where other == section {
      index = i
    }
    return ByteReader(section: section, from: offsets[index], to: offsets[index] + lengths[index])
  }
}
