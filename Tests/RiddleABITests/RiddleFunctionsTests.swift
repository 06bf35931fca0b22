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
}
