import RiddleTestSupport
import Testing

@testable import RiddleData

/// The list of training rows proves more than equal texts, and believes no bytes.
@Suite struct TrainingRowsTests {
  static let split = Split(unit: .text, seed: 3)

  static func texts(_ range: Range<Int>) -> Dataset {
    LeaksTests.side(
      "r",
      range.map {
        (NearDuplicatesTests.text(UInt64($0) + 70_000, words: 60).joined(separator: " "), .init())
      })
  }

  @Test func nearDuplicatesOfTrainingRowsAreRecognisedInAnyFile() throws {
    let data = Self.texts(0..<200)
    let rows = TrainingRows(data, rows: Array(0..<200), split: Self.split)
    let read = try #require(TrainingRows(decoding: rows.encoded))
    #expect(read == rows && read.recognisesNearDuplicates)
    for i in 0..<200 {
      var words = SplitAssignmentTests.words(data.texts[i])
      words[59] = "changed"  // 55 of 57 5-grams are shared
      let near = words.joined(separator: " ")
      #expect(read.sharing(text: near, context: .init()) == .nearDuplicate, "\(i)")
      #expect(read.sharing(text: data.texts[i].uppercased(), context: .init()) == .text)
    }
    for text in Self.texts(200..<400).texts {
      #expect(!read.contains(text: text, context: .init()))
    }
    #expect(!read.contains(text: "", context: .init()))
  }

  /// At 0.8 a signature of 64 bytes misses less than 2 % of pairs.
  @Test func pairsAtTheThresholdAreSeldomMissed() {
    var missed = 0
    for trial in 0..<400 {
      let base = NearDuplicatesTests.text(UInt64(trial) + 90_000, words: 94)
      var other = base
      for k in 0..<10 { other[93 - k] = "new\(k)" }  // 80 of 100 5-grams are shared
      #expect(abs(NearDuplicatesTests.similarity(base, other) - 0.8) < 1e-9)
      let one = LeaksTests.side("a", [(base.joined(separator: " "), .init())])
      let rows = TrainingRows(one, rows: [0], split: Self.split)
      if !rows.contains(text: other.joined(separator: " "), context: .init()) { missed += 1 }
    }
    #expect(missed <= 8)
  }

  /// Rows of the test side that look like training rows, but were compared and are not, stay in.
  @Test func rowsThatTheSplitClearedStayUnseen() throws {
    let base = NearDuplicatesTests.text(123, words: 96)
    var other = base
    for k in 0..<13 { other[95 - k] = "new\(k)" }  // 79 of 105 5-grams: 0.752
    let data = LeaksTests.side(
      "a",
      [(base.joined(separator: " "), .init()), (other.joined(separator: " "), .init())])
    let strict = TrainingRows(data, rows: [0], split: Self.split)
    #expect(strict.sharing(text: data.texts[1], context: .init()) == .nearDuplicate)
    let cleared = TrainingRows(data, rows: [0], split: Self.split, judged: [1])
    #expect(!cleared.contains(text: data.texts[1], context: .init()))
    #expect(try #require(TrainingRows(decoding: cleared.encoded)) == cleared)
  }

  @Test func addedRowsKeepWhatIsRecognised() {
    let data = Self.texts(0..<20)
    let rows = TrainingRows(data, rows: Array(0..<10), split: Self.split)
    let more = rows.adding(data, rows: [15])
    for i in [3, 15] {
      let near = SplitAssignmentTests.words(data.texts[i]).dropLast().joined(separator: " ")
      #expect(more.sharing(text: near, context: .init()) == .nearDuplicate)
    }
    #expect(!more.contains(text: data.texts[16], context: .init()))
    let bare = TrainingRows(split: Self.split, hashes: [1]).adding(data, rows: [2])
    #expect(!bare.recognisesNearDuplicates)
    #expect(bare.contains(text: data.texts[2], context: .init()))
  }

  /// A file of version 1, byte by byte: the unit group, seed 3, two hashes.
  @Test func filesOfVersionOneAreRead() throws {
    let bytes: [UInt8] =
      Array("RDLROWS1".utf8) + [1, 0, 0, 0, 0, 0, 0, 0] + [3, 0, 0, 0, 0, 0, 0, 0]
      + [2, 0, 0, 0, 0, 0, 0, 0] + [5, 0, 0, 0, 0, 0, 0, 0] + [0, 1, 0, 0, 0, 0, 0, 0]
    let rows = try #require(TrainingRows(decoding: bytes))
    #expect(rows.unit == .group && rows.seed == 3 && !rows.recognisesNearDuplicates)
    #expect(rows == TrainingRows(split: Split(unit: .group, seed: 3), hashes: [256, 5]))
    #expect(rows.encoded == bytes)
  }

  @Test(arguments: SplitUnit.allCases)
  func everyUnitSurvives(unit: SplitUnit) throws {
    let rows = TrainingRows(
      Self.texts(0..<5), rows: Array(0..<5), split: Split(unit: unit, seed: .max))
    #expect(try #require(TrainingRows(decoding: rows.encoded)) == rows)
    let bare = TrainingRows(split: Split(unit: unit, seed: 1), hashes: [1])
    #expect(try #require(TrainingRows(decoding: bare.encoded)) == bare)
  }

  @Test func hostileBytesAreRefused() {
    let good = TrainingRows(Self.texts(0..<6), rows: Array(0..<6), split: Self.split).encoded
    #expect(TrainingRows(decoding: good) != nil)
    for length in 0..<good.count { #expect(TrainingRows(decoding: Array(good[..<length])) == nil) }
    #expect(TrainingRows(decoding: good + [0]) == nil)
    #expect(TrainingRows(decoding: good + [UInt8](repeating: 255, count: 64)) == nil)
    // An unknown version or unit, a byte that must be zero.
    for (offset, value) in [(7, 51), (8, 5), (8, 255), (9, 1), (15, 1)] {
      var bytes = good
      bytes[offset] = UInt8(value)
      #expect(TrainingRows(decoding: bytes) == nil, "\(offset)")
    }
    // Counts that promise more than there is, up to those whose size in bytes overflows.
    for offset in [24, 32, 40] {
      for byte in 0..<8 {
        var bytes = good
        bytes[offset + byte] = 0xFF
        #expect(TrainingRows(decoding: bytes) == nil, "\(offset + byte)")
      }
    }
    // Hashes and signatures out of order.
    for (start, width) in [(48, 8), (good.count - 128, 64)] {
      var bytes = good
      for k in 0..<width { bytes.swapAt(start + k, start + width + k) }
      #expect(TrainingRows(decoding: bytes) == nil)
    }
    // Version 1 knows three units.
    var old = TrainingRows(split: Self.split, hashes: [1, 2]).encoded
    #expect(TrainingRows(decoding: old) != nil)
    old[8] = 3
    #expect(TrainingRows(decoding: old) == nil)
    var random = SplitMix64(seed: 4)
    for _ in 0..<300 {
      var bytes = good
      for _ in 0..<3 { bytes[random.below(bytes.count)] = UInt8(random.below(256)) }
      _ = TrainingRows(decoding: bytes)?.contains(text: "a b c d e f", context: .init())
    }
  }

  /// Thousands of signatures that agree in a band are looked through, not forgotten.
  @Test func crowdedBandsAreSearched() {
    let preamble = NearDuplicatesTests.text(1, words: 40)
    let crowd = LeaksTests.side(
      "c",
      (0..<800).map { i in
        (
          (preamble + NearDuplicatesTests.text(UInt64(i) + 800_000, words: 12))
            .joined(separator: " "), .init()
        )
      })
    let rows = TrainingRows(crowd, rows: Array(0..<800), split: Self.split)
    for i in stride(from: 0, to: 800, by: 40) {
      let near = SplitAssignmentTests.words(crowd.texts[i]).dropLast().joined(separator: " ")
      #expect(rows.contains(text: near, context: .init()))
    }
  }
}
