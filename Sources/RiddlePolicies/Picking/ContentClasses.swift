import RiddleData

/// A class of queries, a candidate for each (ROUTING-SYSTEMS A2): simple → small, reasoning → large, code → code-specialised.
public struct ContentClasses: PickingPolicy, Equatable {
  /// Where a request's class comes from.
  public enum Source: Equatable, Sendable {
    /// A field (``QueryContext/value(of:)``), for example `task_type`.
    case field(String)
    /// The router's tier: the class is the name of the candidate its margins climb to, by these thresholds.
    case router(thresholds: [Double], names: [String])
  }

  /// Where the class comes from.
  public var source: Source
  /// The candidate of each class.
  public var candidates: [String: Int]
  /// The candidate of an unknown class; nil passes on.
  public var unknown: Int?

  /// Classes; positions beyond the ladder mean its top.
  public init(source: Source, candidates: [String: Int], unknown: Int?) {
    self.source = source
    self.candidates = candidates
    self.unknown = unknown
  }

  /// The candidate of the request's class. A class that is not listed goes to ``unknown``.
  public func pick(_ request: Request) -> Pick? {
    let name: String?
    switch source {
    case .field(let field): name = request.context.value(of: field)
    case .router(let thresholds, let names):
      name =
        !thresholds.isEmpty && request.margins.count == thresholds.count
        ? names[Ladder(thresholds: thresholds).position(request.margins)] : nil
    }
    if let name, let candidate = candidates[name] {
      return Pick(min(candidate, request.strongest), Reason("class", name))
    }
    return unknown.map {
      Pick(min($0, request.strongest), Reason("class", "unknown class", isFlagged: name != nil))
    }
  }
}
