import RiddleData
import RiddlePolicies

/// How a chat request is served, and what the log says of it.
public struct ChatRoute: Sendable {
  /// What serves it.
  public var policy: any Policy
  /// The side of the experiment; nil without one.
  var arm: Arm?
  /// Position of the candidate that the policy would have asked first, where the control candidate answers.
  var wouldBe: Int?

  /// Adds the experiment to a line of the log.
  public func add(to extras: inout RecordExtras, candidates: [String]) {
    extras.add(arm: arm, wouldBe: wouldBe.map { candidates[$0] })
  }
}

extension ServedRouter {
  /// How a chat request is served.
  ///
  /// A caller that names a candidate, an override, and whoever is routed get the policy; the control candidate answers the others.
  public func chatRoute(_ name: ModelName, _ query: RouteQuery, _ request: Request) -> ChatRoute {
    let policy = chatPolicy(name, query, request)
    if case .candidate = name { return ChatRoute(policy: policy) }
    if exposure.isWhole { return ChatRoute(policy: policy) }
    let step = policy.next(request, after: [])
    if step?.reason.isBinding == true { return ChatRoute(policy: policy) }
    if exposure.acts(on: query, id: request.id) { return ChatRoute(policy: policy, arm: .routed) }
    var wouldBe: Int?
    if case .ask(let ask, _) = step { wouldBe = ask.candidates.first }
    return ChatRoute(
      policy: asked(exposure.control, stage: "control"), arm: .control, wouldBe: wouldBe)
  }

  /// The policy of a chat request.
  ///
  /// A query without text goes to the stated default, unless a stage that reads no text decides it.
  private func chatPolicy(
    _ name: ModelName, _ query: RouteQuery, _ request: Request
  ) -> any Policy {
    switch name {
    case .candidate(let index):
      return asked(index, stage: "model", retries: false)
    case .threshold(let threshold):
      guard query.abstention == nil else { return asked(abstainsTo, stage: "abstained") }
      return StagedPolicy(
        name: self.name,
        stages: [
          ScoreTiers(
            source: .probability, cuts: [threshold], candidates: [0, candidates.count - 1])
        ], guards: [Retry()], fallback: candidates.count - 1)
    case .routed:
      guard let policy else { return asked(abstainsTo, stage: "default") }
      if query.abstention == nil { return policy }
      let reason = policy.next(request, after: [])?.reason
      let decides =
        reason.map { $0.isBinding || stagesWithoutText.contains($0.stage) } ?? false
      return decides ? policy : asked(abstainsTo, stage: "abstained")
    }
  }

  private func asked(_ candidate: Int, stage: String, retries: Bool = true) -> StagedPolicy {
    var policy = StagedPolicy(
      name: name, stages: [Static(candidate: candidate)], guards: retries ? [Retry()] : [],
      fallback: candidate)
    policy.partNames = [stage] + (retries ? ["retry"] : [])
    return policy
  }
}
