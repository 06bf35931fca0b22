/// One request of an A/B test: the arm that it was dealt to, and what came of it.
public struct ExperimentRow: Equatable, Sendable {
  /// The log's own identifier; nil when it has none.
  public var id: String?
  /// The arm that answered.
  public var arm: String
  /// What the answer was worth, in [0, 1].
  public var quality: Double?
  /// Any other measure of worth: more is better.
  public var reward: Double?
  /// What the answer cost.
  public var cost: NanoDollars?
  /// How long the answer took.
  public var latency: Microseconds?
  /// The conversation that the request belongs to.
  public var conversation: String?
  /// The user who asked.
  public var user: String?
  /// When the request arrived, since 1970.
  public var time: Microseconds?

  /// A request of which all but the arm may be unknown.
  public init(
    id: String? = nil, arm: String, quality: Double? = nil, reward: Double? = nil,
    cost: NanoDollars? = nil, latency: Microseconds? = nil, conversation: String? = nil,
    user: String? = nil, time: Microseconds? = nil
  ) {
    self.id = id
    self.arm = arm
    self.quality = quality
    self.reward = reward
    self.cost = cost
    self.latency = latency
    self.conversation = conversation
    self.user = user
    self.time = time
  }
}
