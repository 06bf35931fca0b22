import RiddleData
import RiddleExport
import RiddleLearning
import RiddleLinearAlgebra
import RiddleRuntime

/// What a streaming run may hold in memory.
public struct StreamingLimits: Equatable, Sendable {
  /// First rows, from which the unit of the split and the context columns are chosen.
  public var schemaRows = 16_384
  /// Rows sampled for calibration and thresholds, and as many for judging.
  public var sampleRows = 16_384
  /// Bytes of text in the first rows, and in each sample.
  public var sampleBytes = 16 << 20
  /// Rows and bytes of text featurized at once.
  public var batchRows = 2048
  /// Bytes of text featurized at once; a single row may be longer.
  public var batchBytes = 4 << 20

  /// The documented defaults: below 200 MB with 2¹⁶ buckets, plus 8 bytes for every training and calibration row.
  public init() {}
}

/// What a streaming run made.
public struct StreamedRouter: Sendable {
  /// The router; ``TrainedRouter/rows`` is empty, ``TrainedRouter/rowCount(_:)`` tells how many there were.
  public let trained: TrainedRouter
  /// A sample of the test side, for judging the router.
  public let test: Dataset
  /// Mean loss of every training row before it was learned, one a head.
  public let progressiveLoss: [Double]
  /// Rows that could not be used.
  public let omitted: Dataset.Omitted
}

/// Trains a logistic router from rows that come one after the other and need not fit in memory.
///
/// The same line as ``trainRouter(_:plan:provenance:digest:)`` with these differences: heads learn in one pass
/// (``StreamingLogistic``) with one penalty, 1 or else the first of `plan.penalties`, and without smoothing of targets; context columns and their shares, and
/// the unit of the split unless the plan names it, come from the first rows; calibration and thresholds use a
/// uniform sample of the calibration side; the test side is kept as such a sample too. Margins are still those of the stored
/// model, computed by the runtime from text, on rows that the fit did not see.
///
/// The side of a row is a hash of its unit alone, because near-duplicates are not known before the last row was read.
/// Instead the rows are offered a second time, to ``check(_:)``: rows of the two samples that are near-duplicates of
/// training rows are left out, and so are rows of the test sample that are of calibration rows. Splits by time and by
/// segment need all rows at once and are refused.
///
/// Memory is bounded by ``StreamingLimits``, by 8 bytes a bucket and head, and by 8 bytes a row for the fingerprints
/// that let an evaluation prove its rows unseen.
public struct StreamingTraining {
  /// All settings.
  public let plan: TrainingPlan
  /// What may be held.
  public let limits: StreamingLimits
  private let candidates: [String]
  private var first: [LoggedQuery] = []
  private var firstBytes = 0
  private var run: Run?

  /// A run that has seen no row.
  ///
  /// - Parameter candidates: the ladder from cheapest to dearest; at least two distinct names.
  /// - Throws: `PipelineError.unsupported` for a plan that needs all rows at once.
  public init(
    candidates: [String], plan: TrainingPlan, limits: StreamingLimits = StreamingLimits()
  ) throws(PipelineError) {
    try Self.requireStreamable(plan)
    self.candidates = candidates
    self.plan = plan
    self.limits = limits
    BLASThreads.set(1)
  }

  private static func requireStreamable(_ plan: TrainingPlan) throws(PipelineError) {
    let needs: String? =
      if plan.model != .logistic {
        "model \(plan.model.rawValue)"
      } else if plan.form != .heads {
        "form \(plan.form.rawValue)"
      } else if plan.target == .fourWay {
        "target four-way"
      } else if plan.calibrationRows == .folds {
        "calibrating on folds"
      } else if plan.l1Ratio > 0 {
        "an L1 penalty"
      } else if plan.balancesClasses {
        "balancing the classes"
      } else if plan.usesInverseDocumentFrequency {
        "inverse document frequency"
      } else if plan.splitUnit == .time || plan.splitUnit == .segment {
        "--split-by \(plan.splitUnit?.rawValue ?? "")"
      } else {
        nil
      }
    if let needs {
      throw .unsupported("\(needs) needs all rows at once; train without --stream, or leave it out")
    }
  }

  /// Takes the next row.
  ///
  /// - Throws: ``PipelineError`` when a head cannot learn it.
  public mutating func add(_ query: LoggedQuery) throws(PipelineError) {
    if run == nil {
      first.append(query)
      firstBytes += query.text?.utf8.count ?? 0
      if first.count >= limits.schemaRows || firstBytes >= limits.sampleBytes { try begin() }
    } else {
      try run?.add(query)
    }
  }

  /// Takes a row a second time, after the last ``add(_:)``: a training row takes its near-duplicates out of the samples
  /// for calibration and judging.
  ///
  /// - Throws: ``PipelineError`` when a head cannot learn what was left.
  public mutating func check(_ query: LoggedQuery) throws(PipelineError) {
    if run == nil { try begin() }
    try run?.check(query)
  }

  /// Learns what is left, calibrates, chooses thresholds and exports.
  ///
  /// - Parameters:
  ///   - provenance: metadata for the weight file beside what the run itself knows.
  ///   - digest: SHA-256 in hexadecimal, by which the weight file names its list of training rows.
  /// - Throws: ``PipelineError``.
  public consuming func finish(
    provenance: [String: String] = [:], digest: (([UInt8]) -> String)? = nil
  ) throws(PipelineError) -> StreamedRouter {
    if run == nil { try begin() }
    guard var run else { throw .nothingUnseen(total: 0) }
    self.run = nil  // a second owner would keep what the run lets go
    return try run.finished(provenance: provenance, digest: digest)
  }

  /// Chooses split and schema from the first rows, then takes them.
  private mutating func begin() throws(PipelineError) {
    let data = Dataset(log: first, candidates: candidates)
    let split = try plan.split(for: data.contexts)
    let training = (0..<data.count).filter {
      split.side(text: data.texts[$0], context: data.contexts[$0]) == .train
    }
    let schema = NamedSchema(plan: plan, contexts: training.map { data.contexts[$0] })
    run = try Run(candidates: candidates, plan: plan, limits: limits, split: split, schema: schema)
    for query in first { try run?.add(query) }
    first = []
  }
}

/// Trains from rows that are read twice: see ``StreamingTraining``.
///
/// - Throws: ``PipelineError``.
public func streamRouter(
  _ rows: some Collection<LoggedQuery>, candidates: [String], plan: TrainingPlan,
  limits: StreamingLimits = StreamingLimits(), provenance: [String: String] = [:],
  digest: (([UInt8]) -> String)? = nil
) throws(PipelineError) -> StreamedRouter {
  var training = try StreamingTraining(candidates: candidates, plan: plan, limits: limits)
  for row in rows { try training.add(row) }
  for row in rows { try training.check(row) }
  return try training.finish(provenance: provenance, digest: digest)
}
