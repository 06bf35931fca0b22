import Foundation
import RiddleData
import RiddleEvaluation
import RiddlePipeline
import RiddleReport
import RiddleRuntime

/// Writes every file of a run. The manifest comes last: a folder with a manifest is complete.
struct RunWriter {
  let folder: RunFolder
  let trained: TrainedRouter
  let plan: TrainingPlan
  let candidates: [String]
  let inputs: [LoadedData.Input]
  let evaluation: EvaluationReport?
  /// The decisions behind the evaluation; nil without one, or for very many rows.
  let judged: RecordedRows?
  /// The data of the run; after streaming its held-out sample.
  let dataset: Dataset
  /// What the run found out about the data; nil after streaming.
  let findings: RunFindings?
  /// How routes hold under changed queries; nil when it was not asked for.
  let robustness: RobustnessReport?
  /// Whether strings behind heavy hash buckets may be written.
  let keepsNGrams: Bool
  /// What rebuilds the run.
  let command: String
  /// Which queries each part came to; nil takes them from `trained` and `dataset`.
  var identities: SplitIdentities?

  func write() throws -> RunManifest {
    let explanation = explained()
    let ngrams =
      keepsNGrams
      ? NGramStrings(
        trained.router, heads: headNames, data: dataset.rows(trained.rows[.train] ?? [])) : nil
    var files: [(path: String, bytes: [UInt8])] = []
    var artefacts: [String: RunManifest.Artefact] = [:]
    func put(_ bytes: [UInt8], _ name: String) {
      files.append((folder.file(name), bytes))
      artefacts[name] = RunManifest.Artefact(bytes: bytes.count, sha256: Files.sha256(bytes))
    }
    put(trained.trainingRows.encoded, RunFolder.trainingRowsName)
    put(trained.bytes, RunFolder.routerName)
    put(Array((try JSONOutput.text(explanation) + "\n").utf8), RunFolder.explanationName)
    if let ngrams {
      put(Array((try JSONOutput.text(ngrams) + "\n").utf8), RunFolder.ngramsName)
    }
    if let robustness {
      put(Array((try JSONOutput.text(robustness) + "\n").utf8), RunFolder.robustnessName)
    }
    if let judged { files.append((folder.file(RunFolder.judgedRowsName), judged.encoded)) }
    if let evaluation {
      let tables =
        ExplanationTables(explanation: explanation, ngrams: ngrams).tables()
        + CalibrationTable.tables(trained.heads) + OddsTables.tables(trained.heads)
      put(Array((try JSONOutput.text(evaluation) + "\n").utf8), RunFolder.evaluationName)
      put(Array(page(evaluation, tables).utf8), RunFolder.reportName)
    }
    put(Array(card().utf8), RunFolder.cardName)
    var manifest = RunManifest(
      trained: trained, plan: plan, candidates: candidates, inputs: inputs, artefacts: artefacts,
      findings: findings, command: command)
    (identities ?? SplitIdentities(trained, dataset)).write(into: &manifest.split)
    // Not among the artefacts: a run may be passed on without the outcomes it was judged by.
    manifest.judged_rows_sha256 = judged.map { Files.sha256($0.encoded) }
    let text = try JSONOutput.text(manifest) + "\n"
    files.append((folder.file(RunFolder.manifestName), Array(text.utf8)))
    try Files.write(files)
    // Files of an earlier run in this folder would pass for this one's.
    for name in [
      RunFolder.evaluationName, RunFolder.reportName, RunFolder.ngramsName,
      RunFolder.robustnessName,
    ]
    where artefacts[name] == nil {
      unlink(folder.file(name))
    }
    if judged == nil { unlink(folder.file(RunFolder.judgedRowsName)) }
    return manifest
  }

  private var splitCounts: RunManifest.SplitCounts { RunManifest.SplitCounts(trained) }
  private var headNames: [String] { trained.heads.map(\.name) }

  /// What the router looks at on rows that the fit did not see: the calibrate side, else the test side, whose labels
  /// are not read. After streaming `dataset` is the test side's sample.
  private func explained() -> GlobalExplanation {
    let sides = [SplitSide.calibrate, .test, .train].map { trained.rows[$0] ?? [] }
    let side = sides.firstIndex { !$0.isEmpty }
    var explanation = GlobalExplanation(
      trained.router, heads: headNames, columnNames: trained.schema.columnNames,
      means: columnMeans(of: trained.router),
      data: side.map { dataset.rows(sides[$0]) } ?? dataset)
    explanation.isHeldOut = side != 2
    return explanation
  }

  private var robustnessTables: [ModelTable] { robustness.map(RobustnessTables.tables) ?? [] }

  private var facts: [(String, String)] {
    [
      ("Router", "\(Files.sha256(trained.bytes)), \(trained.bytes.count) bytes"),
      ("Schema", "0x" + String(trained.router.schema.fingerprint, radix: 16)),
      ("Seed", "\(plan.seed)"),
      ("Split", splitCounts.sentence),
      ("Riddle", riddleVersion),
    ] + inputs.map { ("Data " + $0.name, $0.sha256 ?? $0.content) }
  }

  private func page(_ evaluation: EvaluationReport, _ tables: [ModelTable]) -> String {
    HTMLReport.render(
      evaluation, title: plan.name, reproduction: [command], facts: facts,
      model: tables, findings: findings?.tables ?? [],
      thresholds: EvaluationTables.thresholds([(plan.name, trained.router, trained.bytes)]),
      robustness: robustnessTables)
  }

  private func card() -> String {
    let features = trained.schema
    var card = ModelCard(
      name: plan.name,
      modelKind:
        "\(trained.router.model.kindName), heads: \(trained.heads.map(\.name).joined(separator: ", "))",
      candidates: candidates, target: plan.target.rawValue, oracle: plan.oracle.name)
    card.thresholds = trained.steps.map { step in
      ModelCard.Threshold(
        name: "climb above \(step.above)", value: step.threshold,
        chosen: "rule \(plan.thresholdRule) on the calibration rows; no guarantee attached")
    }
    let kinds = trained.heads.map(\.calibration.kind)
    card.calibration =
      Set(kinds) == ["identity"]
      ? "margins as log-odds: nothing fitted on unseen rows was better"
      : "\(Set(kinds).sorted().joined(separator: ", ")), on rows the fit did not see"
    card.parts = [
      .init(name: "train", rows: trained.rowCount(.train)),
      .init(name: "calibrate", rows: trained.rowCount(.calibrate)),
      .init(name: "test", rows: trained.rowCount(.test)),
    ]
    card.split = splitCounts.sentence + "; seed \(trained.split.seed)"
    card.tables = [findings?.side_by_side?.table].compactMap { $0 } + robustnessTables
    card.features = [
      "\(features.columnNames.count - features.categoryNames.count - features.schema.embeddingMeans.count) statistics of the text\(features.schema.usesTurn ? " and the turn" : "")"
    ]
    if features.schema.usesHashing {
      card.features.append(
        "word n-grams up to \(features.schema.wordOrders) in \(1 << features.schema.bucketBits) hash buckets"
      )
    }
    if !features.categoryNames.isEmpty {
      card.features.append("context: " + features.categoryNames.joined(separator: ", "))
    }
    if let model = features.embeddingModel {
      card.features.append(
        "embedding of model \(model), \(features.schema.embeddingMeans.count) dimensions; a query without one is read as the average query"
      )
    }
    if plan.hardening.contains(.clip) {
      card.features.append(
        "hardened: statistics clipped to training quantiles in the fit, n-gram weights capped at their \(FigureFormat.percent.text(plan.clipQuantile)) quantile"
      )
    }
    if plan.hardening.contains(.augment) {
      card.features.append("hardened: fitted on every training query in other writing, too")
    }
    card.evaluation = evaluation
    card.facts = facts
    card.rebuild = [command]
    card.verify = ["riddle inspect \(folder.file(RunFolder.routerName)) --verify"]
    return card.render()
  }
}
