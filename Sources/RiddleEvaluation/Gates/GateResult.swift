/// What came of one gate for one policy.
public struct GateResult: Equatable, Sendable, Codable {
  /// One requirement of a gate.
  public struct Check: Equatable, Sendable, Codable {
    /// `retention >= 0.98`, for example.
    public var requirement: String
    /// The figure with its interval.
    public var figure: Figure
    /// What the interval says; nil for figures that only stand beside.
    public var verdict: GateVerdict?

    /// A check.
    public init(requirement: String, figure: Figure, verdict: GateVerdict?) {
      self.requirement = requirement
      self.figure = figure
      self.verdict = verdict
    }

    init(_ gate: Gate, policy: PolicyFigures, trials: Int) {
      let figure = gate.figure(of: policy)
      self.init(
        requirement: gate.description, figure: figure,
        verdict: gate.verdict(figure, trials: trials))
    }

    static func beside(_ metric: String, _ figure: Figure) -> Check {
      Check(requirement: "\(metric), for reading", figure: figure, verdict: nil)
    }
  }

  /// The judged policy.
  public var router: String
  /// `C4`, or the requirement itself.
  public var gate: String
  /// What it asks, in words.
  public var meaning: String
  /// The verdict over all checks.
  public var verdict: GateVerdict
  /// The checks.
  public var checks: [Check]
  /// Why a verdict is undecided though nothing crosses a bound; empty otherwise.
  public var reason: String
}

/// A gate by number or a requirement of one's own.
public enum RequestedGate: Equatable, Sendable {
  /// One of the numbered gates.
  case standard(StandardGate)
  /// A requirement.
  case requirement(Gate)

  /// Parses `C4` or `retention >= 0.98`.
  public init?(parsing text: String) {
    if let gate = StandardGate(rawValue: text.uppercased()) {
      self = .standard(gate)
    } else if let gate = Gate(parsing: text) {
      self = .requirement(gate)
    } else {
      return nil
    }
  }

  /// The result for every router of `report`, in their order.
  public func results(_ report: EvaluationReport) -> [GateResult] {
    report.routers.map { router in
      let checks: [GateResult.Check]
      let (name, meaning): (String, String)
      switch self {
      case .standard(let gate):
        checks = gate.checks(router, report: report)
        (name, meaning) = (gate.rawValue, gate.meaning)
      case .requirement(let gate):
        checks = [
          GateResult.Check(gate, policy: router, trials: report.intervals.clusters)
        ]
        (name, meaning) = (gate.description, gate.description)
      }
      let judged = checks.filter { $0.verdict != nil }
      if let doubt = report.intervals.doubt {
        return GateResult(
          router: router.name, gate: name, meaning: meaning, verdict: .undecided,
          checks: checks.map {
            .init(
              requirement: $0.requirement, figure: $0.figure,
              verdict: $0.verdict == nil ? nil : .undecided)
          }, reason: doubt)
      }
      let undefined = judged.filter { $0.figure.value == nil }
      let reason =
        judged.isEmpty
        ? "nothing to judge: the rows have no segments"
        : undefined.isEmpty
          ? "" : "undefined on these rows: \(undefined.map(\.requirement).joined(separator: ", "))"
      return GateResult(
        router: router.name, gate: name, meaning: meaning,
        verdict: judged.isEmpty ? .undecided : .all(judged.compactMap(\.verdict)),
        checks: checks, reason: reason)
    }
  }
}

extension EvaluationReport.IntervalSettings {
  /// Why intervals made like this decide no gate; nil when they do.
  var doubt: String? {
    if Double(replicates) * (1 - confidence) < 2 - 1e-9 {
      return replicates == 0
        ? "there are no intervals to decide by; leave --replicates at its default"
        : "\(replicates) replicates make no interval at this confidence"
    }
    return clusters < 30
      ? "only \(clusters) independent rows: intervals are too narrow below 30" : nil
  }
}

extension EvaluationReport {
  /// The segments of one router.
  func segments(of router: String) -> [Segment] {
    routers.first?.name == router
      ? segments : moreSegments.first { $0.router == router }?.segments ?? []
  }
}
