import Glibc

/// Production over time, as aggregates alone.
public struct DashboardReport: Equatable, Sendable, Codable {
  /// Version of this report.
  public var format = "riddle-dashboard-1"
  /// Candidates, cheapest first.
  public var candidates: [String]
  /// Days that each period counts as one.
  public var daysAPeriod: Int
  /// Coverage of the intervals.
  public var confidence: Double
  /// 1 − cost / cost of the strongest alone, over the whole time; a conversation counts once a period.
  public var savings: Figure
  /// Periods with a decision, in order.
  public var periods: [Period]
  /// Weeks with a decision, in order.
  public var weeks: [Week]
  /// Days from the first decision that a week's scores are compared with.
  public var referenceDays: Int
  /// Kinds of queries that are answered badly most often, worst first.
  public var segments: [Segment]
  /// Deployments and new routers, in order.
  public var marks: [Mark]

  /// A day, or several.
  public struct Period: Equatable, Sendable, Codable {
    /// First day, since 1970-01-01.
    public var day: Int64
    /// Decisions.
    public var decisions: Int
    /// In the order of ``DashboardReport/candidates``.
    public var byCandidate: [Candidate]
    /// 1 − cost / cost of the strongest alone.
    public var savings: Figure
    /// Dollars a query.
    public var cost: Figure
    /// Mean quality.
    public var quality: Figure
    /// Mean satisfaction.
    public var satisfaction: Figure
    /// Share that paid for more than one candidate.
    public var escalated: Figure
    /// Milliseconds that half of the users waited at most; to 9 %.
    public var p50: Double?
    /// Milliseconds that all but one in twenty waited at most; to 9 %.
    public var p95: Double?
  }

  /// One candidate in a period.
  public struct Candidate: Equatable, Sendable, Codable {
    /// Decisions.
    public var decisions: Int
    /// Share of the period's decisions.
    public var share: Double
    /// Mean quality of the answers of known quality.
    public var quality: Double?
    /// Mean satisfaction where somebody said it.
    public var satisfaction: Double?
    /// Mean dollars a query.
    public var costDollars: Double?
  }

  /// Seven days of scores.
  public struct Week: Equatable, Sendable, Codable {
    /// First day, since 1970-01-01.
    public var day: Int64
    /// Decisions with a score.
    public var scores: Int
    /// PSI of the scores against the first weeks.
    public var stability: Double?
    /// What PSI reaches by chance in one of a hundred weeks.
    public var noise: Double?
    /// Whether the week belongs to the reference.
    public var isReference: Bool
  }

  /// A kind of queries.
  public struct Segment: Equatable, Sendable, Codable {
    /// For example `task type: debug`.
    public var name: String
    /// Answers of known worth.
    public var judged: Int
    /// Share of them that is of low worth.
    public var low: Figure
    /// Their mean worth.
    public var worth: Double
  }

  /// Something that happened.
  public struct Mark: Equatable, Sendable, Codable {
    /// When, in microseconds since 1970.
    public var time: Int64
    /// What.
    public var what: String

    /// A mark.
    public init(time: Int64, what: String) {
      self.time = time
      self.what = what
    }
  }
}

extension DashboardCounts {
  /// Most segments that are shown.
  private static let shownSegments = 12
  /// Fewest answers of known worth on which a segment is shown.
  private static let fewestJudged = 10

  /// The report of what was counted; `order` are positions of candidates, cheapest first.
  public func report(
    order: [Int], marks: [DashboardReport.Mark], confidence: Double = 0.95
  ) -> DashboardReport {
    var savings = RatioMoments()
    for period in periods { savings.add(period.savings) }
    return DashboardReport(
      candidates: order.map { names[$0] }, daysAPeriod: Int(daysAPeriod), confidence: confidence,
      savings: savings.ratio(confidence: confidence),
      periods: periods.map { period($0, order, confidence) }, weeks: weeks.weeks,
      referenceDays: weeks.referenceDays, segments: worstSegments(confidence), marks: marks)
  }

  private func period(_ period: Period, _ order: [Int], _ confidence: Double)
    -> DashboardReport.Period
  {
    let dollars = period.cost.ratio(confidence: confidence)
    func scaled(_ value: Double?) -> Double? { value.map { $0 / 1e9 } }
    return DashboardReport.Period(
      day: period.number * daysAPeriod, decisions: period.decisions,
      byCandidate: order.map { k in
        let own = period.byCandidate[k]
        func mean(_ sums: (sum: Double, count: Int)) -> Double? {
          sums.count > 0 ? sums.sum / Double(sums.count) : nil
        }
        return DashboardReport.Candidate(
          decisions: own.decisions, share: Double(own.decisions) / Double(period.decisions),
          quality: mean(own.quality), satisfaction: mean(own.satisfaction),
          costDollars: scaled(mean(own.cost)))
      },
      savings: period.savings.ratio(confidence: confidence),
      cost: Figure(
        scaled(dollars.value), low: scaled(dollars.low), high: scaled(dollars.high)),
      quality: period.quality.share(confidence: confidence),
      satisfaction: period.satisfaction.share(confidence: confidence),
      escalated: wilsonInterval(
        successes: period.escalated, trials: period.decisions, confidence: confidence),
      p50: Self.quantile(0.5, period.latency), p95: Self.quantile(0.95, period.latency))
  }

  /// The geometric middle of the bin that holds the quantile, in milliseconds.
  private static func quantile(_ level: Double, _ histogram: [Int: Int]) -> Double? {
    let total = histogram.values.reduce(0, +)
    guard total > 0 else { return nil }
    let rank = max(1, Int((level * Double(total)).rounded(.up)))
    var below = 0
    for bin in histogram.keys.sorted() {
      below += histogram[bin] ?? 0
      if below >= rank { return exp2((Double(bin) + 0.5) / latencySteps) / 1000 }
    }
    return nil
  }

  /// Weeks of seven days from the first decision on, compared with the first quarter of the span, two weeks at most.
  private var weeks: (weeks: [DashboardReport.Week], referenceDays: Int) {
    guard let first = periods.first, let last = periods.last else { return ([], 0) }
    let days = Int((last.number - first.number + 1) * daysAPeriod)
    let referenceDays = min(14, max(7, days / 4 / 7 * 7))
    let start = first.number * daysAPeriod
    var histograms: [Int64: [Int]] = [:]
    var reference = [Int](repeating: 0, count: Self.scoreBins)
    for period in periods {
      let day = period.number * daysAPeriod
      let week = (day - start) / 7
      var sum = histograms[week] ?? [Int](repeating: 0, count: Self.scoreBins)
      for bin in sum.indices { sum[bin] += period.scores[bin] }
      histograms[week] = sum
      if day - start < Int64(referenceDays) {
        for bin in reference.indices { reference[bin] += period.scores[bin] }
      }
    }
    let stability = PopulationStability(reference: reference)
    let weeks = histograms.keys.sorted().map { week in
      let histogram = histograms[week] ?? []
      let count = histogram.reduce(0, +)
      let isReference = week * 7 < Int64(referenceDays)
      return DashboardReport.Week(
        day: start + week * 7, scores: count,
        stability: isReference ? nil : stability.index(of: histogram),
        noise: stability.noise(count: count), isReference: isReference)
    }
    return (weeks, referenceDays)
  }

  private func worstSegments(_ confidence: Double) -> [DashboardReport.Segment] {
    let known = segments.filter { $0.value.judged >= Self.fewestJudged }.map { name, segment in
      DashboardReport.Segment(
        name: name, judged: segment.judged,
        low: wilsonInterval(
          successes: segment.low, trials: segment.judged, confidence: confidence),
        worth: segment.worth / Double(segment.judged))
    }
    // By what is sure to be bad: a small segment must be bad indeed to stand on top.
    return Array(
      known.sorted {
        let (a, b) = ($0.low.low ?? 0, $1.low.low ?? 0)
        return a != b ? a > b : $0.name < $1.name
      }.prefix(Self.shownSegments))
  }
}
