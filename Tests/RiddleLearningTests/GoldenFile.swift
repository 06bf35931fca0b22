import Foundation
import RiddleLearning
import RiddleLinearAlgebra

/// Reference numbers made by Tests/Golden/Generators/learning.py with scikit-learn.
struct LearningGolden: Decodable {
  struct Dense: Decodable {
    struct Case: Decodable {
      var penalty: Double
      var standardizes: Bool
      var weighted: Bool
      var multiplier: Double
      var coef: [Double]
      var intercept: Double
    }
    struct Coefficients: Decodable {
      var coef: [Double]
      var intercept: Double
    }
    var x: [[Double]]
    var y: [Double]
    var weights: [Double]
    var cases: [Case]
    var balanced: Coefficients
  }
  struct Hashed: Decodable {
    struct Case: Decodable {
      var penalty: Double
      var multiplier: Double
      var dense: [Double]
      var hashed: [Double]
      var intercept: Double
    }
    var bucketBits: Int
    var x: [[Double]]
    var words: [[UInt32]]
    var characters: [[UInt32]]
    var scales: [[Float]]
    var y: [Double]
    var weights: [Double]
    var cases: [Case]
  }
  struct Stream: Decodable {
    var coef: [Double]
    var intercept: Double
    var plattScikit: [Double]
    var platt: [Double]
  }
  struct Tree: Decodable {
    var x: [[Double]]
    var y: [Double]
    var weights: [Double]
    var depth: Int
    var leafWeight: Double
    var feature: [Int]
    var threshold: [Double]
    var left: [Int]
    var right: [Int]
    var positive: [Double]
    var weight: [Double]
    var alphas: [Double]
    var impurities: [Double]
    var leaves: [Int]
  }
  var dense: Dense
  var hashed: Hashed
  var stream: Stream
  var trees: [Tree]

  static func load() throws -> LearningGolden {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Golden/learning.json")
    return try JSONDecoder().decode(LearningGolden.self, from: Data(contentsOf: url))
  }
}

func matrix(_ rows: [[Double]]) -> Matrix {
  Matrix(rowCount: rows.count, columnCount: rows.first?.count ?? 0, values: rows.flatMap { $0 })
}

extension LearningGolden.Hashed {
  var rows: SignedBinaryRows {
    var rows = SignedBinaryRows(bucketBits: bucketBits)
    for i in y.indices {
      rows.append(
        words: words[i], wordScale: scales[i][0], characters: characters[i],
        characterScale: scales[i][1])
    }
    return rows
  }

  var data: TrainingSet {
    get throws {
      try TrainingSet(dense: matrix(x), hashed: rows, targets: y, weights: weights)
    }
  }
}
