import Foundation
import RiddlePolicies
import RiddlePolicyFiles
import RiddleServing
import RiddleTestSupport
import Testing

@testable import RiddleData
@testable import RiddleEvaluation

/// What a replay predicts is what a server does: the same policies over the same outcomes, request for request and nano-dollar for
/// nano-dollar.
@Suite("Live driver")
struct ConformanceTests {
  /// A made log over three candidates.
  struct Log: Sendable {
    var table: OutcomeTable
    var answers: AnswerTable
    var requests: [Request]
    var world: World

    /// - Parameter hasFaults: whether calls fail, are refused and are slow by chance.
    init(rows: Int, hasFaults: Bool, seed: UInt64) {
      var random = SplitMix64(seed: seed)
      let width = 3
      answers = AnswerTable(width: width)
      var quality: [Double] = []
      var cost: [Int64] = []
      var latency: [Int64] = []
      requests = []
      let texts = generatedTexts(rows, seed: seed).map { String(decoding: $0, as: UTF8.self) }
      for row in 0..<rows {
        let hardness = random.unit()
        for k in 0..<width {
          let good = random.unit() > hardness * (1 - 0.4 * Double(k)) ? 1.0 : 0.0
          quality.append(good)
          cost.append(Int64(random.below(1_000_000)) + Int64(k) * 3_000_017)
          latency.append(Int64(50_000 + random.below(4_000_000)))
          answers.append(
            Outcome(
              quality: good, confidence: random.below(10) == 0 ? nil : random.unit(),
              gateScore: random.below(10) == 0 ? nil : random.unit(),
              answer: random.below(8) == 0 ? nil : good == 1 ? "yes" : "no \(random.below(2))"))
        }
        var context = QueryContext(
          conversation: "c\(random.below(max(2, rows / 4)))", turn: 1 + random.below(4),
          userTier: ["premium", "free", nil][random.below(3)],
          taskType: ["account_lookup", "writing", "code", nil][random.below(4)],
          domain: ["billing", "legal", nil][random.below(3)],
          time: Microseconds(1_750_000_000_000_000 + Int64(row) * 700_000))
        let extras = [
          ("x-model-tier", ["premium", "economy", "gold"]), ("override", ["c0", "c2", "nobody"]),
          ("workflow", ["onboarding", "refund"]), ("deadline", ["strict", "batch"]),
          ("pre_check", ["simple", "complex"]), ("latency_budget_ms", ["900", "6000"]),
          ("field_count", ["2", "9"]),
        ]
        for (name, values) in extras where random.below(3) == 0 {
          context.metadata[name] = values[random.below(values.count)]
        }
        var request = Request(
          id: "r\(row)", text: texts[row], context: context, candidateCount: width,
          margins: [random.unit() * 4 - 2, random.unit() * 4 - 2], probability: random.unit(),
          predictions: (0..<width).map { k in
            Prediction(quality: min(1, random.unit() + 0.2 * Double(k)), standardError: 0.05)
          })
        request.embedding = [Float(random.unit()), Float(random.unit())]
        requests.append(request)
      }
      table = OutcomeTable(
        candidates: (0..<width).map { "c\($0)" }, quality: quality, cost: cost, latency: latency)
      let none = CandidateFaults.none
      let faults =
        hasFaults
        ? [
          CandidateFaults(errorRate: 0.1, slowShare: 0.1, slowFactor: 4),
          CandidateFaults(errorRate: 0.05, rateLimitedShare: 0.1),
          CandidateFaults(errorRate: 0.02, outages: [.rows(from: 0.4, to: 0.5)]),
        ] : [none, none, none]
      world = World(
        table: table, latency: [.log, .log, .log], faults: faults, seed: seed,
        arrivals: requests.map { $0.context.time?.count })
    }

    var facts: PolicyFacts {
      var facts = PolicyFacts(
        candidates: table.candidates, prices: [500_000, 3_500_000, 6_500_000],
        qualities: [0.5, 0.7, 0.85],
        speeds: world.usual.profiles().map {
          CandidateSpeed(p50: $0.p50, p95: $0.p95, availability: $0.availability)
        })
      facts.thresholds = [0.3, 0.8]
      return facts
    }

    func replayed(_ policy: StagedPolicy) -> Replay {
      RiddleEvaluation.replay(
        policy, requests: requests, table: table, answers: answers,
        settings: ReplaySettings(world: world, threads: 2))
    }

    /// Serves every request through live calls; a policy that learns hears of each before the next.
    func served(_ policy: StagedPolicy) async -> [Int: Serving] {
      let rows = Dictionary(uniqueKeysWithValues: requests.enumerated().map { ($1.id, $0) })
      let driver = LiveDriver(
        TableCaller(table: table, answers: answers, world: world, rows: rows))
      let live = LivePolicy(policy)
      var found: [Int: Serving] = [:]
      if policy.learns {
        for row in timeOrder(requests) {
          let serving = await driver.serve(requests[row], policy: live).serving
          live.observe(
            serving.served(
              requests[row],
              quality: serving.accepted.map { table.quality(row, serving.attempts[$0].candidate) }))
          found[row] = serving
        }
        return found
      }
      await withTaskGroup(of: [(Int, Serving)].self) { group in
        for part in 0..<4 {
          group.addTask {
            var servings: [(Int, Serving)] = []
            for row in stride(from: part, to: requests.count, by: 4) {
              let outcome = await driver.serve(requests[row], policy: live)
              let expected = outcome.serving.accepted.map { index in
                "\(requests[row].id)/\(outcome.serving.attempts[index].candidate)"
              }
              if outcome.answer != expected { Issue.record("another answer than the accepted one") }
              servings.append((row, outcome.serving))
            }
            return servings
          }
        }
        for await servings in group {
          for (row, serving) in servings { found[row] = serving }
        }
      }
      return found
    }
  }

  /// Every policy file of the repository that names positions of the ladder, as those of the known routing systems do.
  static let files: [String] = {
    let folder = repository.appendingPathComponent("datasets/policies")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { $0.hasSuffix(".yaml") && $0 != "premium-first.yaml" }.sorted()
  }()

  private static var repository: URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
  }

  private static func policy(_ file: String, _ log: Log) throws -> StagedPolicy {
    let path = repository.appendingPathComponent("datasets/policies/\(file)").path
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let document = try PolicyDocument(text: text, path: path)
    return try document.plan(candidates: log.table.candidates, name: file).policy(log.facts)
  }

  @Test("the repository has policy files to compare")
  func filesAreThere() { #expect(Self.files.count >= 38) }

  @Test(
    "5,000 requests are decided, paid and timed live as the replay says",
    arguments: ConformanceTests.files, [false, true])
  func matches(_ file: String, _ hasFaults: Bool) async throws {
    let log = Log(rows: 5000, hasFaults: hasFaults, seed: 11)
    let policy = try Self.policy(file, log)
    let replayed = log.replayed(policy)
    let served = await log.served(policy)
    #expect(served.count == log.requests.count)
    var differing = 0
    for (row, serving) in served {
      let isSame =
        serving.candidate == replayed.picks[row]
        && (serving.accepted == nil) == replayed.failed[row]
        && (serving.paid ?? OutcomeTable.missingCost) == replayed.paid[row]
        && serving.fees == replayed.fees[row] && serving.attempts.count == replayed.calls[row]
        && serving.candidatesPaid == replayed.candidatesPaid[row]
        && (serving.latency ?? OutcomeTable.missingLatency) == replayed.latency[row]
        && serving.reason.stage == replayed.stages[replayed.stage[row]]
        && serving.first.stage == replayed.stages[replayed.firstStage[row]]
        && serving.isFlagged == replayed.flagged[row]
        && serving.first.propensity == replayed.propensity[row]
      if !isSame { differing += 1 }
    }
    #expect(differing == 0, "\(file): \(differing) of 5000 requests differ")
    let total = served.values.compactMap(\.paid).reduce(0, +)
    #expect(total == replayed.paid.reduce(0, +))
    #expect(total > 0)
  }

  @Test("a race that is decided cancels the loser, an open one waits")
  func cancelsLoser() async {
    let caller = RaceCaller(confidence: 0.9)
    let race = Speculative(
      source: .probability, low: 0, high: 1, small: 0, large: 1, threshold: 0.8,
      signal: ConfidenceSignal(.own))
    let request = Request(id: "a", text: "x", candidateCount: 2, probability: 0.5)
    let trusted = await LiveDriver(caller).serve(request, policy: race)
    #expect(trusted.answer == "small")
    #expect(trusted.serving.attempts.map(\.failure) == [nil, .timeout])
    #expect(trusted.serving.attempts.map(\.wasCancelled) == [false, true])
    #expect(trusted.serving.candidatesPaid == 2)
    #expect(trusted.serving.latency == 1)
    let doubted = await LiveDriver(RaceCaller(confidence: 0.1)).serve(request, policy: race)
    #expect(doubted.answer == "large")
    #expect(doubted.serving.attempts.map(\.failure) == [nil, nil])
  }

  @Test("the losers of races open no breaker: what is decided live is what the replay says")
  func losersAreHealthy() async {
    let log = Log(rows: 300, hasFaults: false, seed: 5)
    var policy = StagedPolicy(
      name: "race",
      stages: [
        Speculative(
          source: .probability, low: 0, high: 1, small: 0, large: 2, threshold: 0.3,
          signal: ConfidenceSignal(.own))
      ],
      guards: [CircuitBreaker(health: CandidateHealth(candidateCount: 3))], fallback: 2)
    policy.partNames = ["speculative", "circuit_breaker"]
    let replayed = log.replayed(policy)
    let rows = Dictionary(uniqueKeysWithValues: log.requests.enumerated().map { ($1.id, $0) })
    let table = TableCaller(table: log.table, answers: log.answers, world: log.world, rows: rows)
    let driver = LiveDriver(ImpatientCaller(table: table))
    let live = LivePolicy(policy)
    var cancelled = 0
    for row in timeOrder(log.requests) {
      let serving = await driver.serve(log.requests[row], policy: live).serving
      live.observe(serving.served(log.requests[row]))
      cancelled += serving.attempts.count { $0.wasCancelled }
      #expect(serving.first.stage == "speculative")
      #expect(serving.candidate == replayed.picks[row])
      #expect(serving.attempts.count == replayed.calls[row])
      #expect(serving.candidatesPaid == replayed.candidatesPaid[row])
      #expect(serving.paid == replayed.paid[row])
    }
    // Most of them, so that a breaker that took them for failures would have opened at once.
    #expect(cancelled > 100)
  }

  /// The large candidate takes a moment longer, and whoever is cancelled meanwhile does not answer; costs stay those of the table.
  private struct ImpatientCaller: CandidateCaller {
    var table: TableCaller

    func call(_ call: CandidateCall, for request: Request) async -> CallResult<String> {
      var result = await table.call(call, for: request)
      if call.candidate > 0, (try? await Task.sleep(for: .milliseconds(10))) == nil {
        result.attempt.failure = .timeout
        result.attempt.wasCancelled = true
        result.answer = nil
      }
      return result
    }
  }

  /// Small answers at once, large only when nobody cancels it.
  private struct RaceCaller: CandidateCaller {
    var confidence: Double

    func call(_ call: CandidateCall, for request: Request) async -> CallResult<String> {
      if call.candidate == 0 {
        return CallResult(
          Attempt(candidate: 0, latency: 1, cost: 1, confidence: confidence), answer: "small")
      }
      // An answer that is cancelled never comes; one that is not comes after a while.
      let isCancelled = (try? await Task.sleep(for: .seconds(confidence > 0.5 ? 60 : 0.01))) == nil
      return isCancelled
        ? CallResult(
          Attempt(candidate: 1, failure: .timeout, latency: 2, cost: 5, wasCancelled: true))
        : CallResult(Attempt(candidate: 1, latency: 2, cost: 5), answer: "large")
    }
  }
}
