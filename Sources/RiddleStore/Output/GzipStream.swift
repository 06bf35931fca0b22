import CZlib

/// Packs bytes as one gzip member, a piece at a time. The same bytes in give the same bytes out: the header has no time and
/// no name.
///
/// The stream's state belongs to zlib and points at itself, so it lives in memory of its own from `init` to `deinit`; the
/// pointers to input and output are set for the duration of one call alone.
public final class GzipStream {
  private let stream: UnsafeMutablePointer<z_stream>
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)

  /// A new member, compression level 6.
  public init() throws(StoreError) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let status = deflateInit2_(
      stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    if status != Z_OK { throw .defect("zlib cannot begin: status \(status)") }
  }

  deinit {
    deflateEnd(stream)
    stream.deinitialize(count: 1)
    stream.deallocate()
  }

  /// What packing `bytes` brings out; with `isLast` everything that is left.
  public func add(_ bytes: [UInt8], isLast: Bool = false) throws(StoreError) -> [UInt8] {
    var out: [UInt8] = []
    var input = bytes
    let status = input.withUnsafeMutableBufferPointer { source in
      buffer.withUnsafeMutableBufferPointer { target in
        stream.pointee.next_in = source.baseAddress
        stream.pointee.avail_in = UInt32(source.count)
        var status = Z_OK
        repeat {
          stream.pointee.next_out = target.baseAddress
          stream.pointee.avail_out = UInt32(target.count)
          status = deflate(stream, isLast ? Z_FINISH : Z_NO_FLUSH)
          out.append(contentsOf: target[..<(target.count - Int(stream.pointee.avail_out))])
        } while status == Z_OK && stream.pointee.avail_out == 0
        return status
      }
    }
    guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
      throw .defect("zlib cannot go on: status \(status)")
    }
    return out
  }
}
