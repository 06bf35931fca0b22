/// Whether a challenger may replace the champion, from their paired comparison on rows that neither was trained on.
///
/// One figure decides, chosen before anything is seen: what the champion was trained for.
///
/// | champion | figure |
/// |---|---|
/// | weighs costs by λ > 0 | utility: mean of quality − λ · dollars |
/// | learns tiers given by hand, or costs are unknown | label match |
/// | everything else | utility at same cost: quality above the random mix that costs the same, so that neither spending more nor answering worse counts as a gain |
///
/// The challenger replaces only when the interval of the paired difference excludes 0 on its good side. It is kept out all the
/// same when the champion holds quality up (threshold rule retention, or a promise) and the challenger's quality is
/// significantly worse, or when the champion's promise would be lost.
public struct ChallengeVerdict: Equatable, Sendable, Codable {
  /// What decides.
  public var metric: String
  /// Why this figure.
  public var because: String
  /// Champion, challenger and their paired difference; nil where the figure is undefined on these rows.
  public var change: RouterChange.Change?
  /// Whether the challenger replaces the champion.
  public var isPromoted: Bool
  /// The verdict in a sentence.
  public var sentence: String

  private enum CodingKeys: String, CodingKey {
    case metric, because, change, sentence
    case isPromoted = "promoted"
  }

  /// What the champion stands for.
  public struct Terms: Equatable, Sendable {
    /// λ of its utility; 0 when it weighs no costs.
    public var costWeight = 0.0
    /// Whether labels were given by hand.
    public var hasTiers = false
    /// Whether every judged cost is known.
    public var hasCosts = true
    /// Whether its thresholds hold quality up.
    public var holdsQuality = false
    /// Its promise, which the challenger does not make; nil when nothing is lost.
    public var lostPromise: String?

    /// Nothing special.
    public init() {}
  }

  /// Fewest judged rows on which anything is decided.
  public static let fewestRows = 30

  /// The verdict.
  ///
  /// - Parameter change: nil when no row is left to judge both on.
  public init(_ change: RouterChange?, terms: Terms) {
    if terms.costWeight > 0 && terms.hasCosts {
      metric = "utility"
      because = "the champion weighs costs (λ \(terms.costWeight))"
    } else if terms.hasTiers || !terms.hasCosts {
      metric = "label_match"
      because = terms.hasTiers ? "labels were given by hand" : "costs are unknown"
    } else {
      metric = "utility at same cost"
      because = "a gain in quality that is not bought, or in cost that is not paid for in quality"
    }
    isPromoted = false
    guard let change else {
      sentence = "kept: no row is left that neither was trained on"
      return
    }
    let name = metric
    self.change = change.changes.first { $0.metric == name }
    if change.rows < Self.fewestRows {
      sentence =
        "kept: \(change.rows) rows are too few to decide; at least \(Self.fewestRows) that neither was trained on are needed"
      return
    }
    guard let found = self.change else {
      sentence =
        change.unchanged.contains(name)
        ? "kept: both are equal in \(name)" : "kept: \(name) is undefined on these rows"
      return
    }
    switch found.verdict {
    case "better": break
    case "worse":
      sentence = "kept: the challenger is significantly worse in \(name)"
      return
    default:
      sentence = "kept: no significant gain in \(name)"
      return
    }
    if let promise = terms.lostPromise {
      sentence =
        "kept: better in \(name), but the champion promises \(promise), and the challenger promises nothing"
      return
    }
    let worse = change.changes.first {
      ["quality", "retention"].contains($0.metric) && $0.verdict == "worse"
    }
    if terms.holdsQuality, let worse {
      sentence =
        "kept: better in \(name), but significantly worse in \(worse.metric), which the champion's thresholds hold up"
      return
    }
    isPromoted = true
    sentence = "promote: significantly better in \(name)"
    if let worse { sentence += "; note that \(worse.metric) falls, at a lower cost" }
  }
}
