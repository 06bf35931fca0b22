import Foundation
import RiddleData
import RiddlePolicies

/// A log whose mean qualities are known: chance decides each answer's quality, 0 or 1, apart from the policy.
struct BanditWorld {
  /// Mean quality of each candidate on request `i`.
  var means: @Sendable (Int) -> [Double]
  var context: @Sendable (Int) -> QueryContext = { _ in QueryContext() }
  var text: @Sendable (Int) -> String = { _ in "a query" }

  /// What a replay did.
  struct Replay {
    var picks: [Int] = []
    var rewards: [Double] = []
    var propensities: [Double] = []
    /// Σ over requests so far of best mean − mean of the pick, best among `fixed` candidates.
    var regret: [Double] = []
  }

  func request(_ i: Int) -> Request {
    Request(id: "q\(i)", text: text(i), context: context(i), candidateCount: means(i).count)
  }

  func quality(_ i: Int, _ candidate: Int, seed: UInt64) -> Double {
    var stream = SplitMix64(seed: seed &* 1_000_003 &+ UInt64(i) &* 64 &+ UInt64(candidate))
    return stream.unit() < means(i)[candidate] ? 1 : 0
  }

  /// Serves requests 0 ..< `count` and lets the policy learn.
  func replay(_ policy: inout some PickingPolicy, _ count: Int, seed: UInt64 = 1) -> Replay {
    var replay = Replay()
    var regret = 0.0
    for i in 0..<count {
      let request = request(i)
      guard let pick = policy.pick(request) else { continue }
      let quality = quality(i, pick.candidate, seed: seed)
      replay.picks.append(pick.candidate)
      replay.rewards.append(quality)
      replay.propensities.append(pick.reason.propensity)
      regret += (means(i).max() ?? 0) - means(i)[pick.candidate]
      replay.regret.append(regret)
      policy.observe(served(request, pick.candidate, quality: quality))
    }
    return replay
  }
}

/// A request that one candidate answered.
func served(
  _ request: Request, _ candidate: Int, quality: Double?, latency: Int64? = nil, paid: Int64? = nil
) -> Served {
  Served(
    request: request, attempts: [Attempt(candidate: candidate)], accepted: 0,
    reason: Reason("test"), quality: quality, paid: paid, latency: latency)
}

/// Reference numbers made by `Tests/Golden/Generators/bandits.py`.
struct BanditGolden: Decodable {
  struct UCB: Decodable {
    var seed: UInt64
    var dimension: Int
    var arms: Int
    var alpha: Double
    var penalty: Double
    var picks: [Int]
    var bounds: [[Double]]
    var weights: [[Double]]
  }
  struct Normal: Decodable {
    var means: [Double]
    var deviations: [Double]
    var best: [Double]
  }
  struct Beta: Decodable {
    var parameters: [[Double]]
    var best: [Double]
  }
  struct Neighbours: Decodable {
    var seed: UInt64
    var rows: Int
    var queries: Int
    var dimension: Int
    var k: Int
    var indices: [[Int]]
    var similarities: [[Double]]
  }
  struct Segments: Decodable {
    var seed: UInt64
    var count: Int
    var size: Int
    var spread: Double
    var strength: Double
  }
  var linucb: [UCB]
  var normal: [Normal]
  var beta: [Beta]
  var neighbours: [Neighbours]
  var segments: [Segments]

  static func load() throws -> BanditGolden {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Golden/bandits.json").standardized
    return try JSONDecoder().decode(BanditGolden.self, from: Data(contentsOf: file))
  }
}
