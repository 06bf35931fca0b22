import RiddleData
import RiddleEvaluation
import RiddleLearning
import RiddlePipeline
import RiddleReport

/// What a run found out about the data beside its router: how good labels can be, which target and features pay, what
/// more labels would buy.
struct RunFindings: Codable {
  /// Share of queries on which every candidate is equally good.
  var tie_share: Double
  /// Noise of the labels, when there are near-duplicates enough to tell.
  var label_noise: LabelNoise?
  /// Targets that `--target auto` compared.
  var targets: TrialTable?
  /// Blocks of features that `--ablate` left out.
  var ablation: TrialTable?
  /// What more labels would buy.
  var learning_curve: LearningCurveReport?

  /// What the labels alone say.
  init(_ data: Dataset, plan: TrainingPlan) {
    tie_share = LabelNoise.tieShare(of: data.outcomes)
    label_noise = LabelNoise(
      data, target: plan.target, qualityThreshold: plan.qualityThreshold)
  }

  /// Tables for the terminal and the report.
  var tables: [ModelTable] {
    var tables: [ModelTable] = []
    if let targets { tables.append(targets.table(title: "Targets", note: targets.reason)) }
    if let ablation {
      tables.append(ablation.table(title: "Blocks of features", note: ""))
    }
    return tables
  }

  /// The findings as text, one part each.
  func parts(width: Int) -> [String] {
    var parts: [String] = []
    parts.append(
      "\(FigureFormat.percent.text(tie_share)) of the queries are ties. "
        + (label_noise.map { "Label noise: \($0)" }
          ?? "Label noise: too few near-duplicate queries to tell."))
    parts += tables.map { $0.text(width: width) }
    if let learning_curve {
      parts.append(
        "What more labels would buy (logistic regression, judged on the calibrate side):\n"
          + (learning_curve.auc.sentences + learning_curve.logLoss.sentences)
          .map { "  " + $0 }.joined(separator: "\n"))
    }
    return parts
  }
}

extension TrialTable {
  /// The lines as cells; differences are paired by query.
  func table(title: String, note: String) -> ModelTable {
    let format = FigureFormat.plain
    let how =
      "Judged on \(rows) rows of the calibrate side by plans that did not see them; 95 % intervals, paired by query."
    return ModelTable(
      title: title, note: note.isEmpty ? how : note + ". " + how,
      columns: ["trained", metric, "less \(reference)", "AUC"],
      rows: lines.map { line in
        [
          line.name, line.failure == nil ? format.text(line.value) : "not trained",
          line.difference.map { format.text($0, isSigned: true) } ?? "–", format.text(line.auc),
        ]
      })
  }

  /// Why the reference was chosen.
  var reason: String {
    let close = lines.filter { line in
      guard line.name != reference, let high = line.difference?.high else { return false }
      return high >= 0
    }
    let first =
      "target \(reference): the best held-out \(metric)\(metric == "apgr" ? " (share of the quality gap recovered, over all call shares)" : " (quality − λ · dollars)")"
    if close.isEmpty { return first + ", and each other is worse beyond chance" }
    return first + "; not told apart from \(close.map(\.name).joined(separator: ", "))"
  }
}
