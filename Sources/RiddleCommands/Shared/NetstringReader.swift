import Foundation

/// Cuts a stream into netstrings, `LENGTH:BYTES,` one after the other: texts that may hold any bytes.
///
/// Source: D. J. Bernstein, "Netstrings", 1997, https://cr.yp.to/proto/netstrings.txt.
struct NetstringReader {
  /// Longest text that is taken: longer ones are a wrong length rather than a query.
  static let maximumLength = 1 << 30

  private var pending: [UInt8] = []
  private var start = 0  // first byte of `pending` that was not read
  private var count = 0

  /// Adds bytes of the stream.
  mutating func add(_ bytes: some Sequence<UInt8>) {
    if start > 0 {
      pending.removeFirst(start)
      start = 0
    }
    pending.append(contentsOf: bytes)
  }

  /// The next text, or nil until more bytes are there.
  mutating func next() throws -> [UInt8]? {
    var at = start
    var length = 0
    while at < pending.count, pending[at] >= 48, pending[at] <= 57 {
      length = length * 10 + Int(pending[at] - 48)
      if length > Self.maximumLength { throw failure("its length is above \(Self.maximumLength)") }
      at += 1
    }
    guard at < pending.count else { return nil }
    guard at > start, pending[at] == UInt8(ascii: ":") else {
      throw failure("expected a decimal length and a colon")
    }
    let end = at + 1 + length
    guard end < pending.count else { return nil }
    guard pending[end] == UInt8(ascii: ",") else {
      throw failure("no comma behind its \(length) bytes")
    }
    start = end + 1
    count += 1
    return Array(pending[(at + 1)..<end])
  }

  /// Fails when the stream ended inside a netstring.
  func finish() throws {
    if start < pending.count { throw failure("the input ends before it does") }
  }

  private func failure(_ reason: String) -> CommandFailure {
    CommandFailure(
      .malformedData,
      "netstring \(count + 1) of standard input: \(reason); a query of five bytes is 5:hello,")
  }
}
