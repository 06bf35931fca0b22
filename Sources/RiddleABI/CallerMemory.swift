import CRiddle
import RiddleRuntime

// Memory that the caller of a C function owns and keeps for the length of the call.

/// Calls `body` with the `count` bytes at `pointer`, or with no bytes when it is null.
func withBytes<Result>(
  _ pointer: UnsafePointer<CChar>?, _ count: Int, _ body: (Span<UInt8>) -> Result
) -> Result {
  guard let pointer, count > 0 else { return body(Span()) }
  let raw = UnsafeRawBufferPointer(start: UnsafeRawPointer(pointer), count: count)
  return body(raw.bindMemory(to: UInt8.self).span)
}

/// Calls `body` with the `count` numbers at `pointer`, or with none when it is null.
func withNumbers<Result>(
  _ pointer: UnsafePointer<Float>?, _ count: Int, _ body: (Span<Float>) -> Result
) -> Result {
  guard let pointer, count > 0 else { return body(Span()) }
  return body(UnsafeBufferPointer(start: pointer, count: count).span)
}

/// Whether all `count` numbers at `pointer` are finite.
func areFinite(_ pointer: UnsafePointer<Float>, _ count: Int) -> Bool {
  for i in 0..<count where !pointer[i].isFinite { return false }
  return true
}

/// Whether a text of the contract has a length that memory can have. C's `size_t` arrives as a signed number.
func isText(_ pointer: UnsafePointer<CChar>?, _ length: Int) -> Bool {
  pointer == nil || length >= 0
}

/// Copies `text` with a terminating zero and returns its length; with a null buffer and capacity 0, just the length.
func copy(_ text: [UInt8], to buffer: UnsafeMutablePointer<CChar>?, _ capacity: Int) -> Int32 {
  guard let buffer else {
    return capacity == 0 ? Int32(text.count) : Int32(RIDDLE_INVALID_ARGUMENT)
  }
  guard capacity >= 0 else { return Int32(RIDDLE_INVALID_ARGUMENT) }
  guard capacity > text.count else { return Int32(RIDDLE_BUFFER_TOO_SMALL) }
  for i in 0..<text.count { buffer[i] = CChar(bitPattern: text[i]) }
  buffer[text.count] = 0
  return Int32(text.count)
}
