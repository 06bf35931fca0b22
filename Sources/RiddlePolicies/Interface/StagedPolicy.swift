import RiddleData

/// Stages in order, the first that does not pass on decides; then guards in order, each of which may change the step. What no
/// stage claims goes to the default.
///
/// A stage decides every step of the requests it claims: it is asked again after each attempt, and stages before it, which
/// look at the request alone, pass on again. A binding step, such as a user's override, is shown to no guard. The router's own price
/// and time (A8) are added to the first step of every request.
public struct StagedPolicy: Policy {
  /// The name in tables.
  public var name: String
  /// The stages, first one first.
  public var stages: [any Policy]
  /// The guards, first one first.
  public var guards: [any Guard]
  /// What stages and guards are called in reasons, in their order, guards after stages; empty leaves each its own word.
  public var partNames: [String] = []
  /// Position for what no stage claims; positions beyond the ladder mean its top.
  public var fallback: Int
  /// Nano-dollars of one decision.
  public var decisionPrice: Int64
  /// Microseconds of one decision.
  public var decisionTime: Int64

  /// A composition.
  public init(
    name: String, stages: [any Policy], guards: [any Guard] = [], fallback: Int,
    decisionPrice: Int64 = 0, decisionTime: Int64 = 0
  ) {
    self.name = name
    self.stages = stages
    self.guards = guards
    self.fallback = fallback
    self.decisionPrice = decisionPrice
    self.decisionTime = decisionTime
  }

  /// The step of the first stage that does not pass on, as the guards leave it. Never nil.
  public func next(_ request: Request, after attempts: [Attempt]) -> Step? {
    var step = decided(request, attempts)
    if !guards.isEmpty && !step.reason.isBinding {
      // Guards look at answers: the driver must come back.
      if case .ask(var ask, let reason) = step, ask.isFinal {
        ask.isFinal = false
        step = .ask(ask, reason)
      }
      for index in guards.indices {
        let amended = guards[index].amend(step, for: request, after: attempts)
        if !partNames.isEmpty && amended != step {
          step = named(amended, stages.count + index)
        } else {
          step = amended
        }
      }
    }
    if attempts.isEmpty && (decisionPrice != 0 || decisionTime != 0) {
      step.reason.fee += decisionPrice
      step.reason.delay += decisionTime
    }
    return step
  }

  private func decided(_ request: Request, _ attempts: [Attempt]) -> Step {
    var isFlagged = false
    for index in stages.indices {
      if var step = stages[index].next(request, after: attempts) {
        if isFlagged { step.reason.isFlagged = true }
        return partNames.isEmpty ? step : named(step, index)
      }
      if attempts.isEmpty && stages[index].flags(request) { isFlagged = true }
    }
    let reason = Reason("default", isFlagged: isFlagged)
    guard let last = attempts.last else {
      return .ask(Ask(min(fallback, request.strongest)), reason)
    }
    return last.isAnswered ? .accept(attempts.count - 1, reason) : .fail(reason)
  }

  /// The step under the name of a part; the part's own word is kept where it said nothing else.
  private func named(_ step: Step, _ part: Int) -> Step {
    var step = step
    if step.reason.detail.isEmpty && step.reason.stage != partNames[part] {
      step.reason.detail = step.reason.stage
    }
    step.reason.stage = partNames[part]
    return step
  }

  /// Tells every stage and guard.
  public mutating func observe(_ served: Served) {
    for index in stages.indices where stages[index].learns { stages[index].observe(served) }
    for index in guards.indices where guards[index].learns { guards[index].observe(served) }
  }

  /// Whether any part remembers.
  public var learns: Bool {
    stages.contains { $0.learns } || guards.contains { $0.learns }
  }
}
