import RiddleData

/// Known multi-step workflows use the strong candidate for every step (ROUTING-SYSTEMS B3).
public struct WorkflowStickiness: PickingPolicy, Equatable {
  /// Name of the field that names the workflow.
  public var field: String
  /// Workflows that are known to need it; empty means every request that names one.
  public var workflows: Set<String>
  /// Position on the ladder; beyond it means its top.
  public var candidate: Int

  /// Stickiness for `workflows`.
  public init(field: String = "workflow", workflows: Set<String> = [], candidate: Int) {
    self.field = field
    self.workflows = workflows
    self.candidate = candidate
  }

  /// The candidate for a step of a known workflow.
  public func pick(_ request: Request) -> Pick? {
    guard let name = request.context.value(of: field), workflows.isEmpty || workflows.contains(name)
    else { return nil }
    return Pick(min(candidate, request.strongest), Reason("workflow", name))
  }
}
