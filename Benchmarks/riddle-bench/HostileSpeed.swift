import Foundation
import RiddleData
import RiddleRuntime

/// Time of a decision by length of text, for one kind of text.
struct HostileRecord: Encodable {
  var text: String
  var features: String
  /// Lengths in KB.
  var sizes: [Int]
  /// Nanoseconds of thread CPU time per KB, minimum over repeats, by length.
  var nanosecondsPerKB: [Double]
  /// Per KB at the largest length over per KB at the smallest: 1 and less is linear.
  var growth: Double
  /// Hashed keys of the largest text.
  var keys: Int
}

/// Times decisions on texts made to be slow, 1 KB to 1 MB, by a router of the default shape with made-up weights.
func measureHostile(_ arguments: Arguments) throws -> [HostileRecord] {
  let repeats = max(1, try arguments.count("repeats", standard: 5))
  let sizes = [1, 4, 16, 64, 256, 1024]
  var records: [HostileRecord] = []
  for (name, characters) in [("words 1-2", 0), ("words 1-2, characters 3-5", 3)] {
    let router = madeUpRouter(characters: characters)
    for text in hostileTexts(schema: router.schema) {
      records.append(
        try measure(router, name, text.name, text.unit, sizes: sizes, repeats: repeats))
    }
  }
  let lines = records.map { record in
    let times = record.nanosecondsPerKB.map { String(format: "%8.0f", $0) }.joined()
    return record.features.padding(toLength: 27, withPad: " ", startingAt: 0)
      + record.text.padding(toLength: 30, withPad: " ", startingAt: 0) + times
      + String(format: "%8.2f%9d", record.growth, record.keys)
  }
  let head =
    "ns/KB".padding(toLength: 57, withPad: " ", startingAt: 0)
    + sizes.map { "\($0) KB".leftPadded(to: 8) }.joined() + "  growth     keys"
  FileHandle.standardError.write(Data(([head] + lines).map { $0 + "\n" }.joined().utf8))
  return records
}

private func measure(
  _ router: Router, _ features: String, _ name: String, _ unit: [[UInt8]], sizes: [Int],
  repeats: Int
) throws -> HostileRecord {
  var scratch = router.makeScratch()
  var times: [Double] = []
  var sum = 0.0
  for size in sizes {
    var text: [UInt8] = []
    text.reserveCapacity(size << 10 + 64)
    var next = 0
    while text.count < size << 10 {
      text += unit[next % unit.count]
      next += 1
    }
    // Short texts are read many times over: a clock tick is longer than they take.
    let rounds = max(1, 256 / size)
    var best = Double.infinity
    for _ in 0...repeats {  // the first fills caches and grows the scratch
      let start = hostileNanoseconds()
      for _ in 0..<rounds {
        sum += router.decide(text.span, context: RequestContext(), scratch: &scratch).margin
      }
      best = min(best, (hostileNanoseconds() - start) / Double(rounds))
    }
    times.append(best / (Double(text.count) / 1024))
  }
  if !sum.isFinite { throw BenchError.input("margins are not finite") }
  return HostileRecord(
    text: name, features: features, sizes: sizes, nanosecondsPerKB: times,
    growth: (times.last ?? 0) / (times.first ?? 1), keys: scratch.keys.count)
}

/// What each text repeats.
private func hostileTexts(schema: FeatureSchema) -> [(name: String, unit: [[UInt8]])] {
  func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
  var stream = SplitMix64(seed: 1)
  // 1 MB of different words: as many keys as a text can have.
  let distinct = (0..<200_000).map { _ in
    (0..<5).map { _ in UInt8(97 + stream.below(26)) } + [32]
  }
  return [
    (
      "plain sentences",
      [
        bytes("How do I reset my password when the order number is missing? "),
        bytes("Explain why our checkout deadlocks under load and design a plan. "),
      ]
    ),
    ("one letter", [bytes("a")]), ("blanks", [bytes(" ")]), ("line ends", [bytes("\n")]),
    ("list marks at line starts", [bytes("- ")]), ("quotes and brackets", [bytes("(\"")]),
    ("combining marks", [bytes("\u{301}")]), ("emoji", [bytes("\u{1f600}")]),
    ("invalid UTF-8", [[0xff]]), ("NUL", [[0]]), ("different words", distinct),
    ("words of one hash bucket", wordsOfOneBucket(schema)),
  ]
}

/// 48 words whose n-gram falls into the bucket of the first, found by trying.
private func wordsOfOneBucket(_ schema: FeatureSchema) -> [[UInt8]] {
  let probe = FeatureSchema(
    usesStatistics: false, bucketBits: schema.bucketBits, wordOrders: 1)
  let featurizer = Featurizer(schema: probe)
  var features = FeatureVector(schema: probe)
  var stream = SplitMix64(seed: 2)
  var target: UInt32?
  var found: [[UInt8]] = []
  while found.count < 48 {
    let word = (0..<7).map { _ in UInt8(97 + stream.below(26)) }
    featurizer.featurize(word.span, context: RequestContext(), into: &features)
    guard let key = features.keys.first else { continue }
    if target == nil { target = key >> 1 }
    if key >> 1 == target { found.append(word + [32]) }
  }
  return found
}

/// A router of the default shape; weights are random, because time does not depend on them.
private func madeUpRouter(characters: Int) -> Router {
  let schema = FeatureSchema(
    bucketBits: 16, wordOrders: 2, characterMinimum: characters,
    characterMaximum: characters == 0 ? 0 : 5)
  var stream = SplitMix64(seed: 3)
  let model = LinearModel(
    headCount: 1, intercepts: [0],
    dense: (0..<schema.denseCount).map { _ in Float(stream.unit() - 0.5) },
    hashed: HashedWeights(
      bucketBits: 16, headCount: 1,
      storage: .float32((0..<(1 << 16)).map { _ in Float(stream.unit() - 0.5) })))
  return Router(
    schema: schema, model: .linear(model), calibration: [.identity],
    thresholds: [Router.Threshold(value: 0)],
    candidates: ["weak", "strong"].map { Router.Candidate(name: Array($0.utf8), meanCost: -1) })
}

private func hostileNanoseconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
}

extension String {
  fileprivate func leftPadded(to width: Int) -> String {
    String(repeating: " ", count: max(0, width - count)) + self
  }
}
