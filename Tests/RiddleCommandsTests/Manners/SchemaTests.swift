import Foundation
import Testing

/// Published schemas: one for every command with --json, closed, and true of what is printed. All cases are run by
/// `make manners`; here are those that are quick.
@Suite struct SchemaTests {
  private static func schema(_ command: String) throws -> [String: Any] {
    try succeed(["schema"] + command.split(separator: " ").map(String.init)).object()
  }

  /// What of `value` breaks `schema`: type, properties, required, additionalProperties and items.
  private static func faults(
    _ value: Any, _ given: [String: Any], _ path: String = "$", root: [String: Any]? = nil
  ) -> [String] {
    let root = root ?? given
    var schema = given
    if let reference = given["$ref"] as? String {
      let shared = root["$defs"] as? [String: [String: Any]] ?? [:]
      guard let found = shared[String(reference.dropFirst("#/$defs/".count))] else {
        return ["\(path): \(reference) is not defined"]
      }
      schema = found
    }
    guard let type = schema["type"] else { return [] }
    let kinds = type as? [String] ?? [type as? String ?? ""]
    let kind: String =
      switch value {
      case is [String: Any]: "object"
      case is [Any]: "array"
      case is NSNull: "null"
      case is String: "string"
      case is Bool: "boolean"
      default: "number"
      }
    guard kinds.contains(kind) || (kind == "boolean" && kinds.contains("number")) else {
      return ["\(path): \(kind), expected \(kinds)"]
    }
    var found: [String] = []
    if let object = value as? [String: Any] {
      let known = schema["properties"] as? [String: [String: Any]] ?? [:]
      for key in schema["required"] as? [String] ?? [] where object[key] == nil {
        found.append("\(path): no \(key)")
      }
      for (key, member) in object {
        if let one = known[key] ?? (schema["additionalProperties"] as? [String: Any]) {
          found += faults(member, one, "\(path).\(key)", root: root)
        } else {
          found.append("\(path): unknown key \(key)")
        }
      }
    }
    if let list = value as? [Any], let items = schema["items"] as? [String: Any] {
      for (index, element) in list.enumerated() {
        found += faults(element, items, "\(path)[\(index)]", root: root)
      }
    }
    return found
  }

  /// Every object is closed, or a map whose values have one shape.
  private static func openObjects(_ schema: [String: Any], _ path: String = "$") -> [String] {
    var found: [String] = []
    if schema["properties"] != nil, schema["additionalProperties"] as? Bool != false {
      found.append(path)
    }
    for (key, one) in schema["$defs"] as? [String: [String: Any]] ?? [:] {
      found += openObjects(one, "$defs.\(key)")
    }
    for (key, one) in schema["properties"] as? [String: [String: Any]] ?? [:] {
      found += openObjects(one, "\(path).\(key)")
    }
    if let items = schema["items"] as? [String: Any] { found += openObjects(items, "\(path)[]") }
    if let values = schema["additionalProperties"] as? [String: Any] {
      found += openObjects(values, "\(path).*")
    }
    return found
  }

  @Test func everyCommandHasAClosedSchema() throws {
    let listed = try #require(
      try succeed(["schema", "--json"]).object()["commands"] as? [String])
    #expect(listed.count >= 40)
    for command in listed {
      let schema = try Self.schema(command)
      #expect(schema["title"] as? String == "riddle \(command) --json")
      #expect(Self.openObjects(schema).isEmpty, "\(command)")
    }
    let text = try succeed(["--experimental-dump-help"]).object()
    func walk(_ command: [String: Any], _ words: [String]) {
      let below = (command["subcommands"] as? [[String: Any]] ?? []).filter {
        $0["commandName"] as? String != "help"
      }
      let names = (command["arguments"] as? [[String: Any]] ?? []).flatMap {
        ($0["names"] as? [[String: Any]] ?? []).compactMap { $0["name"] as? String }
      }
      let name = words.joined(separator: " ")
      if below.isEmpty, !words.isEmpty, names.contains("json"), name != "policy schema" {
        #expect(listed.contains(name), "\(name) has no schema: Tests/Golden/Generators/schemas.py")
      }
      for sub in below { walk(sub, words + [sub["commandName"] as? String ?? ""]) }
    }
    walk(try #require(text["command"] as? [String: Any]), [])
  }

  @Test(arguments: [
    ["config", "show"], ["config", "keys"], ["config", "path"], ["doctor"], ["man", "train"],
    ["completions", "bash"], ["policy", "kinds"], ["repro", "arena"], ["init", "project"],
    ["import", "log.jsonl", "--store", "s.sqlite"], ["import", "log.jsonl", "--dry-run"],
    ["headroom", "log.jsonl", "--candidates", "tiny,huge", "--replicates", "20"],
    ["label", "--data", "log.jsonl", "--candidates", "tiny,huge"], ["leaks", "log.jsonl"],
    ["inspect", "log.jsonl"],
  ])
  func theOutputIsAsPublished(arguments: [String]) throws {
    try withFolder { folder in
      try folder.write("log.jsonl", SyntheticLog.text(SyntheticLog.rows(120)))
      let result = try runRiddle(arguments + ["--json", "--quiet"], in: folder)
      let listed = try succeed(["schema"]).output.split(separator: "\n").map(String.init)
      let command = try #require(
        listed.filter { arguments.joined(separator: " ").hasPrefix($0) }.max { $0.count < $1.count }
      )
      let found = Self.faults(
        try JSONSerialization.jsonObject(with: Data(result.output.utf8)), try Self.schema(command))
      #expect(found.isEmpty, "\(found.prefix(5))")
    }
  }

  @Test func aNewKeyIsNoticed() throws {
    let schema = try Self.schema("config path")
    let file: [String: Any] = ["kind": "user", "exists": true, "colour": "red"]
    let more: [String: Any] = ["files": [file]]
    let wrong: [String: Any] = ["files": "none"]
    let empty: [String: Any] = [:]
    let found = [more, wrong, empty].map { Self.faults($0, schema) }
    #expect(found[0] == ["$.files[0]: unknown key colour"])
    #expect(found[1] == ["$.files: string, expected [\"array\"]"])
    #expect(found[2] == ["$: no files"])
  }

  @Test func schemasAreWrittenAsFiles() throws {
    try withFolder { folder in
      try succeed(["schema", "--output", "schemas"], in: folder)
      #expect(folder.has("schemas/runs-list.schema.json"))
    }
  }
}
