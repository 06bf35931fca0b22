import Foundation
import RiddleData

/// Reference numbers made by `Tests/Golden/Generators/evaluation.py`.
struct Golden: Decodable {
  struct McNemarCase: Decodable {
    var b: Int
    var c: Int
    var exact: Double
    var statistic: Double
    var asymptotic: Double
  }
  struct Proportion: Decodable {
    var k: Int
    var n: Int
    var wilson: [Double]
    var clopper_pearson: [Double]
  }
  struct UpperBound: Decodable {
    var k: Int
    var n: Int
    var delta: Double
    var u: Double
  }
  struct Beta: Decodable {
    var x: Double
    var a: Double
    var b: Double
    var value: Double
  }
  struct Quantile: Decodable {
    var p: Double
    var z: Double
  }
  struct HolmCase: Decodable {
    var p: [Double]
    var adjusted: [Double]
  }
  struct Probabilities: Decodable {
    var name: String
    var auc: Double
    var average_precision: Double
    var brier: Double
    var log_loss: Double
    var ece10: Double
    var ece15: Double
    var ece15_width: Double
  }
  struct Ties: Decodable {
    var auc: Double
    var average_precision: Double
  }
  struct DeLongCase: Decodable {
    var first: Double
    var second: Double
    var first_variance: Double
    var second_variance: Double
    var difference_variance: Double
    var p: Double
  }
  struct SweepCase: Decodable {
    var name: String
    var apgr: Double
    var cpt50: Double?
    var cpt80: Double?
  }
  struct RouteLLMCase: Decodable {
    var name: String
    var rows: Int
    var strong_is_union: Bool
    var thresholds: [Double]
    var shares: [Double]
    var qualities: [Double]
    var apgr: Double
    var cpt: [String: Double]
    var monotone: Bool
    var coinciding: Bool
  }
  struct ConfusionCase: Decodable {
    var counts: [[Int]]
    var precision: [Double]
    var recall: [Double]
    var f1: [Double]
    var macro: Double
    var weighted: Double
  }
  struct Band: Decodable {
    var mean: Double
    var sd: Double
    var draws: Int
  }

  var mcnemar: [McNemarCase]
  var proportions: [Proportion]
  var clopper_pearson_upper: [UpperBound]
  var incomplete_beta: [Beta]
  var normal_quantile: [Quantile]
  var holm: HolmCase
  var probabilities: [Probabilities]
  var ties: Ties
  var delong: [DeLongCase]
  var sweeps: [SweepCase]
  var sweeps_graded: [SweepCase]
  var routellm: [RouteLLMCase]
  var confusion: ConfusionCase
  var bootstrap: [String: [Double]]
  var random_band: Band

  static func load() throws -> Golden {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Golden/evaluation.json")
    return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: file))
  }
}

/// The rows behind the reference numbers, rebuilt from splitmix64.
struct ReferenceRows {
  let n = 400
  let draws: [[Double]]  // three columns of n
  let other: [Double]

  init() {
    var stream = SplitMix64(seed: 42)
    draws = (0..<3).map { _ in (0..<400).map { _ in stream.unit() } }
    var second = SplitMix64(seed: 43)
    other = (0..<400).map { _ in second.unit() }
  }

  var score: [Double] { draws[0] }
  var weak: [Double] { zip(draws[0], draws[1]).map { $1 < 0.35 + 0.6 * $0 ? 1 : 0 } }
  var strong: [Double] { zip(draws[0], draws[2]).map { $1 < 0.75 + 0.2 * $0 ? 1 : 0 } }
  var union: [Double] { zip(weak, strong).map { max($0, $1) } }
  var gradedWeak: [Double] { draws[1].map { rounded($0, 100) } }
  var gradedStrong: [Double] {
    zip(draws[1], draws[2]).map { rounded(min(1, $0 + 0.5 * $1 - 0.1), 100) }
  }

  func scores(_ name: String) -> [Double] {
    switch name {
    case "score": score
    case "negated": score.map { -$0 }
    case "other": other
    case "coarse": score.map { ($0 * 8).rounded(.down) / 8 }
    case "gain": zip(strong, weak).map { $0 - $1 }
    default: []
    }
  }

  private func rounded(_ x: Double, _ scale: Double) -> Double {
    (x * scale).rounded(.toNearestOrEven) / scale
  }
}
