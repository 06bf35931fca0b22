import RiddleData
import Testing

@testable import RiddleEvaluation

@Suite struct FoldedScoresTests {
  struct World {
    var table: OutcomeTable
    var margins: [Double]
    var folds: [Int]
  }

  static func world(_ n: Int, seed: UInt64, candidates: Int = 2, folds: Int = 3) -> World {
    var random = SplitMix64(seed: seed)
    var quality: [Double] = []
    var margins: [Double] = []
    for _ in 0..<n {
      let difficulty = random.unit()
      for k in 0..<candidates {
        quality.append(difficulty + random.unit() * 0.4 < 0.6 + 0.5 * Double(k) ? 1 : 0)
      }
      for k in 1..<candidates { margins.append(difficulty - 0.2 * Double(k) + random.unit()) }
    }
    return World(
      table: OutcomeTable(
        candidates: (0..<candidates).map { "c\($0)" }, quality: quality,
        cost: quality.indices.map { Int64(1 + $0 % candidates) * 1000 },
        latency: quality.map { _ in OutcomeTable.missingLatency }),
      margins: margins, folds: (0..<n).map { _ in random.below(folds) })
  }

  static func policy(_ margins: [Double], _ candidates: Int) -> ScoredPolicy {
    ScoredPolicy(
      name: "r", kind: "", margins: margins,
      thresholds: [Double](repeating: 0, count: candidates - 1))
  }

  static func settings(_ replicates: Int = 0, threads: Int = 1) -> EvaluationSettings {
    EvaluationSettings(replicates: replicates, seed: 5, threads: threads)
  }

  /// With one fold the figures are those of the evaluation itself, for a pair and for a ladder.
  @Test(arguments: [2, 3, 4])
  func oneFoldIsTheWholeEvaluation(candidates: Int) throws {
    let world = Self.world(300, seed: 1, candidates: candidates)
    let policy = Self.policy(world.margins, candidates)
    let scores = try FoldedScores(
      world.table, policy: policy, folds: [Int](repeating: 0, count: 300),
      settings: Self.settings())
    let report = try evaluate(
      world.table, routers: [policy],
      wall: BaselineInputs(texts: (0..<300).map { "text \($0)" }), settings: Self.settings())
    // Rows are summed in another order.
    let figures = report.routers[0]
    #expect(abs(try #require(scores.auc.value) - (try #require(figures.auc.value))) < 1e-12)
    #expect(abs(try #require(scores.apgr.value) - (try #require(figures.apgr.value))) < 1e-12)
  }

  /// A figure is the mean of the folds' own, weighted by their rows, so an offset of one fold's margins changes nothing.
  @Test func foldsAreNotComparedWithOneAnother() throws {
    let world = Self.world(400, seed: 2)
    let scores = try FoldedScores(
      world.table, policy: Self.policy(world.margins, 2), folds: world.folds,
      settings: Self.settings(60))
    var sum = 0.0
    for fold in 0..<3 {
      let rows = world.folds.indices.filter { world.folds[$0] == fold }
      let own = try FoldedScores(
        world.table.rows(rows), policy: Self.policy(rows.map { world.margins[$0] }, 2),
        folds: rows.map { _ in 0 }, settings: Self.settings())
      sum += try #require(own.auc.value) * Double(rows.count)
    }
    #expect(abs(try #require(scores.auc.value) - sum / 400) < 1e-12)
    let moved = zip(world.margins, world.folds).map { $0 + 10 * Double($1) }
    let other = try FoldedScores(
      world.table, policy: Self.policy(moved, 2), folds: world.folds, settings: Self.settings(60))
    #expect(other.auc.low == scores.auc.low && other.apgr.high == scores.apgr.high)
    let pooled = Discrimination(
      scores: moved,
      labels: LabelTarget.weakFails.labels(world.table, head: 0, qualityThreshold: 0.5))
    #expect(abs(try #require(pooled.auc) - (try #require(scores.auc.value))) > 0.01)
  }

  @Test func threadsChangeNothingAndClustersWiden() throws {
    let world = Self.world(600, seed: 3)
    let policy = Self.policy(world.margins, 2)
    func scores(_ threads: Int, _ clusters: [Int]?) throws -> FoldedScores {
      try FoldedScores(
        world.table, policy: policy, folds: world.folds, clusters: clusters,
        settings: Self.settings(100, threads: threads))
    }
    #expect(try scores(1, nil) == scores(4, nil))
    let single = try scores(2, nil)
    #expect(try #require(single.auc.low) < (try #require(single.auc.value)))
    // The same rows as twenty copies each know no more than one copy of each.
    let rows = (0..<600).map { $0 % 30 }
    let copies = world.table.rows(rows)
    let copied = Self.policy(rows.map { world.margins[$0] }, 2)
    let folds = rows.map { world.folds[$0] }
    func width(_ clusters: [Int]?) throws -> Double {
      let auc = try FoldedScores(
        copies, policy: copied, folds: folds, clusters: clusters, settings: Self.settings(200)
      ).auc
      return try #require(auc.high) - (try #require(auc.low))
    }
    #expect(try width(rows) > 2 * (try width(nil)))
  }

  @Test func columnsOfTheWrongLengthAreRefused() {
    let world = Self.world(10, seed: 4)
    let policy = Self.policy(world.margins, 2)
    #expect(throws: EvaluationError.self) {
      try FoldedScores(world.table, policy: policy, folds: [0], settings: Self.settings())
    }
    #expect(throws: EvaluationError.self) {
      try FoldedScores(
        world.table, policy: policy, folds: world.folds, clusters: [1], settings: Self.settings())
    }
    #expect(throws: EvaluationError.self) {
      try FoldedScores(
        world.table.rows([]), policy: Self.policy([], 2), folds: [], settings: Self.settings())
    }
  }

  /// A fold in which nothing fails has no AUC of its own and says nothing.
  @Test func foldsWithoutAFigureAreLeftOut() throws {
    let table = OutcomeTable(
      candidates: ["a", "b"], quality: [0, 1, 1, 1, 1, 1, 1, 1],
      cost: [Int64](repeating: 1, count: 8),
      latency: [Int64](repeating: 0, count: 8))
    let scores = try FoldedScores(
      table, policy: Self.policy([2, 1, 0, 0], 2), folds: [0, 0, 1, 1], settings: Self.settings())
    #expect(scores.auc.value == 1)
    let none = try FoldedScores(
      table, policy: Self.policy([2, 1, 0, 0], 2), folds: [0, 1, 1, 1], settings: Self.settings())
    #expect(none.auc.value == nil)
  }
}
