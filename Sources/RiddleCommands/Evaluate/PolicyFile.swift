import Foundation
import RiddleData
import RiddleEvaluation
import RiddlePipeline
import RiddlePolicies
import RiddleRuntime
import Yams

/// A policy written in YAML: rules, a router for the rest, a default.
///
///     name: premium-first          # optional
///     rules:                       # first match wins
///       - name: premium users
///         when: {user_tier: [premium, enterprise]}
///         ask: large
///       - name: long code
///         when: {contains: ["```", "stack trace"], min_length: 200}
///         ask: large
///     router: desk.riddle          # optional: decides what no rule claims
///     threshold: 0.7               # optional: probability from which the router climbs; else its own thresholds
///     default: small               # for what nothing claims
///
/// Conditions: `min_length`, `max_length` (Unicode scalars), `contains`, `user_tier`, `task_type`, `domain`, `group`, `min_turn`.
struct PolicyFile {
  let path: String
  var name: String?
  private let root: Node

  /// Reads the file; what candidates it names is checked when it meets the data.
  init(path: String) throws {
    self.path = path
    let text = String(decoding: try Files.read(path, what: "policy"), as: UTF8.self)
    let node: Node?
    do {
      node = try compose(yaml: text)
    } catch {
      throw CommandFailure(.malformedData, "\(path): not YAML: \(Self.describe(error))")
    }
    guard let node, node.mapping != nil else {
      throw CommandFailure(
        .malformedData,
        "\(path): expected a mapping with rules, default, and perhaps router and threshold")
    }
    root = node
    try check(root, keys: ["name", "rules", "router", "threshold", "default"])
    name = root["name"]?.string
  }

  /// Where and why, without the text of the file.
  private static func describe(_ error: any Error) -> String {
    if case YamlError.scanner(_, let problem, let mark, _) = error {
      return "line \(mark.line), column \(mark.column): \(problem)"
    }
    if case YamlError.parser(_, let problem, let mark, _) = error {
      return "line \(mark.line), column \(mark.column): \(problem)"
    }
    return "it cannot be parsed"
  }

  /// The path of its router, relative to the file.
  var routerPath: String? {
    root["router"]?.string.map {
      $0.hasPrefix("/")
        ? $0 : URL(fileURLWithPath: path).deletingLastPathComponent().path + "/" + $0
    }
  }

  /// The policy on `data`; `router` is the opened ``routerPath``.
  func policy(named name: String, router: OpenedRouter?, on data: Dataset) throws -> ScoredPolicy {
    let candidates = data.outcomes.candidates
    var scored: ScoredPolicy?
    var thresholds: [Double]?
    if let router {
      guard router.candidates == candidates else {
        throw failure(
          root["router"] ?? root,
          "the router's ladder is \(router.candidates.joined(separator: ", ")), the data's \(candidates.joined(separator: ", "))"
        )
      }
      let own = scoredPolicy(router.router, name: name, on: data)
      thresholds = own.thresholds
      if let node = root["threshold"] {
        guard let value = node.float, value > 0, value < 1 else {
          throw failure(node, "threshold must be a probability between 0 and 1")
        }
        guard router.router.rule == .ladder else {
          throw failure(
            node, "the router weighs outcomes; leave the threshold out, it has its own")
        }
        thresholds = router.router.calibration.map { margin(ofProbability: value, $0) }
      }
      scored = own
    } else if let node = root["threshold"] {
      throw failure(node, "a threshold needs a router")
    }
    let fallback: Int
    if let node = root["default"] {
      fallback = try position(node, candidates)
    } else {
      guard thresholds != nil else { throw failure(root, "default is missing: name a candidate") }
      fallback = 0
    }
    var stages: [any Policy] = [RuleTable(rules: try rules(candidates))]
    if let thresholds { stages.append(Ladder(thresholds: thresholds)) }
    let policy = StagedPolicy(name: name, stages: stages, fallback: fallback)
    let heads = candidates.count - 1
    let picks = (0..<data.count).map { i in
      let request = Request(
        text: data.texts[i], context: data.contexts[i], candidateCount: candidates.count,
        margins: scored.map { Array($0.margins[(i * heads)..<((i + 1) * heads)]) } ?? [])
      guard case .ask(let ask, _) = policy.next(request, after: []) else { return fallback }
      return ask.candidates.first
    }
    return ScoredPolicy(name: name, kind: "policy file", picks: picks)
  }

  private func rules(_ candidates: [String]) throws -> [RuleTable.Rule] {
    guard let node = root["rules"] else { return [] }
    guard let list = node.sequence else { throw failure(node, "rules must be a list") }
    return try list.enumerated().map { index, rule in
      guard rule.mapping != nil else {
        throw failure(rule, "a rule is a mapping with when and ask")
      }
      try check(rule, keys: ["name", "when", "ask"])
      guard let ask = rule["ask"] else {
        throw failure(rule, "ask is missing: name a candidate")
      }
      guard let when = rule["when"], let conditions = when.mapping, !conditions.isEmpty else {
        throw failure(rule, "when is missing or empty; a rule without conditions is the default")
      }
      return RuleTable.Rule(
        name: rule["name"]?.string ?? "\(index + 1)",
        conditions: try conditions.map { try condition($0.key, $0.value) },
        candidate: try position(ask, candidates))
    }
  }

  private func condition(_ key: Node, _ value: Node) throws -> RuleTable.Condition {
    func number() throws -> Int {
      guard let count = value.int, count >= 0 else {
        throw failure(value, "\(key.string ?? "") needs a whole number")
      }
      return count
    }
    func words() throws -> [String] {
      let list = value.sequence.map { $0.compactMap(\.string) } ?? value.string.map { [$0] } ?? []
      guard !list.isEmpty else { throw failure(value, "\(key.string ?? "") needs text or a list") }
      return list
    }
    switch key.string {
    case "min_length": return .minimumLength(try number())
    case "max_length": return .maximumLength(try number())
    case "min_turn": return .number("turn", from: Double(try number()), below: .infinity)
    case "contains": return .contains(try words())
    case "user_tier", "task_type", "domain", "group":
      return .field(key.string ?? "", try words())
    default:
      throw failure(
        key,
        "unknown condition; known: min_length, max_length, min_turn, contains, user_tier, task_type, domain, group"
      )
    }
  }

  private func position(_ node: Node, _ candidates: [String]) throws -> Int {
    guard let name = node.string, let position = candidates.firstIndex(of: name) else {
      throw failure(
        node,
        "'\(node.string ?? "")' is not one of the candidates \(candidates.joined(separator: ", "))")
    }
    return position
  }

  private func check(_ node: Node, keys: [String]) throws {
    for (key, _) in node.mapping ?? [:] where !keys.contains(key.string ?? "") {
      throw failure(
        key, "unknown field '\(key.string ?? "")'; known: \(keys.joined(separator: ", "))")
    }
  }

  private func failure(_ node: Node, _ reason: String) -> CommandFailure {
    let place = node.mark.map { ", line \($0.line), column \($0.column)" } ?? ""
    return CommandFailure(.malformedData, "\(path)\(place): \(reason)")
  }
}
