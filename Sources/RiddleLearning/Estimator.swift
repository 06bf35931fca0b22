/// Settings that can be fitted. An estimator holds no data and never changes: `fit` returns what was learned.
public protocol Estimator: Sendable {
  /// What fitting returns.
  associatedtype Model: Equatable, Sendable

  /// Fits the settings to `data`; the same data and settings give the same bits at any thread count.
  func fit(_ data: TrainingSet) throws(LearningError) -> Fitted<Model>
}

/// A fitted model and the report of its fit.
public struct Fitted<Model: Equatable & Sendable>: Equatable, Sendable {
  /// What was learned.
  public var model: Model
  /// How the fit went.
  public var report: FitReport

  /// A model with its report.
  public init(model: Model, report: FitReport) {
    self.model = model
    self.report = report
  }
}
