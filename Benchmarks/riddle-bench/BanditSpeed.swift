import RiddleData
import RiddlePolicies

/// What one run of `bandits` measured: decisions and updates of each policy per second of CPU time.
struct BanditMeasurement: Encodable {
  var requests: Int
  var candidates: Int
  var dimension: Int
  var decisionsPerSecond: [String: Double] = [:]
  var updatesPerSecond: [String: Double] = [:]
}

/// Decides and learns `--requests` made requests, one after the other; decisions and updates are timed apart.
func measureBandits(_ arguments: Arguments) throws -> BanditMeasurement {
  let count = try arguments.count("requests", standard: 100_000)
  let candidates = try arguments.count("ladder", standard: 5)
  let features = ContextVector()
  var result = BanditMeasurement(
    requests: count, candidates: candidates, dimension: features.dimension)
  var stream = SplitMix64(seed: 1)
  let requests = (0..<count).map { i in
    Request(
      id: "q\(i)", text: String(repeating: "words and more ", count: 1 + stream.below(20)) + "?",
      context: QueryContext(turn: 1 + i % 4, taskType: "t\(i % 7)", domain: "d\(i % 5)"),
      candidateCount: candidates, probability: stream.unit())
  }
  let policies: [(String, any PickingPolicy)] = [
    ("epsilon-greedy", EpsilonGreedy()), ("beta-thompson", BetaThompson()),
    ("linucb", LinUCB(features: features)), ("linear-thompson", LinearThompson(features: features)),
  ]
  for (name, policy) in policies { measure(policy, name, requests, &result) }
  return result
}

private func measure(
  _ start: some PickingPolicy, _ name: String, _ requests: [Request],
  _ result: inout BanditMeasurement
) {
  var policy = start
  var stream = SplitMix64(seed: 2)
  var (deciding, learning) = (0.0, 0.0)
  var sink = 0
  // Blocks of a hundred, so that reading the clock costs nothing.
  for first in stride(from: 0, to: requests.count, by: 100) {
    let block = requests[first..<min(requests.count, first + 100)]
    var time = processorSeconds()
    let picks = block.map { policy.pick($0)?.candidate ?? 0 }
    deciding += processorSeconds() - time
    sink += picks.reduce(0, +)
    let served = zip(block, picks).map { request, pick in
      Served(
        request: request, attempts: [Attempt(candidate: pick)], accepted: 0,
        reason: Reason("bench"),
        quality: stream.unit() < 0.5 + 0.08 * Double(pick) ? 1 : 0)
    }
    time = processorSeconds()
    for entry in served { policy.observe(entry) }
    learning += processorSeconds() - time
  }
  result.decisionsPerSecond[name] = Double(requests.count) / deciding
  result.updatesPerSecond[name] = Double(requests.count) / learning
  blackHole(sink)
}
