/// What the `model` of a chat request asks for.
public enum ModelName: Equatable, Sendable {
  /// The router or policy decides: `riddle`, `auto`, or nothing.
  case routed
  /// The router's probability against this threshold: `router-<name>-<threshold>`, RouteLLM's convention.
  case threshold(Double)
  /// One candidate, whatever the router says.
  case candidate(Int)

  /// What `name` asks for; nil when there is no such thing.
  ///
  /// - Parameters:
  ///   - name: the request's `model`; nil or empty asks for the router.
  ///   - router: the router's own name; `riddle` means it too.
  ///   - candidates: names of the ladder.
  public init?(_ name: String?, router: String, candidates: [String]) {
    guard let name, !name.isEmpty, name != "riddle", name != "auto" else {
      self = .routed
      return
    }
    if let index = candidates.firstIndex(of: name) {
      self = .candidate(index)
      return
    }
    for known in ["riddle", router] {
      let prefix = "router-\(known)-"
      guard name.hasPrefix(prefix), let threshold = Double(name.dropFirst(prefix.count)),
        threshold >= 0, threshold <= 1
      else { continue }
      self = .threshold(threshold)
      return
    }
    return nil
  }
}
