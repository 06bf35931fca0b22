import Yams

/// What keeps a hostile file from taking all time or memory: limits that no policy comes near.
enum FileLimits {
  /// Bytes of a file.
  static let bytes = 1 << 20
  /// Aliases (`*name`) of a file. A few dozen that contain each other already stand for billions of nodes.
  static let aliases = 16
  /// Nodes of a file with every alias written out.
  static let nodes = 1_000_000

  /// Refuses what is too long, or has more than ``aliases`` words that look like an alias, before anything is parsed: the parser itself compares keys
  /// with their aliases written out.
  static func check(text: String, path: String) throws(PolicyFileError) {
    if text.utf8.count > bytes {
      throw PolicyFileError(path: path, reason: "longer than 1 MB; that is no policy")
    }
    var (line, column, found) = (1, 0, 0)
    var before: UInt8 = 0x0a
    var isStar = false
    for byte in text.utf8 {
      let startsName = byte > 0x20 && !",[]{}*".utf8.contains(byte)
      if isStar && startsName {
        found += 1
        if found > aliases {
          throw PolicyFileError(
            path: path, line: line, column: column,
            reason: "more than \(aliases) aliases; write out what they stand for")
        }
      }
      isStar = byte == UInt8(ascii: "*") && (before <= 0x20 || "[{,:-?".utf8.contains(before))
      if byte == 0x0a {
        (line, column) = (line + 1, 0)
      } else if byte & 0xc0 != 0x80 {
        column += 1
      }
      before = byte
    }
  }

  /// Refuses a tree that is too large with its aliases written out. Stops counting there.
  static func check(_ root: Node, path: String) throws(PolicyFileError) {
    var left = nodes
    count(root, &left)
    if left < 0 {
      throw PolicyFileError(
        path: path, line: root.mark?.line, column: root.mark?.column,
        reason: "more than \(nodes) values with aliases written out; that is no policy")
    }
  }

  private static func count(_ node: Node, _ left: inout Int) {
    left -= 1
    if left < 0 { return }
    switch node {
    case .mapping(let mapping):
      for (key, value) in mapping where left >= 0 {
        count(key, &left)
        count(value, &left)
      }
    case .sequence(let sequence): for item in sequence where left >= 0 { count(item, &left) }
    case .scalar, .alias: break
    }
  }
}
