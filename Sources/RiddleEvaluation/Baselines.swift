import RiddleData
import RiddlePolicies

/// Names that the wall takes: no policy may have one of them.
public let baselineNames = BaselineWall.names

/// The baseline wall: the policies that every router is judged against, in the order of the report.
///
/// A router that cannot beat prompt length or a table per segment is not worth its weight file; the wall is never optional.
struct BaselineWall {
  /// Names in order; `oracle-utility` needs every cost, `oracle-plateau` a pair.
  static let names = [
    "always-cheapest", "always-strongest", "best-single", "random-mix", "prompt-length",
    "keyword-rule", "segment-table", "oracle", "oracle-utility", "oracle-plateau",
  ]

  let policies: [JudgedPolicy]

  /// The wall for `judged` rows.
  ///
  /// - Parameters:
  ///   - wall: columns of the same rows, in the same order.
  ///   - router: the first router: prompt length copies its shares, the mix its cost.
  init(_ judged: Judged, wall: BaselineInputs, router: ScoredPolicy) {
    let n = judged.rowCount
    let top = judged.candidateCount - 1
    func fixed(_ name: String, _ k: Int, _ kind: String) -> JudgedPolicy {
      var policy = JudgedPolicy(
        ScoredPolicy(name: name, kind: kind, picks: [Int](repeating: k, count: n)), judged: judged)
      policy.notes.append("asks '\(judged.table.candidates[k])' every time")
      return policy
    }
    var best = fixed("best-single", Self.bestSingle(judged), "static")
    best.notes.append(
      judged.settings.pricePerQuality == 0 || !judged.costsKnown
        ? "candidate of the best mean quality on the evaluated rows, ties to the cheaper"
        : "candidate of the best mean utility on the evaluated rows, ties to the cheaper")
    var policies = [
      fixed("always-cheapest", 0, "static"), fixed("always-strongest", top, "static"), best,
      Self.randomMix(judged, router: router), Self.promptLength(judged, wall, router),
      Self.keywordRule(judged, wall), Self.segmentTable(judged, wall), Self.oracle(judged),
    ]
    if judged.costsKnown { policies.append(Self.utilityOracle(judged)) }
    if judged.isPair { policies.append(Self.plateau(judged)) }
    self.policies = policies
  }

  /// Candidate of the best mean utility (quality where costs are missing), ties to the cheaper.
  private static func bestSingle(_ judged: Judged) -> Int {
    let price = judged.costsKnown ? judged.settings.pricePerQuality : 0
    let utilities = (0..<judged.candidateCount).map { k in
      (0..<judged.rowCount).reduce(0.0) { sum, i in
        let q = judged.table.quality(i, k)
        return sum + (price == 0 ? q : q - price * judged.dollars(i, k))
      }
    }
    var best = 0
    for k in 1..<utilities.count where utilities[k] > utilities[best] + 1e-12 { best = k }
    return best
  }

  private static func randomMix(_ judged: Judged, router: ScoredPolicy) -> JudgedPolicy {
    var mix = JudgedPolicy(
      ScoredPolicy(
        name: "random-mix", kind: "coin toss",
        picks: [Int](repeating: 0, count: judged.rowCount)), judged: judged)
    mix.isMix = true
    mix.notes = [
      judged.axisIsCost
        ? "expected figures of tossing a coin between cheapest and strongest at the mean cost of '\(router.name)', in every replicate anew"
        : "expected figures of tossing a coin between cheapest and strongest at the mean rung of '\(router.name)', because costs do not order the candidates",
      "expectations have no confusion matrix",
    ]
    return mix
  }

  private static func promptLength(
    _ judged: Judged, _ wall: BaselineInputs, _ router: ScoredPolicy
  ) -> JudgedPolicy {
    let width = judged.candidateCount
    var shares = [Int](repeating: 0, count: width)
    for pick in router.picks { shares[pick] += 1 }
    let thresholds = matchedThresholds(wall.lengths, rowsPerCandidate: shares)
    var policy = JudgedPolicy(
      ScoredPolicy(
        name: "prompt-length", kind: "length in Unicode scalars",
        margins: wall.lengths.flatMap { [Double](repeating: $0, count: width - 1) },
        thresholds: thresholds), judged: judged)
    policy.notes.append(
      "thresholds set on the evaluated rows so that its shares are closest to those of '\(router.name)'"
    )
    return policy
  }

  private static func keywordRule(_ judged: Judged, _ wall: BaselineInputs) -> JudgedPolicy {
    let heads = judged.candidateCount - 1
    let up = judged.settings.sendsBorderlineUp
    var policy = JudgedPolicy(
      ScoredPolicy(
        name: "keyword-rule", kind: "keyword difficulty",
        margins: wall.keywordScores.flatMap { [Double](repeating: $0, count: heads) },
        thresholds: [Double](repeating: up ? 0.5 : 1, count: heads)), judged: judged)
    let borderline = wall.keywordScores.reduce(0) { $0 + ($1 == 0.5 ? 1 : 0) }
    policy.notes.append(
      "complex goes to the strongest candidate, simple to the cheapest, the \(borderline) borderline rows to the \(up ? "strongest" : "cheapest")"
    )
    return policy
  }

  private static func segmentTable(_ judged: Judged, _ wall: BaselineInputs) -> JudgedPolicy {
    let n = judged.rowCount
    var notes: [String] = []
    let price = judged.settings.segmentPricePerQuality
    var decisions: [(pick: Int, lift: Double)] = []
    let segments = wall.segments ?? [String](repeating: "", count: n)
    if wall.segments == nil {
      notes.append("the log has no segments: one table row for all queries")
    }
    if let training = wall.trainingSegments, training.rowCount > 0 {
      let picker = training.picker(price: price)
      decisions = segments.map(picker.decision)
      notes.append("fitted on \(Int(training.rowCount)) training rows")
    } else {
      // Two halves by row key, each judged by the other's table: duplicates stay together.
      let half = wall.rowKeys.map { Int($0 >> 63) }
      let pickers = [0, 1].map { fold in
        SegmentStatistics(
          judged.table, segments: segments, rows: (0..<n).filter { half[$0] != fold }
        ).picker(price: price)
      }
      decisions = (0..<n).map { pickers[half[$0]].decision(segments[$0]) }
      notes.append("training rows unknown: fitted cross-wise on two halves of the evaluated rows")
    }
    notes.append(
      price.map { "utility = quality − \($0) · dollars" }
        ?? "utility prices a dollar at the break-even of cheapest and strongest on those rows")
    let picks = decisions.map(\.pick)
    var scored = ScoredPolicy(name: "segment-table", kind: "table per segment", picks: picks)
    if judged.isPair {
      scored.margins = decisions.map(\.lift)
      scored.thresholds = [0]
    } else {
      notes.append("a table has no score to sweep over a ladder")
    }
    var policy = JudgedPolicy(scored, judged: judged)
    policy.notes = notes
    return policy
  }

  private static func oracle(_ judged: Judged) -> JudgedPolicy {
    var scored = ScoredPolicy(
      name: "oracle", kind: "knows all outcomes", picks: judged.oraclePicks)
    if judged.isPair {
      scored.margins = judged.gains
      scored.thresholds = [0]
    }
    var policy = JudgedPolicy(scored, judged: judged)
    policy.isPredictor = false
    policy.notes = [
      judged.isPair
        ? "its curve ranks rows by strong − weak quality; ties move together"
        : "an oracle's ladder has no score to sweep",
      "looks at the outcomes it is judged by: a bound, not a router",
    ]
    return policy
  }

  /// The best utility on every row, at λ or else at the price at which cheapest and strongest are worth the same.
  private static func utilityOracle(_ judged: Judged) -> JudgedPolicy {
    let gap = judged.gains.reduce(0, +)
    let breakEven = judged.axisIsCost && gap > 0 ? gap / judged.reach : 0
    let price =
      judged.settings.pricePerQuality > 0 ? judged.settings.pricePerQuality : breakEven
    var policy = JudgedPolicy(
      ScoredPolicy(
        name: "oracle-utility", kind: "knows all outcomes",
        picks: Oracle.utility(pricePerQuality: price).picks(judged.table)), judged: judged)
    policy.isPredictor = false
    policy.notes = [
      "best quality − \(short(price)) · dollars on every row"
        + (judged.settings.pricePerQuality > 0 ? "" : ", the break-even price of the two ends"),
      "looks at the outcomes it is judged by: a bound, not a router",
    ]
    return policy
  }

  private static func plateau(_ judged: Judged) -> JudgedPolicy {
    var scored = ScoredPolicy(
      name: "oracle-plateau", kind: "RouteLLM's optimal curve",
      picks: judged.gains.map { $0 > 0 ? 1 : 0 })
    scored.margins = judged.gains
    scored.thresholds = [0]
    var policy = JudgedPolicy(scored, judged: judged)
    policy.isPredictor = false
    policy.sweep = Sweep(
      pairScores: judged.gains.map { max($0, 0) }, gains: judged.gains.map { max($0, 0) },
      interpolates: true)
    policy.notes = [
      "buys strong wins only, largest first, then stays flat: it never uses a weak-only win",
      "looks at the outcomes it is judged by: a bound, not a router",
    ]
    return policy
  }
}

/// Thresholds on one score, one a head, whose shares come closest to `rowsPerCandidate`; ties in the score allow only certain
/// cuts, and of two equally close ones the lower is taken.
func matchedThresholds(_ scores: [Double], rowsPerCandidate: [Int]) -> [Double] {
  let sorted = scores.sorted()
  var thresholds: [Double] = []
  var below = 0
  for rows in rowsPerCandidate.dropLast() {
    below += rows
    // Cuts are the first positions of equal runs, and the end.
    var low = min(below, sorted.count)
    while low > 0 && low < sorted.count && sorted[low - 1] == sorted[low] { low -= 1 }
    var high = min(below, sorted.count)
    while high > 0 && high < sorted.count && sorted[high - 1] == sorted[high] { high += 1 }
    let cut = below - low <= high - below ? low : high
    thresholds.append(cut < sorted.count ? sorted[cut] : (sorted.last ?? 0).nextUp)
  }
  return thresholds
}
