import CRiddle
import RiddleRuntime

// The functions of riddle.h. `@implementation` makes the compiler hold each signature against the header.

/// See `riddle.h`.
@c @implementation
public func riddle_abi_version() -> Int32 { Int32(RIDDLE_ABI_VERSION) }

/// See `riddle.h`.
@c @implementation
public func riddle_router_create(
  _ bytes: UnsafePointer<UInt8>?, _ length: Int, _ router: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<riddle_error>?
) -> Int32 {
  guard let bytes, let router, length >= 0 else {
    return FailureDescription.invalidArgument.report(to: error)
  }
  router.pointee = nil
  do throws(WeightFileError) {
    // The caller owns the bytes and keeps them for the length of the call.
    let decoded = try Router(decoding: UnsafeBufferPointer(start: bytes, count: length).span)
    router.pointee = OpaquePointer(Unmanaged.passRetained(RouterHandle(decoded)).toOpaque())
    return Int32(RIDDLE_OK)
  } catch let failure {
    return FailureDescription(failure).report(to: error)
  }
}

/// See `riddle.h`.
@c @implementation
public func riddle_router_destroy(_ router: OpaquePointer?) {
  guard let router else { return }
  Unmanaged<RouterHandle>.fromOpaque(UnsafeRawPointer(router)).release()
}

/// See `riddle.h`.
@c @implementation
public func riddle_router_candidate_count(_ router: OpaquePointer?) -> Int32 {
  guard let router else { return Int32(RIDDLE_INVALID_ARGUMENT) }
  return Int32(RouterHandle.borrowed(router).router.candidates.count)
}

/// See `riddle.h`.
@c @implementation
public func riddle_router_candidate_name(
  _ router: OpaquePointer?, _ index: Int32, _ buffer: UnsafeMutablePointer<CChar>?,
  _ capacity: Int
) -> Int32 {
  guard let router, let buffer else { return Int32(RIDDLE_INVALID_ARGUMENT) }
  let candidates = RouterHandle.borrowed(router).router.candidates
  guard index >= 0, Int(index) < candidates.count else { return Int32(RIDDLE_INVALID_ARGUMENT) }
  let name = candidates[Int(index)].name
  guard capacity > name.count else { return Int32(RIDDLE_BUFFER_TOO_SMALL) }
  for i in 0..<name.count { buffer[i] = CChar(bitPattern: name[i]) }
  buffer[name.count] = 0
  return Int32(name.count)
}

/// See `riddle.h`.
@c @implementation
public func riddle_router_embedding_count(_ router: OpaquePointer?) -> Int32 {
  guard let router else { return Int32(RIDDLE_INVALID_ARGUMENT) }
  return Int32(RouterHandle.borrowed(router).router.schema.embeddingMeans.count)
}

/// See `riddle.h`.
@c @implementation
public func riddle_scratch_create(_ router: OpaquePointer?) -> OpaquePointer? {
  guard let router else { return nil }
  let handle = ScratchHandle(RouterHandle.borrowed(router).router)
  return OpaquePointer(Unmanaged.passRetained(handle).toOpaque())
}

/// See `riddle.h`.
@c @implementation
public func riddle_scratch_destroy(_ scratch: OpaquePointer?) {
  guard let scratch else { return }
  Unmanaged<ScratchHandle>.fromOpaque(UnsafeRawPointer(scratch)).release()
}

/// See `riddle.h`.
@c @implementation
public func riddle_decide(
  _ router: OpaquePointer?, _ scratch: OpaquePointer?, _ query: UnsafePointer<riddle_query>?,
  _ decision: UnsafeMutablePointer<riddle_decision>?
) -> Int32 {
  guard let router, let scratch, let query, let decision,
    Int(query.pointee.size) >= firstQuerySize,
    Int(decision.pointee.size) >= MemoryLayout<riddle_decision>.size
  else { return Int32(RIDDLE_INVALID_ARGUMENT) }
  let handle = RouterHandle.borrowed(router)
  let memory = ScratchHandle.borrowed(scratch)
  guard memory.schema == handle.router.schema else { return Int32(RIDDLE_INVALID_ARGUMENT) }
  // Field by field: a caller of version 1 owns no bytes behind `domain_length`.
  var context = RequestContext()
  context.turn = query.pointee.turn
  withBytes(query.pointee.user_tier, query.pointee.user_tier_length) {
    context.set(.userTier, to: $0)
  }
  withBytes(query.pointee.task_type, query.pointee.task_type_length) {
    context.set(.taskType, to: $0)
  }
  withBytes(query.pointee.domain, query.pointee.domain_length) { context.set(.domain, to: $0) }
  var embedding: UnsafePointer<Float>?
  var embeddingCount = 0
  let dimension = handle.router.schema.embeddingMeans.count
  if dimension > 0 && Int(query.pointee.size) >= MemoryLayout<riddle_query>.size {
    embedding = query.pointee.embedding
    embeddingCount = query.pointee.embedding_count
  }
  if embedding != nil && !isEmbedding(embedding, embeddingCount, dimension: dimension) {
    return Int32(RIDDLE_BAD_EMBEDDING)
  }
  let result = withBytes(query.pointee.text, query.pointee.text_length) { text in
    withNumbers(embedding, embeddingCount) {
      handle.router.decide(
        text, context: context, embedding: $0, scratch: &memory.features)
    }
  }
  decision.pointee.candidate = UInt32(result.candidate)
  decision.pointee.head = UInt32(result.head)
  decision.pointee.reserved = 0
  decision.pointee.margin = result.margin
  decision.pointee.threshold = result.threshold
  decision.pointee.probability = result.probability
  return Int32(RIDDLE_OK)
}
