import RiddleData
import RiddleEvaluation
import RiddleExport
import RiddleLearning

/// Why a run could not be made.
public enum PipelineError: Error, Equatable, Sendable, CustomStringConvertible {
  /// One side of the split got too few rows.
  case smallSide(side: String, rows: Int, needed: Int, total: Int, unit: SplitUnit)
  /// A head cannot be fitted.
  case head(name: String, LearningError)
  /// Settings that do not go together.
  case unsupported(String)
  /// No row of the data is provably unseen.
  case nothingUnseen(total: Int)
  /// The evaluation refused its input.
  case evaluation(EvaluationError)
  /// The rows lack what a policy reads.
  case policy(name: String, reason: String)
  /// The exported bytes do not reproduce the router.
  case export(ExportError)

  /// What was wrong, where, and what to try.
  public var description: String {
    switch self {
    case .smallSide(let side, let rows, let needed, let total, let unit):
      """
      the \(side) side of the split has \(rows) of \(total) rows, at least \(needed) are needed; \
      near-duplicates never stand on two sides: import more labelled queries that differ\(unit == .text ? "" : ", or split by text with --split-by text")
      """
    case .head(let name, let error): "learning \(name): \(error)"
    case .unsupported(let what): what
    case .nothingUnseen(let total):
      """
      all \(total) rows were seen in training, so nothing can be judged; \
      give data the router was not trained on, or --rows all for an in-sample figure
      """
    case .evaluation(let error): "\(error)"
    case .policy(let name, let reason): "policy '\(name)': \(reason)"
    case .export(let error): "the exported bytes do not reproduce the router: \(error)"
    }
  }
}
