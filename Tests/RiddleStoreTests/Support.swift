import CZlib
import Foundation
import RiddleData

@testable import RiddleStore

/// A folder of its own for one test. All of them are removed when the test process ends.
struct Scratch {
  let path: String

  private static let root: String = {
    let path = NSTemporaryDirectory() + "riddle-store-tests-\(getpid())"
    atexit { try? FileManager.default.removeItem(atPath: Scratch.root) }
    return path
  }()

  init() throws {
    path = Self.root + "/" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  /// Writes a file and returns its path.
  func file(_ name: String, _ text: String) throws -> String {
    try file(name, Array(text.utf8))
  }

  /// Writes a file and returns its path.
  func file(_ name: String, _ bytes: [UInt8]) throws -> String {
    let file = path + "/" + name
    try FileManager.default.createDirectory(
      atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(fileURLWithPath: file))
    return file
  }

  func at(_ name: String) -> String { path + "/" + name }
}

/// One gzip member.
func gzip(_ bytes: [UInt8]) -> [UInt8] {
  var stream = z_stream()
  deflateInit2_(
    &stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
    Int32(MemoryLayout<z_stream>.size))
  var out = [UInt8](repeating: 0, count: bytes.count + bytes.count / 1000 + 128)
  var input = bytes
  let made = input.withUnsafeMutableBufferPointer { source in
    out.withUnsafeMutableBufferPointer { target in
      stream.next_in = source.baseAddress
      stream.avail_in = UInt32(source.count)
      stream.next_out = target.baseAddress
      stream.avail_out = UInt32(target.count)
      deflate(&stream, Z_FINISH)
      return target.count - Int(stream.avail_out)
    }
  }
  deflateEnd(&stream)
  return Array(out[0..<made])
}

/// The bytes in a gzip file.
func gunzip(_ path: String) throws -> [UInt8] {
  let source = try ByteSource(path: path)
  var bytes: [UInt8] = []
  while try source.read(appendingTo: &bytes) {}
  return bytes
}

/// A valid row of JSON lines.
func row(_ id: String, query: String = "What is 2 + 2?", quality: String = "1") -> String {
  """
  {"id":\(JSONText.quoted(id)),"query":\(JSONText.quoted(query)),\
  "outcomes":{"small":{"quality":\(quality),"cost_usd":0.0001},\
  "large":{"quality":1,"cost_usd":0.002}}}
  """
}

/// `count` valid rows, a line each.
func rows(_ count: Int, prefix: String = "q") -> String {
  (0..<count).map {
    row("\(prefix)/\($0)", query: "Question \($0)", quality: $0 % 3 == 0 ? "0" : "1")
  }
  .joined(separator: "\n") + "\n"
}

/// The folder of real logs, when the environment names one.
let realData = ProcessInfo.processInfo.environment["RIDDLE_DATA"]

/// One Zstandard frame of uncompressed blocks (RFC 8878, 3.1.1.2), so that no compressor is needed to make it.
func zstandard(_ bytes: [UInt8]) -> [UInt8] {
  // Frame header: one segment, size in four bytes.
  var out: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd, 0xa0]
  for shift in [0, 8, 16, 24] { out.append(UInt8(truncatingIfNeeded: bytes.count >> shift)) }
  var start = 0
  repeat {
    let end = min(bytes.count, start + 100_000)
    let header = (end - start) << 3 | (end == bytes.count ? 1 : 0)
    for shift in [0, 8, 16] { out.append(UInt8(truncatingIfNeeded: header >> shift)) }
    out.append(contentsOf: bytes[start..<end])
    start = end
  } while start < bytes.count
  return out
}
