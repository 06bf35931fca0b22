import Foundation

/// Reference numbers made by Tests/Golden/Generators/calibration.py with scikit-learn.
struct CalibrationGolden: Decodable {
  struct Isotonic: Decodable {
    var margins: [Double]
    var targets: [Double]
    var weights: [Double]
    var at: [Double]
    var value: [Double]
  }
  struct Stream: Decodable {
    var slope: Double
    var smoothedSlope: Double
    var isotonicAt: [Double]
    var isotonic: [Double]
    var ece10: Double
    var ece15: Double
  }
  var isotonic: [Isotonic]
  var stream: Stream

  static func load() throws -> CalibrationGolden {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Golden/calibration.json")
    return try JSONDecoder().decode(CalibrationGolden.self, from: Data(contentsOf: url))
  }
}
