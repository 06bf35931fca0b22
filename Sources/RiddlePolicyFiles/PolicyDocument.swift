import RiddlePolicies
import Yams

/// A policy file: read once, turned into a plan when the candidates are known.
///
///     name: premium-first
///     router: desk.riddle          # gives probabilities and thresholds
///     stages:                      # the first that does not pass on decides
///       - user_tier: {tiers: {premium: large, free: small}}
///       - classifier: {threshold: 0.7}
///     guards:                      # may change what was decided
///       - budget: {usd_per_day: 50}
///     default: small
///
/// `rules` and `threshold` beside `stages` are short for a `rules` stage and a `classifier` stage.
public struct PolicyDocument {
  /// Where it was read from, for errors.
  public let path: String
  /// The name, when the file gives one.
  public let name: String?
  /// The router's path as it stands in the file; nil for none.
  public let routerPath: String?
  private let root: Node

  /// Parses `text`.
  ///
  /// - Parameter overrides: settings to change before reading, by their key or `stage.key`; see ``PolicyOverride``.
  public init(text: String, path: String, overrides: [PolicyOverride] = []) throws(PolicyFileError)
  {
    self.path = path
    var node = try Self.root(of: text, path: path)
    for override in overrides { node = try override.applied(to: node, path: path) }
    guard node.mapping != nil else {
      throw PolicyFileError(
        path: path, line: node.mark?.line, column: node.mark?.column,
        reason: "expected a mapping with stages and default; see `riddle policy kinds`")
    }
    root = node
    let reader = Settings(root, path: path, names: CandidateNames(nil))
    name = try reader.optionalText("name", "")
    routerPath = try reader.optionalText("router", "")
  }

  /// The tree of a file within ``FileLimits``.
  static func root(of text: String, path: String) throws(PolicyFileError) -> Node {
    // Some editors begin UTF-8 with a byte order mark.
    let text =
      text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
    try FileLimits.check(text: text, path: path)
    let node: Node
    do {
      guard let parsed = try compose(yaml: text) else {
        throw PolicyFileError(path: path, reason: "empty; see `riddle policy kinds`")
      }
      node = parsed
    } catch let error as PolicyFileError {
      throw error
    } catch {
      throw Self.syntaxError(error, path: path)
    }
    try FileLimits.check(node, path: path)
    return node
  }

  /// Where a server finds the candidates, cheapest first; empty when the file does not say.
  public func upstreams() throws(PolicyFileError) -> [UpstreamEntry] {
    guard let node = root.mapping?["upstreams"], node.null == nil else { return [] }
    return try UpstreamEntry.read(node, path: path)
  }

  /// The plan for a ladder of `candidates`, cheapest first; nil checks the file without knowing them.
  ///
  /// - Parameter name: the name in tables, when the file has none.
  public func plan(candidates: [String]?, name fallbackName: String) throws(PolicyFileError)
    -> PolicyPlan
  {
    var names = CandidateNames(candidates)
    if candidates == nil {
      _ = try readPlan(names, fallbackName)
      if names.met.count > 64 {
        throw PolicyFileError(
          path: path, reason: "names \(names.met.count) candidates; a ladder has at most 64")
      }
      names = CandidateNames(Self.padded(names.met))
    }
    return try readPlan(names, fallbackName)
  }

  /// The candidates that the file names, in the order of their appearance, filled up to three.
  public func mentionedCandidates() throws(PolicyFileError) -> [String] {
    let names = CandidateNames(nil)
    _ = try readPlan(names, "")
    return Self.padded(names.met)
  }

  private static func padded(_ names: [String]) -> [String] {
    names + ["(cheapest)", "(middle)", "(strongest)"].suffix(max(0, 3 - names.count))
  }

  private func readPlan(_ names: CandidateNames, _ fallbackName: String) throws(PolicyFileError)
    -> PolicyPlan
  {
    let top = try TopLevel(Settings(root, path: path, names: names), fallbackName)
    return top.plan
  }

  /// Where and why, without the text of the file.
  private static func syntaxError(_ error: any Error, path: String) -> PolicyFileError {
    switch error {
    case YamlError.scanner(_, let problem, let mark, _),
      YamlError.parser(_, let problem, let mark, _),
      YamlError.composer(_, let problem, let mark, _):
      PolicyFileError(
        path: path, line: mark.line, column: mark.column,
        reason: problem.hasPrefix("Maximum nesting level")
          ? "nested too deeply; that is no policy" : "not YAML: \(problem)")
    case YamlError.reader(let problem, let offset?, _, let text):
      syntaxError(problem, at: offset, of: text, path: path)
    case YamlError.duplicatedKeysInMapping(_, let context):
      PolicyFileError(
        path: path, line: context.mark.line, column: context.mark.column,
        reason: "a key is given twice in one mapping")
    default: PolicyFileError(path: path, reason: "not YAML: it cannot be parsed")
    }
  }

  /// What is wrong with the character at `offset`.
  private static func syntaxError(_ problem: String, at offset: Int, of text: String, path: String)
    -> PolicyFileError
  {
    let before = text.prefix(max(0, offset))
    return PolicyFileError(
      path: path, line: 1 + before.count(where: \.isNewline),
      column: 1 + before.reversed().prefix { !$0.isNewline }.count, reason: "not YAML: \(problem)")
  }
}
