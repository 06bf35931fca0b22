import CZlib

/// Inflates one gzip file of any number of concatenated members.
///
/// Owns zlib's state on the heap, because zlib keeps a pointer to it from `inflateInit2` to `inflateEnd`
/// and a Swift `var` has no stable address.
final class GzipInflater {
  /// What went wrong, at which compressed byte.
  struct Failure: Error {
    var offset: Int
    var reason: String
  }

  // Owned from `init` to `deinit`; never leaves this file.
  private let stream: UnsafeMutablePointer<z_stream>
  /// Compressed bytes taken so far.
  private(set) var offset = 0
  private var state = State.memberStart

  private enum State { case memberStart, inMember, padding }

  init() throws(Failure) {
    stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let status = riddle_gzip_open(stream)
    if status != Z_OK { throw Failure(offset: 0, reason: "zlib cannot start (\(status))") }
  }

  deinit {
    inflateEnd(stream)
    stream.deinitialize(count: 1)
    stream.deallocate()
  }

  /// Whether the bytes so far end with a complete member.
  var isAtMemberEnd: Bool { state != .inMember && offset > 0 }

  /// Inflates from `input[from...]` into `output`, and returns bytes taken and bytes made.
  ///
  /// Takes and makes 0 only when `input` is used up.
  func inflate(_ input: [UInt8], from: Int, to inputEnd: Int, into output: inout [UInt8])
    throws(Failure) -> (taken: Int, made: Int)
  {
    var position = from
    // Between members: another header starts a member, zeros are padding (as with tapes), else garbage.
    if state != .inMember {
      while position < inputEnd, offset > 0, input[position] == 0 {
        state = .padding
        position += 1
        offset += 1
      }
      guard position < inputEnd else { return (position - from, 0) }
      if state == .padding || (offset > 0 && input[position] != 0x1f) {
        throw Failure(offset: offset, reason: "bytes after the last gzip member")
      }
      inflateReset(stream)
      state = .inMember
    }
    var status = Z_OK
    var taken = 0
    var made = 0
    // Both buffers outlive the call to zlib, which stays within `avail_in` and `avail_out`.
    input.withUnsafeBufferPointer { source in
      output.withUnsafeMutableBufferPointer { target in
        stream.pointee.next_in = UnsafeMutablePointer(
          mutating: source.baseAddress.map { $0 + position })
        stream.pointee.avail_in = UInt32(inputEnd - position)
        stream.pointee.next_out = target.baseAddress
        stream.pointee.avail_out = UInt32(target.count)
        status = CZlib.inflate(stream, Z_NO_FLUSH)
        taken = inputEnd - position - Int(stream.pointee.avail_in)
        made = target.count - Int(stream.pointee.avail_out)
      }
    }
    offset += taken
    switch status {
    case Z_OK, Z_BUF_ERROR: break
    case Z_STREAM_END: state = .memberStart
    default:
      let detail = stream.pointee.msg.map { String(cString: $0) } ?? "status \(status)"
      throw Failure(offset: offset, reason: detail)
    }
    return (position - from + taken, made)
  }
}
