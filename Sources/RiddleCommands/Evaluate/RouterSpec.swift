import Foundation

/// One entry of `--routers`: what is judged, and under what name.
struct RouterSpec: Equatable {
  enum Kind: Equatable {
    /// A weight file or the folder of a run.
    case weights(String)
    /// A file of scores or choices by identifier, and the thresholds given after `@`.
    case scores(String, thresholds: [Double])
    /// A policy in YAML.
    case policy(String)
    /// A program that answers JSON lines with JSON lines, and the thresholds given after `@`.
    case command(String, thresholds: [Double])
  }

  var name: String?
  var kind: Kind

  /// An entry of a known kind.
  init(_ kind: Kind) { self.kind = kind }

  /// Parses values of `--routers`: entries separated by commas. A comma belongs to a `cmd:` entry unless an entry
  /// begins after it.
  static func parse(_ values: [String]) throws -> [RouterSpec] {
    var entries: [String] = []
    for value in values {
      for piece in value.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
        if let last = entries.last, body(last).hasPrefix("cmd:"), !looksLikeEntry(piece) {
          entries[entries.count - 1] = last + "," + piece
        } else {
          entries.append(piece)
        }
      }
    }
    return try entries.map { try RouterSpec(entry: $0.trimmingCharacters(in: .whitespaces)) }
  }

  private static func body(_ entry: String) -> String { split(entry).body }

  /// `name=rest`, where the name has none of the characters of paths.
  private static func split(_ entry: String) -> (name: String?, body: String) {
    if let equals = entry.firstIndex(of: "=") {
      let name = entry[..<equals]
      let isName = name.allSatisfy { $0.isLetter || $0.isNumber || "-_ ".contains($0) }
      if !name.isEmpty && isName {
        return (String(name), String(entry[entry.index(after: equals)...]))
      }
    }
    return (nil, entry)
  }

  private static func looksLikeEntry(_ piece: String) -> Bool {
    let body = body(piece)
    return body.hasPrefix("cmd:") || FileManager.default.fileExists(atPath: thresholds(of: body).0)
  }

  private init(entry: String) throws {
    let (name, body) = Self.split(entry)
    self.name = name
    if body.hasPrefix("cmd:") {
      let (command, thresholds) = Self.thresholds(of: String(body.dropFirst(4)))
      guard !command.trimmingCharacters(in: .whitespaces).isEmpty else {
        throw CommandFailure(
          .usage, "--routers cmd: needs a command, for example cmd:'./my-router'")
      }
      kind = .command(command, thresholds: thresholds)
      return
    }
    let (path, thresholds) = Self.thresholds(of: body)
    let lower = path.lowercased()
    if lower.hasSuffix(".yaml") || lower.hasSuffix(".yml") {
      kind = .policy(path)
    } else if [".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz"].contains(where: lower.hasSuffix) {
      kind = .scores(path, thresholds: thresholds)
    } else if [".csv", ".csv.gz", ".tsv", ".json"].contains(where: lower.hasSuffix) {
      throw CommandFailure(
        .usage,
        "--routers \(path): scores are read as JSON lines, {\"id\": \"q1\", \"score\": 0.7}, from a file ending in .jsonl"
      )
    } else if path.isEmpty {
      throw CommandFailure(
        .usage,
        "--routers has an empty entry; expected weight files, run folders, scores.jsonl, policy.yaml or cmd:'PROGRAM', separated by commas"
      )
    } else {
      kind = .weights(body)
    }
  }

  /// Splits `text@0.3:0.7` into text and thresholds; text alone when what follows the last `@` is no list of numbers.
  private static func thresholds(of text: String) -> (String, [Double]) {
    guard let at = text.lastIndex(of: "@") else { return (text, []) }
    let parts = text[text.index(after: at)...].split(
      separator: ":", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Double($0) }
    guard !numbers.isEmpty, numbers.count == parts.count, numbers.allSatisfy(\.isFinite) else {
      return (text, [])
    }
    return (String(text[..<at]), numbers)
  }

  /// The name for tables: the given one, else the file's.
  func displayName(default own: String? = nil) -> String {
    if let name { return name }
    if let own { return own }
    switch kind {
    case .weights(let path), .scores(let path, _), .policy(let path):
      var url = URL(fileURLWithPath: path)
      if url.pathExtension == "gz" { url.deletePathExtension() }
      return url.deletingPathExtension().lastPathComponent
    case .command(let command, _):
      let program = command.split(separator: " ").first.map(String.init) ?? command
      return URL(fileURLWithPath: program).lastPathComponent
    }
  }
}
