import Glibc
import RiddleLearning
import RiddleLinearAlgebra
import RiddleRuntime

/// A head whose target is the same on every row: a candidate that is always right, a class that nobody is in.
///
/// It says so with the confidence that the rows allow, Krichevsky and Trofimov's (t n + ½) / (n + 1), and reads no
/// feature.
enum ConstantHead {
  /// The target of every row if all are the same and either 0 or 1.
  static func value(of targets: [Double]) -> Double? {
    guard let first = targets.first, first == 0 || first == 1 else { return nil }
    return targets.allSatisfy { $0 == first } ? first : nil
  }

  /// ln(p / (1 − p)) for p = (t n + ½) / (n + 1).
  static func margin(value: Double, rows: Int) -> Double {
    let n = Double(rows)
    let p = (value * n + 0.5) / (n + 1)
    return log(p / (1 - p))
  }

  /// The head as a part of a model of `kind`.
  static func head(
    value: Double, rows: Int, kind: TrainingPlan.ModelKind, schema: FeatureSchema
  ) -> FittedHead {
    let margin = margin(value: value, rows: rows)
    let linear = coefficients(value: value, rows: rows, schema: schema)
    switch kind {
    case .logistic: return FittedHead(linear: linear)
    case .tree: return FittedHead(tree: TreeModel(nodes: [leaf(margin)], roots: [0]))
    case .boosted: return FittedHead(forest: emptyForest(base: margin))
    case .stack: return FittedHead(linear: linear, forest: emptyForest(base: 0))
    }
  }

  /// The head as logistic regression.
  static func coefficients(
    value: Double, rows: Int, schema: FeatureSchema
  ) -> LogisticCoefficients {
    LogisticCoefficients(
      intercept: margin(value: value, rows: rows),
      dense: [Double](repeating: 0, count: schema.denseCount),
      hashed: [Double](
        repeating: 0, count: schema.usesHashing ? 1 << Int(schema.bucketBits) : 0))
  }

  private static func leaf(_ value: Double) -> TreeModel.Node {
    TreeModel.Node(feature: 0, threshold: 0, left: 0, right: 0, value: Float(value))
  }

  /// One tree of one leaf that says nothing.
  static func emptyForest(base: Double) -> ForestModel {
    ForestModel(nodes: [leaf(0)], roots: [0], treeCounts: [1], bases: [base])
  }

  /// What the run says of it.
  static func report(value: Double, rows: Int) -> TrainedRouter.HeadReport {
    TrainedRouter.HeadReport(
      fit: FitReport(
        solver: "constant", iterations: 0, converged: true, gradientNorm: 0, tolerance: 0,
        objective: 0, rows: rows, positives: value > 0 ? rows : 0),
      crossValidation: [])
  }

  /// The sentence for the reader.
  static func warning(_ name: String, value: Double, rows: Int) -> String {
    "\(name): the same on all \(rows) training rows (\(value > 0 ? "yes" : "no")), so the head is constant"
  }
}
