import RiddleData
import RiddleEvaluation
import RiddleExport
import RiddleRuntime

/// The router with chosen thresholds and the promise they carry, and the bytes of its file.
///
/// Probes are kept: they hold features and margins, which thresholds do not touch.
///
/// - Parameter trainingRows: SHA-256 of the list of training rows that goes beside the file, with the rows of the choice in it;
///   nil when the list is unknown, and then the file no longer says by which split its rows were kept apart.
/// - Throws: `PipelineError.export`.
public func applying(
  _ choice: ThresholdChoice, to router: Router, trainingRows: String?
) throws(PipelineError) -> (Router, [UInt8]) {
  guard let chosen = choice.report.chosen else {
    throw .unsupported("no threshold qualifies: there is nothing to write")
  }
  var entries: [(key: String, value: String)] = router.metadata.map {
    (String(decoding: $0.key, as: UTF8.self), String(decoding: $0.value, as: UTF8.self))
  }
  func set(_ key: String, _ value: String?) {
    entries.removeAll { $0.key == key }
    if let value { entries.append((key, value)) }
  }
  for key in RouterMetadata.promiseKeys { set(key, nil) }
  set(RouterMetadata.thresholdRule, choice.report.goal)
  if let promise = choice.report.promise, choice.guarantee != .none {
    set(RouterMetadata.promise, promise.sentence)
    set(RouterMetadata.promiseMaximumLoss, "\(promise.terms.maximumLoss)")
    set(RouterMetadata.promiseConfidence, "\(promise.terms.confidence)")
    set(RouterMetadata.promiseMethod, promise.terms.method.rawValue)
    set(RouterMetadata.promiseUnits, "\(promise.units)")
    set(RouterMetadata.promiseUnit, promise.unit)
    set(RouterMetadata.promiseRelativeTo, promise.relativeTo)
    set(RouterMetadata.promiseObservedLoss, chosen.figures.loss.value.map { "\($0)" })
    set(
      RouterMetadata.promiseRows,
      choice.report.isProvenUnseen
        ? "proven unseen by fit, calibration and model selection" : "not proven unseen")
  }
  if let trainingRows {
    set(RouterMetadata.trainingRows, trainingRows)
  } else {
    set(RouterMetadata.trainingRows, "unknown")
    set(RouterMetadata.splitUnit, nil)
  }
  let written = router.replacing(
    thresholds: chosen.thresholds.map {
      Router.Threshold(value: $0, guarantee: choice.guarantee)
    },
    metadata: entries.map {
      Router.MetadataEntry(key: Array($0.key.utf8), value: Array($0.value.utf8))
    }.sorted { $0.key.lexicographicallyPrecedes($1.key) })
  do {
    return (written, try encodeWeightFile(written))
  } catch {
    throw .export(error)
  }
}
