import RiddleEvaluation
import RiddleReport
import RiddleStore

/// The result of `riddle off-policy`, as JSON and as tables.
struct OffPolicyOutput: Encodable {
  var report: OffPolicyReport
  var loggingPolicy: String?
  var reward: DecisionReward
  var reading: DecisionLogFile.Report

  private enum CodingKeys: String, CodingKey {
    case loggingPolicy, reward, lines, rejected, repeated, firstRejects
  }

  /// The report's keys, and beside them where its decisions come from.
  func encode(to encoder: any Encoder) throws {
    try report.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(loggingPolicy, forKey: .loggingPolicy)
    try container.encode(reward, forKey: .reward)
    try container.encode(reading.lines, forKey: .lines)
    try container.encode(reading.rejected, forKey: .rejected)
    try container.encode(reading.repeated, forKey: .repeated)
    try container.encode(reading.firstRejects, forKey: .firstRejects)
  }

  private var format: FigureFormat { reward == .cost ? .dollarsPerThousand : .plain }

  /// The tables for a terminal.
  func text(width: Int) -> String {
    let unit = reward == .cost ? "$ per 1,000 queries, lower is better" : "mean \(reward.rawValue)"
    var text =
      "\(report.decisions) decisions of \(loggingPolicy ?? "the log") · \(report.candidates.count) candidates · \(unit) · resampled by \(report.clusterField) (\(report.clusters))\n"
    let who = loggingPolicy ?? "the logging policy"
    let own = format.text(report.logged)
    text +=
      reward == .cost
      ? "\(who) itself cost \(own) per 1,000 queries\n" : "\(who) itself earned \(own) a decision\n"
    text += "reward model: \(report.rewardModel)\n"
    for warning in report.warnings { text += "WARNING: \(warning)\n" }
    let judged = report.targets.filter { !$0.estimates.isEmpty }
    if !judged.isEmpty {
      text += "\n" + table("Policy", judged, width) { format.text($0.value) }
      text +=
        "\n"
        + table("Difference from the log", judged, width) {
          format.text($0.difference, isSigned: true)
        }
    }
    text += "\n" + support(width)
    for target in report.targets where !target.name.hasPrefix("always=") {
      text += "\n" + candidates(of: target, width)
    }
    if report.settings.replicates > 0 {
      text += "[ ]: \(trimmed(100 * report.settings.confidence))% intervals. "
    }
    text +=
      "ESS: decisions of the policy itself that the log is worth. w: weight, target over logging probability.\n"
    if !judged.isEmpty {
      text += "dm is the reward model alone: its interval does not hold the model's error.\n"
    }
    for target in report.targets {
      for refusal in target.refusals { text += "REFUSED \(target.name): \(refusal)\n" }
      for warning in target.warnings { text += "warning: \(target.name): \(warning)\n" }
    }
    return text
  }

  private func table(
    _ title: String, _ targets: [OffPolicyReport.Target], _ width: Int,
    _ cell: (OffPolicyReport.Estimate) -> String
  ) -> String {
    let estimators = targets[0].estimates.map(\.estimator)
    return TerminalTable(
      columns: [.init(title, .left)] + estimators.map { .init($0) },
      rows: targets.map { [$0.name] + $0.estimates.map(cell) }
    ).render(width: width)
  }

  private func support(_ width: Int) -> String {
    let titles = ["ESS", "largest w", "99% of w", "mean w", "w = 0", "unsupported"]
    return TerminalTable(
      columns: [.init("Support", .left)] + titles.map { .init($0) } + [.init("verdict", .left)],
      rows: report.targets.map { target in
        let overlap = target.overlap
        return [
          target.name, number(overlap.effectiveSampleSize), number(overlap.largestWeight),
          number(overlap.weightQuantiles[5].weight), number(overlap.meanWeight),
          FigureFormat.percent.text(overlap.zeroWeightShare),
          FigureFormat.percent.text(overlap.unsupportedMass),
          target.refusals.isEmpty ? "estimated" : "REFUSED",
        ]
      }
    ).render(width: width)
  }

  private func candidates(of target: OffPolicyReport.Target, _ width: Int) -> String {
    TerminalTable(
      columns: [
        .init("Candidates of \(target.name)", .left), .init("logged"), .init("share"),
        .init("target's share"), .init("mean w"),
      ],
      rows: target.overlap.candidates.map {
        [
          $0.name, "\($0.logged)", FigureFormat.percent.text($0.loggedShare),
          FigureFormat.percent.text($0.targetShare), number($0.meanWeight),
        ]
      }
    ).render(width: width)
  }

  private func number(_ value: Double?) -> String { FigureFormat.plain.text(value) }

  private func trimmed(_ value: Double) -> String {
    let text = FigureFormat.plain.text(value)
    guard text.contains(".") else { return text }
    let short = text.reversed().drop { $0 == "0" }
    return String((short.first == "." ? short.dropFirst() : short).reversed())
  }
}
