import RiddleTestSupport
import Testing

@testable import RiddleData

@Suite struct LeaksTests {
  static func side(_ prefix: String, _ rows: [(String, QueryContext)]) -> Dataset {
    Dataset(
      textsOf: rows.enumerated().map { index, row in
        LoggedQuery(id: "\(prefix)\(index)", text: row.0, context: row.1, outcomes: [])
      })
  }

  @Test func eachWayToShareIsFoundAndNamedById() {
    let base = NearDuplicatesTests.text(5, words: 40)
    var near = base
    near[0] = "changed"
    let train = Self.side(
      "a",
      [
        ("What is it?", QueryContext(group: "g")), (base.joined(separator: " "), QueryContext()),
        ("alone", QueryContext(conversation: "c")), ("never again", QueryContext()),
      ])
    let test = Self.side(
      "b",
      [
        ("other", QueryContext(group: "g")), ("  what IS it? ", QueryContext()),
        (near.joined(separator: " "), QueryContext()),
        ("different", QueryContext(conversation: "c")),
      ])
    let report = leaks(train: train, test: test)
    #expect(!report.isClean)
    #expect(report.prompts.trainIDs == ["a0"] && report.prompts.testIDs == ["b1"])
    #expect(report.nearDuplicates.trainIDs == ["a1"] && report.nearDuplicates.testIDs == ["b2"])
    #expect(report.conversations.trainIDs == ["a2"] && report.conversations.testIDs == ["b3"])
    #expect(report.groups.trainIDs == ["a0"] && report.groups.testIDs == ["b0"])
    let turned = leaks(train: test, test: train)
    #expect(turned.prompts.testIDs == ["a0"] && turned.nearDuplicates.trainIDs == ["b2"])
  }

  @Test func sharedGroupsAloneAreNoLeak() {
    let a = Self.side("a", [("one thing", QueryContext(group: "g"))])
    let b = Self.side("b", [("another thing", QueryContext(group: "g"))])
    let report = leaks(train: a, test: b)
    #expect(report.isClean && report.groups.testRows == 1)
    #expect(leaks(train: a, test: Self.side("c", [])).isClean)
    #expect(leaks(train: a, test: a).prompts.testRows == 1)
  }

  /// Two searches of one side each would not see a pair across: the report must.
  @Test func knownKeysOfTwoSearchesHideNothing() {
    let base = NearDuplicatesTests.text(6, words: 40)
    var near = base
    near[39] = "changed"
    let a = Self.side("a", [(base.joined(separator: " "), QueryContext())]).withDuplicateKeys()
    let b = Self.side("b", [(near.joined(separator: " "), QueryContext())]).withDuplicateKeys()
    #expect(leaks(train: a, test: b).nearDuplicates.testRows == 1)
  }

  @Test func listsAreCutAndCountsAreNot() {
    let rows = (0..<50).map { ("text number \($0)", QueryContext()) }
    let report = leaks(train: Self.side("a", rows), test: Self.side("b", rows))
    #expect(report.prompts.testRows == 50)
    #expect(report.prompts.testIDs.count == LeakReport.listedRows)
    #expect(report.nearDuplicates.testRows == 0)
  }
}
