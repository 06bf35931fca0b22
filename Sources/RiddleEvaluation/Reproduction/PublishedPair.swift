import RiddlePolicies

/// Outcomes of RouteLLM's pair on one benchmark, and what its procedure makes of them.
public struct PairOutcomes: Equatable, Sendable {
  /// Quality of the weak candidate, one a row, in [0, 1].
  public let weak: [Double]
  /// Quality of the strong candidate.
  public let strong: [Double]
  /// What RouteLLM multiplies qualities by: 100 for right and wrong, 10 for graded answers.
  public let scale: Double

  /// Outcomes of a pair; at least one row.
  public init(weak: [Double], strong: [Double]) {
    precondition(
      weak.count == strong.count && !weak.isEmpty,
      "\(weak.count) weak and \(strong.count) strong qualities")
    self.weak = weak
    self.strong = strong
    scale = (weak + strong).allSatisfy { $0 == 0 || $0 == 1 } ? 100 : 10
  }

  /// Number of rows.
  public var rowCount: Int { weak.count }
  /// Gains s − w.
  public var gains: [Double] { zip(strong, weak).map { $0 - $1 } }
  /// Mean quality of the weak candidate, scaled.
  public var weakScore: Double { scaledMean(weak) }
  /// Mean quality of the strong candidate, scaled.
  public var strongScore: Double { scaledMean(strong) }
  /// Mean quality of the better of the two, scaled.
  public var oracleScore: Double { scaledMean(zip(weak, strong).map { max($0, $1) }) }

  private func scaledMean(_ values: [Double]) -> Double {
    scale * values.reduce(0, +) / Double(values.count)
  }

  /// Share of rows, in percent, at which RouteLLM's optimal curve recovers `p` of the gap: strong wins are bought first,
  /// the last one in part. Nil when even all of them do not.
  public func plateauShare(recovering p: Double) -> Double? {
    let wins = gains.filter { $0 > 0 }.sorted(by: >)
    var missing = p * gains.reduce(0, +)
    for (bought, gain) in wins.enumerated() {
      if gain >= missing { return 100 * (Double(bought) + missing / gain) / Double(rowCount) }
      missing -= gain
    }
    return nil
  }
}

/// What is published about RouteLLM's pair (mixtral-8x7b, gpt-4-1106-preview) on a benchmark without its contaminated
/// prompts (Ong et al., 2024, arXiv 2406.18665, and its data).
public struct PublishedPair: Sendable {
  /// Name of the benchmark.
  public var name: String
  /// Prefix of its rows' identifiers.
  public var prefix: String
  /// Rows after the removal of contaminated prompts: they tell whether these facts apply.
  public var rows: Int
  /// Rows before it.
  public var rowsWithContaminated: Int
  /// Mean scores.
  public var weak: Double
  /// Mean scores.
  public var strong: Double
  /// Mean score of the better of the two.
  public var oracle: Double
  /// Rows: both right (for graded answers: equal), strong better, weak better, both wrong (nil for graded answers).
  public var counts: (both: Int, strong: Int, weak: Int, neither: Int?)
  /// CPT at 50 % and 80 % of the optimal curve (of the best order, for graded answers), and their printed digits.
  public var cpt: (half: Double, most: Double, tolerance: Double)
  /// APGR of the optimal curve over 11 points; nil where none is published.
  public var elevenPoint: Double?
  /// Exact APGR of the best order.
  public var exact: Double
  /// APGR of prompt length; nil where none is published.
  public var promptLength: Double?
  /// Strong share in percent, and PGR, of the keyword rule; nil where none is published.
  public var keywordRule: (share: Double, pgr: Double)?
  /// 95 % band of random routers' APGR, found by simulation; nil where none is published.
  public var randomBand: (low: Double, high: Double)?

  /// The three benchmarks.
  public static var all: [PublishedPair] {
    [
      PublishedPair(
        name: "MMLU", prefix: "mmlu/", rows: 14_037, rowsWithContaminated: 14_042, weak: 68.0915,
        strong: 80.5870, oracle: 85.8730, counts: (8816, 2496, 742, 1983),
        cpt: (6.2478, 9.9964, 5e-5), elevenPoint: 1.2896, exact: 1.2853, promptLength: 0.586,
        keywordRule: (24.5, 0.308),
        randomBand: (0.481, 0.519)),
      PublishedPair(
        name: "GSM8K", prefix: "gsm8k/", rows: 1307, rowsWithContaminated: 1319, weak: 63.7337,
        strong: 85.7689, oracle: 92.9610, counts: (739, 382, 94, 92),
        cpt: (11.0176, 17.6282, 5e-5), elevenPoint: 1.1309, exact: 1.1208, promptLength: 0.598,
        keywordRule: nil,
        randomBand: (0.462, 0.539)),
      PublishedPair(
        name: "MT-Bench", prefix: "mt_bench/", rows: 72, rowsWithContaminated: 80, weak: 8.281250,
        strong: 9.211806, oracle: 9.3160, counts: (28, 37, 7, nil), cpt: (8.33, 18.06, 5e-3),
        elevenPoint: nil, exact: 0.9639, promptLength: nil, keywordRule: nil, randomBand: nil),
    ]
  }

  /// Every published figure beside the one computed from `outcomes`.
  ///
  /// - Parameters:
  ///   - texts: the prompts, one a row; nil leaves the figures of prompt length and keyword rule out.
  ///   - random: scores of a random router; nil leaves its APGR out.
  public func figures(
    _ outcomes: PairOutcomes, texts: [String]?, random: [Double]?
  ) -> [ReproducedFigure] {
    var figures: [ReproducedFigure] = []
    func add(_ name: String, _ expected: Double, _ computed: Double?, _ tolerance: Double) {
      figures.append(
        ReproducedFigure(
          self.name, name, expected: expected, computed: computed, tolerance: tolerance))
    }
    let pairs = Array(zip(outcomes.weak, outcomes.strong))
    func count(_ holds: (Double, Double) -> Bool) -> Double {
      Double(pairs.count { holds($0.0, $0.1) })
    }
    let isGraded = counts.neither == nil
    add("rows", Double(rows), Double(outcomes.rowCount), 0)
    add("weak score", weak, outcomes.weakScore, isGraded ? 5e-7 : 5e-5)
    add("strong score", strong, outcomes.strongScore, isGraded ? 5e-7 : 5e-5)
    add("oracle score", oracle, outcomes.oracleScore, 5e-5)
    add("strong better", Double(counts.strong), count { $1 > $0 }, 0)
    add("weak better", Double(counts.weak), count { $0 > $1 }, 0)
    if let neither = counts.neither {
      add("both right", Double(counts.both), count { $0 == 1 && $1 == 1 }, 0)
      add("neither right", Double(neither), count { $0 == 0 && $1 == 0 }, 0)
    } else {
      add("ties", Double(counts.both), count { $0 == $1 }, 0)
    }
    let best = PairSweep(scores: outcomes.gains, weak: outcomes.weak, strong: outcomes.strong)
    let half = isGraded ? best.cpt50.map { 100 * $0 } : outcomes.plateauShare(recovering: 0.5)
    let most = isGraded ? best.cpt80.map { 100 * $0 } : outcomes.plateauShare(recovering: 0.8)
    add("optimal CPT(50%)", cpt.half, half, cpt.tolerance)
    add("optimal CPT(80%)", cpt.most, most, cpt.tolerance)
    if let elevenPoint {
      let plateau = PlateauCurve(weak: outcomes.weak, strong: outcomes.strong)
      add(
        "optimal APGR, 11 points", elevenPoint,
        plateau.averageGapRecovered(strongSum: outcomes.strong.reduce(0, +)), 5e-5)
    }
    add("best order's APGR, exact", exact, best.apgr, 5e-5)
    if let promptLength, let texts {
      let lengths = texts.map(PromptLength.score)
      // Three printed digits, and how ties were broken is not said.
      let value = PairSweep(scores: lengths, weak: outcomes.weak, strong: outcomes.strong).apgr
      add("prompt length's APGR", promptLength, value, 2e-3)
    }
    if let keywordRule, let texts {
      let isComplex = texts.map { KeywordDifficulty.verdict($0) == .complex }
      let gained = zip(isComplex, outcomes.gains).reduce(0) { $0 + ($1.0 ? $1.1 : 0) }
      let up = Double(isComplex.count { $0 })
      add("keyword rule's strong share", keywordRule.share, 100 * up / Double(rows), 0.1)
      add("keyword rule's PGR", keywordRule.pgr, gained / outcomes.gains.reduce(0, +), 1e-3)
    }
    if let randomBand {
      // Published from simulated random routers, computed from the permutation variance.
      let band = randomRouterBand(gains: outcomes.gains)
      add("random band, low", randomBand.low, band.low, 2.5e-3)
      add("random band, high", randomBand.high, band.high, 2.5e-3)
    }
    if let random {
      let value = PairSweep(scores: random, weak: outcomes.weak, strong: outcomes.strong).apgr
      let band = randomRouterBand(gains: outcomes.gains, confidence: 0.999)
      add("random router's APGR", 0.5, value, (band.high ?? 0.5) - 0.5)
    }
    return figures
  }
}
