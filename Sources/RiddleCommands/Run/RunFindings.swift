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
  /// The same settings under several splits.
  var side_by_side: SideBySide?

  /// What the labels alone say.
  init(_ data: Dataset, plan: TrainingPlan) {
    tie_share = LabelNoise.tieShare(of: data.outcomes)
    label_noise = LabelNoise(
      data, target: plan.target, qualityThreshold: plan.qualityThreshold)
  }

  /// Tables for the terminal and the report.
  var tables: [ModelTable] {
    let noise =
      label_noise.map { "Label noise: \($0)" }
      ?? "Label noise: too few near-duplicate queries to tell."
    var tables = [
      ModelTable(
        title: "Labels",
        note: "\(FigureFormat.percent.text(tie_share)) of the queries are ties. \(noise)",
        columns: [], rows: [])
    ]
    if let side_by_side { tables.append(side_by_side.table) }
    if let targets { tables.append(targets.table(title: "Targets", note: targets.reason)) }
    if let ablation {
      tables.append(ablation.table(title: "Blocks of features", note: ""))
    }
    if let learning_curve { tables.append(learning_curve.table) }
    return tables
  }
}

extension SideBySide {
  /// The splits as cells.
  var table: ModelTable {
    let format = FigureFormat.plain
    let failures = lines.compactMap { line in line.failure.map { "\(line.name): \($0)." } }
    return ModelTable(
      title: "Side by side",
      note: ([
        """
        The router's settings fitted again under several splits of \(rows) rows; nothing is chosen here. Every row is \
        judged by one of \(SideBySide.folds) fits (by time, one) that did not see it; 95 % intervals. What falls from \
        the first line to the others is owed to test rows that are like training rows. Left out: rows that repeat a \
        fitted row, or share its conversation. The router itself was split as in the line with the star.
        """
      ] + (withoutHardening == true ? ["These fits are not hardened; the router is."] : [])
        + failures).joined(separator: " "),
      columns: ["split", "AUC", "APGR", "rows judged", "left out"],
      rows: lines.map { line in
        [
          line.name + (line.isOwn ? " *" : ""),
          line.failure == nil ? format.text(line.auc) : "not fitted", format.text(line.apgr),
          "\(line.rows)", "\(line.leftOut)",
        ]
      })
  }
}

extension LearningCurveReport {
  /// The measured points, and in sentences where they lead.
  fileprivate var table: ModelTable {
    let format = FigureFormat.plain
    func mean(_ scores: [LearningCurve.Score], _ value: (LearningCurve.Score) -> Double) -> String {
      format.text(scores.reduce(0) { $0 + value($1) } / Double(max(1, scores.count)))
    }
    return ModelTable(
      title: "What more labels would buy",
      note: "Logistic regression on parts of the train side, judged on the calibrate side: "
        + (auc.sentences + logLoss.sentences).joined(separator: "; ") + ".",
      columns: ["labels", "AUC", "log loss", "fits"],
      rows: points.filter { !$0.scores.isEmpty }.map { point in
        [
          "\(point.labels)", mean(point.scores, \.auc), mean(point.scores, \.logLoss),
          "\(point.scores.count)",
        ]
      })
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
