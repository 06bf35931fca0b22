import ArgumentParser
import RiddleData
import RiddleExport
import RiddleLearning
import RiddlePipeline

/// What is fitted, and how: every flag of `riddle train` that becomes part of the plan.
struct FittingOptions: ParsableArguments {
  @Option(help: "logistic, tree, boosted or stack.")
  var model: TrainingPlan.ModelKind = .logistic

  @Option(
    help:
      "How logistic regression sees a ladder: heads (default), ordinal (default with --tiers) or multinomial."
  )
  var form: TrainingPlan.HeadForm?

  @Option(help: "λ of the utility quality − λ · dollars, for targets that weigh costs.")
  var lambda: Double = 0

  @Option(help: "context (text and the log's context fields), text, or statistics.")
  var features: TrainingPlan.FeatureChoice = .context

  @Option(
    help:
      "How thresholds are chosen: balanced, utility, strong-share=0.3, retention=0.98, probability=0.5 or costs=5:1. Default: balanced, or utility with --lambda."
  )
  var threshold: ThresholdRule?

  @Option(
    help:
      "How margins become probabilities: identity, temperature, platt or isotonic. Default: the best of them on held-out rows."
  )
  var calibration: CalibrationKind?

  @Option(
    help:
      "Where probabilities and thresholds come from: held-out (a fifth of the rows, which no fit sees) or folds (out-of-fold margins: a third more rows to fit)."
  )
  var calibrateOn: TrainingPlan.CalibrationRows = .heldOut

  @Option(
    name: .customLong("l2"), parsing: .upToNextOption,
    help: "Penalties λ; several are compared by cross-validation.")
  var penalties: [Double] = [0.3, 1, 3, 10]

  @Option(help: "Share of L1 in the penalty, 0…1: above 0, n-grams that do not help get weight 0.")
  var l1Ratio: Double = 0

  @Flag(help: "Let both labels weigh the same in the fit, however rare one is.")
  var balanceClasses = false

  @Flag(help: "Penalise common n-grams more (inverse document frequency).")
  var idf = false

  @Option(
    parsing: .upToNextOption,
    help:
      "Shares of the group's mean in the target, 0…1; several are compared by cross-validation. 0 turns it off."
  )
  var smoothing: [Double] = [0, 0.6]

  @Option(help: "Folds of cross-validation.")
  var folds: Int = 3

  @Option(
    help:
      "What stays together in the folds, near-duplicates always: text, group, conversation, segment (of --segment), or time (each span judged by fits of the spans before it). Default: as the split."
  )
  var foldsBy: TrainingPlan.FoldChoice?

  @Option(
    help:
      "Which setting cross-validation takes: minimum, or one-se, the simplest within one standard error of it."
  )
  var selection: SelectionChoice = .minimum

  @Option(help: "Impurity that a decision tree reduces: gini or entropy.")
  var criterion: DecisionTree.Criterion = .gini

  @Option(
    parsing: .upToNextOption,
    help:
      "Make routes harder to move: clip (rare marks get no weight, no n-gram more than a common one), augment (learn every query also in other writing), or both. See `riddle attack`."
  )
  var harden: [Hardening] = []

  @Option(
    help: ArgumentHelp(
      "Share of the training rows' n-grams that keep their weight under --harden clip.",
      valueName: "share"))
  var clipQuantile: Double = 0.9

  @Option(help: "Hash buckets as a power of two, 4…22.")
  var bucketBits: Int = 16

  @Option(help: "Longest word n-gram, 1 or 2.")
  var words: Int = 2

  @Option(help: "Character n-grams, for example 3-5. Default: none.")
  var characters: String?

  @Option(help: "How hashed weights are stored: int8, float16 or float32.")
  var precision: StoredPrecision = .int8

  @Option(
    help:
      "What decides the split: text, group or conversation stay together; time (the oldest 60 % train, the newest 20 % test); segment (whole segments of --segment are held out). Near-duplicates never straddle. Default: seen from the data."
  )
  var splitBy: SplitUnit?

  @Option(
    help: ArgumentHelp(
      "Field whose segments --split-by and --folds-by segment hold out, and the comparison of splits too: task_type, domain, group or user_tier. Default: the first with a few values.",
      valueName: "field"))
  var segment: SegmentField?

  func validate() throws {
    guard (4...22).contains(bucketBits) else {
      throw ValidationError("--bucket-bits must lie between 4 and 22")
    }
    guard (1...2).contains(words) else { throw ValidationError("--words must be 1 or 2") }
    guard !penalties.isEmpty, penalties.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      throw ValidationError("--l2 needs one or more numbers above 0")
    }
    guard (0...1).contains(l1Ratio) else {
      throw ValidationError("--l1-ratio must lie between 0 and 1")
    }
    guard !smoothing.isEmpty, smoothing.allSatisfy({ (0...1).contains($0) }) else {
      throw ValidationError("--smoothing needs one or more numbers between 0 and 1")
    }
    guard lambda >= 0 && lambda.isFinite else {
      throw ValidationError("--lambda must be a number of at least 0")
    }
    guard (2...20).contains(folds) else {
      throw ValidationError("--folds must lie between 2 and 20")
    }
    guard clipQuantile > 0 && clipQuantile <= 1 else {
      throw ValidationError("--clip-quantile must lie above 0 and at most at 1")
    }
    if characters != nil && characterRange == nil {
      throw ValidationError("--characters needs a range like 3-5, within 2…8")
    }
  }

  private var characterRange: ClosedRange<Int>? {
    let parts = characters?.split(separator: "-").compactMap { Int($0) } ?? []
    guard parts.count == 2, parts[0] >= 2, parts[1] >= parts[0], parts[1] <= 8 else { return nil }
    return parts[0]...parts[1]
  }

  /// The plan of these options.
  func plan(
    name: String, target: LabelTarget, oracle: Oracle, qualityThreshold: Double, seed: UInt64,
    hasTiers: Bool
  ) -> TrainingPlan {
    var plan = TrainingPlan(
      name: name, model: model, target: target, oracle: oracle,
      qualityThreshold: qualityThreshold, features: features, bucketBits: bucketBits,
      wordOrders: words, characters: characterRange, penalties: penalties, folds: folds,
      threshold: threshold, precision: precision, splitUnit: splitBy, seed: seed)
    plan.form = form ?? (hasTiers && model == .logistic ? .ordinal : .heads)
    plan.costWeight = lambda
    plan.calibration = calibration
    plan.calibrationRows = calibrateOn
    plan.foldsBy = foldsBy
    plan.segmentField = segment
    plan.selectionRule = selection == .minimum ? .minimum : .oneStandardError
    plan.treeCriterion = criterion
    plan.l1Ratio = l1Ratio
    plan.balancesClasses = balanceClasses
    plan.usesInverseDocumentFrequency = idf
    plan.smoothing = smoothing
    plan.hardening = Set(harden)
    plan.clipQuantile = clipQuantile
    return plan
  }
}

extension TrainingPlan.ModelKind: ExpressibleByArgument {}
extension TrainingPlan.HeadForm: ExpressibleByArgument {}
/// The selection rule as the command line spells it.
enum SelectionChoice: String, ExpressibleByArgument, CaseIterable {
  case minimum
  case oneStandardError = "one-se"
}

extension DecisionTree.Criterion: ExpressibleByArgument {}
extension TrainingPlan.FoldChoice: ExpressibleByArgument {}
extension TrainingPlan.CalibrationRows: ExpressibleByArgument {}
extension CalibrationKind: ExpressibleByArgument {}
extension TrainingPlan.FeatureChoice: ExpressibleByArgument {}
extension StoredPrecision: ExpressibleByArgument {}
extension Hardening: ExpressibleByArgument {}
extension SplitUnit: ExpressibleByArgument {}
extension SegmentField: ExpressibleByArgument {}
extension ThresholdRule: ExpressibleByArgument {
  /// Parses the command line's spelling.
  public init?(argument: String) { self.init(argument) }
  /// The default as help shows it.
  public var defaultValueDescription: String { description }
}
