import Foundation
import Yams

/// A file of settings: one YAML mapping from the names of ``ConfigKey`` to values.
///
///     # riddle.yaml
///     store: desk.sqlite
///     candidates: [small, large]
///     seed: 7
struct ConfigFile {
  /// Longest file that is read.
  static let maximumLength = 1 << 20

  /// A value and where it stands.
  struct Entry {
    var key: ConfigKey
    /// As the option takes it; paths from the folder of the file.
    var value: String
    var line: Int
  }

  let path: String
  let entries: [Entry]

  /// Reads the file at `path`, which is shown as it is given.
  ///
  /// - Throws: `CommandFailure` with file, line, column and key for YAML that is none, unknown keys and wrong values.
  init(path: String) throws {
    let bytes = try Files.read(path, what: "settings", atMost: Self.maximumLength)
    guard bytes.count <= Self.maximumLength else {
      throw CommandFailure(
        .malformedData, "\(path): longer than \(Self.maximumLength) bytes; expected settings")
    }
    try self.init(text: String(decoding: bytes, as: UTF8.self), path: path)
  }

  /// Reads `text` as the file at `path`.
  init(text: String, path: String) throws {
    func failure(_ mark: Mark?, _ reason: String) -> CommandFailure {
      let place = mark.map { ", line \($0.line), column \($0.column)" } ?? ""
      return CommandFailure(.malformedData, "\(path)\(place): \(reason)")
    }
    // Aliases can make a short text unfold without end; settings need none.
    if let line = text.split(separator: "\n", omittingEmptySubsequences: false).firstIndex(where: {
      $0.contains(": &") || $0.contains(": *") || $0.contains("<<:")
    }) {
      throw CommandFailure(
        .malformedData, "\(path), line \(line + 1): anchors and aliases are not read here")
    }
    let root: Node?
    do {
      root = try compose(yaml: text)
    } catch let error as YamlError {
      throw Self.syntax(error, path)
    } catch {
      throw CommandFailure(.malformedData, "\(path): not YAML (\(error))")
    }
    self.path = path
    guard let root, root != Node("") else {
      entries = []
      return
    }
    guard let mapping = root.mapping else {
      throw failure(
        root.mark, "expected settings such as `seed: 7`, one a line; see `riddle config keys`")
    }
    var found: [Entry] = []
    for (name, node) in mapping {
      guard let word = name.scalar?.string, let key = ConfigKey.named(word) else {
        let word = name.scalar?.string ?? ""
        throw failure(
          name.mark, "unknown setting '\(word.prefix(80))'; \(ConfigKey.hint(for: word))")
      }
      let text: String
      if case .names = key.kind, let list = node.sequence {
        text = list.map { $0.scalar?.string ?? "" }.joined(separator: ",")
      } else if let scalar = node.scalar {
        text = scalar.string
      } else {
        throw failure(
          node.mark,
          "\(word) must be \(key.kind.description), got a \(node.mapping == nil ? "list" : "mapping"); for example `\(word): \(key.example)`"
        )
      }
      switch key.checked(text) {
      case .success(let value):
        var placed = value
        if case .path = key.kind { placed = Self.located(value, beside: path) }
        found.append(Entry(key: key, value: placed, line: name.mark?.line ?? 0))
      case .failure(let error):
        throw failure(node.mark, "\(error.reason); for example `\(word): \(key.example)`")
      }
    }
    entries = found
  }

  private static func syntax(_ error: YamlError, _ path: String) -> CommandFailure {
    let again = "see `riddle config keys` for what may stand there"
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      return CommandFailure(
        .malformedData,
        "\(path), line \(mark.line), column \(mark.column): not YAML: \(problem); \(again)")
    case .duplicatedKeysInMapping(let duplicates, let context):
      return CommandFailure(
        .malformedData,
        "\(path), line \(context.mark.line): given twice: \(duplicates.map { "\($0)" }.joined(separator: ", ")); keep one"
      )
    default:
      return CommandFailure(.malformedData, "\(path): not YAML; \(again)")
    }
  }

  /// A path of the file as the working folder sees it: the file's own folder is where it begins.
  private static func located(_ value: String, beside file: String) -> String {
    if value.hasPrefix("/") { return value }
    if value.hasPrefix("~/") {
      return FileManager.default.homeDirectoryForCurrentUser.path + value.dropFirst(1)
    }
    let folder = (file as NSString).deletingLastPathComponent
    return folder.isEmpty || folder == "." ? value : folder + "/" + value
  }
}
