import RiddleData
import RiddleEvaluation
import RiddleLearning
import RiddleLinearAlgebra
import RiddleRuntime

/// How much of "the strongest candidate is better here" a small model reads off the text: a quick look, not a router.
public struct Learnability: Equatable, Sendable, Codable {
  /// Rows used, at most ``mostRows``.
  public var rows: Int
  /// Rows on which the strongest candidate is better than the cheapest.
  public var positives: Int
  /// Out-of-fold figures; undefined where a class has too few rows.
  public var figures: ScoreFigures
  /// APGR of random routing on the same rows.
  public var randomBand: Figure
  /// The penalty chosen in each fold.
  public var penalties: [Double]

  private enum CodingKeys: String, CodingKey {
    case rows, positives, figures, penalties
    case randomBand = "random_band"
  }

  /// Rows of longer logs are a sample by hash of the text.
  public static let mostRows = 20_000
  /// Rows of each class below which nothing is fitted.
  static let fewest = 10
  static let folds = 5
  /// λ of the fits, from much to little freedom.
  static let penalties = [300.0, 30, 3]
}

extension Learnability {
  /// Fits logistic regressions of text statistics, words and word pairs (2¹⁶ buckets) on four folds of five and scores the fifth.
  ///
  /// Near-duplicates, conversations and equal texts stay in one fold. Every fold takes the penalty that has the least
  /// out-of-fold log loss on the other folds, so its own rows have no part in the choice.
  ///
  /// - Returns: nil when a class has fewer than ten rows.
  /// - Throws: ``PipelineError`` when a fit fails.
  public init?(
    _ data: Dataset, clusters: [Int]? = nil, settings: HeadroomSettings
  ) throws(PipelineError) {
    var chosen = Array(0..<data.count)
    if chosen.count > Self.mostRows {
      let keys = data.texts.map { RowFingerprint.text($0) }
      chosen = Array(chosen.sorted { (keys[$0], $0) < (keys[$1], $1) }.prefix(Self.mostRows))
      chosen.sort()
    }
    let data = data.rows(chosen)
    let top = data.outcomes.candidates.count - 1
    let targets = (0..<data.count).map {
      data.outcomes.quality($0, top) > data.outcomes.quality($0, 0) ? 1.0 : 0
    }
    let positives = targets.count { $0 == 1 }
    if min(positives, data.count - positives) < Self.fewest { return nil }
    let made: (scores: [Double], penalties: [Double])
    do throws(LearningError) {
      made = try Self.outOfFold(data, targets: targets, seed: settings.seed)
    } catch {
      // Too few units for five folds with both classes says as little as too few rows.
      if case .emptyFold = error { return nil }
      if case .singleClass = error { return nil }
      throw .head(name: "the learnability probe", error)
    }
    rows = data.count
    self.positives = positives
    penalties = made.penalties
    figures = ScoreFigures(
      data.outcomes, scores: made.scores,
      clusters: clusters.map { all in chosen.map { all[$0] } }, settings: settings)
    randomBand = randomRouterBand(
      gains: (0..<data.count).map { data.outcomes.quality($0, top) - data.outcomes.quality($0, 0) },
      confidence: settings.confidence)
  }

  private static func outOfFold(
    _ data: Dataset, targets: [Double], seed: UInt64
  ) throws(LearningError) -> (scores: [Double], penalties: [Double]) {
    BLASThreads.set(1)
    let schema = FeatureSchema(bucketBits: 16, wordOrders: 2)
    let features = FeaturizedRows(data, schema: schema)
    let rows = try TrainingSet(
      dense: Matrix(
        rowCount: features.count, columnCount: schema.denseCount, widening: features.dense),
      hashed: hashedRows(features), targets: targets)
    let keys = SplitUnits(data, unit: .suggested(for: data.contexts)).keys
    let folds = CrossValidation(
      try FoldAssignment.hashed(keys, foldCount: Self.folds, seed: seed))
    var margins: [[Double]] = []  // penalties × rows
    var losses: [[Double]] = []  // penalties × folds
    for penalty in penalties {
      var settings = LogisticRegression(l2Penalty: penalty)
      settings.densePenaltyMultiplier = densePenaltyMultiplier
      var column = [Double](repeating: 0, count: data.count)
      var loss = [Double](repeating: 0, count: Self.folds)
      for fold in 0..<Self.folds {
        let heldOut = folds.heldOutRows(fold)
        let part = rows.rows(heldOut)
        let scores = try settings.fit(rows.rows(folds.trainingRows(fold))).model.margins(of: part)
        for (place, row) in heldOut.enumerated() {
          column[row] = scores[place]
          loss[fold] += logLoss(probability: logistic(scores[place]), label: targets[row])
        }
      }
      margins.append(column)
      losses.append(loss)
    }
    var scores = [Double](repeating: 0, count: data.count)
    var taken: [Double] = []
    for fold in 0..<Self.folds {
      func others(_ k: Int) -> Double { losses[k].reduce(0, +) - losses[k][fold] }
      var best = 0
      for k in penalties.indices where others(k) < others(best) { best = k }
      taken.append(penalties[best])
      for row in folds.heldOutRows(fold) { scores[row] = margins[best][row] }
    }
    return (scores, taken)
  }
}
