import Foundation
import RiddleData
import RiddleLearning
import RiddleLinearAlgebra
import RiddlePipeline
import RiddleRuntime
import RiddleStore

/// The rows of a measurement: a log in memory, and the fold of every row.
struct BenchRows {
  let data: Dataset
  let folds: [Int]
  let foldCount: Int

  /// Reads `--data`, `--candidates` and `--folds`.
  init(_ arguments: Arguments) throws {
    data = try Self.dataset(arguments)
    var foldOfID: [String: Int] = [:]
    let path = try arguments.one("folds")
    for line in try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n") {
      let parts = line.split(separator: "\t")
      guard parts.count == 2, let fold = Int(parts[1]), fold >= 0 else {
        throw BenchError.input("\(path): \(line) is not an identifier, a tab and a fold")
      }
      foldOfID[String(parts[0])] = fold
    }
    var folds: [Int] = []
    for id in data.ids {
      guard let fold = foldOfID[id] else { throw BenchError.input("\(path): no fold for \(id)") }
      folds.append(fold)
    }
    self.folds = folds
    foldCount = (folds.max() ?? 0) + 1
  }

  static func dataset(_ arguments: Arguments) throws -> Dataset {
    let candidates = try arguments.one("candidates").split(separator: ",").map(String.init)
    let log = try LogFile.read(paths: try arguments.all("data")).queries
    let data = Dataset(log: log, candidates: candidates)
    if data.count == 0 { throw BenchError.input("no row has text and both of \(candidates)") }
    return data
  }
}

/// Text features as `riddle train` reads them by default: statistics, and words and word pairs in 2¹⁶ buckets.
let benchSchema = FeatureSchema(bucketBits: 16, wordOrders: 2)

/// Features of texts as a training set.
func trainingSet(_ texts: [String], targets: [Double]) throws -> TrainingSet {
  let contexts = [RequestContext](repeating: RequestContext(), count: texts.count)
  return try trainingSet(
    FeaturizedRows(texts: texts, contexts: contexts, schema: benchSchema), targets: targets)
}

/// Featurized rows as a training set.
func trainingSet(_ features: FeaturizedRows, targets: [Double]) throws -> TrainingSet {
  let dense = Matrix(
    rowCount: features.count, columnCount: benchSchema.denseCount, widening: features.dense)
  return try TrainingSet(dense: dense, hashed: hashedRows(features), targets: targets)
}

/// A logistic regression with the settings of `riddle train`.
func benchEstimator(penalty: Double) -> LogisticRegression {
  var estimator = LogisticRegression(l2Penalty: penalty)
  estimator.densePenaltyMultiplier = densePenaltyMultiplier
  return estimator
}
