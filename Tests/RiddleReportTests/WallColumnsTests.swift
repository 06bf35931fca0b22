import RiddleEvaluation
import Testing

@testable import RiddleReport

@Suite struct WallColumnsTests {
  @Test func `a note that names the figure gives the reason`() {
    var policy = SampleReports.scored("r", kind: "", lift: 0.1, share: 0.3)
    policy.notes = ["cpt80 undefined: no operating point reaches it", "auc: one class only"]
    #expect(UndefinedReason.of(.cpt80, in: policy) == "no operating point reaches it")
    #expect(UndefinedReason.of(.auc, in: policy) == "one class only")
    #expect(UndefinedReason.of(.cpt50, in: policy) == UndefinedReason.unstated)
  }

  @Test func `a figure's name inside another figure's name is not a match`() {
    var policy = PolicyFigures(name: "r", kind: "")
    policy.notes = ["cpt80_routellm: accuracy is not increasing"]
    #expect(UndefinedReason.of(.cpt80, in: policy) == UndefinedReason.noScore)
    #expect(UndefinedReason.of(.cpt80RouteLLM, in: policy) == "accuracy is not increasing")
  }

  @Test func `keys are distinct`() {
    let columns =
      WallColumn.money + WallColumn.ranking + WallColumn.probability + WallColumn.compatible
      + WallColumn.accuracy
    #expect(Set(columns.map(\.key)).count == columns.count)
  }
}
