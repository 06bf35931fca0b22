import Testing

@testable import RiddleStore

@Suite("Byte source and record blocks")
struct ByteSourceTests {
  func all(_ path: String) throws -> [UInt8] {
    let source = try ByteSource(path: path)
    var bytes: [UInt8] = []
    while try source.read(appendingTo: &bytes) {}
    return bytes
  }

  @Test("plain, gzip, concatenated and padded gzip read the same")
  func compression() throws {
    let scratch = try Scratch()
    let text = Array(rows(3000).utf8)
    let half = text.count / 2
    let members = gzip(Array(text[..<half])) + gzip([]) + gzip(Array(text[half...]))
    #expect(try all(scratch.file("a", text)) == text)
    #expect(try all(scratch.file("b", gzip(text))) == text)
    #expect(try all(scratch.file("c", members)) == text)
    #expect(try all(scratch.file("d", members + [0, 0, 0])) == text)
    #expect(try ByteSource(path: scratch.at("b")).compression == .gzip)
  }

  @Test(
    "gzip cut anywhere, damaged, or followed by garbage is refused with an offset inside the file")
  func damage() throws {
    let scratch = try Scratch()
    let packed = gzip(Array(rows(50).utf8))
    for length in 2..<packed.count {
      let path = try scratch.file("cut", Array(packed[..<length]))
      #expect {
        try all(path)
      } throws: {
        guard case .damagedGzip(_, let offset, _)? = $0 as? StoreError else { return false }
        return offset <= length
      }
    }
    var flipped = packed
    flipped[packed.count - 6] ^= 1  // the checksum
    for bytes in [flipped, packed + Array("tail".utf8), packed + [0, 0, 7]] {
      let path = try scratch.file("bad", bytes)
      #expect { try all(path) } throws: {
        if case .damagedGzip? = $0 as? StoreError { true } else { false }
      }
    }
  }

  @Test("peeking does not lose bytes")
  func peek() throws {
    let scratch = try Scratch()
    let text = Array(rows(3000).utf8)
    let source = try ByteSource(path: scratch.file("a", gzip(text)))
    #expect(try Array(source.peek(10)[..<10]) == Array(text[..<10]))
    #expect(try source.peek(1 << 30) == text)
    var bytes: [UInt8] = []
    while try source.read(appendingTo: &bytes) {}
    #expect(bytes == text)
  }

  @Test("missing files and folders are named errors")
  func missing() throws {
    let scratch = try Scratch()
    #expect(throws: StoreError.inputMissing(path: scratch.at("x"))) {
      try ByteSource(path: scratch.at("x"))
    }
    #expect(StoreError.inputMissing(path: "x").exitCode == 66)
    #expect(throws: StoreError.self) { try all(scratch.path) }
  }

  @Test("lines keep their numbers at any block size", arguments: [1, 7, 64, 4096, 1 << 20])
  func lineNumbers(_ blockBytes: Int) throws {
    let scratch = try Scratch()
    let lines = (1...400).map { String(repeating: "x", count: $0 % 37) }
    let path = try scratch.file("a", "\u{feff}" + lines.joined(separator: "\n"))
    let reader = RecordBlockReader(
      source: try ByteSource(path: path), boundary: .newline,
      limits: ReadingLimits(recordBytes: 1000, blockBytes: blockBytes))
    var seen: [String] = []
    while let block = try reader.next() {
      #expect(block.firstLine == seen.count + 1)
      var bytes = block.bytes
      if bytes.last == 0x0a { bytes.removeLast() }
      seen += bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
        .map { String(decoding: $0, as: UTF8.self) }
    }
    #expect(seen == lines)
  }

  @Test("an overlong record is skipped and its neighbours are not", arguments: [1, 100, 1 << 20])
  func overlong(_ blockBytes: Int) throws {
    let scratch = try Scratch()
    let long = String(repeating: "x", count: 2_000_000)
    for boundary in [RecordBoundary.newline, .csv(delimiter: 0x2c)] {
      for end in ["\n", "\nd\n", ""] {
        let path = try scratch.file("a", "a\nb\n\(long)\nc\n\(long)\(end)")
        let reader = RecordBlockReader(
          source: try ByteSource(path: path), boundary: boundary,
          limits: ReadingLimits(recordBytes: 600_000, blockBytes: blockBytes))
        var text = ""
        var overlong: [Int] = []
        while let block = try reader.next() {
          text += String(decoding: block.bytes, as: UTF8.self)
          if block.isOverlong { overlong.append(block.firstLine) }
        }
        #expect(overlong == [3, 5])
        #expect(text == (end == "\nd\n" ? "a\nb\nc\nd\n" : "a\nb\nc\n"))
      }
    }
  }
}
