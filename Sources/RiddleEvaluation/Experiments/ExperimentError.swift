/// What makes planning or reading an A/B test impossible.
public enum ExperimentError: Error, Equatable, CustomStringConvertible {
  /// A number of the plan lies outside its range.
  case badSetting(name: String, value: String, expected: String)
  /// The log has no request.
  case noRows
  /// All requests are of one arm.
  case oneArm(String)
  /// An arm is asked for that the log does not have.
  case missingArm(String, available: [String])
  /// No arm is called "control", and none was named.
  case controlNotNamed(available: [String])
  /// The log has an arm that was not named.
  case unknownArm(String, rows: Int, named: [String])
  /// Too many arms: probably the wrong field.
  case tooManyArms(Int, most: Int)
  /// An identifier stands twice in one arm.
  case duplicateID(String, arm: String)
  /// An identifier stands in two arms of a test that is not paired.
  case sharedID(String, first: String, second: String, count: Int)
  /// A paired test needs identifiers.
  case missingID(row: Int)
  /// A paired test compares two arms.
  case pairedArms(Int)
  /// No identifier stands in both arms.
  case noPairs(first: Int, second: Int)
  /// An arm has no value of any measure.
  case noMeasure(String)
  /// Expected shares do not fit the arms.
  case badSplit(given: Int, arms: [String])
  /// A number is NaN or infinite.
  case nonFinite(measure: String, row: Int)

  /// What was wrong, where, what was expected, and what to try.
  public var description: String {
    switch self {
    case .badSetting(let name, let value, let expected):
      "\(name) is \(value); expected \(expected)"
    case .noRows: "the log has no request; give JSON lines with an \"arm\" and a \"quality\""
    case .oneArm(let arm):
      "all requests are of arm '\(arm)'; a comparison needs two arms, check the field \"arm\""
    case .missingArm(let arm, let available):
      "arm '\(arm)' is not in the log, which has \(Self.list(available))"
    case .controlNotNamed(let available):
      "which arm is the control? name it with --control; the log has \(Self.list(available))"
    case .unknownArm(let arm, let rows, let named):
      "\(rows) requests are of arm '\(arm)', which --arms does not name (\(Self.list(named))); correct the log, or name every arm"
    case .tooManyArms(let count, let most):
      "the log has \(count) different arms, at most \(most) are compared; check that \"arm\" names the arm"
    case .duplicateID(let id, let arm):
      "request '\(id)' stands twice in arm '\(arm)'; requests counted twice make intervals too narrow, remove the repetition"
    case .sharedID(let id, let first, let second, let count):
      "\(count) identifiers stand in two arms, the first is '\(id)' ('\(first)' and '\(second)'); if both arms answered the same queries, read them with --paired"
    case .missingID(let row):
      "request \(row) has no \"id\", by which --paired matches the arms; log one, or read the arms as separate samples without --paired"
    case .pairedArms(let count):
      "--paired compares two arms, the log has \(count); name two with --arms"
    case .noPairs(let first, let second):
      "no identifier stands in both arms (\(first) and \(second) requests); --paired needs the same queries in both, leave it out for separate samples"
    case .noMeasure(let arm):
      "no request of arm '\(arm)' has a quality, reward, cost or latency that the control has too; nothing can be compared"
    case .badSplit(let given, let arms):
      "--split has \(given) shares for \(arms.count) arms; give one above 0 for each in this order: \(Self.list(arms))"
    case .nonFinite(let measure, let row):
      "request \(row): its \(measure) is not a finite number; correct the log"
    }
  }

  /// Whether the request is at fault, not the data.
  public var isUsage: Bool {
    switch self {
    case .badSetting, .missingArm, .controlNotNamed, .pairedArms, .badSplit: true
    default: false
    }
  }

  private static func list(_ names: [String]) -> String {
    names.count <= 8
      ? names.joined(separator: ", ")
      : names.prefix(8).joined(separator: ", ") + ", and \(names.count - 8) more"
  }
}
