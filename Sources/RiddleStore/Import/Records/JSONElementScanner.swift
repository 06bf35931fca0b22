/// Cuts values out of one large JSON document without holding it: the elements of some arrays, and a few values beside
/// them, found by the keys that lead there.
///
/// Goes through the bytes once, with a flag for each open bracket and the keys of the first few levels. It does not judge
/// the values it cuts out; whoever parses them does. Depth costs one byte a level and is bounded by ``maximumDepth``.
struct JSONElementScanner {
  /// What to cut out.
  struct Target {
    /// Keys from the document's top; empty for a document that is an array, or for objects one after the other.
    var path: [String]
    /// Whether the elements of an array there are wanted one by one, or the value as a whole.
    var isList: Bool

    /// Whole objects, one after the other, each over as many lines as it likes.
    static let objects = Target(path: [], isList: false)
  }

  /// A value: which target, where it began, its bytes; nil when it was longer than allowed.
  struct Cut {
    var target: Int
    var line: Int
    /// Byte where it began, from 0.
    var offset: Int
    var bytes: [UInt8]?
  }

  /// Deepest nesting that is followed.
  static let maximumDepth = 1_000_000

  private let targets: [Target]
  private let maximumBytes: Int
  /// For each open bracket: whether it is an array.
  private var isArray: [Bool] = []
  /// Keys of the open objects; arrays have an empty one. Only as many levels as the longest path.
  private var keys: [String] = []
  private let keyLevels: Int
  /// Whether one document may follow another.
  private let areObjects: Bool
  private var isInString = false
  private var isEscaped = false
  /// Bytes of the key that is being read, when it may matter.
  private var key: [UInt8] = []
  private var isKey = false
  /// Whether the next string of the innermost object is a key.
  private var expectsKey = false
  /// The value being cut out: its target, the line where it began, and how many brackets were open there.
  private var current: (target: Int, line: Int, offset: Int, depth: Int)?
  /// Bytes gone through before the current one.
  private var position = 0
  private var bytes: [UInt8] = []
  private var isTooLong = false
  private var line = 1
  private(set) var problem: String?
  /// Whether a complete document has been seen.
  private(set) var isComplete = false

  init(_ targets: [Target], maximumBytes: Int) {
    self.targets = targets
    self.maximumBytes = maximumBytes
    keyLevels = targets.map(\.path.count).max() ?? 0
    areObjects = targets.contains { $0.path.isEmpty && !$0.isList }
  }

  /// Goes through some more bytes; values that end in them are appended to `cuts`.
  mutating func scan(_ input: [UInt8], into cuts: inout [Cut]) {
    for byte in input {
      if problem != nil { return }
      if byte == 0x0a { line += 1 }
      step(byte, &cuts)
      position += 1
    }
  }

  /// What is wrong with a document that ends here; nil when it is whole.
  var problemAtEnd: String? {
    if let problem { return problem }
    return isComplete ? nil : "the file ends inside the JSON document"
  }

  private mutating func step(_ byte: UInt8, _ cuts: inout [Cut]) {
    if isInString {
      keep(byte)
      if isEscaped {
        isEscaped = false
      } else if byte == 0x5c {
        isEscaped = true
      } else if byte == 0x22 {
        isInString = false
      }
      if isKey {
        if isInString { key.append(byte) } else { setKey() }
      }
      return
    }
    switch byte {
    case 0x20, 0x09, 0x0a, 0x0d:
      keep(byte)
    case 0x22:
      if isComplete { return fail("text after the document") }
      isInString = true
      isKey = expectsKey && current == nil && isArray.last == false && isArray.count <= keyLevels
      if isKey {
        key.removeAll(keepingCapacity: true)
      } else if !expectsKey {
        beginValue()
      }
      keep(byte)
    case 0x3a:
      keep(byte)
      expectsKey = false
    case 0x2c:
      endValue(&cuts)
      keep(byte)
      expectsKey = isArray.last == false
    case 0x7b, 0x5b:
      if isComplete {
        guard areObjects else { return fail("text after the document") }
        isComplete = false
      }
      if areObjects && isArray.isEmpty && byte == 0x5b { return fail("expected an object") }
      beginValue()
      keep(byte)
      isArray.append(byte == 0x5b)
      if isArray.count > Self.maximumDepth { return fail("nested too deeply") }
      if isArray.count <= keyLevels { keys.append("") }
      expectsKey = byte == 0x7b
    case 0x7d, 0x5d:
      endValue(&cuts)
      guard let top = isArray.popLast(), top == (byte == 0x5d) else {
        return fail("a closing bracket that fits none")
      }
      if isArray.count < keyLevels { keys.removeLast() }
      keep(byte)
      expectsKey = false
      if let current, current.depth == isArray.count { endValue(&cuts) }
      if isArray.isEmpty { isComplete = true }
    default:
      if isComplete { return fail("text after the document") }
      beginValue()
      keep(byte)
    }
  }

  private mutating func setKey() {
    isKey = false
    keys[isArray.count - 1] = String(decoding: key, as: UTF8.self)
  }

  /// Begins to cut when this is a value that is wanted.
  private mutating func beginValue() {
    guard current == nil, isArray.count <= keyLevels + 1 else { return }
    for (index, target) in targets.enumerated() {
      let depth = target.path.count
      if target.isList {
        guard isArray.count == depth + 1, isArray.last == true else { continue }
      } else {
        guard isArray.count == depth else { continue }
      }
      guard keys.count >= depth, !isArray.prefix(depth).contains(true),
        (0..<depth).allSatisfy({ keys[$0] == target.path[$0] })
      else { continue }
      current = (index, line, position, isArray.count)
      bytes.removeAll(keepingCapacity: true)
      isTooLong = false
      return
    }
  }

  private mutating func endValue(_ cuts: inout [Cut]) {
    guard let value = current, value.depth == isArray.count else { return }
    cuts.append(
      Cut(
        target: value.target, line: value.line, offset: value.offset,
        bytes: isTooLong ? nil : bytes))
    current = nil
    bytes = []
  }

  private mutating func keep(_ byte: UInt8) {
    guard current != nil, !isTooLong else { return }
    if bytes.count >= maximumBytes {
      isTooLong = true
      bytes = []
    } else {
      bytes.append(byte)
    }
  }

  private mutating func fail(_ reason: String) {
    problem = "line \(line): \(reason)"
  }
}
