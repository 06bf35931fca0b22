/// The keys at the beginning of a JSON text, by how many objects they lie in: enough to tell what a file is.
///
/// Works on a head that is cut anywhere, and on text that is no JSON; then some keys are missing. Arrays do not count as a
/// level, so the elements of `[{…}]` have the same keys as the lines of `{…}\n{…}`.
struct JSONKeyScan {
  /// Keys of objects, of objects in those, and so on: three levels.
  private(set) var levels: [Set<String>] = [[], [], []]

  /// Goes through `bytes[from ..< to]`.
  init(_ bytes: [UInt8], from: Int = 0, to: Int? = nil) {
    var isArray: [Bool] = []
    var depth = 0
    var i = from
    let end = to ?? bytes.count
    var expectsKey = false
    while i < end {
      switch bytes[i] {
      case 0x22:
        let start = i + 1
        i = start
        while i < end, bytes[i] != 0x22 { i += bytes[i] == 0x5c ? 2 : 1 }
        if expectsKey, i < end, (1...levels.count).contains(depth) {
          levels[depth - 1].insert(String(decoding: bytes[start..<i], as: UTF8.self))
        }
        expectsKey = false
      case 0x7b, 0x5b:
        isArray.append(bytes[i] == 0x5b)
        if bytes[i] == 0x7b { depth += 1 }
        expectsKey = bytes[i] == 0x7b
      case 0x7d, 0x5d:
        if isArray.popLast() == false { depth -= 1 }
        expectsKey = false
      case 0x2c: expectsKey = isArray.last == false
      default: break
      }
      i += 1
    }
  }
}
