/// A figure that somebody published, beside what this program computes.
public struct ReproducedFigure: Equatable, Sendable, Codable {
  /// Where it belongs, for example `MMLU`.
  public var subject: String
  /// What it is.
  public var name: String
  /// The published number.
  public var expected: Double
  /// The computed number; nil when it is undefined.
  public var computed: Double?
  /// Largest difference that passes: what the published digits leave open.
  public var tolerance: Double

  /// A figure to compare.
  public init(
    _ subject: String, _ name: String, expected: Double, computed: Double?, tolerance: Double
  ) {
    self.subject = subject
    self.name = name
    self.expected = expected
    self.computed = computed
    self.tolerance = tolerance
  }

  /// Whether the numbers agree within the tolerance.
  public var passes: Bool {
    guard let computed, computed.isFinite else { return false }
    return abs(computed - expected) <= tolerance
  }

  private enum CodingKeys: String, CodingKey {
    case subject, name, expected, computed, tolerance, passes
  }

  /// Reads what ``encode(to:)`` wrote.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    subject = try container.decode(String.self, forKey: .subject)
    name = try container.decode(String.self, forKey: .name)
    expected = try container.decode(Double.self, forKey: .expected)
    computed = try container.decode(Double?.self, forKey: .computed)
    tolerance = try container.decode(Double.self, forKey: .tolerance)
  }

  /// Writes the numbers and whether they agree.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(subject, forKey: .subject)
    try container.encode(name, forKey: .name)
    try container.encode(expected, forKey: .expected)
    try container.encode(computed, forKey: .computed)
    try container.encode(tolerance, forKey: .tolerance)
    try container.encode(passes, forKey: .passes)
  }
}

/// The published test vectors of the arena score and of AIQ, recomputed.
///
/// RouterArena (arXiv 2510.00202) prints scores of routers by their cost and accuracy to four digits; AIQ is RouterBench's
/// (arXiv 2403.12031), in this program's variant and in that of its code, on points whose areas are done by hand.
public func reproducedVectors() -> [ReproducedFigure] {
  var figures: [ReproducedFigure] = []
  for (cost, accuracy, score) in [
    (0.11, 0.7597, 0.7538), (0.26, 0.7513, 0.7371), (0.20, 0.7205, 0.7128),
  ] {
    figures.append(
      ReproducedFigure(
        "arena", "score at $\(cost) per 1000 queries, accuracy \(accuracy)", expected: score,
        computed: arenaScore(accuracy: accuracy, dollarsPerThousand: cost), tolerance: 5e-5))
  }
  typealias Points = [(cost: Double, quality: Double)]
  let vectors: [(String, Points, at: (Double, Double)?, aiq: Double?, routerBench: Double)] = [
    (
      "(1,.5) (2,.7) (3,.6) (5,.8)", [(1, 0.5), (2, 0.7), (3, 0.6), (5, 0.8)], (3, 2.2 / 3), 0.7125,
      0.57
    ),
    (
      "(0,.2) (1,.5) (2,.4) (4,.9)", [(0, 0.2), (1, 0.5), (2, 0.4), (4, 0.9)], (2, 1.9 / 3), nil,
      0.6125
    ),
    ("(1,.2) (2,.9) (3,.5)", [(1, 0.2), (2, 0.9), (3, 0.5)], nil, 0.55, 0.275),
  ]
  for (name, points, at, aiq, routerBench) in vectors {
    let hull = CostQualityHull(points: points)
    if let (cost, quality) = at {
      figures.append(
        ReproducedFigure(
          name, "hull at \(cost)", expected: quality, computed: hull?.quality(atCost: cost),
          tolerance: 1e-9))
    }
    if let aiq {
      figures.append(
        ReproducedFigure(
          name, "aiq", expected: aiq, computed: hull?.averageImprovement, tolerance: 1e-9))
    }
    figures.append(
      ReproducedFigure(
        name, "aiq-routerbench", expected: routerBench,
        computed: hull?.averageImprovementRouterBench, tolerance: 1e-9))
  }
  return figures
}
