import ArgumentParser
import RiddleExport
import RiddleRuntime

/// The forms a router can be written in.
enum ExportedForm: String, ExpressibleByArgument, CaseIterable {
  case riddle, json, c, swift, onnx, sql, litellm

  /// Names that the generated text contains.
  struct Names {
    /// Name of the generated type; the form's own when nil.
    var symbol: String?
    /// Table that SQL reads.
    var table: String
    /// Its column that tells rows apart.
    var key: String
  }

  /// Bytes of the form; of `litellm`, those of the weight file in its folder.
  ///
  /// - Parameters:
  ///   - router: what is written; `weightFile` encodes it.
  ///   - columns: names of its dense columns.
  /// - Throws: `CommandFailure` where the router has no such form.
  func content(
    of router: Router, weightFile: [UInt8], columns: [String], names: Names
  ) throws -> [UInt8] {
    do {
      return switch self {
      case .riddle, .litellm: weightFile
      case .json:
        Array((try JSONOutput.text(RouterDescription(router, file: weightFile)) + "\n").utf8)
      case .swift:
        Array(
          swiftSource(
            weightFile: weightFile, of: router, name: names.symbol ?? "GeneratedRouter"
          ).utf8)
      case .c: Array(try cSource(router, name: names.symbol ?? "router").utf8)
      case .onnx: try onnxModel(router, columns: columns)
      case .sql:
        Array(try sqlQuery(router, columns: columns, table: names.table, key: names.key).utf8)
      }
    } catch let error as FormError {
      throw CommandFailure(.usage, "--as \(rawValue): \(error)")
    }
  }

  /// Words that Swift does not take as the name of a type.
  static let swiftKeywords: Set<String> = [
    "Any", "Protocol", "Self", "Type", "actor", "as", "associatedtype", "break", "case", "catch",
    "class", "continue", "default", "defer", "deinit", "do", "else", "enum", "extension",
    "fallthrough", "false", "fileprivate", "for", "func", "guard", "if", "import", "in", "init",
    "inout", "internal", "is", "let", "nil", "operator", "precedencegroup", "private", "protocol",
    "public", "repeat", "rethrows", "return", "self", "static", "struct", "subscript", "super",
    "switch", "throw", "throws", "true", "try", "typealias", "var", "where", "while",
  ]

  /// Whether source code can use `name` as a name: an ASCII letter, then letters, digits and underscores, 64 at most.
  static func isIdentifier(_ name: String) -> Bool {
    let bytes = Array(name.utf8)
    guard let first = bytes.first, bytes.count <= 64 else { return false }
    func isLetter(_ byte: UInt8) -> Bool {
      (byte | 32) >= UInt8(ascii: "a") && (byte | 32) <= UInt8(ascii: "z")
    }
    return isLetter(first)
      && bytes.allSatisfy {
        isLetter($0) || $0 == UInt8(ascii: "_")
          || ($0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9"))
      }
  }
}
