import CRiddle
import RiddleABI
import RiddleData
import RiddleExport
import RiddleRuntime
import RiddleTestSupport
import Testing

@Suite struct RiddleFunctionsTests {
  private static func file(_ kind: GeneratedKind) throws -> (Router, [UInt8]) {
    let bare = generatedRouter(kind: kind, seed: 8)
    let router = Router(
      schema: bare.schema, model: bare.model, calibration: bare.calibration, rule: bare.rule,
      thresholds: bare.thresholds, candidates: bare.candidates,
      probes: ProbeSet.probes(for: bare), metadata: bare.metadata)
    return (router, try encodeWeightFile(router))
  }

  @Test(arguments: GeneratedKind.allCases)
  func theSameBitsAsTheSwiftRouter(kind: GeneratedKind) throws {
    let (router, bytes) = try Self.file(kind)
    var handle: OpaquePointer?
    #expect(riddle_router_create(bytes, bytes.count, &handle, nil) == RIDDLE_OK)
    defer { riddle_router_destroy(handle) }
    let memory = riddle_scratch_create(handle)
    defer { riddle_scratch_destroy(memory) }
    var scratch = router.makeScratch()
    for text in generatedTexts(1000, seed: 4) {
      var context = RequestContext()
      context.turn = 2
      context.set(.userTier, to: Array("premium".utf8).span)
      let expected = router.decide(text.span, context: context, scratch: &scratch)
      var decision = riddle_decision()
      decision.size = UInt32(MemoryLayout<riddle_decision>.size)
      let tier = Array("Premium".utf8).map { CChar(bitPattern: $0) }
      let characters = text.map { CChar(bitPattern: $0) }
      let code = characters.withUnsafeBufferPointer { text in
        tier.withUnsafeBufferPointer { tier in
          var query = riddle_query()
          query.size = UInt32(MemoryLayout<riddle_query>.size)
          query.turn = 2
          query.text = text.baseAddress
          query.text_length = text.count
          query.user_tier = tier.baseAddress
          query.user_tier_length = tier.count
          return riddle_decide(handle, memory, &query, &decision)
        }
      }
      #expect(code == RIDDLE_OK)
      #expect(decision.margin.bitPattern == expected.margin.bitPattern)
      #expect(decision.probability.bitPattern == expected.probability.bitPattern)
      #expect(Int(decision.candidate) == expected.candidate)
    }
  }

  /// A router that reads three numbers beside the text.
  private static func embeddingFile() throws -> (Router, [UInt8]) {
    let schema = FeatureSchema(usesTurn: false, bucketBits: 4, embeddingMeans: [0.5, -1, 2])
    var dense = [Float](repeating: 0.25, count: schema.denseCount)
    for (j, weight) in [1, -2, 3].enumerated() { dense[schema.denseCount - 3 + j] = Float(weight) }
    let bare = Router(
      schema: schema,
      model: .linear(
        LinearModel(
          headCount: 1, intercepts: [0.1], dense: dense,
          hashed: HashedWeights(
            bucketBits: 4, headCount: 1, storage: .float32((0..<16).map { Float($0) / 8 })))),
      calibration: [.identity], thresholds: [.init(value: 0)],
      candidates: [
        .init(name: Array("a".utf8), meanCost: -1), .init(name: Array("b".utf8), meanCost: -1),
      ])
    let router = Router(
      schema: schema, model: bare.model, calibration: bare.calibration,
      thresholds: bare.thresholds, candidates: bare.candidates,
      probes: ProbeSet.probes(for: bare))
    return (router, try encodeWeightFile(router))
  }

  @Test func embeddingsAreReadAndBadOnesRefused() throws {
    let (router, bytes) = try Self.embeddingFile()
    var handle: OpaquePointer?
    #expect(riddle_router_create(bytes, bytes.count, &handle, nil) == RIDDLE_OK)
    defer { riddle_router_destroy(handle) }
    #expect(riddle_router_embedding_count(handle) == 3)
    #expect(riddle_router_embedding_count(nil) == RIDDLE_INVALID_ARGUMENT)
    let memory = riddle_scratch_create(handle)
    defer { riddle_scratch_destroy(memory) }
    func decide(_ numbers: [Float]?, size: Int = MemoryLayout<riddle_query>.size) -> (
      Int32, Double
    ) {
      var decision = riddle_decision()
      decision.size = UInt32(MemoryLayout<riddle_decision>.size)
      var query = riddle_query()
      query.size = UInt32(size)
      let code = (numbers ?? []).withUnsafeBufferPointer { buffer in
        query.embedding = numbers == nil ? nil : buffer.baseAddress
        query.embedding_count = buffer.count
        return riddle_decide(handle, memory, &query, &decision)
      }
      return (code, decision.margin)
    }
    var scratch = router.makeScratch()
    func margin(_ numbers: [Float]) -> Double {
      router.decide(
        Span(), context: RequestContext(), embedding: numbers.span, scratch: &scratch
      ).margin
    }
    for numbers in [[0.5, -1, 2], [3, 4, -5], [0, 0, 1e30]] as [[Float]] {
      #expect(decide(numbers) == (Int32(RIDDLE_OK), margin(numbers)))
    }
    #expect(margin([3, 4, -5]) != margin([]))
    // Unknown is the mean; a caller of version 1 has none, whatever stands behind its struct.
    #expect(decide(nil) == (Int32(RIDDLE_OK), margin([0.5, -1, 2])))
    let first = MemoryLayout<riddle_query>.size - 16
    #expect(decide([3, 4, -5], size: first) == (Int32(RIDDLE_OK), margin([])))
    #expect(decide([3, 4, -5], size: first - 1).0 == RIDDLE_INVALID_ARGUMENT)
    for bad in [[1, 2], [1, 2, 3, 4], [1, 2, .nan], [.infinity, 0, 0]] as [[Float]] {
      #expect(decide(bad).0 == RIDDLE_BAD_EMBEDDING)
    }
  }

  @Test func aRouterWithoutEmbeddingsIgnoresThem() throws {
    let (_, bytes) = try Self.file(.tree)
    var handle: OpaquePointer?
    #expect(riddle_router_create(bytes, bytes.count, &handle, nil) == RIDDLE_OK)
    defer { riddle_router_destroy(handle) }
    #expect(riddle_router_embedding_count(handle) == 0)
  }

  @Test func candidateNamesAreCopied() throws {
    let (_, bytes) = try Self.file(.tree)
    var handle: OpaquePointer?
    #expect(riddle_router_create(bytes, bytes.count, &handle, nil) == RIDDLE_OK)
    defer { riddle_router_destroy(handle) }
    #expect(riddle_router_candidate_count(handle) == 3)
    var buffer = [CChar](repeating: 1, count: 16)
    #expect(riddle_router_candidate_name(handle, 1, &buffer, 16) == 6)
    #expect(buffer[..<7].elementsEqual("medium\0".utf8.map { CChar(bitPattern: $0) }))
    #expect(riddle_router_candidate_name(handle, 1, &buffer, 6) == RIDDLE_BUFFER_TOO_SMALL)
    #expect(riddle_router_candidate_name(handle, 3, &buffer, 16) == RIDDLE_INVALID_ARGUMENT)
  }

  @Test func aDamagedFileGivesNoRouterAndSaysWhy() throws {
    var (_, bytes) = try Self.file(.linearInt8)
    bytes[bytes.count / 2] ^= 4
    var handle: OpaquePointer?
    var error = riddle_error()
    error.size = UInt32(MemoryLayout<riddle_error>.size)
    #expect(riddle_router_create(bytes, bytes.count, &handle, &error) == RIDDLE_DAMAGED)
    #expect(handle == nil)
    #expect(error.code == RIDDLE_DAMAGED)
    #expect(error.message.0 != 0)
    #expect(riddle_router_create(Array(bytes[..<50]), 50, &handle, nil) == RIDDLE_DAMAGED)
    #expect(riddle_router_create(nil, 50, &handle, nil) == RIDDLE_INVALID_ARGUMENT)
  }

  @Test func nullAndUnsizedArgumentsAreRefused() throws {
    let (_, bytes) = try Self.file(.tree)
    var handle: OpaquePointer?
    #expect(riddle_router_create(bytes, bytes.count, &handle, nil) == RIDDLE_OK)
    let memory = riddle_scratch_create(handle)
    var query = riddle_query()
    var decision = riddle_decision()
    #expect(riddle_decide(handle, memory, &query, &decision) == RIDDLE_INVALID_ARGUMENT)
    #expect(riddle_decide(nil, nil, nil, nil) == RIDDLE_INVALID_ARGUMENT)
    #expect(riddle_scratch_create(nil) == nil)
    riddle_scratch_destroy(memory)
    riddle_router_destroy(handle)
    riddle_router_destroy(nil)
  }

  @Test(arguments: GeneratedKind.allCases)
  func aBatchHasTheSameBitsAsOneByOne(kind: GeneratedKind) throws {
    let (router, bytes) = try Self.file(kind)
    var handle: OpaquePointer?
    #expect(riddle_router_create(bytes, bytes.count, &handle, nil) == RIDDLE_OK)
    defer { riddle_router_destroy(handle) }
    let memory = riddle_scratch_create(handle)
    defer { riddle_scratch_destroy(memory) }
    let texts = generatedTexts(300, seed: 6)
    let text = texts.flatMap { $0.map { CChar(bitPattern: $0) } }
    var offsets: [UInt64] = [0]
    for text in texts { offsets.append(offsets[offsets.count - 1] + UInt64(text.count)) }
    let turns = texts.indices.map { Int32($0 % 4) }
    let domain = Array("billing".utf8)
    let domainCharacters = domain.map { CChar(bitPattern: $0) }
    let steps = router.thresholds.count
    var candidates = [UInt32](repeating: 99, count: texts.count)
    var margins = [Double](repeating: .nan, count: texts.count)
    var probabilities = margins
    var stepMargins = [Double](repeating: .nan, count: texts.count * steps)
    var one = [Double](repeating: .nan, count: steps)
    var code: Int32 = -99
    text.withUnsafeBufferPointer { text in
      offsets.withUnsafeBufferPointer { offsets in
        turns.withUnsafeBufferPointer { turns in
          domainCharacters.withUnsafeBufferPointer { domain in
            candidates.withUnsafeMutableBufferPointer { candidates in
              margins.withUnsafeMutableBufferPointer { margins in
                probabilities.withUnsafeMutableBufferPointer { probabilities in
                  stepMargins.withUnsafeMutableBufferPointer { stepMargins in
                    var batch = riddle_batch()
                    batch.size = UInt32(MemoryLayout<riddle_batch>.size)
                    batch.count = turns.count
                    batch.text = text.baseAddress
                    batch.text_length = text.count
                    batch.offsets = offsets.baseAddress
                    batch.turns = turns.baseAddress
                    batch.domain = domain.baseAddress
                    batch.domain_length = domain.count
                    batch.candidates = candidates.baseAddress
                    batch.margins = margins.baseAddress
                    batch.probabilities = probabilities.baseAddress
                    batch.step_margins = stepMargins.baseAddress
                    code = riddle_decide_batch(handle, memory, &batch)
                    var query = riddle_query()
                    query.size = UInt32(MemoryLayout<riddle_query>.size)
                    query.text = text.baseAddress
                    query.text_length = Int(offsets[1])
                    query.domain = domain.baseAddress
                    query.domain_length = domain.count
                    #expect(
                      riddle_step_margins(handle, memory, &query, &one, one.count)
                        == Int32(steps))
                    #expect(
                      riddle_step_margins(handle, memory, &query, &one, steps - 1)
                        == RIDDLE_BUFFER_TOO_SMALL)
                  }
                }
              }
            }
          }
        }
      }
    }
    #expect(code == RIDDLE_OK)
    #expect(one.map(\.bitPattern) == stepMargins[..<steps].map(\.bitPattern))
    var scratch = router.makeScratch()
    for (i, text) in texts.enumerated() {
      var context = RequestContext()
      context.turn = turns[i]
      context.set(.domain, to: domain.span)
      let expected = router.decide(text.span, context: context, scratch: &scratch)
      var expectedSteps: InlineArray<64, Double> = InlineArray(repeating: 0)
      router.writeStepMargins(scratch, to: &expectedSteps)
      #expect(Int(candidates[i]) == expected.candidate)
      #expect(margins[i].bitPattern == expected.margin.bitPattern)
      #expect(probabilities[i].bitPattern == expected.probability.bitPattern)
      for step in 0..<steps {
        #expect(stepMargins[i * steps + step].bitPattern == expectedSteps[step].bitPattern)
      }
    }
  }

  @Test func aBatchWithEmbeddingsChecksEveryRowBeforeItWrites() throws {
    let (router, bytes) = try Self.embeddingFile()
    var handle: OpaquePointer?
    #expect(riddle_router_create(bytes, bytes.count, &handle, nil) == RIDDLE_OK)
    defer { riddle_router_destroy(handle) }
    let memory = riddle_scratch_create(handle)
    defer { riddle_scratch_destroy(memory) }
    func decide(_ rows: [Float], width: Int = 3) -> (Int32, [Double]) {
      var margins: [Double] = [7, 7]
      let offsets: [UInt64] = [0, 0, 0]
      let code = rows.withUnsafeBufferPointer { rows in
        offsets.withUnsafeBufferPointer { offsets in
          margins.withUnsafeMutableBufferPointer { margins in
            var batch = riddle_batch()
            batch.size = UInt32(MemoryLayout<riddle_batch>.size)
            batch.count = 2
            batch.offsets = offsets.baseAddress
            batch.embeddings = rows.baseAddress
            batch.embedding_count = width
            batch.margins = margins.baseAddress
            return riddle_decide_batch(handle, memory, &batch)
          }
        }
      }
      return (code, margins)
    }
    var scratch = router.makeScratch()
    func margin(_ numbers: [Float]) -> Double {
      router.decide(
        Span(), context: RequestContext(), embedding: numbers.span, scratch: &scratch
      ).margin
    }
    let bad = Int32(RIDDLE_BAD_EMBEDDING)
    let right = [margin([1, 2, 3]), margin([4, 5, 6])]
    #expect(decide([1, 2, 3, 4, 5, 6]) == (Int32(RIDDLE_OK), right))
    #expect(decide([1, 2, 3, 4, 5, .nan]) == (bad, [7.0, 7]))
    #expect(decide([1, 2, 3, 4, 5, 6], width: 2) == (bad, [7.0, 7]))
  }

  @Test func whatTheRouterIsCanBeAsked() throws {
    let (router, bytes) = try Self.file(.linearInt8)
    var handle: OpaquePointer?
    #expect(riddle_router_create(bytes, bytes.count, &handle, nil) == RIDDLE_OK)
    defer { riddle_router_destroy(handle) }
    var info = riddle_info()
    #expect(riddle_router_info(handle, &info) == RIDDLE_INVALID_ARGUMENT)
    info.size = UInt32(MemoryLayout<riddle_info>.size)
    #expect(riddle_router_info(handle, &info) == RIDDLE_OK)
    #expect(info.format_version == WeightFileLayout.version)
    #expect(info.feature_version == UInt32(router.schema.version))
    #expect(info.feature_fingerprint == router.schema.fingerprint)
    #expect(info.file_length == UInt64(bytes.count))
    #expect(info.candidate_count == UInt32(router.candidates.count))
    #expect(info.head_count == UInt32(router.model.headCount))
    #expect(info.probe_count == UInt32(router.probes.count))
    for (index, threshold) in router.thresholds.enumerated() {
      var value = 0.0
      var guarantee: Int32 = -1
      #expect(riddle_router_threshold(handle, Int32(index), &value, &guarantee) == RIDDLE_OK)
      #expect(value == threshold.value && guarantee == Int32(threshold.guarantee.rawValue))
      #expect(riddle_router_threshold(handle, Int32(index), &value, nil) == RIDDLE_OK)
    }
    for (index, candidate) in router.candidates.enumerated() {
      var cost: Int64 = 0
      #expect(riddle_router_candidate_cost(handle, Int32(index), &cost) == RIDDLE_OK)
      #expect(cost == max(-1, candidate.meanCost))
      #expect(
        riddle_router_candidate_name(handle, Int32(index), nil, 0)
          == Int32(candidate.name.count))
    }
    var buffer = [CChar](repeating: 1, count: 4096)
    #expect(info.metadata_count == UInt32(router.metadata.count) && info.metadata_count > 0)
    for (index, entry) in router.metadata.enumerated() {
      let key = entry.key.map { CChar(bitPattern: $0) }
      #expect(
        riddle_router_metadata_key(handle, Int32(index), &buffer, 4096) == Int32(key.count))
      #expect(buffer[..<key.count].elementsEqual(key))
      let length = riddle_router_metadata(handle, key, key.count, &buffer, 4096)
      #expect(length == Int32(entry.value.count))
      #expect(buffer[..<Int(length)].map { UInt8(bitPattern: $0) } == entry.value)
      #expect(buffer[Int(length)] == 0)
    }
    #expect(riddle_router_metadata(handle, "no such", 7, &buffer, 4096) == RIDDLE_NOT_FOUND)
    #expect(riddle_router_metadata(handle, "no such", -1, &buffer, 4096) == RIDDLE_INVALID_ARGUMENT)
  }

  @Test func aScratchOutlivesItsRouterAndServesItsLikes() throws {
    let (_, bytes) = try Self.file(.tree)
    let (_, foreign) = try Self.embeddingFile()
    var handles: [OpaquePointer?] = [nil, nil, nil]
    for (index, file) in [bytes, bytes, foreign].enumerated() {
      #expect(riddle_router_create(file, file.count, &handles[index], nil) == RIDDLE_OK)
    }
    let memory = riddle_scratch_create(handles[0])
    riddle_router_destroy(handles[0])
    var query = riddle_query()
    query.size = UInt32(MemoryLayout<riddle_query>.size)
    var decision = riddle_decision()
    decision.size = UInt32(MemoryLayout<riddle_decision>.size)
    #expect(riddle_decide(handles[1], memory, &query, &decision) == RIDDLE_OK)
    #expect(riddle_decide(handles[2], memory, &query, &decision) == RIDDLE_INVALID_ARGUMENT)
    query.text_length = -1
    #expect(riddle_decide(handles[1], memory, &query, &decision) == RIDDLE_OK)  // null: empty
    let text: [CChar] = [65]
    text.withUnsafeBufferPointer {
      query.text = $0.baseAddress
      #expect(riddle_decide(handles[1], memory, &query, &decision) == RIDDLE_INVALID_ARGUMENT)
    }
    riddle_scratch_destroy(memory)
    riddle_router_destroy(handles[1])
    riddle_router_destroy(handles[2])
  }
}
