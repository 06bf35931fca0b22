import RiddleData
import RiddleTestSupport
import Testing

@testable import RiddleEvaluation

@Suite("Texts written differently")
struct PerturbationTests {
  @Test(
    "what is not random is exact",
    arguments: [
      (Perturbation.lowerCase, "Why IS  it?\n\u{c4}h", "why is  it?\n\u{e4}h"),
      (.upperCase, "Why is it? \u{e4}h", "WHY IS IT? \u{c4}H"),
      (.titleCase, "why iS\tit? (no) \u{e4}h", "Why IS\tIt? (no) \u{c4}h"),
      (.doubledSpaces, "a b  c\td", "a  b    c\td"),
      (.singleSpaces, " a \n\t b\r\nc", " a b c"),
      (.surroundingSpaces, "a", " a  "),
      (.trailingNewline, "a\n", "a\n\n"),
      (.noPunctuation, "a-b, {c}? ~\"d\"\u{2014}e", "ab c d\u{2014}e"),
      (.zeroWidth, "ab a-bcd", "a\u{200b}b a-b\u{200b}cd"),
      (.noBreakSpaces, "a b\nc", "a\u{a0}b\nc"),
    ])
  func exact(change: Perturbation, text: String, expected: String) {
    let found = change.apply(to: text, id: "q", seed: 1)
    #expect(Array(found.unicodeScalars) == Array(expected.unicodeScalars))
  }

  private func text(_ stream: inout SplitMix64) -> String {
    let alphabet = Array(
      "abcdeXYZ eo   ,.?!\n\t0\u{e4}\u{30d1}\u{1f600}\u{301}\u{a0}".unicodeScalars)
    var view = String.UnicodeScalarView()
    for _ in 0..<stream.below(200) { view.append(alphabet[stream.below(alphabet.count)]) }
    return String(view)
  }

  @Test("properties of random texts", arguments: 0..<60)
  func properties(seed: Int) {
    var stream = SplitMix64(seed: UInt64(seed))
    let text = text(&stream)
    func made(_ change: Perturbation, _ text: String) -> String {
      change.apply(to: text, id: "q\(seed)", seed: 5)
    }
    for change in Perturbation.allCases {
      #expect(made(change, text) == made(change, text), "\(change)")
    }
    for change in [Perturbation.lowerCase, .singleSpaces, .noPunctuation] {
      let once = made(change, text)
      #expect(Array(made(change, once).utf8) == Array(once.utf8), "\(change)")
    }
    let scalars = Array(text.unicodeScalars)
    #expect(made(.zeroWidth, text).unicodeScalars.filter { $0 != "\u{200b}" } == scalars)
    #expect(made(.prefix, text).utf8.suffix(text.utf8.count).elementsEqual(text.utf8))
    #expect(made(.politeSuffix, text).utf8.starts(with: text.utf8))
    // Same length, and what differs is Cyrillic now.
    let twins = Array(made(.lookAlikes, text).unicodeScalars)
    #expect(twins.count == scalars.count)
    for (a, b) in zip(scalars, twins) where a != b {
      #expect(a.isASCII && (0x400...0x4ff).contains(b.value))
    }
  }

  /// Two letters that change places keep the length, a dropped one shortens it, a doubled one lengthens it.
  @Test("typos: as many as letters say, at least one, all three kinds")
  func typos() {
    let text = String(repeating: "abcdefghij ", count: 100)
    var (swaps, drops, doubles) = (0, 0, 0)
    for i in 0..<200 {
      let made = Perturbation.typosOne.apply(to: "abcdefghij", id: "q\(i)", seed: 1)
      let letters = Array(made.utf8)
      switch letters.count {
      case 9: drops += 1
      case 11: doubles += 1
      default:
        #expect(letters.sorted() == Array("abcdefghij".utf8))
        #expect(zip(letters, "abcdefghij".utf8).count { $0 != $1 } == 2)
        swaps += 1
      }
    }
    #expect(swaps > 40 && drops > 40 && doubles > 40)
    let many = Perturbation.typosThree.apply(to: text, id: "q", seed: 1)
    let edits = distance(Array(text.utf8), Array(many.utf8))
    #expect(edits > 15 && edits <= 60)  // 30 slips, a swap counts 2
    #expect(Perturbation.typosThree.apply(to: text, id: "r", seed: 1) != many)
    #expect(Perturbation.typosThree.apply(to: text, id: "q", seed: 2) != many)
    for untouched in ["", "123 ?!", "\u{1f600}"] {
      #expect(Perturbation.typosThree.apply(to: untouched, id: "q", seed: 1) == untouched)
    }
  }

  private func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, y) in b.enumerated() {
        let above = row[j + 1]
        row[j + 1] = min(diagonal + (x == y ? 0 : 1), above + 1, row[j] + 1)
        diagonal = above
      }
    }
    return row[b.count]
  }

  @Test("a long run of anything is rewritten", arguments: ["a", " ", "\u{301}", "\u{1f600}", "\n"])
  func large(unit: String) {
    let text = String(repeating: unit, count: 60_000 / unit.utf8.count)
    for change in Perturbation.allCases {
      let made = change.apply(to: text, id: "q", seed: 1)
      #expect(made.utf8.count <= 4 * text.utf8.count + 40, "\(change)")
    }
  }

  @Test("every family but the list of paraphrases has a change, and only one is hostile")
  func families() {
    let used = Set(Perturbation.allCases.map(\.family))
    #expect(used.union([.paraphrase]) == Set(Perturbation.Family.allCases))
    #expect(Perturbation.Family.allCases.filter { !$0.isBenign } == [.hostile])
  }
}
