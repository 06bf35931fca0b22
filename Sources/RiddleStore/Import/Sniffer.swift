/// Tells what a file is from its first bytes; the name only decides between JSON lines with a broken first line and CSV.
enum Sniffer {
  /// Bytes looked at.
  static let headBytes = 64 << 10

  /// What a file was recognised as.
  enum Verdict: Equatable {
    case riddleJSONL
    /// CSV, with the byte that separates its fields.
    case csv(delimiter: UInt8)
    /// JSON of another tool.
    case known(KnownLog, RecordShape)
  }

  /// Recognises a log by the first bytes of its (inflated) content.
  ///
  /// - Throws: `.emptyInput`; `.unsupportedInput`, naming what it looks like and what to do.
  static func sniff(_ head: [UInt8], path: String) throws(StoreError) -> Verdict {
    if let (kind, remedy) = foreignFormat(head, path: path) {
      throw .unsupportedInput(path: path, looksLike: kind, remedy: remedy)
    }
    guard let start = firstByte(head) else { throw .emptyInput(path: path) }
    // A stray NUL in JSON costs its own row; NULs right at the start, or in CSV, are another kind of file.
    let looksBinary = head[start] == 0x7b ? head[start...].prefix(8).contains(0) : head.contains(0)
    if looksBinary {
      throw .unsupportedInput(
        path: path, looksLike: "binary data (it contains NUL bytes)",
        remedy: "Export the log as JSON lines or CSV in UTF-8.")
    }
    switch head[start] {
    case 0x5b:
      // A line of CSV may begin with a bracket; then no object follows it.
      if let known = KnownLog(document: JSONKeyScan(head, from: start)) {
        return .known(known, .document)
      }
      throw .unsupportedInput(
        path: path, looksLike: "one JSON array",
        remedy: "Turn it into JSON lines: jq -c '.[]' \(ShellText.quoted(path)) > log.jsonl")
    case 0x7b:
      return try sniffObject(head, from: start, path: path)
    default:
      guard isTornJSONL(head, from: start, path: path) else {
        return .csv(delimiter: delimiter(head, from: start))
      }
      // What the lines are is told by the first that begins as an object.
      var position = start
      while let newline = head.firstNewline(from: position, to: head.count) {
        position = newline + 1
        if head[position...].starts(with: [0x7b, 0x22]) {
          return try sniffObject(head, from: position, path: path)
        }
      }
      return .riddleJSONL
    }
  }

  /// As ``sniff(_:path:)`` for a file that is to be read as `format`: for logs of other tools only what no text is like
  /// is refused, and the verdict means nothing.
  static func sniff(_ head: [UInt8], path: String, as format: LogFormat?) throws(StoreError)
    -> Verdict
  {
    guard let format, LogSource.isOfAnotherTool(format) else {
      return try sniff(head, path: path)
    }
    if let (kind, remedy) = foreignFormat(head, path: path) {
      throw .unsupportedInput(path: path, looksLike: kind, remedy: remedy)
    }
    if firstByte(head) == nil { throw .emptyInput(path: path) }
    return .riddleJSONL
  }

  private static func sniffObject(_ head: [UInt8], from start: Int, path: String)
    throws(StoreError) -> Verdict
  {
    let line = head.firstNewline(from: start, to: head.count)
    let isSpread =
      line.map { head[(start + 1)..<$0].allSatisfy { $0 == 0x20 || $0 == 0x0d } } ?? false
    let scan = JSONKeyScan(head, from: start, to: isSpread ? nil : line)
    let top = scan.levels[0]
    let isDocument =
      isSpread || (top.contains("results") && !top.contains("outcomes"))
      || (top.contains("data") && !top.contains("outcomes"))
    let known =
      isDocument ? KnownLog(document: JSONKeyScan(head, from: start)) : KnownLog(fields: top)
    if case .foreign(let other) = known {
      throw .unsupportedInput(
        path: path, looksLike: other,
        remedy:
          "Write a mapping for it: riddle import --suggest-mapping \(ShellText.quoted(path)) > mapping.yaml\n"
          + "  or convert it to Riddle JSON lines, an object a line with id, query and outcomes.")
    }
    if let known {
      let holdsRecords =
        KnownLog(fields: top) == nil || top.contains("resourceSpans")
        || top.contains("resourceLogs")
      return .known(known, !isDocument ? .lines : holdsRecords ? .document : .objects)
    }
    if isSpread {
      throw .unsupportedInput(
        path: path, looksLike: "a JSON document spread over several lines",
        remedy: "Put each object on one line: jq -c . \(ShellText.quoted(path)) > log.jsonl")
    }
    return .riddleJSONL
  }

  /// Index of the first byte that is no byte order mark and no white space; nil when there is none.
  static func firstByte(_ head: [UInt8]) -> Int? {
    var start = head.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
    while start < head.count, [0x20, 0x09, 0x0a, 0x0d].contains(head[start]) { start += 1 }
    return start < head.count ? start : nil
  }

  /// Whether a file whose first line is no JSON object is a JSON lines file all the same: by its name, or because at
  /// least half of its first fifty lines begin as objects. Its bad lines are then rejected one by one.
  private static func isTornJSONL(_ head: [UInt8], from start: Int, path: String) -> Bool {
    let packed = [".gz", ".zst"].first { path.hasSuffix($0) }
    let name = path.dropLast(packed?.count ?? 0)
    if name.hasSuffix(".jsonl") || name.hasSuffix(".ndjson") { return true }
    var (lines, objects, position) = (0, 0, start)
    while position < head.count && lines < 50 {
      let end = head.firstNewline(from: position, to: head.count) ?? head.count
      if end > position {
        lines += 1
        if head[position..<end].starts(with: [0x7b, 0x22]) { objects += 1 }
      }
      position = end + 1
    }
    return objects > 0 && objects * 2 >= lines
  }

  /// The delimiter that occurs most in the first line; comma when none does.
  static func delimiter(_ head: [UInt8], from start: Int = 0) -> UInt8 {
    let end = head.firstNewline(from: start, to: head.count) ?? head.count
    var best: (byte: UInt8, count: Int) = (0x2c, 0)
    for byte in [UInt8](",\t;".utf8) {
      let count = head[min(start, end)..<end].count { $0 == byte }
      if count > best.count { best = (byte, count) }
    }
    return best.byte
  }

  /// Names a format that is not text, or not a log, and says what to do about it.
  static func foreignFormat(_ head: [UInt8], path: String) -> (kind: String, remedy: String)? {
    func begins(_ bytes: [UInt8]) -> Bool { head.starts(with: bytes) }
    func begins(_ text: StaticString) -> Bool {
      head.count >= text.utf8CodeUnitCount
        && (0..<text.utf8CodeUnitCount).allSatisfy { head[$0] == text.utf8Start[$0] }
    }
    let quoted = ShellText.quoted(path)
    if begins("PAR1") {
      let source = path == "-" ? "log.parquet" : path
      let from = source.split(separator: "'", omittingEmptySubsequences: false).joined(
        separator: "''")
      let query = "COPY (FROM read_parquet('\(from)')) TO 'log.jsonl' (FORMAT json)"
      return ("a Parquet file", "Convert it: duckdb -c \(ShellText.quoted(query))")
    }
    if begins([0x50, 0x4b, 0x03, 0x04]) || begins([0x50, 0x4b, 0x05, 0x06]) {
      return ("a zip archive", "Unpack it: unzip \(quoted), then import the file inside.")
    }
    if head.count > 2, head[0] == 0x80, (2...5).contains(head[1]),
      head[2] == 0x95 || head[2] == 0x7d || head[2] == 0x5d || head[2] == 0x63 || head[2] == 0x28
        || head[2] == 0x71
    {
      return (
        "a Python pickle, which can run code when it is loaded",
        "It is never opened here. Ask its author for CSV or JSON lines. If you trust where it comes from, convert it on a "
          + "machine that holds nothing of worth:\n"
          + "  python3 -c 'import pandas, sys; pandas.read_pickle(sys.argv[1]).to_csv(\"log.csv\", index=False)' \(quoted)"
      )
    }
    if begins("%PDF") { return ("a PDF", "Export the log as JSON lines or CSV.") }
    if begins("SQLite format 3\0") {
      return (
        "a SQLite database",
        "Give it as --store if it is a Riddle store; a table of another program needs a mapping:\n"
          + "  riddle import --suggest-mapping \(quoted) > mapping.yaml"
      )
    }
    if begins([0x28, 0xb5, 0x2f, 0xfd]) {
      return ("Zstandard data", "Decompress it: zstd -dc \(quoted) | riddle import -")
    }
    if begins("BZh") {
      return ("bzip2 data", "Decompress it: bzip2 -dc \(quoted) | riddle import -")
    }
    if begins([0xfd, 0x37, 0x7a, 0x58, 0x5a]) {
      return ("xz data", "Decompress it: xz -dc \(quoted) | riddle import -")
    }
    if begins([0xff, 0xfe]) || begins([0xfe, 0xff]) {
      return ("UTF-16 text", "Convert it: iconv -f UTF-16 -t UTF-8 \(quoted) | riddle import -")
    }
    if begins("ARROW1") { return ("an Arrow file", "Export the log as JSON lines or CSV.") }
    if begins([0x93]) && head.dropFirst().starts(with: "NUMPY".utf8) {
      return ("a NumPy array", "Export the log as JSON lines or CSV.")
    }
    if begins("Obj") && head.count > 3 && head[3] == 1 {
      return ("an Avro file", "Export the log as JSON lines or CSV.")
    }
    if begins("ORC") && head.contains(0) {
      return ("an ORC file", "Export the log as JSON lines or CSV.")
    }
    if begins([0x1f, 0x8b]) {
      return ("gzip inside gzip", "Decompress it once: gunzip \(quoted)")
    }
    return nil
  }
}

/// Text for a shell.
enum ShellText {
  /// `text` as one word of a POSIX shell.
  static func quoted(_ text: String) -> String {
    let plain = text.utf8.allSatisfy { byte in
      (0x61...0x7a).contains(byte) || (0x41...0x5a).contains(byte) || (0x30...0x39).contains(byte)
        || [0x2e, 0x2f, 0x2d, 0x5f].contains(byte)
    }
    if plain && !text.isEmpty { return text }
    return "'"
      + text.split(separator: "'", omittingEmptySubsequences: false)
      .joined(separator: "'\\''") + "'"
  }
}

extension Sniffer {
  /// The names in the first record of CSV, as far as `head` goes.
  static func header(_ head: [UInt8], _ delimiter: UInt8) -> Set<String> {
    let start = firstByte(head) ?? 0
    let block = RecordBlock(bytes: Array(head[start...]), firstLine: 1)
    var records = CSVRecords(block, delimiter: delimiter)
    guard let record = records.next(), record.problem == nil else { return [] }
    return Set(record.fields.compactMap { records.text($0) })
  }
}
