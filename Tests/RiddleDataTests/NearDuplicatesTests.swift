import RiddleTestSupport
import Testing

@testable import RiddleData

@Suite struct NearDuplicatesTests {
  /// A text of `count` words, unlike any other of another seed.
  static func text(_ seed: UInt64, words count: Int = 60) -> [String] {
    var generator = SplitMix64(seed: seed, stream: "near-duplicates")
    return (0..<count).map { _ in "w\(generator.below(5000))" }
  }

  static func clusters(_ words: [[String]]) -> [Int] {
    NearDuplicates.clusters(texts: words.map { $0.joined(separator: " ") })
  }

  /// Jaccard similarity of word 5-grams, the plain way.
  static func similarity(_ a: [String], _ b: [String]) -> Double {
    func set(_ words: [String]) -> Set<String> {
      if words.count < 5 { return [] }
      return Set((0...(words.count - 5)).map { words[$0..<($0 + 5)].joined(separator: " ") })
    }
    let (x, y) = (set(a), set(b))
    return Double(x.intersection(y).count) / Double(max(1, x.union(y).count))
  }

  /// 200 families of one to four texts; the members of a family differ in the last word of 60 only.
  static func planted(_ seed: UInt64) -> (texts: [[String]], family: [Int]) {
    var generator = SplitMix64(seed: seed)
    var (texts, family): ([[String]], [Int]) = ([], [])
    for f in 0..<200 {
      let base = text(seed &* 1000 &+ UInt64(f))
      for member in 0..<(1 + generator.below(4)) {
        texts.append(base.dropLast() + ["end\(member)"])
        family.append(f)
      }
    }
    return (texts, family)
  }

  @Test(arguments: 1...4)
  func `planted families are found, and nothing else`(seed: UInt64) {
    let (texts, family) = Self.planted(seed)
    // Families are runs of rows, so the first row of each is its number. 55 of 57 5-grams are shared: a miss has
    // probability below 10⁻¹⁰.
    #expect(Self.clusters(texts) == family.map { f in family.firstIndex(of: f) ?? -1 })
  }

  @Test(arguments: 1...6)
  func `the order of the texts changes nothing`(seed: UInt64) {
    let (texts, _) = Self.planted(seed)
    var generator = SplitMix64(seed: seed ^ 77)
    let order = texts.indices.shuffled(using: &generator)
    let plain = Self.clusters(texts)
    let shuffled = Self.clusters(order.map { texts[$0] })
    for (i, row) in order.enumerated() {
      // The same companions, and the smallest new index as the name.
      let companions = order.indices.filter { plain[order[$0]] == plain[row] }
      #expect(shuffled[i] == companions.first)
    }
  }

  @Test func `pairs above the threshold join and pairs below do not`() {
    var generator = SplitMix64(seed: 9)
    var (joined, above) = (0, 0)
    for trial in 0..<400 {
      let base = Self.text(UInt64(trial) + 5000, words: 100)
      var other = base
      // Changed words at the end in a run: similarity (96 − k) / (96 + k).
      let changes = 1 + generator.below(24)
      for k in 0..<changes { other[99 - k] = "new\(k)" }
      let similarity = Self.similarity(base, other)
      let together = Self.clusters([base, other]) == [0, 0]
      if together { #expect(similarity >= 0.8) }
      if similarity >= 0.8 {
        above += 1
        if together { joined += 1 }
      }
    }
    #expect(above > 100)
    // At 0.8 the bands miss 2 pairs in 10 000.
    #expect(joined >= above - 1)
  }

  @Test func `short texts join their equals only`() {
    #expect(
      NearDuplicates.clusters(texts: [
        "Hi there", "hi   THERE ", "hi there you", "3 + 4", "3 - 4", "", "  ", "hi there!",
      ]) == [0, 0, 2, 3, 4, 5, 5, 7])
  }

  @Test func `letter case, white space and end punctuation make no difference to long texts`() {
    #expect(
      NearDuplicates.clusters(texts: [
        "Please tell me, what is the capital of France?",
        "please tell me what is\nthe  capital of france",
        "please tell me what is the capital of spain or portugal",
      ]) == [0, 0, 2])
  }

  @Test func `signs of mathematics count as words`() {
    let texts = ["+", "-"].map { sign in "compute 1 \(sign) 2 \(sign) 3 \(sign) 4 \(sign) 5 now" }
    #expect(NearDuplicates.clusters(texts: texts) == [0, 1])
  }

  @Test func `hostile texts are answered`() {
    #expect(NearDuplicates.clusters(texts: []) == [])
    #expect(NearDuplicates.clusters(texts: [""]) == [0])
    let long = String(repeating: "a a a a a a ", count: 5000)
    #expect(
      NearDuplicates.clusters(texts: [long, "x", long + "a", "\u{0}\u{1F600} . , ; ! ?"]) == [
        0, 1, 0, 3,
      ])
    // Six hundred texts that share a long preamble but are no near-duplicates of one another.
    let preamble = Self.text(1, words: 40)
    let crowd = (0..<600).map { preamble + Self.text(UInt64($0) + 900_000, words: 20) }
    #expect(Self.clusters(crowd) == Array(0..<600))
  }

  @Test func `similarity of sorted sets is Jaccard's`() {
    #expect(WordShingles.areSimilar([1, 2, 3, 4], [1, 2, 3, 4, 5], threshold: 0.8))
    #expect(!WordShingles.areSimilar([1, 2, 3, 4], [1, 2, 3, 4, 5], threshold: 0.81))
    #expect(!WordShingles.areSimilar([], [], threshold: 0.8))
    #expect(!WordShingles.areSimilar([1], [2], threshold: 0.8))
  }
}
