import RiddleData
import RiddleRuntime

/// Which requests a router's decisions act on: all, a share for an experiment, or none (shadow mode). Those of the others are
/// made and logged as well, and the control candidate answers.
public struct Exposure: Equatable, Sendable {
  /// Share of the callers whose requests are routed, from 0 (shadow mode) to 1.
  public let share: Double
  /// Position of the candidate that answers everybody else.
  public let control: Int

  /// An exposure.
  public init(share: Double, control: Int) {
    precondition((0...1).contains(share), "a share lies between 0 and 1, got \(share)")
    self.share = share
    self.control = control
  }

  /// Whether anything is held back.
  var isWhole: Bool { share >= 1 }

  /// Whether this request is routed. A caller stays on one side: chosen by a hash of the user, else of the conversation, else of
  /// the request; and who is routed at a share is routed at every larger one.
  func acts(on query: RouteQuery, id: String) -> Bool {
    if isWhole { return true }
    if share <= 0 { return false }
    let key = query.user ?? query.context.conversation ?? id
    // Another hash than that of splits and samples.
    let hash = StableHash.mixed(StableHash.hash(key.utf8) ^ 0x65_78_70_6f_73_65)
    return Double(hash >> 11) * 0x1p-53 < share
  }
}

/// The side of an experiment that a request is on. Raw values stand in responses and in the log.
enum Arm: String, Sendable {
  /// The router's decision acts.
  case routed
  /// The control candidate answers.
  case control
}
