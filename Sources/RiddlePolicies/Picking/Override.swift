import RiddleData

/// The user names a candidate, and gets it (ROUTING-SYSTEMS B4): wins over every stage and every guard.
public struct Override: PickingPolicy, Equatable {
  /// Name of the metadata field.
  public var field: String
  /// Candidates by name.
  public var candidates: [String: Int]

  /// An override read from `field`.
  public init(field: String = "override", candidates: [String: Int]) {
    self.field = field
    self.candidates = candidates
  }

  /// The named candidate; passes on without a name, or with one that is no candidate's.
  public func pick(_ request: Request) -> Pick? {
    guard let name = request.context.value(of: field), let candidate = candidates[name] else {
      return nil
    }
    return Pick(min(candidate, request.strongest), Reason("override", name, isBinding: true))
  }
}
