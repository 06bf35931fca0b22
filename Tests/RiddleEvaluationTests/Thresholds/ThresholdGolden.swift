import Foundation

/// Reference numbers made by `Tests/Golden/Generators/thresholds.py`.
struct ThresholdGolden: Decodable {
  struct Case: Decodable {
    var data: String
    var cut: Double
    var alpha: Double
    var delta: Double
    var wsr: Double
    var hoeffding_bentkus: Double
    var binomial: Double
    var clt: Double

    /// Loss of each row of ``ReferenceRows`` when scores from `cut` on are left to the weak candidate.
    var losses: [Double] {
      let rows = ReferenceRows()
      let weak = data == "binary" ? rows.weak : rows.gradedWeak
      let strong = data == "binary" ? rows.strong : rows.gradedStrong
      return rows.score.indices.map { rows.score[$0] >= cut ? strong[$0] - weak[$0] : 0 }
    }
  }
  struct MeanCase: Decodable {
    var mean: Double
    var n: Int
    var alpha: Double
    var p: Double
  }
  struct CountCase: Decodable {
    var k: Int
    var n: Int
    var alpha: Double
    var p: Double
  }
  struct Paired: Decodable {
    var difference: Double
    var sd: Double
    var confidence: Double
    var power: Double
    var n: Int
  }
  struct TwoSample: Decodable {
    var first: Double
    var second: Double
    var n: Int
  }
  struct Power: Decodable {
    var paired: [Paired]
    var two_sample: [TwoSample]
  }

  var cases: [Case]
  var hoeffding_bentkus: [MeanCase]
  var binomial: [CountCase]
  var power: Power

  static func load() throws -> ThresholdGolden {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Golden/thresholds.json")
    return try JSONDecoder().decode(ThresholdGolden.self, from: Data(contentsOf: file))
  }
}
