import RiddleData
import RiddleEvaluation
import RiddleLearning
import RiddleLinearAlgebra
import RiddleRuntime

/// Learns to tell a period's rows from the reference's: what no single feature shows, words together may.
///
/// Logistic regression on dense features and hashed words, cross-fitted: families (near-duplicates, conversations, groups)
/// stay in one fold, so that no row is recognised by its twin. Where nothing moved the AUC is ½ (Ben-David et al., 2010,
/// doi:10.1007/s10994-009-5152-4; Lopez-Paz & Oquab, 2017, arXiv:1610.06545).
struct DomainClassifier {
  static let folds = 5
  /// λ: strong, because most words say nothing.
  static let penalty = 30.0
  /// Hash buckets as a power of two.
  static let bucketBits = 12
  /// Features that are named.
  static let namedFeatures = 8

  /// - Parameters:
  ///   - data: all rows.
  ///   - reference: rows of the reference.
  ///   - period: rows of the period.
  ///   - families: family of every row.
  ///   - level: chance of a false alarm; the interval is two-sided with twice that outside.
  /// - Returns: nil when a fold would have rows of one side only.
  static func find(
    _ data: Dataset, reference: [Int], period: [Int], families: [UInt64], level: Double,
    seed: UInt64
  ) throws(PipelineError) -> DriftReport.Classifier? {
    BLASThreads.set(1)
    let chosen = reference + period
    let rows = data.rows(chosen)
    let targets = chosen.indices.map { $0 < reference.count ? 0.0 : 1 }
    let keys = chosen.map { families[$0] }
    var plan = TrainingPlan(bucketBits: bucketBits, wordOrders: 1)
    plan.features = .context
    let named = NamedSchema(plan: plan, contexts: rows.contexts)
    let features = FeaturizedRows(rows, schema: named.schema)
    do throws(LearningError) {
      let set = try TrainingSet(
        dense: Matrix(
          rowCount: features.count, columnCount: named.schema.denseCount,
          widening: features.dense),
        hashed: hashedRows(features), targets: targets)
      let assigned = try FoldAssignment.hashed(
        keys, foldCount: min(folds, Set(keys).count), seed: seed)
      let validation = CrossValidation(assigned)
      var settings = LogisticRegression(l2Penalty: penalty)
      settings.classWeights = .balanced
      var scores = [Double](repeating: 0, count: rows.count)
      var weights = [Double](repeating: 0, count: named.schema.denseCount)
      for fold in 0..<assigned.foldCount {
        let training = validation.trainingRows(fold)
        let heldOut = validation.heldOutRows(fold)
        let model = try settings.fit(set.rows(training)).model
        for (place, margin) in model.margins(of: set.rows(heldOut)).enumerated() {
          scores[heldOut[place]] = margin
        }
        for k in weights.indices { weights[k] += model.dense[k] / Double(assigned.foldCount) }
      }
      let auc = groupedAUC(
        scores: scores, isPositive: targets.map { $0 > 0.5 }, groups: keys, folds: assigned.folds,
        confidence: 1 - 2 * level)
      guard let low = auc.low else { return nil }
      return DriftReport.Classifier(
        auc: auc, isDrift: low > 0.5,
        features: namedWeights(weights, names: named.columnNames, features))
    } catch {
      // Too few families for folds with rows of both sides: nothing can be said.
      if case .emptyFold = error { return nil }
      if case .singleClass = error { return nil }
      if case .tooFewRows = error { return nil }
      throw .head(name: "the domain classifier", error)
    }
  }

  /// The dense features with the largest weight per standard deviation.
  private static func namedWeights(
    _ weights: [Double], names: [String], _ features: FeaturizedRows
  ) -> [DriftReport.Classifier.Weight] {
    let width = weights.count
    let n = Double(max(1, features.count))
    let scaled = (0..<width).map { k -> DriftReport.Classifier.Weight in
      var (sum, square) = (0.0, 0.0)
      for i in 0..<features.count { sum += Double(features.dense[i * width + k]) }
      for i in 0..<features.count {
        let difference = Double(features.dense[i * width + k]) - sum / n
        square += difference * difference
      }
      return .init(name: names[k], weight: weights[k] * (square / n).squareRoot())
    }
    return Array(
      scaled.filter { $0.weight != 0 }
        .sorted { (-abs($0.weight), $0.name) < (-abs($1.weight), $1.name) }.prefix(namedFeatures))
  }
}
