/// A score cut into tiers: one threshold for a pair (ROUTING-SYSTEMS A11, A15), K − 1 of them for a ladder (A3).
///
/// A15 routes up where P > 0.7, so that exactly 0.7 stays cheap; A11 where P ≥ threshold: ``isStrict`` tells them apart.
public struct ScoreTiers: PickingPolicy, Equatable {
  /// Where the score comes from.
  public var source: ScoreSource
  /// Non-decreasing cuts.
  public var cuts: [Double]
  /// Positions below, between and above the cuts: one more than cuts.
  public var candidates: [Int]
  /// Whether a score equal to a cut stays below it.
  public var isStrict: Bool

  /// Tiers; positions beyond the ladder mean its top.
  public init(source: ScoreSource, cuts: [Double], candidates: [Int], isStrict: Bool = false) {
    precondition(
      candidates.count == cuts.count + 1, "\(candidates.count) candidates for \(cuts.count) cuts")
    self.source = source
    self.cuts = cuts
    self.candidates = candidates
    self.isStrict = isStrict
  }

  /// The candidate of the score's tier; passes on a request without a score.
  public func pick(_ request: Request) -> Pick? {
    guard let score = source.score(request) else { return nil }
    var tier = 0
    while tier < cuts.count && (isStrict ? score > cuts[tier] : score >= cuts[tier]) { tier += 1 }
    return Pick(
      min(candidates[tier], request.strongest),
      Reason(source.name, score: score, threshold: cuts.isEmpty ? nil : cuts[max(0, tier - 1)]))
  }
}
