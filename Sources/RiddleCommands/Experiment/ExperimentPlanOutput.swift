import RiddleEvaluation
import RiddleReport

/// The result of `riddle experiment plan`, as JSON and as text.
struct ExperimentPlanOutput: Encodable {
  struct Plan: Encodable {
    var size: ExperimentSize
    /// The same by the other formula for two proportions.
    var otherFormula: ExperimentSize?

    private enum CodingKeys: String, CodingKey {
      case size
      case otherFormula = "other_formula"
    }
  }

  var kind = "experiment-plan"
  var plans: [Plan]
  /// What the data say; nil for numbers that were given.
  var measured: MeasuredPair?
  var candidates: [String]?
  var warnings: [String] = []

  func text(power: Double, alpha: Double) -> String {
    var lines: [String] = []
    if let measured, let candidates {
      let rows: [[String]] =
        [
          ["\(candidates[0]), mean quality", number(measured.baseline)],
          ["\(candidates[1]) − \(candidates[0])", number(measured.difference, isSigned: true)],
          ["standard deviation of one", number(measured.deviation)],
          ["standard deviation of the difference", number(measured.differenceDeviation)],
        ]
        + (measured.discordant.map {
          [["exactly one is good", FigureFormat.percent.text($0)]]
        } ?? [])
        + (measured.correlation.map { [["correlation of the two", number($0)]] } ?? [])
        + (measured.clusterSize > 1
          ? [
            ["requests per conversation, weighted", number(measured.clusterSize)],
            ["correlation within one: quality", number(measured.intraclassCorrelation)],
            [
              "correlation within one: difference",
              number(measured.differenceIntraclassCorrelation),
            ],
          ] : [])
      lines.append("measured on \(measured.rows) queries that both answered")
      lines.append(
        TerminalTable(columns: [.init("", .left), .init("")], rows: rows).render(width: 100))
    }
    for plan in plans { lines += describe(plan) }
    for warning in warnings { lines.append("warning: \(warning)") }
    return lines.joined(separator: "\n")
  }

  private func describe(_ plan: Plan) -> [String] {
    let size = plan.size
    let design = size.design
    var lines: [String] = []
    if design.pairing == .separate {
      lines.append(
        size.control == size.treatment
          ? "\(size.control) requests per arm, \(size.total) in all: every request is dealt to one arm"
          : "\(size.control) requests of the control and \(size.treatment) of the treatment, \(size.total) in all"
      )
    } else {
      lines.append("\(size.control) queries that both arms answer")
    }
    let effect = number(design.effect, isSigned: !design.isNonInferiority)
    let sides = design.isOneSided ? "one-sided" : "two-sided"
    let goal =
      design.isNonInferiority
      ? "show a loss of less than \(effect), when there is none," : "find \(effect)"
    lines.append(
      "  to \(goal) with power \(plain(design.power)) at alpha \(plain(design.alpha)), \(sides)"
        + (design.isNonInferiority ? "" : "; \(basis(design))"))
    if let clusters = size.clusters {
      lines.append(
        "  design effect \(number(size.designEffect)): \(clusters) users or conversations of \(number(design.clusterSize)) requests"
      )
    }
    if let other = plan.otherFormula {
      lines.append(
        "  by the \(other.design.formula == .arcsine ? "arcsine (Cohen's h)" : "unpooled") formula: \(other.control) and \(other.treatment)"
      )
    }
    if let days = size.days { lines.append("  \(days) day\(days == 1 ? "" : "s")") }
    return lines
  }

  private func basis(_ design: ExperimentDesign) -> String {
    switch (design.pairing, design.measure) {
    case (.discordant(let share), _):
      "McNemar, exactly one arm succeeds on \(FigureFormat.percent.text(share))"
    case (.correlated(let correlation), _): "paired, correlation \(plain(correlation))"
    case (.differing(let deviation), _): "paired, differences of sd \(number(deviation))"
    case (.separate, .proportion(let p)):
      "from \(number(p)) to \(number(p + design.effect)), \(design.formula.rawValue)"
    case (.separate, .mean(let deviation)): "means of values with sd \(number(deviation))"
    }
  }

  private func number(_ value: Double, isSigned: Bool = false) -> String {
    FigureFormat.plain.text(value, isSigned: isSigned)
  }

  /// As short as it was given.
  private func plain(_ value: Double) -> String { "\(value)" }
}
