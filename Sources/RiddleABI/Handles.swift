import CRiddle
import RiddleRuntime

// Pointers of the C contract live in this target and do not leave it. A handle is a retained Swift object:
// created with +1 by a create function, released by its destroy function.

final class RouterHandle {
  let router: Router
  let formatVersion: UInt32
  let fileLength: UInt64
  let fileChecksum: UInt64

  /// - Parameter bytes: the weight file that `router` was decoded from. Every version of the format has its number at
  ///   byte 8 and its checksum in the last eight bytes.
  init(_ router: Router, _ bytes: Span<UInt8>) {
    self.router = router
    formatVersion = UInt32(truncatingIfNeeded: littleEndian(bytes, at: 8, size: 4))
    fileLength = UInt64(bytes.count)
    fileChecksum = littleEndian(bytes, at: bytes.count - 8, size: 8)
  }

  /// Calls `body` with the object behind a pointer that `riddle_router_create` returned and `riddle_router_destroy` has
  /// not taken. The caller of the C function keeps it alive, so its reference count is not touched: threads that
  /// share a router would pass that one cache line around.
  static func with<Result>(_ pointer: OpaquePointer, _ body: (RouterHandle) -> Result) -> Result {
    Unmanaged<RouterHandle>.fromOpaque(UnsafeRawPointer(pointer))._withUnsafeGuaranteedRef(body)
  }
}

final class ScratchHandle {
  var features: FeatureVector
  /// The router that the memory was made for. Retained, so that no other router can come to live at its address.
  let maker: RouterHandle

  init(_ maker: RouterHandle) {
    features = maker.router.makeScratch()
    self.maker = maker
  }

  /// Calls `body` with the object behind a pointer that `riddle_scratch_create` returned and `riddle_scratch_destroy`
  /// has not taken.
  static func with<Result>(_ pointer: OpaquePointer, _ body: (ScratchHandle) -> Result) -> Result {
    Unmanaged<ScratchHandle>.fromOpaque(UnsafeRawPointer(pointer))._withUnsafeGuaranteedRef(body)
  }

  /// Whether the memory has the shape that queries of `handle` need.
  func fits(_ handle: RouterHandle) -> Bool {
    maker === handle || maker.router.schema == handle.router.schema
  }
}

private func littleEndian(_ bytes: Span<UInt8>, at offset: Int, size: Int) -> UInt64 {
  var value: UInt64 = 0
  for i in 0..<size { value |= UInt64(bytes[offset + i]) << UInt64(8 * i) }
  return value
}
