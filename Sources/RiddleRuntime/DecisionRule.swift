/// How the heads of a model become a position on the ladder of candidates.
public enum DecisionRule: Equatable, Sendable {
  /// Head k answers "climb above candidate k?"; heads = candidates − 1.
  case ladder
  /// Heads give probabilities of outcomes, and every candidate has a value in each.
  case values(OutcomeValues)
}

/// What each candidate is worth in each outcome that a head predicts, and what it costs.
///
/// value_c = Σ_h p_h · worth_ch, and the chosen candidate is the one with the largest value_c − τ · price_c, the
/// cheaper one of equals. Per-candidate success: p_h is the probability that candidate h is right and worth is the
/// identity. Classes (tiers, four-way): p is a softmax over heads and worth_ch what candidate c earns in class h.
///
/// The same choice as steps of a ladder: candidate k is left while some dearer one offers at least τ more value per
/// unit of price, step margin_k = max_{j > k} (value_j − value_k) / (price_j − price_k).
public struct OutcomeValues: Equatable, Sendable {
  /// How margins become probabilities.
  public enum Link: UInt32, Equatable, Sendable {
    /// Each head by its own calibration map.
    case independent = 0
    /// softmax over slope_h · margin_h + offset_h of the heads' calibration maps, which are not isotonic.
    case softmax = 1
  }

  /// How margins become probabilities.
  public let link: Link
  /// Worth of candidate c in outcome h at index c · heads + h.
  public let worth: [Double]
  /// One price per candidate, strictly increasing from 0.
  public let prices: [Double]

  /// Values of outcomes.
  public init(link: Link, worth: [Double], prices: [Double]) {
    self.link = link
    self.worth = worth
    self.prices = prices
  }

  /// Number of candidates.
  public var candidateCount: Int { prices.count }

  /// Whether the counts agree and prices increase from 0.
  public func isWellFormed(headCount: Int) -> Bool {
    if prices.count < 2 || prices.count > WeightFileLayout.maximumCandidates { return false }
    if prices[0].bitPattern != 0 || worth.count != prices.count * headCount { return false }
    for k in 1..<prices.count where !(prices[k] > prices[k - 1]) { return false }
    return true
  }

  /// Margins of the ladder's steps, one per candidate but the last, written to the front of `steps`.
  public func writeSteps(
    probabilities: InlineArray<64, Double>, headCount: Int, to steps: inout InlineArray<64, Double>
  ) {
    let count = prices.count
    var values: InlineArray<64, Double> = InlineArray(repeating: 0)
    for c in 0..<count {
      var sum = 0.0
      for h in 0..<headCount { sum += probabilities[h] * worth[c * headCount + h] }
      values[c] = sum
    }
    for k in 0..<(count - 1) {
      var best = -Double.infinity
      for j in (k + 1)..<count {
        let offer = (values[j] - values[k]) / (prices[j] - prices[k])
        if offer > best { best = offer }
      }
      steps[k] = best
    }
  }
}
