import RiddleData

/// The caller names a tier in the request's metadata (ROUTING-SYSTEMS A6): premium → top, standard → middle, economy → cheapest.
///
/// No header goes to the default, or is passed on when there is none; a value that names no tier goes the same way and is
/// flagged.
public struct TierHeader: PickingPolicy, Equatable {
  /// Name of the metadata field.
  public var header: String
  /// The candidate of each tier; names are compared without regard to letter case.
  public var tiers: [String: Int]
  /// For no header and for a bad one; nil passes on.
  public var unknown: Int?

  /// Tiers by name; positions beyond the ladder mean its top.
  public init(header: String = "x-model-tier", tiers: [String: Int], unknown: Int? = nil) {
    self.header = header
    // In a stated order, since of names that differ in letter case alone the first counts.
    self.tiers = Dictionary(
      tiers.sorted { $0.key < $1.key }.map { ($0.key.lowercased(), $0.value) }
    ) { first, _ in first }
    self.unknown = unknown
  }

  /// Premium, standard and economy on a ladder of `count` candidates.
  public static func standard(count: Int, unknown: Int? = nil) -> TierHeader {
    TierHeader(
      tiers: ["premium": count - 1, "standard": (count - 1) / 2, "economy": 0], unknown: unknown)
  }

  /// Whether the request names a tier that does not exist.
  public func flags(_ request: Request) -> Bool {
    request.context.value(of: header).map { tiers[$0.lowercased()] == nil } ?? false
  }

  /// The candidate of the named tier.
  public func pick(_ request: Request) -> Pick? {
    let value = request.context.value(of: header)
    if let value, let candidate = tiers[value.lowercased()] {
      return Pick(min(candidate, request.strongest), Reason("header", value))
    }
    return unknown.map {
      Pick(
        min($0, request.strongest),
        Reason("header", value == nil ? "no header" : "bad header", isFlagged: value != nil))
    }
  }
}
