import Foundation
import RiddleLearning
import RiddleLinearAlgebra

/// Reference numbers made by Tests/Golden/Generators/linear.py with scikit-learn, statsmodels and scipy.
struct LinearGolden: Decodable {
  struct Rows: Decodable {
    var bucketBits: Int
    var x: [[Double]]
    var words: [[UInt32]]
    var characters: [[UInt32]]
    var scales: [[Float]]

    var hashed: SignedBinaryRows {
      var rows = SignedBinaryRows(bucketBits: bucketBits)
      for i in words.indices {
        rows.append(
          words: words[i], wordScale: scales[i][0], characters: characters[i],
          characterScale: scales[i][1])
      }
      return rows
    }
  }
  struct Head: Decodable {
    var dense: [Double]
    var hashed: [Double]
    var intercept: Double

    var coefficients: LogisticCoefficients {
      LogisticCoefficients(intercept: intercept, dense: dense, hashed: hashed)
    }
  }
  struct Multinomial: Decodable {
    struct Case: Decodable {
      var penalty: Double
      var hashed: Bool
      var balanced: Bool
      var heads: [Head]
    }
    var rows: Rows
    var classes: [Int]
    var weights: [Double]
    var cases: [Case]
  }
  struct Ordinal: Decodable {
    struct Case: Decodable {
      var reference: String
      var penalty: Double
      var hashed: Bool
      var weighted: Bool
      var dense: [Double]
      var weights: [Double]
      var cuts: [Double]
    }
    var rows: Rows
    var classes: [Int]
    var weights: [Double]
    var cases: [Case]
  }
  struct Sparse: Decodable {
    struct Case: Decodable {
      var penalty: Double
      var ratio: Double
      var usesHashed: Bool
      var dense: [Double]
      var hashed: [Double]
      var intercept: Double
    }
    var rows: Rows
    var y: [Double]
    var weights: [Double]
    var cases: [Case]
  }
  struct Inference: Decodable {
    var x: [[Double]]
    var y: [Double]
    var coef: [Double]
    var se: [Double]
    var low: [Double]
    var high: [Double]
    var spread: [Double]
    var penalty: Double
    var penalisedSE: [Double]
    var degrees: Double
  }
  var multinomial: Multinomial
  var ordinal: Ordinal
  var sparse: Sparse
  var inference: Inference

  static func load() throws -> LinearGolden {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Golden/linear.json")
    return try JSONDecoder().decode(LinearGolden.self, from: Data(contentsOf: url))
  }
}
