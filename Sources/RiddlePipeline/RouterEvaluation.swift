import RiddleData
import RiddleEvaluation
import RiddleRuntime

/// Which rows of the data an evaluation may look at.
public enum RowChoice: String, CaseIterable, Sendable {
  /// Rows that are proven unseen in training.
  case heldOut = "held-out"
  /// Every row. The figures of rows seen in training flatter; the report says so.
  case all
}

/// What evaluating routers needs beside the data.
public struct EvaluationPlan: Sendable {
  /// What "right" means and how intervals are made; rows, warnings and inputs are filled in here.
  public var settings: EvaluationSettings
  /// Which rows are judged.
  public var rows: RowChoice
  /// Context field of the segments; nil picks task type, domain or group, the first that the data have.
  public var segmentField: String?
  /// Whether the worst rows are named by identifier. Not in a run's folder, which is passed on.
  public var namesRows: Bool
  /// What is resampled together; nil takes conversations, families of near-duplicates, or queries, by what the data have.
  public var resampling: ResamplingUnit?

  /// A plan.
  public init(
    settings: EvaluationSettings = EvaluationSettings(), rows: RowChoice = .heldOut,
    segmentField: String? = nil, namesRows: Bool = true, resampling: ResamplingUnit? = nil
  ) {
    self.settings = settings
    self.rows = rows
    self.segmentField = segmentField
    self.namesRows = namesRows
    self.resampling = resampling
  }
}

/// What is known of the rows a router was trained on.
public enum SeenRows: Sendable {
  /// Fingerprints of all of them, one list per router.
  case fingerprints([TrainingRows])
  /// Only the split: rows on its test side are unseen, of others nothing can be said.
  case split(Split)
  /// Nothing.
  case unknown
}

/// The rows that an evaluation may look at, and how they were chosen.
public struct JudgedRows: Sendable {
  /// The chosen rows.
  public var data: Dataset
  /// Their positions in the data given.
  public var rows: [Int]
  /// How they were chosen, for the report.
  public var selection: EvaluationReport.RowSelection
  /// What a reader must be warned of.
  public var warnings: [String]

  /// Chooses from `data`, of whose rows `seen` is known.
  ///
  /// - Throws: `.nothingUnseen` when no row is left.
  public init(_ data: Dataset, seen: SeenRows, choice: RowChoice) throws(PipelineError) {
    (rows, selection, warnings) = selectRows(data, seen: seen, choice: choice)
    if rows.isEmpty { throw .nothingUnseen(total: data.count) }
    self.data = data.rows(rows)
  }

  /// Leaves out the rows without an answer from some router; they are counted with the incomplete ones.
  public mutating func keep(_ isKept: (_ id: String) -> Bool, reason: String) {
    let kept = (0..<data.count).filter { isKept(data.ids[$0]) }
    if kept.count == data.count { return }
    let lost = data.count - kept.count
    warnings.append("\(lost) of \(data.count) rows are left out: \(reason)")
    selection.incomplete += lost
    rows = kept.map { rows[$0] }
    data = data.rows(kept)
  }
}

/// Judges decoded routers on the rows that none of them saw, beside the baseline wall.
///
/// - Parameters:
///   - data: rows with complete outcomes of the routers' ladder.
///   - routers: name and router; all with the ladder of `data`.
///   - seen: what is known of the training rows.
/// - Throws: ``PipelineError``; `.unsupported` when a router reads embeddings that the data lack.
public func evaluateRouters(
  _ routers: [(name: String, router: Router)], on data: Dataset, seen: SeenRows,
  plan: EvaluationPlan
) throws(PipelineError) -> EvaluationReport {
  var judged = try JudgedRows(data, seen: seen, choice: plan.rows)
  var policies: [ScoredPolicy] = []
  for (name, router) in routers {
    judged.warnings += try checkedEmbeddings(judged.data, router: router, name: name)
    policies.append(scoredPolicy(router, name: name, on: judged.data))
  }
  return try evaluatePolicies(policies, on: judged, of: data, seen: seen, plan: plan)
}

/// Judges policies that have decided on the chosen rows, beside the baseline wall.
///
/// - Parameters:
///   - policies: decisions on the rows of `judged`, in their order.
///   - data: all rows, for what training rows say of each segment.
public func evaluatePolicies(
  _ policies: [ScoredPolicy], on judged: JudgedRows, of data: Dataset, seen: SeenRows,
  plan: EvaluationPlan, progress: (@Sendable (Int, Int) -> Void)? = nil
) throws(PipelineError) -> EvaluationReport {
  var settings = plan.settings
  settings.rows = judged.selection
  settings.warnings = judged.warnings + settings.warnings
  var wall = baselineInputs(
    judged, of: data, seen: seen, segmentField: plan.segmentField, resampling: plan.resampling)
  if !plan.namesRows { wall.ids = nil }
  do {
    return try evaluate(
      judged.data.outcomes, routers: policies, wall: wall, settings: settings, progress: progress)
  } catch {
    throw .evaluation(error)
  }
}

/// What the wall and the resampling need to know of the chosen rows.
public func baselineInputs(
  _ judged: JudgedRows, of data: Dataset, seen: SeenRows, segmentField: String?,
  resampling: ResamplingUnit? = nil
) -> BaselineInputs {
  let field = segmentField ?? suggestedSegmentField(data.contexts)
  let segments = field.map { name in
    judged.data.contexts.map { $0.segment(named: name) ?? "(none)" }
  }
  let training = trainingSegments(data, judgedRows: judged.rows, seen: seen, field: field)
  let (clusters, clusterField) = resamplingUnits(judged.data, by: resampling)
  var inputs = BaselineInputs(
    texts: judged.data.texts, segments: segments, segmentField: field, trainingSegments: training,
    clusters: clusters, clusterField: clusterField)
  inputs.ids = judged.data.ids
  // Rows without a text are told apart by their identifiers.
  for i in judged.data.texts.indices where judged.data.texts[i].isEmpty {
    inputs.rowKeys[i] = StableHash.hash(judged.data.ids[i].utf8)
  }
  return inputs
}

/// Refuses routers whose embeddings the data lack.
public func embeddingWarnings(_ router: Router, name: String, on data: Dataset)
  throws(PipelineError) -> [String]
{
  try checkedEmbeddings(data, router: router, name: name)
}

/// Margins, picks and probabilities of a router, computed by the runtime from text. A router that weighs outcomes
/// has no probability of its own for the label.
public func scoredPolicy(_ router: Router, name: String, on data: Dataset) -> ScoredPolicy {
  let steps = router.thresholds.count
  let isLadder = router.rule == .ladder
  let contexts = data.contexts.map(requestContext)
  let texts = data.texts
  let shards = parallelShards(of: data.count, FeaturizedRows.shardCount) { range in
    let featurizer = Featurizer(schema: router.schema)
    var features = router.makeScratch()
    var stepMargins: InlineArray<64, Double> = InlineArray(repeating: 0)
    var margins: [Double] = []
    var probabilities: [Double] = []
    for i in range {
      featurizer.featurize(
        texts[i], context: contexts[i], embeddings: data.embeddings, row: i, into: &features)
      router.writeStepMargins(features, to: &stepMargins)
      for step in 0..<steps { margins.append(stepMargins[step]) }
      if isLadder {
        probabilities.append(router.calibration[0].probability(ofMargin: stepMargins[0]))
      }
    }
    return (margins, probabilities)
  }
  return ScoredPolicy(
    name: name, kind: router.model.kindName, margins: shards.flatMap(\.0),
    thresholds: router.thresholds.map(\.value),
    probabilities: isLadder ? shards.flatMap(\.1) : nil)
}

extension RouterModel {
  /// The kind of model in words.
  public var kindName: String {
    switch self {
    case .linear: "logistic regression"
    case .tree: "decision tree"
    case .forest: "boosted trees"
    case .stack: "logistic regression and boosted trees"
    }
  }
}

/// Rows that share nothing with any list, and how many were only too like a training row. In parallel: a signature is
/// made of every text.
private func unseenRows(
  _ data: Dataset, _ lists: [TrainingRows]
) -> (rows: [Int], nearDuplicates: Int) {
  let shards = parallelShards(of: data.count, FeaturizedRows.shardCount) { range in
    var rows: [Int] = []
    var near = 0
    for i in range {
      let shared = lists.reduce(into: TrainingRows.Shared()) {
        $0.formUnion($1.sharing(text: data.texts[i], context: data.contexts[i]))
      }
      if shared.isEmpty { rows.append(i) }
      if shared == .nearDuplicate { near += 1 }
    }
    return (rows, near)
  }
  return (shards.flatMap(\.0), shards.reduce(0) { $0 + $1.1 })
}

extension TrainingRows {
  /// What a row must not share with the training rows beside its text.
  fileprivate var sharedUnit: String? {
    switch unit {
    case .text: nil
    case .group: "group"
    case .conversation, .time, .segment: "conversation"
    }
  }
}

func selectRows(_ data: Dataset, seen: SeenRows, choice: RowChoice) -> (
  [Int], EvaluationReport.RowSelection, [String]
) {
  let total = data.count + data.omitted.total
  let all = Array(0..<data.count)
  func selection(_ text: String, _ rows: [Int]) -> EvaluationReport.RowSelection {
    EvaluationReport.RowSelection(
      description: text, total: total, seenInTraining: data.count - rows.count,
      incomplete: data.omitted.total)
  }
  func isSeen(_ i: Int, _ lists: [TrainingRows]) -> Bool {
    lists.contains { $0.contains(text: data.texts[i], context: data.contexts[i]) }
  }
  switch (choice, seen) {
  case (.all, .fingerprints(let trained)):
    let flattering = all.count { isSeen($0, trained) }
    let warnings =
      flattering == 0
      ? []
      : [
        "\(flattering) of \(data.count) rows were seen in training: figures and thresholds are in-sample and flatter; use --rows held-out for honest ones"
      ]
    return (all, selection("all rows", all), warnings)
  case (.all, _):
    return (
      all, selection("all rows", all),
      ["whether these rows were seen in training is unknown: figures of seen rows flatter"]
    )
  case (.heldOut, .fingerprints(let trained)):
    let (rows, near) = unseenRows(data, trained)
    let units = Set(trained.compactMap(\.sharedUnit)).sorted().map { " and no \($0)" }
    let proves = trained.allSatisfy(\.recognisesNearDuplicates)
    return (
      rows,
      selection(
        "rows that share no text\(units.joined()) with the training rows\(proves ? " and are no near-duplicates of them (\(near) left out for that alone)" : ""), by fingerprint",
        rows),
      proves
        ? []
        : [
          "a list of training rows has no signatures (it was written by --stream, or by an earlier version): near-duplicates of training rows are not recognised here"
        ]
    )
  case (.heldOut, .split(let split)) where split.unit != .time && split.unit != .segment:
    let rows = split.assignment(of: data).rows(.test)
    return (
      rows,
      selection(
        "rows on the test side of the router's split by \(split.unit.rawValue) (seed \(split.seed))",
        rows),
      [
        "the list of training rows is not beside the weight file: only rows on the test side of its split are provably unseen, and only in the log it was trained on; new data are evaluated in part"
      ]
    )
  case (.heldOut, _):
    return (
      all, selection("all rows", all),
      ["whether these rows were seen in training is unknown: figures of seen rows flatter"]
    )
  }
}

/// Task type, domain or group: the first field that most rows have and that names at most a tenth as many segments as
/// rows.
func suggestedSegmentField(_ contexts: [QueryContext]) -> String? {
  for field in ["task_type", "domain", "group"] {
    let values = contexts.compactMap { $0.segment(named: field) }
    if values.count * 2 > contexts.count && Set(values).count * 10 <= contexts.count
      && Set(values).count > 1
    {
      return field
    }
  }
  return nil
}

/// Segment sums of the rows that are not judged, when the router saw enough of them here.
private func trainingSegments(
  _ data: Dataset, judgedRows: [Int], seen: SeenRows, field: String?
) -> SegmentStatistics? {
  guard let field, data.count - judgedRows.count >= 50 else { return nil }
  let judged = Set(judgedRows)
  let rows = (0..<data.count).filter { !judged.contains($0) }
  return SegmentStatistics(
    data.outcomes.rows(rows),
    segments: rows.map { data.contexts[$0].segment(named: field) ?? "(none)" })
}

extension QueryContext {
  /// The value of a field by which results may be broken down.
  func segment(named field: String) -> String? {
    switch field {
    case "task_type": taskType
    case "domain": domain
    case "group": group
    case "user_tier": userTier
    default: nil
    }
  }
}
