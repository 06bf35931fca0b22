import CRiddle
import RiddleRuntime

// The functions of riddle.h that open a router and say what it is. `@implementation` makes the compiler hold each
// signature against the header.

private let invalidArgument = Int32(RIDDLE_INVALID_ARGUMENT)

/// See `riddle.h`.
@c @implementation
public func riddle_abi_version() -> Int32 { Int32(RIDDLE_ABI_VERSION) }

/// See `riddle.h`.
@c @implementation
public func riddle_router_create(
  _ bytes: UnsafePointer<UInt8>?, _ length: Int, _ router: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<riddle_error>?
) -> Int32 {
  router?.pointee = nil
  guard let bytes, let router, length >= 0 else {
    return FailureDescription.invalidArgument.report(to: error)
  }
  // The caller owns the bytes and keeps them for the length of the call.
  let file = UnsafeBufferPointer(start: bytes, count: length).span
  do throws(WeightFileError) {
    let handle = RouterHandle(try Router(decoding: file), file)
    router.pointee = OpaquePointer(Unmanaged.passRetained(handle).toOpaque())
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
public func riddle_router_info(
  _ router: OpaquePointer?, _ info: UnsafeMutablePointer<riddle_info>?
) -> Int32 {
  guard let router, let info, Int(info.pointee.size) >= MemoryLayout<riddle_info>.size else {
    return invalidArgument
  }
  RouterHandle.with(router) { handle in
    let router = handle.router
    info.pointee.format_version = handle.formatVersion
    info.pointee.feature_version = UInt32(router.schema.version)
    info.pointee.candidate_count = UInt32(router.candidates.count)
    info.pointee.head_count = UInt32(router.model.headCount)
    info.pointee.embedding_count = UInt32(router.schema.embeddingMeans.count)
    info.pointee.probe_count = UInt32(router.probes.count)
    info.pointee.metadata_count = UInt32(router.metadata.count)
    info.pointee.feature_fingerprint = router.schema.fingerprint
    info.pointee.file_length = handle.fileLength
    info.pointee.file_checksum = handle.fileChecksum
  }
  return Int32(RIDDLE_OK)
}

/// See `riddle.h`.
@c @implementation
public func riddle_router_candidate_count(_ router: OpaquePointer?) -> Int32 {
  guard let router else { return invalidArgument }
  return RouterHandle.with(router) { Int32($0.router.candidates.count) }
}

/// See `riddle.h`.
@c @implementation
public func riddle_router_candidate_name(
  _ router: OpaquePointer?, _ index: Int32, _ buffer: UnsafeMutablePointer<CChar>?,
  _ capacity: Int
) -> Int32 {
  copyText(of: router, index, { $0.candidates.count }, to: buffer, capacity) {
    $0.candidates[$1].name
  }
}

/// See `riddle.h`.
@c @implementation
public func riddle_router_candidate_cost(
  _ router: OpaquePointer?, _ index: Int32, _ nanoDollars: UnsafeMutablePointer<Int64>?
) -> Int32 {
  guard let router, let nanoDollars else { return invalidArgument }
  return RouterHandle.with(router) { handle in
    let candidates = handle.router.candidates
    guard index >= 0, Int(index) < candidates.count else { return invalidArgument }
    nanoDollars.pointee = max(-1, candidates[Int(index)].meanCost)
    return Int32(RIDDLE_OK)
  }
}

/// See `riddle.h`.
@c @implementation
public func riddle_router_threshold(
  _ router: OpaquePointer?, _ index: Int32, _ threshold: UnsafeMutablePointer<Double>?,
  _ guarantee: UnsafeMutablePointer<Int32>?
) -> Int32 {
  guard let router, let threshold else { return invalidArgument }
  return RouterHandle.with(router) { handle in
    let thresholds = handle.router.thresholds
    guard index >= 0, Int(index) < thresholds.count else { return invalidArgument }
    threshold.pointee = thresholds[Int(index)].value
    guarantee?.pointee = Int32(thresholds[Int(index)].guarantee.rawValue)
    return Int32(RIDDLE_OK)
  }
}

/// See `riddle.h`.
@c @implementation
public func riddle_router_embedding_count(_ router: OpaquePointer?) -> Int32 {
  guard let router else { return invalidArgument }
  return RouterHandle.with(router) { Int32($0.router.schema.embeddingMeans.count) }
}

/// See `riddle.h`.
@c @implementation
public func riddle_router_metadata_key(
  _ router: OpaquePointer?, _ index: Int32, _ buffer: UnsafeMutablePointer<CChar>?,
  _ capacity: Int
) -> Int32 {
  copyText(of: router, index, { $0.metadata.count }, to: buffer, capacity) {
    $0.metadata[$1].key
  }
}

/// See `riddle.h`.
@c @implementation
public func riddle_router_metadata(
  _ router: OpaquePointer?, _ key: UnsafePointer<CChar>?, _ keyLength: Int,
  _ buffer: UnsafeMutablePointer<CChar>?, _ capacity: Int
) -> Int32 {
  guard let router, let key, keyLength >= 0 else { return invalidArgument }
  return RouterHandle.with(router) { handle in
    let entries = handle.router.metadata
    for index in 0..<entries.count where isEqual(entries[index].key, key, keyLength) {
      return copy(entries[index].value, to: buffer, capacity)
    }
    return Int32(RIDDLE_NOT_FOUND)
  }
}

/// Copies the text at `index` of the `count` that a router has.
private func copyText(
  of router: OpaquePointer?, _ index: Int32, _ count: (Router) -> Int,
  to buffer: UnsafeMutablePointer<CChar>?, _ capacity: Int, _ text: (Router, Int) -> [UInt8]
) -> Int32 {
  guard let router else { return invalidArgument }
  return RouterHandle.with(router) { handle in
    guard index >= 0, Int(index) < count(handle.router) else { return invalidArgument }
    return copy(text(handle.router, Int(index)), to: buffer, capacity)
  }
}

private func isEqual(_ bytes: [UInt8], _ text: UnsafePointer<CChar>, _ length: Int) -> Bool {
  if bytes.count != length { return false }
  for i in 0..<length where CChar(bitPattern: bytes[i]) != text[i] { return false }
  return true
}
