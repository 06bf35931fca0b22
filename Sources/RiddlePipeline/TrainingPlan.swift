import RiddleData
import RiddleExport
import RiddleLearning
import RiddleRuntime

/// Everything that decides a training run beside the data.
public struct TrainingPlan: Equatable, Sendable {
  /// Kind of model.
  public enum ModelKind: String, CaseIterable, Sendable, Codable {
    /// Logistic regression.
    case logistic
    /// Decision trees.
    case tree
    /// Gradient-boosted trees on the dense features.
    case boosted
    /// Logistic regression and boosted trees, weighed by their out-of-fold margins.
    case stack
  }

  /// How a ladder of several candidates is put to logistic regression.
  public enum HeadForm: String, CaseIterable, Sendable, Codable {
    /// One binary regression per step.
    case heads
    /// One set of weights and a cut-point per step (proportional odds).
    case ordinal
    /// One softmax over who is needed.
    case multinomial
  }

  /// Where probabilities and thresholds come from.
  public enum CalibrationRows: String, CaseIterable, Sendable, Codable {
    /// A fifth of the rows, which no fit sees: thresholds chosen there can carry a guarantee.
    case heldOut = "held-out"
    /// Out-of-fold margins of the fitted rows: a third more rows to fit, no rows for a guarantee.
    case folds
  }

  /// What stays together in the folds of cross-validation.
  public enum FoldChoice: String, CaseIterable, Sendable, Codable {
    /// Equal texts.
    case text
    /// Groups: how well is a group judged that no fit saw?
    case group
    /// Conversations.
    case conversation
    /// Spans of time, each judged by fits of the spans before it.
    case time
    /// Segments of ``TrainingPlan/segmentField``.
    case segment
  }

  /// Which features are read.
  public enum FeatureChoice: String, CaseIterable, Sendable, Codable {
    /// Text statistics and hashed n-grams.
    case text
    /// Text, and the context fields that the data have: turn, user tier, task type, domain.
    case context
    /// Text statistics alone: the smallest file.
    case statistics
  }

  /// Name of the router.
  public var name: String
  /// Kind of model.
  public var model: ModelKind
  /// What is learned.
  public var target: LabelTarget
  /// How logistic regression sees a ladder.
  public var form = HeadForm.heads
  /// λ of the utility quality − λ · dollars.
  public var costWeight = 0.0
  /// Names the right candidate.
  public var oracle: Oracle
  /// Quality from which an answer is adequate.
  public var qualityThreshold: Double
  /// Features to read.
  public var features: FeatureChoice
  /// Whether text statistics are read.
  public var usesStatistics = true
  /// Version of the featurizer.
  public var featurizerVersion = FeatureSchema.currentVersion
  /// Hash buckets as a power of two, for a logistic model.
  public var bucketBits: Int
  /// Longest word n-gram.
  public var wordOrders: Int
  /// Shortest and longest character n-gram, or nil for none.
  public var characters: ClosedRange<Int>?
  /// Penalties λ to try; one value is taken as it is, several are compared by cross-validation.
  public var penalties: [Double]
  /// Share of L1 in the penalty: 0 is ridge, 1 is lasso.
  public var l1Ratio = 0.0
  /// Whether both labels weigh the same in the fit, however rare one is.
  public var balancesClasses = false
  /// Whether n-grams are penalised by their commonness: weights in units of inverse document frequency.
  public var usesInverseDocumentFrequency = false
  /// Shares α of the group's mean in the target, to be compared by cross-validation; see ``GroupSmoothing``.
  public var smoothing = [0, 0.6]
  /// Where probabilities and thresholds come from.
  public var calibrationRows = CalibrationRows.heldOut
  /// Folds of every cross-validation.
  public var folds: Int
  /// What stays together in the folds; nil follows the split.
  public var foldsBy: FoldChoice?
  /// Which of the settings that cross-validation compared is taken.
  public var selectionRule = SelectionRule.minimum
  /// Impurity that a decision tree reduces.
  public var treeCriterion = DecisionTree.Criterion.gini
  /// How margins become probabilities; nil compares the kinds by cross-validated log loss.
  public var calibration: CalibrationKind?
  /// How thresholds are chosen; nil takes ``ThresholdRule/utility`` when costs are weighed, else
  /// ``ThresholdRule/balanced``.
  public var threshold: ThresholdRule?
  /// How hashed weights are stored.
  public var precision: StoredPrecision
  /// What stays together in the split; nil follows ``SplitUnit/suggested(for:)``.
  public var splitUnit: SplitUnit?
  /// Field whose segments are held out by ``SplitUnit/segment`` and by folds; nil takes
  /// ``SegmentField/suggested(for:)``.
  public var segmentField: SegmentField?
  /// What makes routes harder to move.
  public var hardening: Set<Hardening> = []
  /// Share of the n-grams that keep their weight under ``Hardening/clip``.
  public var clipQuantile = 0.9
  /// Seed of everything random.
  public var seed: UInt64
  /// Whether logistic heads get an ``OddsTable`` in their reports. Changes nothing else.
  public var infersOdds = false
  /// Whether the intervals of those tables account for the uncertainty of n-gram weights: wider, and the time of
  /// several fits. Otherwise n-gram weights are taken as given.
  public var accountsForNGramsInOdds = false

  /// The documented defaults.
  public init(
    name: String = "router", model: ModelKind = .logistic, target: LabelTarget = .weakFails,
    oracle: Oracle = .cheapestAdequate(qualityThreshold: 0.5), qualityThreshold: Double = 0.5,
    features: FeatureChoice = .context, bucketBits: Int = 16, wordOrders: Int = 2,
    characters: ClosedRange<Int>? = nil, penalties: [Double] = [0.3, 1, 3, 10], folds: Int = 3,
    threshold: ThresholdRule? = nil, precision: StoredPrecision = .int8,
    splitUnit: SplitUnit? = nil, seed: UInt64 = 1
  ) {
    self.name = name
    self.model = model
    self.target = target
    self.oracle = oracle
    self.qualityThreshold = qualityThreshold
    self.features = features
    self.bucketBits = bucketBits
    self.wordOrders = wordOrders
    self.characters = characters
    self.penalties = penalties
    self.folds = folds
    self.threshold = threshold
    self.precision = precision
    self.splitUnit = splitUnit
    self.seed = seed
  }

  /// The rule that chooses thresholds.
  public var thresholdRule: ThresholdRule {
    threshold
      ?? (costWeight > 0 && target != .weakFails && target != .strongWins ? .utility : .balanced)
  }
}
