import Foundation
import RiddleData

@testable import RiddleEvaluation

/// Reference numbers made by `Tests/Golden/Generators/off_policy.py`.
struct OffPolicyGolden: Decodable {
  struct Case: Decodable {
    var seed: UInt64
    var rows: Int
    var candidates: Int
    var floor: Double
    var clip: Double
    var tau: Double
    var lambda: Double
    var ips: Double
    var snips: Double
    var clippedIPS: Double
    var dm: Double
    var dr: Double
    var clippedDR: Double
    var switchDR: Double
    var shrunkDR: Double
    var effectiveSampleSize: Double
    var largestWeight: Double
    var quantiles: [Double]
    var targetShares: [Double]

    private enum CodingKeys: String, CodingKey {
      case seed, rows, candidates, floor, clip, tau, lambda, ips, snips, dm, dr, quantiles
      case clippedIPS = "clipped-ips"
      case clippedDR = "clipped-dr"
      case switchDR = "switch-dr"
      case shrunkDR = "dr-os"
      case effectiveSampleSize = "effective_sample_size"
      case largestWeight = "largest_weight"
      case targetShares = "target_shares"
    }
  }
  var cases: [Case]

  static func load() throws -> OffPolicyGolden {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Golden/off_policy.json")
    return try JSONDecoder().decode(OffPolicyGolden.self, from: Data(contentsOf: file))
  }
}

/// The decisions behind a golden case, rebuilt from its seed.
struct OffPolicyWorld {
  var log: DecisionLog
  var target: [Double] = []  // rows × candidates
  var model: [Double] = []  // rows × candidates

  init(_ golden: OffPolicyGolden.Case) {
    var stream = SplitMix64(seed: golden.seed)
    let k = golden.candidates
    var decisions: [LoggedDecision] = []
    for i in 0..<golden.rows {
      func shares(_ low: Double) -> [Double] {
        let draws = (0..<k).map { _ in low + stream.unit() }
        let total = draws.reduce(0, +)
        return draws.map { $0 / total }
      }
      let logging = shares(golden.floor)
      target += shares(0.01)
      let means = (0..<k).map { _ in stream.unit() }
      model += (0..<k).map { _ in stream.unit() }
      let u = stream.unit()
      var (cumulated, action) = (0.0, k - 1)
      for j in 0..<(k - 1) {
        cumulated += logging[j]
        if u < cumulated {
          action = j
          break
        }
      }
      let reward = stream.unit() < means[action] ? 1.0 : 0.0
      decisions.append(
        LoggedDecision(
          id: "\(i)", candidate: "c\(action)", quality: reward,
          propensities: (0..<k).map {
            CandidatePropensity(candidate: "c\($0)", probability: logging[$0])
          }))
    }
    log = DecisionLog(decisions: decisions)
  }
}

/// Simulated logs of three candidates whose true values are known in closed form.
///
/// x is uniform. Candidate k is right with probability pₖ(x): 0.3 + 0.6 x, 0.6, 0.9 − 0.5 x. The logging policy explores with
/// propensities between 0.15 and 0.7 that depend on x. The target asks candidate 2 below x = ½ and candidate 0 from
/// there on: its value is ∫₀^½ (0.9 − 0.5 x) dx + ∫_½^1 (0.3 + 0.6 x) dx = 0.3875 + 0.375 = 0.7625.
struct SimulatedLog {
  static let truth = 0.7625
  var log: DecisionLog
  var picks: [Int32] = []

  init(seed: UInt64, rows: Int, propensities: Bool = true) {
    var stream = SplitMix64(seed: seed, stream: "simulated")
    var decisions: [LoggedDecision] = []
    for i in 0..<rows {
      let x = stream.unit()
      let logging = [0.15 + 0.5 * x, 0.15, 0.7 - 0.5 * x]
      let u = stream.unit()
      let action = u < logging[0] ? 0 : u < logging[0] + logging[1] ? 1 : 2
      let right = [0.3 + 0.6 * x, 0.6, 0.9 - 0.5 * x][action]
      decisions.append(
        LoggedDecision(
          id: "\(i)", candidate: "c\(action)", quality: stream.unit() < right ? 1 : 0,
          propensity: propensities ? logging[action] : nil))
      picks.append(x < 0.5 ? 2 : 0)
    }
    log = DecisionLog(decisions: decisions)
  }
}
