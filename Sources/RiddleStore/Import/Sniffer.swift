/// Tells what a file is from its first bytes; the name only decides between JSON lines with a broken first line and CSV.
enum Sniffer {
  /// Bytes looked at.
  static let headBytes = 64 << 10

  /// What a file was recognised as.
  enum Verdict: Equatable {
    case riddleJSONL
    /// CSV, with the byte that separates its fields.
    case csv(delimiter: UInt8)
  }

  /// Recognises a log by the first bytes of its (inflated) content.
  ///
  /// - Throws: `.emptyInput`; `.unsupportedInput`, naming what it looks like and what to do.
  static func sniff(_ head: [UInt8], path: String) throws(StoreError) -> Verdict {
    if let (kind, remedy) = foreignFormat(head, path: path) {
      throw .unsupportedInput(path: path, looksLike: kind, remedy: remedy)
    }
    var start = head.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
    while start < head.count, [0x20, 0x09, 0x0a, 0x0d].contains(head[start]) { start += 1 }
    guard start < head.count else { throw .emptyInput(path: path) }
    // A stray NUL in JSON costs its own row; NULs right at the start, or in CSV, are another kind of file.
    let looksBinary = head[start] == 0x7b ? head[start...].prefix(8).contains(0) : head.contains(0)
    if looksBinary {
      throw .unsupportedInput(
        path: path, looksLike: "binary data (it contains NUL bytes)",
        remedy: "Export the log as JSON lines or CSV in UTF-8.")
    }
    switch head[start] {
    case 0x5b:
      throw .unsupportedInput(
        path: path, looksLike: "one JSON array",
        remedy: "Turn it into JSON lines: jq -c '.[]' \(ShellText.quoted(path)) > log.jsonl")
    case 0x7b:
      let line = head.firstNewline(from: start, to: head.count)
      if let line, head[(start + 1)..<line].allSatisfy({ $0 == 0x20 || $0 == 0x0d }) {
        throw .unsupportedInput(
          path: path, looksLike: "a JSON document spread over several lines",
          remedy: "Put each object on one line: jq -c . \(ShellText.quoted(path)) > log.jsonl")
      }
      if let line, let other = knownLog(head, from: start, to: line) {
        throw .unsupportedInput(
          path: path, looksLike: other,
          remedy: "Convert it to Riddle JSON lines, an object a line with id, query and outcomes.")
      }
      return .riddleJSONL
    default:
      return isTornJSONL(head, from: start, path: path)
        ? .riddleJSONL : .csv(delimiter: delimiter(head, from: start))
    }
  }

  /// Whether a file whose first line is no JSON object is a JSON lines file all the same: by its name, or because at
  /// least half of its first fifty lines begin as objects. Its bad lines are then rejected one by one.
  private static func isTornJSONL(_ head: [UInt8], from start: Int, path: String) -> Bool {
    let name = path.hasSuffix(".gz") ? path.dropLast(3) : path[...]
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
      let from = path.split(separator: "'", omittingEmptySubsequences: false).joined(
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
        "Ask its author for CSV or JSON lines."
      )
    }
    if begins("%PDF") { return ("a PDF", "Export the log as JSON lines or CSV.") }
    if begins("SQLite format 3\0") {
      return ("a SQLite database", "Give it as --store if it is a Riddle store.")
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

  /// Names a log of another tool by the keys of its first line; nil when it may be ours.
  private static func knownLog(_ head: [UInt8], from start: Int, to end: Int) -> String? {
    var reader = JSONReader(head, from: start, to: end)
    var keys: [String] = []
    do throws(JSONError) {
      try reader.beginObject()
      while let key = try reader.nextKey() {
        keys.append(key)
        try reader.skipValue()
      }
    } catch {
      return nil  // A torn or malformed first line is reported as a rejected row.
    }
    func has(_ names: String...) -> Bool { names.allSatisfy(keys.contains) }
    if has("outcomes") { return nil }
    if has("resourceSpans") { return "an OpenTelemetry trace export" }
    if has("model_group", "spend") || has("response_cost", "call_type") { return "a LiteLLM log" }
    if has("custom_id", "response") { return "the output of an OpenAI batch" }
    if has("promptIdx") || has("gradingResult") { return "promptfoo results" }
    if has("usage_details") || has("provided_model_name") { return "a Langfuse export" }
    if has("request_created_at") || has("request_body") { return "a Helicone export" }
    if has("model_a", "model_b", "winner") {
      return "a log of pairwise preferences, which say who won and not how good an answer was"
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
