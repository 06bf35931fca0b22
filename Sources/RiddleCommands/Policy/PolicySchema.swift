import Foundation
import RiddlePolicyFiles

/// The JSON Schema (draft 2020-12) of policy files, made from what the reader asks for. It cannot say everything that the reader checks:
/// `riddle policy check` has the last word.
enum PolicySchema {
  /// The schema as text, keys sorted, ended by a newline.
  static func text() throws -> String {
    let data = try JSONSerialization.data(
      withJSONObject: document, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
    return String(decoding: data, as: UTF8.self) + "\n"
  }

  private static var document: [String: Any] {
    let kinds = PolicyKinds.all
    var properties: [String: Any] = [:]
    for field in PolicyKinds.topLevel { properties[field.name] = schema(field) }
    properties["stages"] = list(kinds.filter { !$0.isGuard })
    properties["guards"] = list(kinds.filter(\.isGuard))
    properties["predict"] = [
      "type": "object", "additionalProperties": false,
      "properties": Dictionary(
        uniqueKeysWithValues: PolicyKinds.predictor.map { ($0.name, schema($0)) }),
    ]
    properties["upstreams"] = [
      "type": "object", "minProperties": 1,
      "additionalProperties": [
        "type": "object", "additionalProperties": false, "required": ["base_url"],
        "properties": Dictionary(
          uniqueKeysWithValues: UpstreamEntry.fields.map { ($0.name, schema($0)) }),
      ] as [String: Any],
    ]
    return [
      "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Riddle routing policy",
      "type": "object", "additionalProperties": false, "properties": properties,
      "$defs": ["rules": rules],
    ]
  }

  /// A list of one-key mappings, or bare names of kinds that need no settings.
  private static func list(_ kinds: [PolicyKinds.Entry]) -> [String: Any] {
    let bare = kinds.filter { !$0.fields.contains(where: \.isRequired) }.map(\.name)
    var options: [[String: Any]] = [["enum": bare]]
    for kind in kinds {
      options.append([
        "type": "object", "additionalProperties": false, "required": [kind.name],
        "description": description(kind.summary, ids: kind.ids),
        "properties": [kind.name: settings(kind)],
      ])
    }
    return ["type": "array", "items": ["anyOf": options]]
  }

  private static func description(_ summary: String, ids: [String]) -> String {
    ids.isEmpty ? summary : "\(summary) (\(ids.joined(separator: ", ")))"
  }

  private static func settings(_ kind: PolicyKinds.Entry) -> [String: Any] {
    if kind.name == "rules" { return ["$ref": "#/$defs/rules"] }
    let required = kind.fields.filter(\.isRequired).map(\.name)
    var settings: [String: Any] = [
      "type": required.isEmpty ? ["object", "null"] : ["object"], "additionalProperties": false,
      "properties": Dictionary(
        uniqueKeysWithValues: kind.fields.map { ($0.name, schema($0)) }),
    ]
    if !required.isEmpty { settings["required"] = required }
    return settings
  }

  private static func schema(_ field: SettingsField) -> [String: Any] {
    var schema: [String: Any]
    switch field.kind {
    case .number(let range): schema = bounds(["type": "number"], range)
    case .integer(let range):
      schema = ["type": "integer", "minimum": range.lowerBound, "maximum": range.upperBound]
    case .numbers(let range):
      schema = ["type": "array", "minItems": 1, "items": bounds(["type": "number"], range)]
    case .boolean: schema = ["type": "boolean"]
    case .text: schema = ["type": ["string", "number"]]
    case .texts:
      schema = [
        "anyOf": [
          ["type": "string"], ["type": "array", "minItems": 1, "items": ["type": "string"]],
        ]
      ]
    case .choice(let words): schema = ["enum": words]
    case .candidate: schema = ["type": "string", "minLength": 1]
    case .candidates:
      schema = ["type": "array", "minItems": 1, "uniqueItems": true, "items": ["type": "string"]]
    case .candidateMap:
      schema = [
        "type": "object", "minProperties": 1, "additionalProperties": ["type": "string"],
      ]
    case .rules: schema = ["$ref": "#/$defs/rules"]
    }
    if !field.meaning.isEmpty { schema["description"] = field.meaning }
    if let fallback = field.fallback {
      schema["description"] = "\(field.meaning); default \(fallback)"
    }
    return schema
  }

  private static func bounds(_ schema: [String: Any], _ range: ClosedRange<Double>) -> [String: Any]
  {
    schema.merging(["minimum": range.lowerBound, "maximum": range.upperBound]) { $1 }
  }

  private static var rules: [String: Any] {
    let values: [String: Any] = [
      "anyOf": [
        ["type": ["string", "number", "boolean"]],
        ["type": "array", "minItems": 1, "items": ["type": ["string", "number", "boolean"]]],
        [
          "type": "object", "additionalProperties": false, "minProperties": 1,
          "properties": ["at_least": ["type": "number"], "below": ["type": "number"]],
        ],
      ]
    ]
    let count: [String: Any] = ["type": "integer", "minimum": 0]
    let conditions: [String: Any] = [
      "min_length": count, "max_length": count, "min_turn": count, "max_turn": count,
      "contains": values, "user_tier": values, "task_type": values, "domain": values,
      "group": values, "conversation": values, "turn": values,
    ]
    return [
      "type": "array", "minItems": 1,
      "items": [
        "type": "object", "additionalProperties": false, "required": ["when", "ask"],
        "properties": [
          "name": ["type": "string"], "ask": ["type": "string", "minLength": 1],
          "adjust": ["type": "number", "minimum": -1, "maximum": 1],
          "risk": ["enum": ["normal", "high"]],
          "when": [
            "type": "object", "minProperties": 1, "properties": conditions,
            "patternProperties": ["^metadata\\.": values], "additionalProperties": false,
          ],
        ] as [String: Any],
      ] as [String: Any],
    ]
  }
}
