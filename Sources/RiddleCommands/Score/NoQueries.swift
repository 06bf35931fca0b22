import RiddleTrust

/// Input that was meant for another command: deciding its bytes as if somebody had typed them would be a silent failure.
enum NoQueries {
  /// What the first bytes of an input are, if they are no queries, and what to do; nil otherwise.
  static func advice(_ head: [UInt8]) -> String? {
    if head.count >= 16, head.prefix(512).contains(0), let kind = ForeignFile.kind(of: head) {
      return "looks like \(kind), not queries; riddle import reads logs, riddle query a store"
    }
    let line = firstLine(head)
    if isJSONArray(head) {
      return
        "looks like a JSON array, expected JSON lines; write one element a line first: jq -c '.[]' FILE | riddle score ROUTER"
    }
    if let separator = tableSeparator(line) {
      return
        "looks like a table of \(separator)-separated values: its first line names columns; write its queries as JSON lines, or decide every line as text with --format text"
    }
    return nil
  }

  private static func firstLine(_ head: [UInt8]) -> [UInt8] {
    let start = head.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
    return Array(head[start...].prefix { $0 != 10 && $0 != 13 }.prefix(4096))
  }

  /// `[` and then, behind white space, an object or a string.
  private static func isJSONArray(_ head: [UInt8]) -> Bool {
    let visible = head.prefix(512).lazy.filter { $0 > 32 }.prefix(3)
    let start = Array(visible)
    return start.starts(with: Array("[{\"".utf8)) || start.starts(with: Array("[{}".utf8))
  }

  /// A header without a space in which one column is named as queries are.
  private static func tableSeparator(_ line: [UInt8]) -> String? {
    for (separator, name) in [
      (UInt8(ascii: ","), "comma"), (9, "tab"), (UInt8(ascii: ";"), "semicolon"),
    ] {
      let fields = line.split(separator: separator, omittingEmptySubsequences: false)
      guard fields.count > 1, !line.contains(32) else { continue }
      let names = fields.map { field in
        String(decoding: field.filter { $0 != UInt8(ascii: "\"") }, as: UTF8.self).lowercased()
      }
      let known: Set = ["query", "prompt", "question", "input", "text", "messages"]
      if names.contains(where: known.contains) && Set(names).count == names.count { return name }
    }
    return nil
  }
}
