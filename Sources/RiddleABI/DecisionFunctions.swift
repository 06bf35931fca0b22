import CRiddle
import RiddleRuntime

// The functions of riddle.h that decide. `@implementation` makes the compiler hold each signature against the header.

private let invalidArgument = Int32(RIDDLE_INVALID_ARGUMENT)

/// See `riddle.h`.
@c @implementation
public func riddle_scratch_create(_ router: OpaquePointer?) -> OpaquePointer? {
  guard let router else { return nil }
  return RouterHandle.with(router) {
    OpaquePointer(Unmanaged.passRetained(ScratchHandle($0)).toOpaque())
  }
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
    Int(decision.pointee.size) >= MemoryLayout<riddle_decision>.size
  else { return invalidArgument }
  return decide(router, scratch, query) { _, _, result in
    decision.pointee.candidate = UInt32(result.candidate)
    decision.pointee.head = UInt32(result.head)
    decision.pointee.reserved = 0
    decision.pointee.margin = result.margin
    decision.pointee.threshold = result.threshold
    decision.pointee.probability = result.probability
    return Int32(RIDDLE_OK)
  }
}

/// See `riddle.h`.
@c @implementation
public func riddle_step_margins(
  _ router: OpaquePointer?, _ scratch: OpaquePointer?, _ query: UnsafePointer<riddle_query>?,
  _ margins: UnsafeMutablePointer<Double>?, _ capacity: Int
) -> Int32 {
  guard let router, let scratch, let query, let margins, capacity >= 0 else {
    return invalidArgument
  }
  return decide(router, scratch, query) { handle, memory, _ in
    let count = handle.router.thresholds.count
    if capacity < count { return Int32(RIDDLE_BUFFER_TOO_SMALL) }
    writeSteps(handle.router, memory.features, count, to: margins)
    return Int32(count)
  }
}

/// See `riddle.h`.
@c @implementation
public func riddle_decide_batch(
  _ router: OpaquePointer?, _ scratch: OpaquePointer?, _ batch: UnsafePointer<riddle_batch>?
) -> Int32 {
  guard let router, let scratch, let batch,
    Int(batch.pointee.size) >= MemoryLayout<riddle_batch>.size
  else { return invalidArgument }
  let queries = batch.pointee
  return RouterHandle.with(router) { handle in
    ScratchHandle.with(scratch) { memory in
      guard memory.fits(handle) else { return invalidArgument }
      let dimension = handle.router.schema.embeddingMeans.count
      let code = check(queries, dimension: dimension)
      if code != Int32(RIDDLE_OK) { return code }
      decideAll(queries, handle.router, memory, dimension: dimension)
      return code
    }
  }
}

/// Reads one query and calls `body` with its decision while the scratch still holds its features.
@inline(__always)
private func decide(
  _ router: OpaquePointer, _ scratch: OpaquePointer, _ query: UnsafePointer<riddle_query>,
  _ body: (RouterHandle, ScratchHandle, Decision) -> Int32
) -> Int32 {
  guard Int(query.pointee.size) >= firstQuerySize else { return invalidArgument }
  return RouterHandle.with(router) { handle in
    ScratchHandle.with(scratch) { memory in
      guard memory.fits(handle), isText(query.pointee.text, query.pointee.text_length),
        let context = requestContext(
          turn: query.pointee.turn, query.pointee.user_tier, query.pointee.user_tier_length,
          query.pointee.task_type, query.pointee.task_type_length, query.pointee.domain,
          query.pointee.domain_length)
      else { return invalidArgument }
      // Field by field: a caller of version 1 owns no bytes behind `domain_length`.
      var embedding: UnsafePointer<Float>?
      let dimension = handle.router.schema.embeddingMeans.count
      if dimension > 0 && Int(query.pointee.size) >= MemoryLayout<riddle_query>.size {
        embedding = query.pointee.embedding
        if let embedding {
          guard query.pointee.embedding_count == dimension, areFinite(embedding, dimension) else {
            return Int32(RIDDLE_BAD_EMBEDDING)
          }
        }
      }
      let result = decide(
        query.pointee.text, query.pointee.text_length, context, embedding, dimension,
        handle.router, memory)
      return body(handle, memory, result)
    }
  }
}

/// Size of `riddle_query` in version 1 of the contract: without the embedding, which stands last.
private let firstQuerySize =
  MemoryLayout<riddle_query>.size - MemoryLayout<UnsafePointer<Float>?>.size
  - MemoryLayout<Int>.size

/// Decides one text whose arguments were checked.
@inline(never)
private func decide(
  _ text: UnsafePointer<CChar>?, _ length: Int, _ context: RequestContext,
  _ embedding: UnsafePointer<Float>?, _ dimension: Int, _ router: Router, _ memory: ScratchHandle
) -> Decision {
  withBytes(text, length) { text in
    withNumbers(embedding, dimension) {
      router.decide(text, context: context, embedding: $0, scratch: &memory.features)
    }
  }
}

/// What is known about a request; nil when a length is not one.
private func requestContext(
  turn: Int32, _ tier: UnsafePointer<CChar>?, _ tierLength: Int, _ task: UnsafePointer<CChar>?,
  _ taskLength: Int, _ domain: UnsafePointer<CChar>?, _ domainLength: Int
) -> RequestContext? {
  guard isText(tier, tierLength), isText(task, taskLength), isText(domain, domainLength) else {
    return nil
  }
  var context = RequestContext()
  context.turn = turn
  withBytes(tier, tierLength) { context.set(.userTier, to: $0) }
  withBytes(task, taskLength) { context.set(.taskType, to: $0) }
  withBytes(domain, domainLength) { context.set(.domain, to: $0) }
  return context
}

/// Everything that can be wrong with a batch, before anything is written.
private func check(_ batch: riddle_batch, dimension: Int) -> Int32 {
  guard batch.count >= 0, batch.count < Int.max, isText(batch.text, batch.text_length),
    batch.count == 0 || batch.offsets != nil
  else { return invalidArgument }
  if batch.count > 0, let offsets = batch.offsets {
    let end = batch.text == nil ? 0 : UInt64(batch.text_length)
    var last: UInt64 = 0
    for i in 0...batch.count {
      if offsets[i] < last || offsets[i] > end { return invalidArgument }
      last = offsets[i]
    }
  }
  if let embeddings = batch.embeddings, dimension > 0 {
    let (total, overflows) = batch.count.multipliedReportingOverflow(by: dimension)
    if batch.embedding_count != dimension || overflows || !areFinite(embeddings, total) {
      return Int32(RIDDLE_BAD_EMBEDDING)
    }
  }
  return requestContext(
    turn: 0, batch.user_tier, batch.user_tier_length, batch.task_type, batch.task_type_length,
    batch.domain, batch.domain_length) == nil ? invalidArgument : Int32(RIDDLE_OK)
}

/// Decides the queries of a batch that ``check(_:dimension:)`` found right.
private func decideAll(
  _ batch: riddle_batch, _ router: Router, _ memory: ScratchHandle, dimension: Int
) {
  guard let offsets = batch.offsets,
    var context = requestContext(
      turn: 0, batch.user_tier, batch.user_tier_length, batch.task_type, batch.task_type_length,
      batch.domain, batch.domain_length)
  else { return }
  let steps = router.thresholds.count
  for i in 0..<batch.count {
    if let turns = batch.turns { context.turn = turns[i] }
    let embedding = dimension > 0 ? batch.embeddings.map { $0 + i * dimension } : nil
    let start = Int(offsets[i])
    let result = decide(
      batch.text.map { $0 + start }, Int(offsets[i + 1]) - start, context, embedding, dimension,
      router, memory)
    batch.candidates?[i] = UInt32(result.candidate)
    batch.margins?[i] = result.margin
    batch.probabilities?[i] = result.probability
    if let margins = batch.step_margins {
      writeSteps(router, memory.features, steps, to: margins + i * steps)
    }
  }
}

/// Writes the margins of all `count` steps of the query whose features are given.
private func writeSteps(
  _ router: Router, _ features: borrowing FeatureVector, _ count: Int,
  to margins: UnsafeMutablePointer<Double>
) {
  var steps: InlineArray<64, Double> = InlineArray(repeating: 0)
  router.writeStepMargins(features, to: &steps)
  for step in 0..<count { margins[step] = steps[step] }
}
