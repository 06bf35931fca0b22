/// Keys of the model card inside a weight file.
public enum RouterMetadata {
  /// Names of the dense columns, one a line.
  public static let columns = "columns"
  /// Training means of the dense columns, space-separated.
  public static let columnMeans = "column_means"
  /// Name of the router.
  public static let name = "name"
  /// Kind of model.
  public static let model = "model"
  /// Label target.
  public static let target = "target"
  /// Oracle rule.
  public static let oracle = "oracle"
  /// Quality from which an answer is adequate.
  public static let qualityThreshold = "quality_threshold"
  /// Rule that chose the thresholds.
  public static let thresholdRule = "threshold_rule"
  /// What stayed together in the split.
  public static let splitUnit = "split_unit"
  /// Seed of the run.
  public static let seed = "seed"
  /// Rows fitted, calibrated and tested on.
  public static let rows = "rows"
  /// Hash over the content of the training data.
  public static let data = "data"
  /// SHA-256 of the list of training rows beside the file.
  public static let trainingRows = "training_rows_sha256"
  /// Version of Riddle that wrote the file.
  public static let writer = "written_by"
  /// Strings behind heavy hash buckets as JSON (``NGramStrings``), where an export was asked for them.
  public static let ngrams = "ngrams"
  /// The promise that the thresholds carry, as a sentence; absent without one, as are all `promise_…`.
  public static let promise = "promise"
  /// Largest mean quality loss.
  public static let promiseMaximumLoss = "promise_maximum_loss"
  /// Confidence of the promise.
  public static let promiseConfidence = "promise_confidence"
  /// The bound that proves it: ``RiskBound``.
  public static let promiseMethod = "promise_method"
  /// Number of units it was proved on.
  public static let promiseUnits = "promise_units"
  /// What a unit is: query or conversation.
  public static let promiseUnit = "promise_unit"
  /// The policy that losses are counted against.
  public static let promiseRelativeTo = "promise_relative_to"
  /// Observed mean loss on those units.
  public static let promiseObservedLoss = "promise_observed_loss"
  /// Whether those rows are proven unseen by fit, calibration and model selection.
  public static let promiseRows = "promise_rows"
  /// Every key of the promise.
  public static let promiseKeys = [
    promise, promiseMaximumLoss, promiseConfidence, promiseMethod, promiseUnits, promiseUnit,
    promiseRelativeTo, promiseObservedLoss, promiseRows,
  ]
  /// Name of the model whose embeddings the router reads.
  public static let embeddingModel = "embedding_model"
}
