import Foundation
import RiddleData
import RiddleLearning
import RiddleTestSupport
import Testing

@Suite struct FoldAssignmentTests {
  func keys(_ count: Int, distinct: Int, seed: UInt64 = 3) -> [UInt64] {
    var generator = SplitMix64(seed: seed)
    return (0..<count).map { _ in UInt64(generator.below(distinct)) &* 0x9e37_79b9 }
  }

  @Test func `hashed folds follow the key alone`() throws {
    let keys = keys(4000, distinct: 900)
    let all = try FoldAssignment.hashed(keys, foldCount: 5, seed: 7)
    let some = try FoldAssignment.hashed(Array(keys[1000..<3000]), foldCount: 5, seed: 7)
    #expect(some.folds == Array(all.folds[1000..<3000]))
    #expect(try FoldAssignment.hashed(keys, foldCount: 5, seed: 8) != all)
    let sizes = (0..<5).map { fold in all.folds.count { $0 == fold } }
    // 900 keys in 5 folds: 180 ± 12 keys, so 800 ± 60 rows.
    #expect(sizes.allSatisfy { (500...1100).contains($0) })
    // Pinned: stored folds must never move.
    #expect(
      try FoldAssignment.hashed(Array(0..<12), foldCount: 3, seed: 1).folds
        == [1, 1, 2, 2, 2, 2, 1, 2, 1, 2, 0, 1])
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func `groups stay whole and folds even`(seed: UInt64) throws {
    let groups = keys(500, distinct: 40, seed: seed)
    let made = try FoldAssignment.grouped(groups, foldCount: 4, seed: seed)
    var foldOfGroup: [UInt64: Int] = [:]
    for (group, fold) in zip(groups, made.folds) {
      #expect(foldOfGroup[group, default: fold] == fold)
      foldOfGroup[group] = fold
    }
    let sizes = (0..<4).map { fold in made.folds.count { $0 == fold } }
    let largest = Dictionary(grouping: groups) { $0 }.values.map(\.count).max() ?? 0
    #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= largest)
    let reversed = try FoldAssignment.grouped(groups.reversed(), foldCount: 4, seed: seed)
    #expect(reversed.folds == made.folds.reversed())
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func `a forward fold trains on earlier rows only`(seed: UInt64) throws {
    var generator = SplitMix64(seed: seed)
    let times = (0..<300).map { _ in Int64(generator.below(120)) - 60 }
    let folds = CrossValidation(try FoldAssignment.forward(times, foldCount: 4))
    var held: [Int] = []
    for fold in 0..<4 {
      let training = folds.trainingRows(fold)
      let heldOut = folds.heldOutRows(fold)
      let last = try #require(training.map { times[$0] }.max())
      let first = try #require(heldOut.map { times[$0] }.min())
      #expect(last < first)
      // All that is earlier is used.
      #expect(training == times.indices.filter { times[$0] < first })
      held += heldOut
    }
    #expect(Set(held).count == held.count)
    #expect((200...270).contains(held.count))
  }

  @Test func `impossible assignments are refused`() throws {
    #expect(throws: LearningError.emptyFold(fold: 2, folds: 3)) {
      try FoldAssignment.grouped([1, 1, 2, 2], foldCount: 3, seed: 1)
    }
    #expect(throws: LearningError.self) {
      try FoldAssignment.forward([5, 5, 5, 5], foldCount: 2)
    }
    #expect(throws: LearningError.self) { try FoldAssignment.forward([], foldCount: 2) }
    #expect(throws: LearningError.emptyFold(fold: 0, folds: 3)) {
      try FoldAssignment.hashed([], foldCount: 3, seed: 1)
    }
    for folds in [-1, 0, 1] {
      #expect(throws: LearningError.self) {
        try FoldAssignment.hashed([1, 2], foldCount: folds, seed: 1)
      }
      #expect(throws: LearningError.self) {
        try FoldAssignment.grouped([1, 2], foldCount: folds, seed: 1)
      }
      #expect(throws: LearningError.self) {
        try FoldAssignment.forward([1, 2], foldCount: folds)
      }
    }
  }

  @Test func `a path can be chosen over forward folds`() throws {
    let data = try sample(93, rows: 300, bucketBits: 6)
    let folds = CrossValidation(
      try FoldAssignment.forward((0..<300).map { Int64($0) }, foldCount: 3))
    var path = RegularizationPath(penalties: [30, 3])
    path.selectionTolerance = 1e-8
    let selection = try path.select(data, folds: folds)
    // The first fold's loss is that of a fit to the first quarter on the second.
    var estimator = LogisticRegression(l2Penalty: 30)
    estimator.tolerance = 1e-8
    let model = try estimator.fit(data.rows(Array(0..<75))).model
    let heldOut = data.rows(Array(75..<150))
    let margins = model.margins(of: heldOut)
    let loss = zip(margins, heldOut.targets).reduce(0) {
      $0 + max($1.0, 0) - $1.1 * $1.0 + log1p(exp(-abs($1.0)))
    }
    expectClose(selection.points[0].logLoss.folds[0], loss / 75, tolerance: 1e-6)
  }
}
