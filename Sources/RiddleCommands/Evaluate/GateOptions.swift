import ArgumentParser
import RiddleEvaluation
import RiddleReport

/// What is required of routers, and where the verdicts go.
struct GateOptions: ParsableArguments {
  enum Undecided: String, ExpressibleByArgument, CaseIterable { case fail, pass }

  @Option(
    help: ArgumentHelp(
      "A gate: C1, C3, C4, C5, C10, C11, all, or a figure and a bound like 'retention >= 0.98'. May be repeated.",
      valueName: "gate"))
  var require: [String] = []

  @Option(
    help: "What an undecided gate means for the exit status: pass (default) or fail.")
  var undecided: Undecided = .pass

  @Option(help: "Write the gates as JUnit XML here.")
  var junit: String?

  @Option(help: "Write the evaluation as Markdown here, for a pull request.")
  var markdown: String?

  /// The gates, in order, each once.
  var requested: [RequestedGate] {
    var gates: [RequestedGate] = []
    for text in require {
      let more =
        text.lowercased() == "all"
        ? StandardGate.allCases.map(RequestedGate.standard)
        : RequestedGate(parsing: text).map { [$0] } ?? []
      gates += more.filter { !gates.contains($0) }
    }
    return gates
  }

  func validate() throws {
    for text in require where text.lowercased() != "all" && RequestedGate(parsing: text) == nil {
      throw ValidationError(
        "--require '\(text)': expected C1, C3, C4, C5, C10, C11, all, or a figure, >=, >, <= or <, and a number or percentage, like 'savings > 40%'. Shares and ratios are numbers near 0…1: 0.25 or 25%, not 25. Figures: \(Gate.metricNames.joined(separator: ", "))"
      )
    }
    if junit != nil && require.isEmpty {
      throw ValidationError("--junit needs at least one --require")
    }
  }

  /// Writes the files that were asked for.
  func write(_ report: EvaluationReport) throws {
    if let junit {
      try Files.write(
        JUnitReport.render(report.gates, undecidedFails: undecided == .fail), to: junit)
    }
    if let markdown { try Files.write(MarkdownReport.render(report), to: markdown) }
  }

  /// Ends with status 1 when a gate failed, or was undecided and that counts as failing.
  func finish(_ report: EvaluationReport) throws {
    let failed = report.gates.contains {
      $0.verdict == .fail || ($0.verdict == .undecided && undecided == .fail)
    }
    if failed { throw ExitCode(ExitStatus.gateFailed.rawValue) }
  }
}
