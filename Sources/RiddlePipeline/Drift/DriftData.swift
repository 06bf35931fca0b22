import RiddleData
import RiddleEvaluation
import RiddleRuntime

/// Logged queries, whatever their outcomes: what drift is looked for in.
public struct DriftData: Sendable {
  /// Rows with a text; their outcome table says nothing.
  public let data: Dataset
  /// The queries of these rows.
  let queries: [LoggedQuery]
  /// Rows without a text.
  public let withoutText: Int

  private let usesTimes: Bool

  /// Keeps the rows of `log` that have a text; `usesTimes` says whether their times count.
  public init(log: [LoggedQuery], usesTimes: Bool = true) {
    self.usesTimes = usesTimes
    data = Dataset(textsOf: log).withDuplicateKeys()
    queries = log.filter { $0.text != nil }
    withoutText = log.count - queries.count
  }

  /// Arrival times; nil unless every row has one, or when they do not count.
  public var times: [Int64]? {
    if !usesTimes { return nil }
    let times = data.contexts.compactMap { $0.time?.count }
    return times.count == data.count ? times : nil
  }
}

/// A router whose scores are watched.
public struct WatchedRouter: Sendable {
  /// Its name.
  public var name: String
  /// The router.
  public var router: Router
  /// Names of its dense columns.
  public var columnNames: [String]
  /// The labels it predicts: target and adequate quality.
  public var target: LabelTarget
  /// Quality from which an answer is adequate.
  public var qualityThreshold: Double

  /// A router.
  public init(
    name: String, router: Router, columnNames: [String], target: LabelTarget,
    qualityThreshold: Double
  ) {
    self.name = name
    self.router = router
    self.columnNames = columnNames
    self.target = target
    self.qualityThreshold = qualityThreshold
  }
}

/// Everything about the rows that can move: dense features, context fields, outcomes and labels, scores, new words.
///
/// - Parameters:
///   - router: whose columns, margins and residuals are taken; nil for the default features alone.
///   - reference: rows of the reference, by number.
///   - periods: rows of each period.
/// - Throws: `.unsupported` for a router that reads embeddings.
public func driftTable(
  _ drift: DriftData, router: WatchedRouter?, reference: DriftPeriod, periods: [DriftPeriod],
  stretch: Int64
) throws(PipelineError) -> DriftTable {
  let data = drift.data
  if let router, !router.router.schema.embeddingMeans.isEmpty {
    throw .unsupported(
      "router \(router.name) reads embeddings, which drift does not look at; leave out --router to compare the text's features"
    )
  }
  var columns = featureColumns(data, router: router, reference: reference.rows)
  columns += contextColumns(data)
  columns += outcomeColumns(drift.queries)
  if let router { columns += routerColumns(router, drift) }
  let later = periods.flatMap(\.rows)
  columns.append(
    DriftColumn(
      name: "new words", kind: .vocabulary,
      values: NewVocabulary.shares(
        texts: data.texts, reference: reference.rows,
        span: spans(of: reference, times: drift.times), later: later)))
  return DriftTable(
    columns: columns,
    families: SplitUnits(data, unit: .suggested(for: data.contexts)).keys, times: drift.times,
    reference: reference, periods: periods, stretch: stretch)
}

/// What a domain classifier says of each period; nil where it cannot.
public func domainClassifiers(
  _ drift: DriftData, table: DriftTable, settings: DriftSettings
) throws(PipelineError) -> [DriftReport.Classifier?] {
  var found: [DriftReport.Classifier?] = []
  for period in table.periods {
    let isLarge =
      min(table.reference.rows.count, period.rows.count) >= max(settings.fewestRows, 2)
    found.append(
      isLarge
        ? try DomainClassifier.find(
          drift.data, reference: table.reference.rows, period: period.rows,
          families: table.families, level: settings.falseAlarms / 2, seed: settings.seed) : nil)
  }
  return found
}

/// Dense features as the router reads them, or those that a router trained on the reference would.
private func featureColumns(_ data: Dataset, router: WatchedRouter?, reference: [Int])
  -> [DriftColumn]
{
  let schema: FeatureSchema
  let names: [String]
  if let router {
    schema = router.router.schema
    names = router.columnNames
  } else {
    var plan = TrainingPlan()
    plan.features = .context
    plan.model = .tree
    let named = NamedSchema(plan: plan, contexts: reference.map { data.contexts[$0] })
    schema = named.schema
    names = named.columnNames
  }
  let features = FeaturizedRows(data, schema: schema)
  let width = schema.denseCount
  return (0..<width).map { k in
    DriftColumn(
      name: names[k], kind: .feature,
      values: (0..<data.count).map { Double(features.dense[$0 * width + k]) })
  }
}

/// Most values of a context field that have a bin of their own; all rarer ones share one.
private let mostCategories = 30

/// Context fields as a whole.
private func contextColumns(_ data: Dataset) -> [DriftColumn] {
  ContextField.allCases.compactMap { field in
    let values = data.contexts.map { $0.value(of: field) }
    var counts: [String: Int] = [:]
    for case let value? in values { counts[value, default: 0] += 1 }
    if counts.isEmpty { return nil }
    let frequent = counts.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }
      .prefix(mostCategories).map(\.key)
    let hasOthers = counts.count > frequent.count
    let number = Dictionary(
      uniqueKeysWithValues: frequent.enumerated().map { ($1, Double($0)) })
    return DriftColumn(
      name: field.name, kind: .context,
      values: values.map { value in
        value.map { number[$0] ?? Double(frequent.count) } ?? .nan
      }, categories: frequent + (hasOthers ? ["(others)"] : []))
  }
}

/// Quality and cost of each candidate's answers, where the log has them.
private func outcomeColumns(_ queries: [LoggedQuery]) -> [DriftColumn] {
  var names: Set<String> = []
  for query in queries { for outcome in query.outcomes { names.insert(outcome.candidate) } }
  return names.sorted().flatMap { name -> [DriftColumn] in
    let outcomes = queries.map { $0.outcome(of: name) }
    let columns = [
      DriftColumn(
        name: "quality of \(name)", kind: .label, values: outcomes.map { $0?.quality ?? .nan }),
      DriftColumn(
        name: "cost of \(name)", kind: .label,
        values: outcomes.map { $0?.cost?.dollars ?? .nan }),
    ]
    return columns.filter { column in column.values.contains { !$0.isNaN } }
  }
}

/// Margins, labels and residuals of a router.
private func routerColumns(_ watched: WatchedRouter, _ drift: DriftData) -> [DriftColumn] {
  let data = drift.data
  let router = watched.router
  let names = router.candidates.map { String(decoding: $0.name, as: UTF8.self) }
  let policy = scoredPolicy(router, name: watched.name, on: data)
  let steps = router.thresholds.count
  var columns: [DriftColumn] = []
  for step in 0..<steps {
    columns.append(
      DriftColumn(
        name: "margin above \(names[step])", kind: .score,
        values: (0..<data.count).map { policy.margins[$0 * steps + step] }))
  }
  // Labels exist where all candidates of the ladder were judged.
  let complete = drift.queries.indices.filter { i in
    names.allSatisfy { drift.queries[i].outcome(of: $0)?.quality != nil }
  }
  if complete.isEmpty { return columns }
  let judged = Dataset(log: complete.map { drift.queries[$0] }, candidates: names)
  guard judged.count == complete.count else { return columns }
  for step in 0..<steps {
    let labels = watched.target.judged.labels(
      judged.outcomes, head: step, qualityThreshold: watched.qualityThreshold)
    var label = [Double](repeating: .nan, count: data.count)
    var residual = label
    for (place, row) in complete.enumerated() {
      label[row] = labels[place]
      guard router.rule == .ladder else { continue }
      residual[row] =
        labels[place]
        - router.calibration[step].probability(ofMargin: policy.margins[row * steps + step])
    }
    columns.append(DriftColumn(name: "label above \(names[step])", kind: .label, values: label))
    if router.rule == .ladder {
      columns.append(
        DriftColumn(name: "residual above \(names[step])", kind: .residual, values: residual))
    }
  }
  return columns
}

/// Stretch of each reference row: by time, else by order.
private func spans(of reference: DriftPeriod, times: [Int64]?) -> [Int] {
  let count = Int64(NewVocabulary.spans)
  let rows = reference.rows
  guard let times, let first = rows.map({ times[$0] }).min(),
    let last = rows.map({ times[$0] }).max(), last > first
  else {
    return rows.indices.map { $0 * NewVocabulary.spans / max(1, rows.count) }
  }
  let length = (last - first) / count + 1
  return rows.map { Int((times[$0] - first) / length) }
}
