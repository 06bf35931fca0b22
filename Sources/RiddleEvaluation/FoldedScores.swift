import RiddleData

/// AUC and APGR of scores that come from several fits, each judged on rows of its own fold.
///
/// Margins of different fits are not comparable, so no two rows from different folds are compared. AUC = Σ n_f AUC_f / Σ n_f
/// over the folds with both labels, n_f their rows. APGR = Σ g_f APGR_f / Σ g_f, g_f the quality gap of the fold's rows
/// between strongest and cheapest: what is recovered when every fold sends the same share up. One fold's own figures
/// are those of ``evaluate(_:routers:wall:settings:)``.
public struct FoldedScores: Equatable, Sendable {
  /// AUC of head 0 for the label.
  public var auc: Figure
  /// Exact average gap recovered over all call shares.
  public var apgr: Figure

  /// Judges `policy`.
  ///
  /// - Parameters:
  ///   - table: outcomes of the judged rows.
  ///   - policy: margins of the same rows, each from the fit that judges its fold.
  ///   - folds: the fold of each row, 0 and up.
  ///   - clusters: resampling unit of each row; nil resamples rows. Percentile intervals; all folds share a draw.
  ///   - settings: label, replicates, confidence, seed and threads.
  /// - Throws: ``EvaluationError`` for columns of the wrong length and for margins that are not numbers.
  /// - Complexity: O(rows) per replicate after sorting each fold's scores once.
  public init(
    _ table: OutcomeTable, policy: ScoredPolicy, folds: [Int], clusters: [Int]? = nil,
    settings: EvaluationSettings
  ) throws(EvaluationError) {
    try settings.validate()
    let n = table.rowCount
    guard n > 0 else { throw .noRows }
    try policy.validate(rows: n, candidates: table.candidates.count)
    for (column, count) in [("folds", folds.count), ("clusters", clusters?.count ?? n)]
    where count != n {
      throw .columnLength(column: column, expected: n, actual: count)
    }
    let index = ClusterIndex(clusters ?? Array(0..<n))
    let parts = (0...(folds.max() ?? 0)).compactMap { fold -> FoldPart? in
      let rows = folds.indices.filter { folds[$0] == fold }
      return rows.isEmpty
        ? nil : FoldPart(table.rows(rows), policy.rows(rows), rows: rows, settings: settings)
    }
    let ones = [Double](repeating: 1, count: index.count)
    let estimate = Self.figures(parts, counts: ones, index: index)
    guard settings.replicates >= 2 else {
      auc = Figure(estimate.auc.isFinite ? estimate.auc : nil)
      apgr = Figure(estimate.apgr.isFinite ? estimate.apgr : nil)
      return
    }
    let plan = Resampling(
      clusterCount: index.count, replicates: settings.replicates, seed: settings.seed,
      method: .percentile)
    let shardSize = 16
    let values = inShards(
      (settings.replicates + shardSize - 1) / shardSize, threads: settings.threads
    ) { shard -> [(auc: Double, apgr: Double)] in
      var counts = ones
      return (shard * shardSize..<min(settings.replicates, (shard + 1) * shardSize)).map { r in
        plan.draw(r, into: &counts)
        return Self.figures(parts, counts: counts, index: index)
      }
    }.flatMap { $0 }
    func figure(_ value: Double, _ replicates: [Double]) -> Figure {
      IntervalMethod.percentile.figure(
        value: value, replicates: replicates, jackknife: [], confidence: settings.confidence)
    }
    auc = figure(estimate.auc, values.map(\.auc))
    apgr = figure(estimate.apgr, values.map(\.apgr))
  }

  /// Both figures; NaN where no fold has one.
  private static func figures(
    _ parts: [FoldPart], counts: [Double], index: ClusterIndex
  ) -> (auc: Double, apgr: Double) {
    var (auc, aucRows, recovered, gaps) = (0.0, 0.0, 0.0, 0.0)
    for part in parts {
      let weights = part.rows.map { counts[Int(index.ofRow[$0])] }
      let own = part.figures(weights)
      if own.auc.isFinite {
        let total = weights.reduce(0, +)
        auc += total * own.auc
        aucRows += total
      }
      if own.apgr.isFinite {
        recovered += own.gap * own.apgr
        gaps += own.gap
      }
    }
    return (aucRows > 0 ? auc / aucRows : .nan, gaps != 0 ? recovered / gaps : .nan)
  }
}

/// The rows of one fold, sorted once.
private struct FoldPart: Sendable {
  /// Rows of the whole.
  let rows: [Int]
  private let ranked: RankedLabels?
  private let sweep: Sweep?
  private let gains: [Double]
  private let widths: [Double]

  init(
    _ table: OutcomeTable, _ policy: ScoredPolicy, rows: [Int], settings: EvaluationSettings
  ) {
    self.rows = rows
    let judged = Judged(table, wall: BaselineInputs(texts: []), settings: settings)
    let part = JudgedPolicy(policy, judged: judged)
    ranked = part.ranked
    sweep = part.sweep
    gains = judged.gains
    let width = judged.candidateCount
    widths = rows.indices.map {
      judged.isPair ? 1 : judged.axis[$0 * width + width - 1] - judged.axis[$0 * width]
    }
  }

  /// AUC and APGR under weights, NaN where undefined, and the gap of quality.
  func figures(_ weights: [Double]) -> (auc: Double, apgr: Double, gap: Double) {
    var (gap, width) = (0.0, 0.0)
    for i in weights.indices {
      gap += weights[i] * gains[i]
      width += weights[i] * widths[i]
    }
    var scratch = SweepScratch()
    let recovered = sweep?.evaluate(weights.span, gap: gap, width: width, scratch: &scratch).apgr
    return (ranked?.evaluate(weights.span).auc ?? .nan, recovered ?? .nan, gap)
  }
}
