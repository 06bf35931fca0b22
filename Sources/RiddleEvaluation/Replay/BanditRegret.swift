/// What a policy that learned while it served gave away: against the best fixed candidate in hindsight, and against the oracle.
///
/// With u(i, k) the utility of candidate k on request i and p(i) the pick,
///
///     regret against the best fixed one   Σ u(i, k*) − u(i, p(i)),   k* = argmax_k Σ u(i, k), of equals the cheaper
///     regret against the oracle           Σ max_k u(i, k) − u(i, p(i))
///
/// summed over requests in order of time. The first may be negative: a contextual policy can beat every fixed candidate. The
/// policy was replayed with several seeds on the same requests; figures are means over seeds with t intervals, which say how much the
/// draws of the policy matter, not what another sample of requests would give.
public struct BanditRegret: Equatable, Sendable, Codable {
  /// Regret after some requests.
  public struct Point: Equatable, Sendable, Codable {
    /// Requests so far.
    public var requests: Int
    /// Against the best fixed candidate of all requests, summed so far; mean over seeds, with its interval.
    public var versusBest: Figure
    /// Against the oracle, summed so far; mean over seeds, with its interval.
    public var versusOracle: Figure
  }

  /// Requests whose utilities are all known: the others are left out.
  public var requests: Int
  /// Requests left out because a candidate's utility is unknown.
  public var skipped: Int
  /// Replays, one per seed.
  public var seeds: Int
  /// Position of the best fixed candidate; nil without requests.
  public var best: Int?
  /// Mean utility per request of the policy, over seeds.
  public var meanUtility: Figure
  /// Mean utility of the best fixed candidate.
  public var bestUtility: Double?
  /// Mean utility of the oracle.
  public var oracleUtility: Double?
  /// Total regret against the best fixed candidate.
  public var versusBest: Figure
  /// Total regret against the oracle.
  public var versusOracle: Figure
  /// At most 200 points, evenly spread, the last one at the last request.
  public var curve: [Point]

  /// Measures replays of one policy.
  ///
  /// - Parameters:
  ///   - utilities: the policy's own reward of every candidate on every request, `n × candidateCount`, row-major, in order of
  ///     time; NaN where unknown.
  ///   - candidateCount: at least 1.
  ///   - picks: for each seed, whose answer the user of each request got: `n` positions in 0 ..< `candidateCount`.
  ///   - confidence: of the intervals over seeds; with one seed there are none.
  ///   - mostPoints: points of the curve, at least 1.
  public init(
    utilities: [Double], candidateCount: Int, picks: [[Int]], confidence: Double = 0.95,
    mostPoints: Int = 200
  ) {
    precondition(candidateCount >= 1, "regret needs a candidate, got \(candidateCount)")
    precondition(mostPoints >= 1, "a curve needs a point, got \(mostPoints)")
    let all = utilities.count / candidateCount
    precondition(
      utilities.count == all * candidateCount && picks.allSatisfy { $0.count == all },
      "\(utilities.count) utilities of \(candidateCount) candidates against \(picks.map(\.count)) picks"
    )
    let rows = (0..<all).filter { row in
      (0..<candidateCount).allSatisfy { utilities[row * candidateCount + $0].isFinite }
    }
    let n = rows.count
    requests = n
    skipped = all - n
    seeds = picks.count
    var totals = [Double](repeating: 0, count: candidateCount)
    var oracle = 0.0
    for row in rows {
      var most = -Double.infinity
      for k in 0..<candidateCount {
        let utility = utilities[row * candidateCount + k]
        totals[k] += utility
        most = max(most, utility)
      }
      oracle += most
    }
    var best = 0
    for k in 1..<max(candidateCount, 1) where totals[k] > totals[best] { best = k }
    self.best = n == 0 ? nil : best
    bestUtility = n == 0 ? nil : totals[best] / Double(n)
    oracleUtility = n == 0 ? nil : oracle / Double(n)

    let count = min(n, mostPoints)
    let ends = (0..<count).map { ($0 + 1) * n / count }
    var againstBest = [[Double]](repeating: [], count: count)  // by point, then seed
    var againstOracle = againstBest
    var earned: [Double] = []
    for picked in picks {
      var (regret, distance, sum) = (0.0, 0.0, 0.0)
      var point = 0
      for (index, row) in rows.enumerated() {
        let first = row * candidateCount
        let pick = picked[row]
        precondition(
          pick >= 0 && pick < candidateCount, "pick \(pick) of \(candidateCount) candidates")
        let utility = utilities[first + pick]
        var most = utility
        for k in 0..<candidateCount { most = max(most, utilities[first + k]) }
        regret += utilities[first + best] - utility
        distance += most - utility
        sum += utility
        if index + 1 == ends[point] {
          againstBest[point].append(regret)
          againstOracle[point].append(distance)
          point += 1
        }
      }
      if n > 0 { earned.append(sum / Double(n)) }
    }
    func figure(_ values: [Double]) -> Figure { meanOverSeeds(values, confidence: confidence) }
    meanUtility = figure(earned)
    versusBest = figure(againstBest.last ?? [])
    versusOracle = figure(againstOracle.last ?? [])
    curve = (0..<count).map {
      Point(
        requests: ends[$0], versusBest: figure(againstBest[$0]),
        versusOracle: figure(againstOracle[$0]))
    }
  }
}

/// The mean of independent replays with Student's interval, mean ± t s / √n; without interval for fewer than two.
func meanOverSeeds(_ values: [Double], confidence: Double) -> Figure {
  if values.isEmpty { return .undefined }
  let n = Double(values.count)
  let mean = values.reduce(0, +) / n
  if values.count < 2 { return Figure(mean) }
  let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
  let error = (squares / (n - 1) / n).squareRoot()
  let reach = studentQuantile(0.5 + confidence / 2, degreesOfFreedom: n - 1) * error
  return Figure(mean, low: mean - reach, high: mean + reach)
}

/// The quantile of Student's t distribution for p in [½, 1): t with I_{ν / (ν + t²)}(ν/2, ½) = 2 (1 − p).
func studentQuantile(_ p: Double, degreesOfFreedom: Double) -> Double {
  let x = inverseIncompleteBeta(2 * (1 - p), degreesOfFreedom / 2, 0.5)
  return (degreesOfFreedom * (1 - x) / x).squareRoot()
}
