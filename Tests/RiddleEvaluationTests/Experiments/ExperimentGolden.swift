import Foundation
import RiddleData

/// Reference numbers made by `Tests/Golden/Generators/experiments.py`.
struct ExperimentGolden: Decodable {
  struct Proportion: Decodable {
    var baseline, effect, power, alpha, ratio: Double
    var sides: Int
    var unpooled, arcsine: Double
  }
  struct Mean: Decodable {
    var sd, effect, power, alpha, ratio: Double
    var sides: Int
    var n: Double
  }
  struct Discordance: Decodable {
    var discordant, effect, power, n, simulated_power: Double
  }
  struct Counts: Decodable {
    var counts: [Int]
    var shares: [Double]
    var statistic, p: Double
  }
  struct Tail: Decodable {
    var x: Double
    var k: Int
    var p: Double
  }
  struct Student: Decodable {
    var t, df, p, critical: Double
  }
  struct Readout: Decodable {
    var control, treatment: Int?
    var difference, p, low, high: Double
  }
  struct Sequence: Decodable {
    var alpha, tuned: Double
    var t: Int
    var z, p, critical: Double
  }

  var proportions: [Proportion]
  var means: [Mean]
  var mcnemar: [Discordance]
  var chi_square: [Counts]
  var tails: [Tail]
  var student: [Student]
  var readouts: [String: Readout]
  var icc: [String: Double]
  var sequence: [Sequence]

  static func load() throws -> ExperimentGolden {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Golden/experiments.json")
    return try JSONDecoder().decode(ExperimentGolden.self, from: Data(contentsOf: file))
  }
}

/// The values behind the reference read-outs, rebuilt from splitmix64.
struct ExperimentValues {
  let isTreatment = (0..<600).map { $0 >= 280 }
  let graded, binary, rare, shared: [Double]

  init() {
    var stream = SplitMix64(seed: 7)
    let draws = (0..<1800).map { _ in stream.unit() }
    var other = SplitMix64(seed: 8)
    let units = (0..<120).map { _ in other.unit() }
    func column(_ value: (Int) -> Double) -> [Double] {
      var values: [Double] = []
      for i in 0..<600 { values.append(value(i)) }
      return values
    }
    func lift(_ i: Int) -> Double { i >= 280 ? 0.9 : 0.8 }
    graded = column { draws[$0] * lift($0) }
    binary = column { i in
      let share = i >= 280 ? 0.8 : 0.7
      return draws[600 + i] < share ? 1 : 0
    }
    rare = column { i in
      let share = i >= 280 ? 0.02 : 0.005
      return draws[1200 + i] < share ? 1 : 0
    }
    shared = column { draws[$0] * lift($0) + 0.3 * units[$0 / 5] }
  }

  /// The values as a log of rewards, units named by `user`.
  func log(_ values: [Double], user: (Int) -> String? = { _ in nil }) -> [ExperimentRow] {
    values.indices.map { i in
      ExperimentRow(
        id: "r\(i)", arm: isTreatment[i] ? "treatment" : "control", reward: values[i],
        user: user(i))
    }
  }
}
