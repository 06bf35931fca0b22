import RiddleData
import RiddleEvaluation
import RiddlePolicies
import RiddleRuntime

/// Where policies are replayed: rows with known outcomes, a world that answers calls, and what is measured on the rows.
///
/// Calibration maps, segment tables and neighbours are cross-fitted: the rows fall into ``foldCount`` parts by conversation, else by text,
/// and each part is decided with what was fitted on the others. Mean prices, mean qualities and speeds of the candidates are taken from
/// all rows, one number each; speeds are the usual ones, before any outage or overload.
public struct PolicyBench: Sendable {
  /// Parts of a cross-fit.
  public static let foldCount = 5

  /// The rows.
  public let data: Dataset
  /// Who answers calls.
  public let world: World
  /// Resampling unit of each row; nil takes every row for itself.
  public let clusters: [Int]?
  /// Part of each row.
  let folds: [Int]
  private let base: [Request]
  private let facts: PolicyFacts

  /// A bench.
  ///
  /// - Parameters:
  ///   - world: nil answers with the log's latencies and no failures.
  ///   - resampling: what belongs together; nil as ``EvaluationPlan/resampling``.
  public init(_ data: Dataset, world: World? = nil, resampling: ResamplingUnit? = nil) {
    self.data = data
    self.world = world ?? World(table: data.outcomes)
    clusters = resamplingUnits(data, by: resampling).clusters
    let width = data.outcomes.candidates.count
    let parts = parallelShards(of: data.count, FeaturizedRows.shardCount) { range in
      range.map { i -> (Request, Int) in
        var request = Request(
          id: data.ids[i], text: data.texts[i], context: data.contexts[i], candidateCount: width)
        let unit = data.contexts[i].conversation ?? data.texts[i]
        let key = StableHash.hash((unit.isEmpty ? data.ids[i] : unit).utf8)
        request.fold = Int(key % UInt64(Self.foldCount))
        return (request, request.fold)
      }
    }
    base = parts.flatMap { $0.map(\.0) }
    folds = parts.flatMap { $0.map(\.1) }
    facts = Self.measured(data.outcomes, self.world.usual)
  }

  /// Number of candidates.
  var width: Int { data.outcomes.candidates.count }

  /// What is the same for every policy: candidates, mean prices and qualities, speeds.
  private static func measured(_ table: OutcomeTable, _ world: World) -> PolicyFacts {
    let width = table.candidates.count
    var prices: [Int64] = []
    var qualities: [Double] = []
    for k in 0..<width {
      var (sum, known, quality) = (0.0, 0.0, 0.0)
      for i in 0..<table.rowCount {
        quality += table.quality(i, k)
        if let cost = table.cost(i, k) {
          sum += Double(cost)
          known += 1
        }
      }
      prices.append(known > 0 ? Int64((sum / known).rounded()) : 0)
      qualities.append(quality / Double(max(1, table.rowCount)))
    }
    return PolicyFacts(
      candidates: table.candidates, prices: prices, qualities: qualities,
      speeds: world.profiles().map {
        CandidateSpeed(p50: $0.p50, p95: $0.p95, availability: $0.availability)
      })
  }

  /// Requests and facts as `plan` needs them; good for every plan with the same ``PolicyPlan/predictor`` and signals.
  ///
  /// - Parameter router: what gives probabilities and margins, where the plan needs them.
  /// - Throws: `.policy` when the rows lack what the plan reads.
  public func prepare(_ plan: PolicyPlan, router: Router?) throws(PipelineError) -> PreparedReplay {
    let needs = plan.needs
    var requests = base
    var facts = facts
    var warnings: [String] = []
    if let router {
      warnings += try embeddingWarnings(router, name: plan.name, on: data)
      let scored = scoredPolicy(router, name: plan.name, on: data)
      let steps = scored.thresholds.count
      facts.thresholds = scored.thresholds
      for i in requests.indices {
        requests[i].margins = Array(scored.margins[(i * steps)..<((i + 1) * steps)])
        requests[i].probability = scored.probabilities?[i]
      }
      if needs.router && scored.probabilities == nil {
        warnings.append(
          "policy '\(plan.name)': its router weighs outcomes and gives no probability; stages that need one pass on"
        )
      }
    } else if needs.router {
      throw .policy(
        name: plan.name,
        reason: "a stage needs a router's probability; name a weight file with router: FILE")
    }
    if needs.text && !data.texts.contains(where: { !$0.isEmpty }) {
      throw .policy(name: plan.name, reason: "a stage reads the text, and these rows have none")
    }
    if let predictor = plan.predictor {
      try predict(predictor, router: router, name: plan.name, into: &requests)
    } else if needs.predictions {
      throw .policy(
        name: plan.name,
        reason:
          "a stage needs predictions; say predict: {with: segments, by: FIELD} (or neighbours, router)"
      )
    }
    if let errorRate = plan.preCheckErrorRate {
      for i in requests.indices {
        let isHard = data.outcomes.quality(i, 0) < 0.5
        requests[i].saysComplex = (requests[i].chance(0x70726563) < errorRate) != isHard
      }
    }
    if needs.speeds && facts.speeds.allSatisfy({ $0.p50 == nil }) {
      throw .policy(
        name: plan.name,
        reason:
          "a stage needs latencies, and these rows have none; draw them with --latency trace --trace FILE"
      )
    }
    if needs.prices && data.outcomes.missingCostCount > 0 {
      warnings.append(
        "policy '\(plan.name)': some costs are missing; mean prices are those of the known ones")
    }
    if plan.guards.contains(where: { $0.kind == "budget" }) {
      let untimed = data.contexts.count { $0.time == nil }
      if untimed > 0 {
        warnings.append(
          "policy '\(plan.name)': \(untimed) of \(data.count) rows have no time; its budget counts them as one day"
        )
      }
    }
    let judge = plan.judgeErrorRate.map { SimulatedJudge(errorRate: $0) }
    let signals = ConfidenceFitting(
      data: data, folds: folds, keys: base.map(\.key), judge: judge, policy: plan.name)
    let fitted = try signals.fit(needs.signals)
    facts.confidenceMaps = fitted.maps
    return PreparedReplay(
      requests: requests, facts: facts, judge: judge, confidence: fitted.reports,
      warnings: warnings + fitted.warnings)
  }

  /// Replays a plan.
  ///
  /// - Parameters:
  ///   - threads: for policies that do not learn; the result does not depend on it.
  ///   - keepsReasons: whether every decision's reasons are kept.
  public func run(
    _ plan: PolicyPlan, _ prepared: PreparedReplay, threads: Int = 2, keepsReasons: Bool = false
  ) -> Replay {
    var settings = ReplaySettings(world: world, judge: prepared.judge, threads: threads)
    settings.keepsReasons = keepsReasons
    return replay(
      plan.policy(prepared.facts), requests: prepared.requests, table: data.outcomes,
      answers: data.answers, settings: settings)
  }
}

/// Requests with everything a plan reads, and what its parts are built from.
public struct PreparedReplay: Sendable {
  /// One a row.
  public var requests: [Request]
  /// What was measured.
  public var facts: PolicyFacts
  /// The simulated judge, if any.
  public var judge: SimulatedJudge?
  /// How far the signals can be trusted.
  public var confidence: [ConfidenceReport]
  /// What a reader must know.
  public var warnings: [String]
}
