import CRiddle
import RiddleRuntime

// Pointers of the C contract live in this target and do not leave it. A handle is a retained Swift object:
// created with +1 by a create function, released by its destroy function.

final class RouterHandle {
  let router: Router
  init(_ router: Router) { self.router = router }

  /// The object behind a pointer that `riddle_router_create` returned and `riddle_router_destroy` has not taken.
  static func borrowed(_ pointer: OpaquePointer) -> RouterHandle {
    Unmanaged<RouterHandle>.fromOpaque(UnsafeRawPointer(pointer)).takeUnretainedValue()
  }
}

final class ScratchHandle {
  var features: FeatureVector
  let schema: FeatureSchema
  init(_ router: Router) {
    features = router.makeScratch()
    schema = router.schema
  }

  /// The object behind a pointer that `riddle_scratch_create` returned and `riddle_scratch_destroy` has not taken.
  static func borrowed(_ pointer: OpaquePointer) -> ScratchHandle {
    Unmanaged<ScratchHandle>.fromOpaque(UnsafeRawPointer(pointer)).takeUnretainedValue()
  }
}

/// Size of `riddle_query` in version 1 of the contract: without the embedding, which stands last.
let firstQuerySize =
  MemoryLayout<riddle_query>.size - MemoryLayout<UnsafePointer<Float>?>.size
  - MemoryLayout<Int>.size

/// Whether there are `dimension` numbers, all finite.
func isEmbedding(_ pointer: UnsafePointer<Float>?, _ count: Int, dimension: Int) -> Bool {
  guard count == dimension else { return false }
  return withNumbers(pointer, count) { numbers in
    for i in 0..<numbers.count where !numbers[i].isFinite { return false }
    return numbers.count == dimension
  }
}

/// Calls `body` with the `count` numbers at `pointer`, or with none when it is null.
func withNumbers<Result>(
  _ pointer: UnsafePointer<Float>?, _ count: Int, _ body: (Span<Float>) -> Result
) -> Result {
  guard let pointer, count > 0 else { return body(Span()) }
  // The caller of the C function owns the numbers and keeps them for the length of the call.
  return body(UnsafeBufferPointer(start: pointer, count: count).span)
}

/// Calls `body` with the `count` bytes at `pointer`, or with no bytes when it is null.
func withBytes<Result>(
  _ pointer: UnsafePointer<CChar>?, _ count: Int, _ body: (Span<UInt8>) -> Result
) -> Result {
  guard let pointer, count > 0 else { return body(Span()) }
  // The caller of the C function owns the bytes and keeps them for the length of the call.
  let raw = UnsafeRawBufferPointer(start: UnsafeRawPointer(pointer), count: count)
  return body(raw.bindMemory(to: UInt8.self).span)
}
