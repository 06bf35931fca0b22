import RiddleTestSupport
import Testing

@testable import RiddleData

/// Near-duplicates never straddle, whatever decides the split.
@Suite struct SplitAssignmentTests {
  /// Rows with families of near-duplicates, groups, conversations and times that have nothing to do with them.
  static func log(_ seed: UInt64, families: Int = 80) -> Dataset {
    var random = SplitMix64(seed: seed)
    var rows: [(String, QueryContext)] = []
    for f in 0..<families {
      let base = NearDuplicatesTests.text(seed &* 7919 &+ UInt64(f), words: 8 + random.below(60))
      for _ in 0..<(1 + random.below(4)) {
        var words = base
        for _ in 0..<random.below(4) { words[random.below(words.count)] = "e\(random.below(900))" }
        rows.append(
          (
            words.joined(separator: " "),
            QueryContext(
              group: random.below(5) == 0 ? nil : "g\(random.below(60))",
              conversation: random.below(3) == 0 ? nil : "c\(random.below(90))",
              domain: "d\(random.below(9))",
              time: random.below(9) == 0 ? nil : Microseconds(Int64(random.below(70))))
          ))
      }
    }
    rows.shuffle(using: &random)
    return SplitTests.dataset(rows)
  }

  static let units: [(SplitUnit, SegmentField?)] = [
    (.text, nil), (.group, nil), (.conversation, nil), (.time, nil), (.segment, .domain),
  ]

  static func words(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }

  @Test(arguments: 1...3)
  func noNearDuplicatePairStraddles(seed: UInt64) {
    let data = Self.log(seed)
    let words = data.texts.map(Self.words)
    var numbers: [String: Int] = [:]
    let sets = words.map { words in
      (0..<max(0, words.count - 4)).map { words[$0..<($0 + 5)].joined(separator: " ") }
    }.map { shingles in
      Set(
        shingles.map { shingle -> Int in
          let number = numbers[shingle] ?? numbers.count
          numbers[shingle] = number
          return number
        })
    }
    var pairs: [(Int, Int)] = []
    for i in words.indices {
      for j in 0..<i {
        let common = sets[i].intersection(sets[j]).count
        let union = sets[i].count + sets[j].count - common
        if words[i] == words[j] || (common > 0 && 5 * common >= 4 * union) { pairs.append((i, j)) }
      }
    }
    #expect(pairs.count > 10)
    for (unit, field) in Self.units {
      let made = Split(unit: unit, seed: seed, segmentField: field).assignment(of: data)
      for (i, j) in pairs {
        if let a = made.sides[i], let b = made.sides[j] { #expect(a == b, "\(unit) \(i) \(j)") }
      }
      for side in SplitSide.allCases { #expect(!made.rows(side).isEmpty, "\(unit) \(side)") }
      let report = leaks(
        train: data.rows(made.rows(.train) + made.rows(.calibrate)),
        test: data.rows(made.rows(.test)))
      #expect(report.prompts.testRows == 0 && report.nearDuplicates.testRows == 0, "\(unit)")
      if unit != .text && unit != .group { #expect(report.isClean, "\(unit)") }
    }
  }

  @Test(arguments: 1...4)
  func theOrderOfTheRowsChangesNothing(seed: UInt64) {
    let data = Self.log(seed)
    var random = SplitMix64(seed: seed ^ 5)
    let order = (0..<data.count).shuffled(using: &random)
    for (unit, field) in Self.units {
      let split = Split(unit: unit, seed: 3, segmentField: field)
      let plain = split.assignment(of: data)
      let shuffled = split.assignment(of: data.rows(order))
      #expect(shuffled.sides == order.map { plain.sides[$0] })
      #expect(shuffled.summary == plain.summary)
    }
  }

  /// Without near-duplicates the sides are those of the rows by themselves; more rows move none of them.
  @Test func rowsThatAreLikeNoOtherStayWhereTheyAre() {
    let rows = (0..<400).map { i in
      (
        NearDuplicatesTests.text(UInt64(i) + 40_000, words: 3 + i % 40).joined(separator: " "),
        QueryContext(group: "g\(i % 100)", conversation: "c\(i / 2)")
      )
    }
    let data = SplitTests.dataset(rows)
    for unit in [SplitUnit.text, .group, .conversation] {
      let split = Split(unit: unit, seed: 11)
      let sides = split.assignment(of: data).sides
      #expect(
        sides
          == data.texts.indices.map { split.side(text: data.texts[$0], context: data.contexts[$0]) }
      )
      let fewer = split.assignment(of: data.rows(Array(0..<250)))
      #expect(fewer.sides == Array(sides[..<250]))
      #expect(fewer.summary.joinedUnits == 0 && fewer.summary.nearDuplicateRows == 0)
    }
  }

  /// A new row moves at most the rows that it makes a family of.
  @Test(arguments: 1...4)
  func aNewRowMovesOnlyItsOwnFamily(seed: UInt64) {
    let data = Self.log(seed)
    let keys = NearDuplicates.keys(texts: data.texts)
    let split = Split(unit: .text, seed: seed)
    let fewer = split.assignment(of: data.rows(Array(1..<data.count))).sides
    let all = split.assignment(of: data).sides
    for i in 1..<data.count where keys[i] != keys[0] { #expect(all[i] == fewer[i - 1]) }
  }

  @Test func whatIsKeptTogetherIsCounted() {
    let base = NearDuplicatesTests.text(1, words: 40)
    var near = base
    near[39] = "changed"
    let other = NearDuplicatesTests.text(2, words: 40).joined(separator: " ")
    let data = SplitTests.dataset(
      [
        (base.joined(separator: " "), QueryContext(group: "a")),
        (near.joined(separator: " "), QueryContext(group: "b")),
        (other, QueryContext(group: "b")),
        (other.uppercased(), QueryContext(group: "c")),
      ] + (0..<12).map { ("alone \($0)", QueryContext(group: "d\($0)")) })
    let summary = Split(unit: .group, seed: 1).assignment(of: data).summary
    #expect(summary.nearDuplicateRows == 2 && summary.nearDuplicateFamilies == 1)
    #expect(summary.equalTextRows == 2)
    // a – b by the near-duplicate, b – c by the equal text.
    #expect(summary.joinedUnits == 3 && summary.largestComponent == 4)
    #expect(Split(unit: .text, seed: 1).assignment(of: data).summary.joinedUnits == 2)
  }

  /// Groups that near-duplicates would chain into one set stay apart; what repeats an earlier side is left out.
  @Test func chainsThroughNearlyAllRowsAreCut() throws {
    var random = SplitMix64(seed: 6)
    var rows: [(String, QueryContext)] = []
    for i in 0..<300 {
      let text = i > 0 && random.below(3) == 0 ? rows[random.below(i)].0 : "row number \(i)"
      rows.append((text, QueryContext(group: "g\(random.below(30))")))
    }
    let data = SplitTests.dataset(rows)
    #expect(!SplitUnits(data, unit: .group).isJoined && SplitUnits(data, unit: .text).isJoined)
    let split = Split(unit: .group, seed: 2)
    let made = split.assignment(of: data)
    for i in 0..<300 {
      let own = split.side(text: data.texts[i], context: data.contexts[i])
      #expect(made.sides[i] == own || made.sides[i] == nil)
      let earlier = (0..<300).contains { j in
        data.texts[j] == data.texts[i]
          && made.sides[j].map { $0.rawValue < own.rawValue } == true
      }
      #expect((made.sides[i] == nil) == earlier)
    }
    #expect(made.summary.droppedFromTest > 5 && made.summary.joinedUnits == 0)
    #expect(made.rows(.train).count > 100)
  }

  @Test func timeCutsAtSixtyAndEighty() {
    let rows = (0..<100).map { i in
      ("row number \(i)", QueryContext(time: Microseconds(Int64(i * 10))))
    }
    let made = Split(unit: .time, seed: 9).assignment(of: SplitTests.dataset(rows))
    #expect(made.rows(.train) == Array(0..<60))
    #expect(made.rows(.calibrate) == Array(60..<80))
    #expect(made.rows(.test) == Array(80..<100))
    // The seed has no say in it.
    let again = Split(unit: .time, seed: 1).assignment(of: SplitTests.dataset(rows))
    #expect(again.sides == made.sides)
  }

  @Test func equalTimesShareASideAndUnknownOnesAreTheOldest() {
    // 50 distinct, then 30 at one time (its middle at 65 %), then 20 distinct.
    let rows = (0..<100).map { i in
      ("row number \(i)", QueryContext(time: Microseconds(Int64(i < 50 ? i : i < 80 ? 50 : i))))
    }
    let made = Split(unit: .time, seed: 1).assignment(of: SplitTests.dataset(rows))
    #expect(made.rows(.calibrate) == Array(50..<80))
    #expect(made.rows(.test) == Array(80..<100))
    let unknown = (0..<100).map { i in
      ("row number \(i)", QueryContext(time: i % 2 == 0 ? nil : Microseconds(Int64(i))))
    }
    let half = Split(unit: .time, seed: 1).assignment(of: SplitTests.dataset(unknown))
    for i in stride(from: 0, to: 100, by: 2) { #expect(half.sides[i] == .train) }
    let none = (0..<9).map { ("row number \($0)", QueryContext()) }
    #expect(
      Split(unit: .time, seed: 1).assignment(of: SplitTests.dataset(none)).rows(.train).count == 9)
  }

  @Test func aRepeatOfAnOlderRowIsLeftOutOfTheTestAndCounted() {
    let base = NearDuplicatesTests.text(77, words: 40)
    var near = base
    near[39] = "changed"
    var rows: [(String, QueryContext)] = (0..<100).map { i in
      ("row \(i)", QueryContext(time: Microseconds(Int64(i))))
    }
    rows[3].0 = base.joined(separator: " ")
    rows[95].0 = near.joined(separator: " ")
    for i in [10, 70, 90] { rows[i].1.conversation = "c" }
    let made = Split(unit: .time, seed: 1).assignment(of: SplitTests.dataset(rows))
    #expect(made.sides[3] == .train && made.sides[10] == .train)
    #expect(made.sides[95] == nil && made.sides[70] == nil && made.sides[90] == nil)
    #expect(made.summary.droppedFromTest == 2 && made.summary.droppedFromCalibrate == 1)
    #expect(made.rows(.test).count == 18)
  }

  @Test(arguments: 1...12)
  func wholeSegmentsAreHeldOut(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var rows: [(String, QueryContext)] = []
    for i in 0..<600 {
      let type = "t\(min(random.below(12), random.below(12)))"
      rows.append(
        (
          "row number \(i) of many",
          QueryContext(taskType: random.below(20) == 0 ? nil : type)
        ))
    }
    let data = SplitTests.dataset(rows)
    let made = Split(unit: .segment, seed: seed, segmentField: .taskType).assignment(of: data)
    let held = Set(try #require(made.summary.heldOutSegments))
    #expect(!held.isEmpty)
    for i in 0..<data.count {
      let isHeld = data.contexts[i].taskType.map { held.contains($0) } ?? false
      #expect((made.sides[i] == .test) == isHeld)
    }
    let share = Double(made.rows(.test).count) / 600
    #expect(share > 0.1 && share <= 0.3)
    let rest = Double(made.rows(.train).count + made.rows(.calibrate).count)
    #expect(abs(Double(made.rows(.train).count) / rest - 0.75) < 0.08)
  }

  /// With two segments the smaller share is held out, never everything; with one there is nothing to hold out.
  @Test func fewSegments() {
    func assignment(_ values: [String]) -> SplitAssignment {
      Split(unit: .segment, seed: 1, segmentField: .domain).assignment(
        of: SplitTests.dataset(
          values.enumerated().map { ("row number \($0)", QueryContext(domain: $1)) }))
    }
    let two = assignment((0..<100).map { $0 < 60 ? "a" : "b" })
    #expect(two.summary.heldOutSegments == ["b"])
    #expect(two.rows(.test).count == 40)
    let one = assignment([String](repeating: "a", count: 50))
    #expect(one.summary.heldOutSegments == [] && one.rows(.test).isEmpty)
    #expect(assignment([]).sides.isEmpty)
  }

  @Test func conversationsAreSuggestedWhereAnyHasSeveralRows() {
    let some = (0..<100).map { QueryContext(conversation: $0 < 10 ? "c\($0 / 2)" : nil) }
    #expect(SplitUnit.suggested(for: some) == .conversation)
    let single = (0..<100).map { QueryContext(conversation: $0 < 10 ? "c\($0)" : nil) }
    #expect(SplitUnit.suggested(for: single) == .text)
  }

  @Test func fieldsAreSuggestedWhenTheyNameFewSegments() {
    let contexts = (0..<100).map {
      QueryContext(group: "g\($0 % 4)", taskType: "only", domain: "d\($0)")
    }
    #expect(SegmentField.suggested(for: contexts) == .group)
    #expect(SegmentField.suggested(for: []) == nil)
  }
}
