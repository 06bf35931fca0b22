/// How the log of an A/B test is read.
public struct ExperimentSettings: Equatable, Sendable {
  /// What was dealt to an arm as a whole.
  public enum Unit: String, CaseIterable, Equatable, Sendable, Codable {
    /// Users.
    case user
    /// Conversations.
    case conversation
    /// Every request by itself.
    case request
  }

  /// The arm that the others are compared with; nil takes the first of ``arms``, else the one called "control".
  public var control: String?
  /// Every arm that there should be, control first; empty takes those of the log.
  public var arms: [String] = []
  /// Expected shares in the order of the arms, control first; empty for equal ones.
  public var split: [Double] = []
  /// Whether both arms answered the same queries, matched by identifier.
  public var isPaired = false
  /// What was dealt as a whole; nil takes users where some request names one, else conversations, else requests.
  public var unit: Unit?
  /// Units at which the confidence sequence is narrowest; nil for a test that is looked at once.
  public var sequentialTunedFor: Double?
  /// Coverage of the intervals; 1 − α.
  public var confidence = 0.95
  /// Power of the smallest effect that is named when nothing is decided.
  public var power = 0.8
  /// Bootstrap replicates of paired intervals.
  public var replicates = 2000
  /// Their seed.
  public var seed: UInt64 = 1
  /// Threads; nothing depends on them.
  public var threads = 1

  /// The defaults.
  public init() {}

  func check() throws(ExperimentError) {
    func require(_ name: String, _ value: Double, _ isGood: Bool, _ expected: String)
      throws(ExperimentError)
    {
      guard isGood else { throw .badSetting(name: name, value: "\(value)", expected: expected) }
    }
    try require(
      "confidence", confidence, confidence > 0 && confidence < 1, "a number between 0 and 1")
    try require(
      "power", power, power > 1 - confidence && power < 1,
      "a probability above \(1 - confidence) and below 1")
    if let tuned = sequentialTunedFor {
      try require("planned units", tuned, tuned >= 1 && tuned.isFinite, "a number of 1 or more")
    }
    if isPaired && sequentialTunedFor == nil {
      try require(
        "replicates", Double(replicates), replicates >= 2, "2 or more for a paired test")
    }
    for share in split {
      try require("split", share, share > 0 && share.isFinite, "shares above 0, such as 50:50")
    }
  }
}
