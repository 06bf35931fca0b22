import Foundation
import RiddleEvaluation
import RiddleLearning
import RiddlePipeline
import RiddleReport

extension TrainCommand {
  /// Prints a run that was written, for people or as JSON.
  func show(
    _ manifest: RunManifest, _ evaluation: EvaluationReport?, _ robustness: RobustnessReport?,
    folder: RunFolder, trained: TrainedRouter
  ) throws {
    if said.json {
      Console.print(
        try JSONOutput.text(
          Result(run: manifest, evaluation: evaluation, robustness: robustness)))
      return
    }
    for warning in trained.warnings { said.note("warning: \(warning)") }
    said.note(manifest.split.sentence)
    for head in trained.heads {
      said.note(head.line)
    }
    for table in manifest.findings?.tables ?? [] {
      Console.print(table.text(width: Console.width) + "\n")
    }
    if let evaluation { Console.print(TerminalReport.render(evaluation, width: Console.width)) }
    for table in robustness.map(RobustnessTables.tables) ?? [] {
      Console.print(table.text(width: Console.width) + "\n")
    }
    Console.print("\(folder.file(RunFolder.routerName)): \(trained.bytes.count) bytes")
    if evaluation != nil { Console.print("\(folder.file(RunFolder.reportName)): the report") }
    if robustness == nil {
      said.note(
        "not known: whether routes hold when queries are written differently; `riddle attack \(folder.path) LOG` says, `--harden augment` helps"
      )
    }
    said.note("next: riddle score \(folder.path)/\(RunFolder.routerName)")
  }

  private struct Result: Encodable {
    var run: RunManifest
    var evaluation: EvaluationReport?
    /// What `--attack` found.
    var robustness: RobustnessReport?
  }
}

extension TrainedRouter.HeadReport {
  /// λ of the logistic regression, alone or in a stack.
  var linearPenalty: Double? {
    penalty ?? parts?.lazy.compactMap(\.penalty).first
  }

  /// The fit in one line.
  var line: String {
    var line =
      "\(name): \(fit.solver), \(fit.iterations) iterations, \(fit.converged ? "converged" : "not converged")"
    if let penalty { line += ", λ \(penalty)" }
    if let smoothing, smoothing > 0 { line += ", \(smoothing) of the group's mean in the target" }
    if let parameters = fit.effectiveDegreesOfFreedom {
      line += ", \(FigureFormat.plain.text(parameters)) effective parameters"
    }
    if let leaves { line += ", \(leaves) leaves" }
    if let trees { line += ", \(trees) trees" }
    for part in parts ?? [] {
      line += "; \(FigureFormat.plain.text(part.weight)) × "
      line +=
        part.kind == "linear"
        ? "linear (λ \(part.penalty ?? 0), α \(part.smoothing))"
        : "\(part.trees ?? 0) trees (α \(part.smoothing))"
    }
    line += ", calibration \(calibration.kind)"
    if let before = calibration.errorBefore, let after = calibration.errorAfter {
      line +=
        " (ECE \(FigureFormat.plain.text(before)) → \(FigureFormat.plain.text(after)))"
    }
    return line
  }
}
