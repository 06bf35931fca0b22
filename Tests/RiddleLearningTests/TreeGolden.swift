import Foundation
import RiddleLearning

/// Reference trees and boosted forests made by Tests/Golden/Generators/trees.py.
struct TreeGolden: Decodable {
  struct Tree: Decodable {
    var criterion: DecisionTree.Criterion
    var classWeights: DecisionTree.ClassWeights
    var tree: LearningGolden.Tree
  }
  struct Boosting: Decodable {
    struct Case: Decodable {
      var leaves: Int
      var learningRate: Double
      var leafRows: Int
      var l2Penalty: Double
      var trees: Int
      var auc: Double
      var logLoss: Double
      var trainingLoss: Double
    }
    var seeds: [UInt64]
    var rows: [Int]
    var positives: [Int]
    var cases: [Case]
  }
  var trees: [Tree]
  var boosting: Boosting

  static func load() throws -> TreeGolden {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Golden/trees.json")
    return try JSONDecoder().decode(TreeGolden.self, from: Data(contentsOf: url))
  }
}
