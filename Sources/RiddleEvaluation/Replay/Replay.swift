import RiddleData
import RiddleLinearAlgebra
import RiddlePolicies
import RiddleRuntime

/// What a replay needs beside requests and policy.
public struct ReplaySettings: Sendable {
  /// Who answers, how fast, and what goes wrong.
  public var world: World
  /// Who scores answers for gates.
  public var judge: SimulatedJudge?
  /// Threads for policies that do not learn; the result does not depend on it.
  public var threads: Int
  /// Whether ``Replay/reasons`` is filled: what a log of decisions needs.
  public var keepsReasons = false

  /// Settings; without a simulated judge the log's gate scores are used.
  public init(world: World, judge: SimulatedJudge? = nil, threads: Int = 2) {
    self.world = world
    self.judge = judge
    self.threads = threads
  }
}

/// A judge that errs at a known rate: with probability ``errorRate`` it scores an answer 1 − quality instead of quality.
public struct SimulatedJudge: Equatable, Sendable {
  /// Share of wrong scores, in [0, 1].
  public var errorRate: Double
  /// All draws come from it, the row and the candidate.
  public var seed: UInt64

  /// A judge.
  public init(errorRate: Double, seed: UInt64 = 1) {
    self.errorRate = errorRate
    self.seed = seed
  }

  /// The score of an answer of quality `quality` to the request with ``Request/key`` `key`.
  public func score(_ quality: Double, key: UInt64, candidate: Int) -> Double {
    let hash = StableHash.mixed(key ^ StableHash.mixed(seed &+ UInt64(candidate)))
    return Double(hash >> 11) / 9_007_199_254_740_992 < errorRate ? 1 - quality : quality
  }
}

/// Replays `policy` over `requests`, whose outcomes are the rows of `table`.
///
/// Every call is answered from the table: quality, cost, confidence, gate score and answer are the log's, latency and failures the
/// world's. A call that fails with an error, a rate limit or an outage costs nothing; one that is left after a timeout costs what
/// the log says. A policy that learns serves requests in the order of their times (rows without one last, in the order given) and
/// hears of each outcome before the next request; any other serves them in parallel.
///
/// - Parameters:
///   - requests: one a row.
///   - answers: what is known of the answers beside quality; nil when the policy asks for none of it.
/// - Returns: columns of one entry a row; the same for any number of threads.
/// - Complexity: a few hundred nanoseconds a step.
public func replay(
  _ policy: some Policy, requests: [Request], table: OutcomeTable, answers: AnswerTable? = nil,
  settings: ReplaySettings
) -> Replay {
  precondition(
    requests.count == table.rowCount, "\(requests.count) requests for \(table.rowCount) rows")
  BLASThreads.set(1)  // contextual bandits multiply small matrices
  let driver = ReplayDriver(table: table, answers: answers, settings: settings)
  if policy.learns {
    var learner = policy
    var result = Replay(rows: requests.count, keepsReasons: settings.keepsReasons)
    var serving = Serving()
    for row in timeOrder(requests) {
      driver.serve(
        requests[row], row: row, policy: learner, serving: &serving, into: &result, at: row)
      learner.observe(
        serving.served(
          requests[row],
          quality: serving.accepted.map { table.quality(row, serving.attempts[$0].candidate) }))
    }
    return result
  }
  let shardSize = max(256, (requests.count + 63) / 64)
  let count = (requests.count + shardSize - 1) / shardSize
  let shards = inShards(count, threads: settings.threads) { shard -> Replay in
    let range = shard * shardSize..<min(requests.count, (shard + 1) * shardSize)
    var part = Replay(rows: range.count, keepsReasons: settings.keepsReasons)
    var serving = Serving()
    for row in range {
      driver.serve(
        requests[row], row: row, policy: policy, serving: &serving, into: &part,
        at: row - range.lowerBound)
    }
    return part
  }
  return Replay(joining: shards)
}

/// Rows in the order in which requests arrived.
public func timeOrder(_ requests: [Request]) -> [Int] {
  guard requests.contains(where: { $0.context.time != nil }) else { return Array(requests.indices) }
  return requests.indices.sorted { a, b in
    let (x, y) = (requests[a].context.time, requests[b].context.time)
    guard let x, let y else { return x != nil ? true : y != nil ? false : a < b }
    return x == y ? a < b : x < y
  }
}

/// What a policy did on each row of a log, as columns.
public struct Replay: Equatable, Sendable {
  /// Position of the candidate whose answer the user got, or that was asked last where the user got an error.
  public internal(set) var picks: [Int]
  /// Whether the user got an error.
  public internal(set) var failed: [Bool]
  /// Nano-dollars of all calls and of the decisions themselves; ``OutcomeTable/missingCost`` where the log does not say.
  public internal(set) var paid: [Int64]
  /// Nano-dollars of the decisions themselves, part of ``paid``.
  public internal(set) var fees: [Int64]
  /// Number of calls.
  public internal(set) var calls: [Int]
  /// Number of candidates that were paid for: without those that never answered and cost nothing (errors, refusals, outages).
  public internal(set) var candidatesPaid: [Int]
  /// Microseconds the user waited; ``OutcomeTable/missingLatency`` where the log does not say.
  public internal(set) var latency: [Int64]
  /// The stage that had the last word, as an index of ``stages``.
  public internal(set) var stage: [Int]
  /// The stage that chose the first call, as an index of ``stages``.
  public internal(set) var firstStage: [Int]
  /// Whether somebody should look at the decision.
  public internal(set) var flagged: [Bool]
  /// Probability with which the first call's candidates were chosen.
  public internal(set) var propensity: [Double]
  /// Why the first call was made and why it ended, one pair a row, when they were asked for; else empty.
  public internal(set) var reasons: [(first: Reason, last: Reason)] = []
  /// Names of stages, in the order of their first appearance.
  public internal(set) var stages: [String] = []

  init(rows: Int, keepsReasons: Bool = false) {
    if keepsReasons {
      reasons = [(Reason, Reason)](repeating: (Reason(""), Reason("")), count: rows)
    }
    picks = [Int](repeating: 0, count: rows)
    failed = [Bool](repeating: false, count: rows)
    paid = [Int64](repeating: 0, count: rows)
    fees = paid
    calls = picks
    candidatesPaid = picks
    latency = paid
    stage = picks
    firstStage = picks
    flagged = failed
    propensity = [Double](repeating: 1, count: rows)
  }

  init(joining parts: [Replay]) {
    self.init(rows: 0)
    for part in parts {
      let numbers = part.stages.map { index(ofStage: $0) }
      picks += part.picks
      failed += part.failed
      paid += part.paid
      fees += part.fees
      calls += part.calls
      candidatesPaid += part.candidatesPaid
      latency += part.latency
      stage += part.stage.map { numbers[$0] }
      firstStage += part.firstStage.map { numbers[$0] }
      flagged += part.flagged
      propensity += part.propensity
      reasons += part.reasons
    }
  }

  /// The rows at `indices`, in that order.
  public func rows(_ indices: [Int]) -> Replay {
    var part = self
    part.picks = indices.map { picks[$0] }
    part.failed = indices.map { failed[$0] }
    part.paid = indices.map { paid[$0] }
    part.fees = indices.map { fees[$0] }
    part.calls = indices.map { calls[$0] }
    part.candidatesPaid = indices.map { candidatesPaid[$0] }
    part.latency = indices.map { latency[$0] }
    part.stage = indices.map { stage[$0] }
    part.firstStage = indices.map { firstStage[$0] }
    part.flagged = indices.map { flagged[$0] }
    part.propensity = indices.map { propensity[$0] }
    if !reasons.isEmpty { part.reasons = indices.map { reasons[$0] } }
    return part
  }

  /// Whether both are the same in every column, stages by name.
  public static func == (a: Replay, b: Replay) -> Bool {
    a.picks == b.picks && a.failed == b.failed && a.paid == b.paid && a.fees == b.fees
      && a.calls == b.calls && a.candidatesPaid == b.candidatesPaid && a.latency == b.latency
      && a.flagged == b.flagged
      && a.propensity == b.propensity
      && a.stage.map { a.stages[$0] } == b.stage.map { b.stages[$0] }
      && a.firstStage.map { a.stages[$0] } == b.firstStage.map { b.stages[$0] }
      && a.reasons.elementsEqual(b.reasons) { $0 == $1 }
  }

  /// The same decisions with what their own log says was paid, where that is more than one call to the picked candidate. How long users
  /// waited for several answers is not known then.
  ///
  /// - Parameters:
  ///   - paid: nano-dollars, one a row; ``OutcomeTable/missingCost`` where unknown.
  ///   - candidates: how many were paid for, one a row.
  public func withPayments(_ paid: [Int64], candidates: [Int]) -> Replay {
    precondition(
      paid.count == picks.count && candidates.count == picks.count,
      "\(paid.count) payments and \(candidates.count) counts for \(picks.count) rows")
    var copy = self
    copy.paid = paid
    copy.candidatesPaid = candidates
    copy.calls = candidates
    for row in candidates.indices where candidates[row] > 1 {
      copy.latency[row] = OutcomeTable.missingLatency
    }
    return copy
  }

  mutating func index(ofStage name: String) -> Int {
    for index in stages.indices where stages[index] == name { return index }
    stages.append(name)
    return stages.count - 1
  }

  /// The decisions as the evaluation reads them. Rows on which the user got an error have quality 0.
  public func scoredPolicy(name: String, kind: String) -> ScoredPolicy {
    var policy = ScoredPolicy(name: name, kind: kind, picks: picks)
    policy.paid = paid
    policy.attempts = candidatesPaid
    if failed.contains(true) { policy.failed = failed }
    return policy
  }
}
