/// What makes an evaluation impossible. Undefined figures are not errors: they are nil with a note.
public enum EvaluationError: Error, Equatable, CustomStringConvertible {
  /// The table has no rows.
  case noRows
  /// No router was given to judge.
  case noRouters
  /// Two policies have the same name, or a router has a baseline's.
  case duplicateName(String)
  /// A column has the wrong length.
  case columnLength(column: String, expected: Int, actual: Int)
  /// A quality is NaN or infinite.
  case nonFiniteQuality(row: Int, candidate: String)
  /// A cost is negative.
  case negativeCost(row: Int, candidate: String)
  /// A score, margin or threshold is NaN, or a margin is infinite.
  case nonFiniteScore(policy: String, row: Int, head: Int)
  /// A probability lies outside [0, 1] or is NaN.
  case badProbability(policy: String, row: Int)
  /// A pick is not a position on the ladder.
  case badPick(policy: String, row: Int, pick: Int, candidates: Int)
  /// A setting lies outside its range.
  case badSetting(name: String, value: String, expected: String)

  /// What was wrong, where, what was expected, and what to try.
  public var description: String {
    switch self {
    case .noRows:
      "nothing to evaluate: the table has no rows; check which rows were left out as incomplete or seen in training"
    case .noRouters:
      "no router to judge: give at least one policy; the first one sets the shares of the baselines"
    case .duplicateName(let name):
      "two policies are called '\(name)'; rename the router, names of baselines are taken"
    case .columnLength(let column, let expected, let actual):
      "\(column): expected \(expected) values, got \(actual); columns and evaluated rows must come from the same selection"
    case .nonFiniteQuality(let row, let candidate):
      "row \(row): quality of candidate '\(candidate)' is not a finite number; correct or leave out the row"
    case .negativeCost(let row, let candidate):
      "row \(row): cost of candidate '\(candidate)' is negative; costs are amounts paid, correct the log"
    case .nonFiniteScore(let policy, let row, let head):
      "policy '\(policy)', row \(row), head \(head): the margin or threshold is not a number; retrain or re-export the router"
    case .badProbability(let policy, let row):
      "policy '\(policy)', row \(row): expected a probability in [0, 1]; check the calibration map"
    case .badPick(let policy, let row, let pick, let candidates):
      "policy '\(policy)', row \(row): pick \(pick) is not one of the \(candidates) positions 0 to \(candidates - 1)"
    case .badSetting(let name, let value, let expected):
      "setting \(name) is \(value); expected \(expected)"
    }
  }
}
