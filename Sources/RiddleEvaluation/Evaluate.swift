import RiddleData
import RiddleLinearAlgebra

/// Judges routers on rows whose outcomes are known for every candidate, beside the baseline wall, with intervals.
///
/// Every figure is defined in the metric functions of this target. Point values count every row once; intervals come from one
/// paired bootstrap over clusters that all policies share, so differences between policies are paired. The report does not
/// depend on the order of the rows nor on the number of threads.
///
/// For more than two candidates the curve, APGR and CPT come from adding one common offset to all head margins, from
/// everything-cheapest to everything-strongest; their horizontal axis is the mean cost between that of
/// always-cheapest (0) and always-strongest (1), or the mean rung / (K − 1) where costs are missing or do not rise.
/// For a pair it is the strong share, and all figures are those of RouteLLM (arXiv 2406.18665).
///
/// - Parameters:
///   - table: outcomes of the evaluated rows, candidates from cheapest to strongest.
///   - routers: the policies to judge, at least one. The first one's shares and cost set the length and mix baselines, and
///     its results fill the segments.
///   - wall: columns of the same rows for baselines and resampling.
///   - settings: what is right, and how intervals are made.
///   - progress: hears, on any thread, how many replicates are done, of how many.
/// - Throws: ``EvaluationError`` for columns of the wrong length and for values that are not numbers. Figures that are undefined
///   on these rows are nil with a note.
/// - Complexity: O(policies · rows) per replicate after sorting each policy's scores once.
public func evaluate(
  _ table: OutcomeTable, routers: [ScoredPolicy], wall: BaselineInputs,
  settings: EvaluationSettings, progress: (@Sendable (Int, Int) -> Void)? = nil
) throws(EvaluationError) -> EvaluationReport {
  try validate(table, routers: routers, wall: wall, settings: settings)
  BLASThreads.set(1)  // the replicates' shards are the parallel part
  let order = Judged.canonicalOrder(table, keys: wall.rowKeys)
  let wall = wall.rows(order)
  let routers = routers.map { $0.rows(order) }
  let judged = Judged(table.rows(order), wall: wall, settings: settings)
  let baselines = BaselineWall(judged, wall: wall, router: routers[0]).policies
  let policies = routers.map { JudgedPolicy($0, judged: judged) } + baselines

  // Estimates and curves first: the replicates' bands are read at the curves' points.
  var replicates = Replicates(
    judged: judged, policies: policies, cheapest: routers.count, strongest: routers.count + 1)
  var curves = [[PolicyFigures.CurvePoint]](repeating: [], count: policies.count)
  var routeLLMNotes = [[String]](repeating: [], count: policies.count)
  var fallingRouteLLM: [String] = []
  let gap = judged.gains.reduce(0, +)
  let estimate = replicates.estimate { p, scratch in
    guard let sweep = policies[p].sweep else { return }
    curves[p] = CostQualityCurve.points(sweep, scratch, judged: judged)
    if judged.isPair && !sweep.interpolates {
      let weak = judged.quality(of: 0).reduce(0, +)
      let points = RouteLLMPoints(
        sweep: sweep, scratch: scratch, rows: judged.rowCount, weakSum: weak,
        strongSum: weak + gap)
      if points.hasCoincidingEdges {
        routeLLMNotes[p].append(
          "ties in the score make decile edges of the 11-point figures coincide")
      }
      if !points.isMonotone {
        if p < routers.count { fallingRouteLLM.append(routers[p].name) }
        routeLLMNotes[p].append(
          "quality is not rising over the 11 points: interpolated CPT depends on where one looks")
      }
    }
  }
  replicates.curveShares = curves.map { $0.map(\.share) }
  let shards = replicates.run(progress: progress)
  let values = shards.flatMap(\.slots)

  let assembly = Assembly(
    judged: judged, replicates: replicates, estimate: estimate, values: values, shards: shards,
    routerCount: routers.count)
  var figures: [PolicyFigures] = []
  for p in policies.indices {
    figures.append(assembly.figures(p, curve: curves[p], notes: routeLLMNotes[p]))
  }
  if let plateau = figures.firstIndex(where: { $0.name == "oracle-plateau" }) {
    let strong = judged.quality(of: 1)
    let value = PlateauCurve(weak: judged.quality(of: 0), strong: strong)
      .averageGapRecovered(strongSum: strong.reduce(0, +))
    figures[plateau].apgrRouteLLM = Figure(value)
    figures[plateau].notes.append(
      "apgr_routellm is read from the optimal curve at strong shares 0, 10, … 100 %; it has no interval"
    )
  }
  let comparer = Comparisons(
    judged: judged, names: policies.map(\.policy.name), estimate: estimate, replicates: values,
    plan: replicates.plan, slotCount: replicates.slotCount)
  var comparisons: [EvaluationReport.Comparison] = []
  var between: [EvaluationReport.Comparison] = []
  for router in routers.indices {
    for baseline in baselines.indices {
      comparisons += comparer.compare(router, routers.count + baseline)
    }
    for other in routers.indices.dropFirst(router + 1) {
      between += comparer.compareRouters(router, other, policies: policies)
    }
  }
  comparisons += holmCorrected(between, confidence: settings.confidence)
  let segmentTables = routers.map { router in
    wall.segments.map { segmentResults(judged, router: router, segments: $0) } ?? []
  }
  var report = EvaluationReport(
    queries: judged.rowCount, candidates: judged.table.candidates,
    rows: settings.rows
      ?? .init(
        description: "all rows", total: judged.rowCount, seenInTraining: 0, incomplete: 0),
    labelling: .init(
      oracle: settings.oracle.name, target: settings.target.rawValue,
      qualityThreshold: settings.qualityThreshold, tieShare: judged.tieShare,
      positiveShare: judged.labels.reduce(0, +) / Double(judged.rowCount)),
    headroom: headroom(judged),
    randomBand: randomRouterBand(gains: judged.gains, confidence: settings.confidence),
    routers: Array(figures.prefix(routers.count)),
    baselines: Array(figures.dropFirst(routers.count)), comparisons: comparisons,
    segments: segmentTables[0],
    segmentField: wall.segments == nil ? nil : wall.segmentField,
    warnings: evaluationWarnings(
      judged, routers: routers, comparisons: comparisons,
      fallingRouteLLM: fallingRouteLLM),
    intervals: .init(
      method: intervalDescription(judged, wall), replicates: settings.replicates,
      confidence: settings.confidence, seed: settings.seed, clusters: judged.clusters.count),
    inputs: settings.inputs)
  if wall.segments != nil {
    report.moreSegments = routers.indices.dropFirst().map {
      .init(router: routers[$0].name, segments: segmentTables[$0])
    }
  }
  let tiny = report.segments.count { $0.queries < fewestSegmentRows }
  if tiny > 0 {
    report.warnings.append(
      "\(tiny) of \(report.segments.count) segments have fewer than \(fewestSegmentRows) rows: their figures are mostly chance"
    )
  }
  report.misroutes = worstRows(judged, router: routers[0], wall: wall)
  report.gates = settings.gates.flatMap { $0.results(report) }
  return report
}

private func validate(
  _ table: OutcomeTable, routers: [ScoredPolicy], wall: BaselineInputs,
  settings: EvaluationSettings
) throws(EvaluationError) {
  try settings.validate()
  let n = table.rowCount
  guard n > 0 else { throw .noRows }
  guard !routers.isEmpty else { throw .noRouters }
  for (index, router) in routers.enumerated() {
    if BaselineWall.names.contains(router.name)
      || routers[..<index].contains(where: { $0.name == router.name })
    {
      throw .duplicateName(router.name)
    }
    try router.validate(rows: n, candidates: table.candidates.count)
  }
  try wall.validate(rows: n, candidates: table.candidates.count)
  let width = table.candidates.count
  for (index, quality) in table.quality.enumerated() where !quality.isFinite {
    throw .nonFiniteQuality(row: index / width, candidate: table.candidates[index % width])
  }
  for (index, cost) in table.cost.enumerated()
  where cost < 0 && cost != OutcomeTable.missingCost {
    throw .negativeCost(row: index / width, candidate: table.candidates[index % width])
  }
}

private func intervalDescription(_ judged: Judged, _ wall: BaselineInputs) -> String {
  if judged.settings.replicates < 2 { return "none" }
  let method = judged.settings.intervalMethod == .bca ? "BCa" : "percentile"
  let blocks =
    judged.units.count < judged.clusters.count
    ? ", in \(judged.units.count) blocks of neighbours in hash order" : ""
  return wall.clusters == nil
    ? "\(method) bootstrap, paired, by query\(blocks)"
    : "\(method) bootstrap, paired, clustered by \(wall.clusterField)\(blocks)"
}

/// What a perfect router would gain on the judged rows.
private func headroom(_ judged: Judged) -> EvaluationReport.Headroom {
  let n = Double(judged.rowCount)
  let width = judged.candidateCount
  var quality = [Double](repeating: 0, count: width)
  var nano = quality
  var counts = [Int](repeating: 0, count: judged.isPair ? 4 : width)
  var (best, spent) = (0.0, 0.0)
  for i in 0..<judged.rowCount {
    for k in 0..<width {
      quality[k] += judged.table.quality(i, k)
      nano[k] += judged.table.cost(i, k).map(Double.init) ?? .nan
    }
    let pick = judged.oraclePicks[i]
    best += judged.table.quality(i, pick)
    spent += judged.table.cost(i, pick).map(Double.init) ?? .nan
    counts[judged.outcomeClass(i)] += 1
  }
  return .init(
    meanQuality: quality.map { $0 / n },
    meanCostDollars: nano.map { $0.isFinite ? $0 / n / 1e9 : nil }, outcomeCounts: counts,
    oracleQuality: best / n, oracleCostDollars: spent.isFinite ? spent / n / 1e9 : nil,
    oracleSavings: savings(cost: spent, strongest: nano[width - 1]))
}
