import Foundation
import RiddleData
import RiddlePipeline
import RiddleRuntime

/// The queries that an exported router is compared on, and the labels that figures need.
struct ExportSample {
  /// Probes, then the queries of --data.
  private(set) var queries: [ComparedQuery]
  /// How many of the queries are probes.
  let probeCount: Int
  /// Rows with outcomes of the whole ladder; nil without.
  private(set) var labels: FormLabels?
  /// Number of labelled rows.
  private(set) var labelledRows = 0
  /// Which rows the figures stand for, or why there are none.
  private(set) var labelNote: String

  /// The probes alone, or with the queries of log files.
  init(_ opened: OpenedRouter, data: [String], reading: ReadingOptions, output: OutputOptions)
    throws
  {
    queries = opened.router.probes.map { ComparedQuery(text: $0.text, context: $0.context) }
    probeCount = queries.count
    labelNote = "no AUC and no log loss: they need a log with outcomes, --data LOG"
    if data.isEmpty { return }
    let dimension = opened.router.schema.embeddingMeans.count
    var source = DataOptions()
    source.data = data
    source.reading = reading
    let log = try source.readLog(output: output).log
    for query in log {
      guard let text = query.text else { continue }
      let vector = query.embedding?.values ?? []
      queries.append(
        .init(
          text: Array(text.utf8), context: requestContext(query.context),
          embedding: vector.count == dimension ? vector : []))
    }
    if dataCount == 0 {
      throw CommandFailure(
        .malformedData,
        "--data: no row with a text among \(log.count) that could be read, so there is nothing to compare decisions on; see them with `riddle inspect`"
      )
    }
    try label(opened, log)
  }

  /// Number of queries of --data.
  var dataCount: Int { queries.count - probeCount }

  private mutating func label(_ opened: OpenedRouter, _ log: [LoggedQuery]) throws {
    let card = opened.metadata
    let embeddingModel =
      opened.router.schema.embeddingMeans.isEmpty ? nil : card[RouterMetadata.embeddingModel]
    let data = Dataset(log: log, candidates: opened.candidates, embeddingModel: embeddingModel)
    guard data.count > 0 else {
      labelNote =
        "no AUC and no log loss: no row of --data has a judged outcome of every candidate (\(opened.candidates.joined(separator: ", ")))"
      return
    }
    var judged = data
    let what: String
    if let trained = try opened.trainingRows() {
      if let unseen = try? JudgedRows(data, seen: .fingerprints([trained]), choice: .heldOut) {
        judged = unseen.data
        what =
          judged.count == data.count
          ? "unseen in training" : "unseen in training, of \(data.count) with outcomes"
      } else {
        what = "all of them seen in training: the figures flatter"
      }
    } else {
      what = "some may have been seen in training, no list of training rows is beside the router"
    }
    let learned = card[RouterMetadata.target].flatMap { LabelTarget(rawValue: $0) }
    let target = (learned ?? .weakFails).judged
    let threshold = card[RouterMetadata.qualityThreshold].flatMap { Double($0) } ?? 0.5
    labels = FormLabels(judged, target: target, qualityThreshold: threshold)
    labelledRows = judged.count
    labelNote =
      "AUC and log loss: \(judged.count) rows (\(what)), label \(target.rawValue)"
      + (learned == nil ? " (the router does not say which it learned)" : "")
      + (target == .weakFails ? " at quality \(threshold)" : "")
      + (opened.router.thresholds.count > 1
        ? ", mean over \(opened.router.thresholds.count) steps" : "")
    if opened.router.rule != .ladder {
      labelNote += "; no log loss, this router weighs outcomes and has no probability of the label"
    }
  }
}
