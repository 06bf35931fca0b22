import RiddleData
import RiddleLearning
import Synchronization
import Testing

@testable import RiddlePipeline

/// A journal in memory that counts.
private final class Notebook: FitJournal {
  private let state = Mutex((kept: [UInt64: [Double]](), used: 0, limit: Int.max))
  var count: Int { state.withLock { $0.kept.count } }
  var used: Int { state.withLock { $0.used } }

  func numbers(for key: UInt64) -> [Double]? {
    state.withLock { state in
      guard let found = state.kept[key] else { return nil }
      state.used += 1
      return found
    }
  }
  func keep(_ numbers: [Double], for key: UInt64) {
    state.withLock { if $0.kept.count < $0.limit { $0.kept[key] = numbers } }
  }
  /// Forgets every other fit, as a run that was cut short.
  func forgetHalf() {
    state.withLock { state in
      for key in state.kept.keys.sorted().enumerated().filter({ $0.offset % 2 == 0 }).map(\.element)
      {
        state.kept[key] = nil
      }
      state.used = 0
    }
  }
}

@Suite struct FitJournalTests {
  @Test(
    "a run that takes up another's fits gives the same bytes",
    arguments: TrainingPlan.ModelKind.allCases)
  func sameBytes(_ model: TrainingPlan.ModelKind) throws {
    let data = World.dataset(300)
    var plan = World.plan(model, seed: 5)
    plan.penalties = [1, 10]
    let plain = try trainRouter(data, plan: plan)
    let notebook = Notebook()
    let first = try trainRouter(data, plan: plan, journal: notebook)
    #expect(first.bytes == plain.bytes)
    #expect(notebook.used == 0)
    // A single tree is pruned without a search of this kind.
    #expect((notebook.count > 0) == (model != .tree))
    notebook.forgetHalf()
    let left = notebook.count
    let second = try trainRouter(data, plan: plan, journal: notebook)
    #expect(second.bytes == plain.bytes)
    #expect(second.heads == plain.heads)
    #expect(notebook.used == left)

    // Other settings, another seed, other rows: nothing fits.
    notebook.forgetHalf()
    plan.l1Ratio = 0.25
    _ = try trainRouter(data, plan: plan, journal: notebook)
    plan.l1Ratio = 0
    plan.seed = 6
    _ = try trainRouter(data, plan: plan, journal: notebook)
    plan.seed = 5
    _ = try trainRouter(data.rows(Array(0..<280)), plan: plan, journal: notebook)
    #expect(notebook.used == 0)
  }
}
