import RiddleData

/// Who pays decides (ROUTING-SYSTEMS A16): premium → strong, free → cheap; a standard or unknown user is passed on to the next
/// stage.
public struct UserTier: PickingPolicy, Equatable {
  /// The candidate of each user tier that decides.
  public var tiers: [String: Int]

  /// Candidates by user tier; positions beyond the ladder mean its top.
  public init(tiers: [String: Int]) { self.tiers = tiers }

  /// Premium to the top of a ladder of `count` candidates, free to its bottom.
  public static func standard(count: Int) -> UserTier {
    UserTier(tiers: ["premium": count - 1, "free": 0])
  }

  /// The candidate of the user's tier.
  public func pick(_ request: Request) -> Pick? {
    guard let tier = request.context.userTier, let candidate = tiers[tier] else { return nil }
    return Pick(min(candidate, request.strongest), Reason("user tier", tier))
  }
}
