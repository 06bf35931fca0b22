import RiddleData
import RiddleExport
import RiddleRuntime

/// Everything that a weight file says, ready to be put together.
struct RouterAssembly {
  let plan: TrainingPlan
  let split: Split
  let schema: NamedSchema
  let model: RouterModel
  let rule: DecisionRule
  let decisions: DecisionParts
  let candidates: [Router.Candidate]
  let trainingRows: TrainingRows
  let rowCounts: [SplitSide: Int]
  /// Mean of every dense column over the training rows.
  let columnMeans: [Float]

  /// The router with its probes, and the bytes of its file.
  ///
  /// - Throws: `PipelineError.export`.
  func exported(
    provenance: [String: String], digest: (([UInt8]) -> String)?
  ) throws(PipelineError) -> (Router, [UInt8]) {
    let entries =
      metadata(provenance, digest)
      .map { Router.MetadataEntry(key: Array($0.key.utf8), value: Array($0.value.utf8)) }
      .sorted { $0.key.lexicographicallyPrecedes($1.key) }
    let bare = Router(
      schema: schema.schema, model: model, calibration: decisions.calibration, rule: rule,
      thresholds: decisions.thresholds.map { Router.Threshold(value: $0) },
      candidates: candidates, metadata: entries)
    let router = bare.replacing(probes: ProbeSet.probes(for: bare))
    do {
      return (router, try encodeWeightFile(router))
    } catch {
      throw .export(error)
    }
  }

  private func metadata(
    _ provenance: [String: String], _ digest: (([UInt8]) -> String)?
  ) -> [String: String] {
    var metadata = provenance
    metadata[RouterMetadata.name] = plan.name
    metadata[RouterMetadata.model] = plan.model.rawValue
    metadata[RouterMetadata.target] = plan.target.rawValue
    metadata[RouterMetadata.oracle] = plan.oracle.name
    metadata[RouterMetadata.qualityThreshold] = "\(plan.qualityThreshold)"
    metadata[RouterMetadata.thresholdRule] = plan.thresholdRule.description
    metadata[RouterMetadata.splitUnit] = split.unit.rawValue
    metadata[RouterMetadata.seed] = "\(plan.seed)"
    if let digest { metadata[RouterMetadata.trainingRows] = digest(trainingRows.encoded) }
    let counts = [SplitSide.train, .calibrate, .test].map { rowCounts[$0] ?? 0 }
    metadata[RouterMetadata.rows] =
      "train \(counts[0]), calibrate \(counts[1]), test \(counts[2])"
    metadata[RouterMetadata.embeddingModel] = schema.embeddingModel
    metadata[RouterMetadata.columns] = schema.columnNames.joined(separator: "\n")
    metadata[RouterMetadata.columnMeans] = columnMeans.map { "\($0)" }.joined(separator: " ")
    return metadata
  }
}
