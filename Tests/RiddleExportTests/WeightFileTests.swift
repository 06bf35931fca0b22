import Foundation
import RiddleData
import RiddleExport
import RiddleRuntime
import RiddleTestSupport
import Testing

/// Writer and reader together, and everything the reader must refuse.
@Suite struct WeightFileTests {
  static func finished(_ kind: GeneratedKind, seed: UInt64 = 5) -> Router {
    let bare = generatedRouter(kind: kind, seed: seed)
    return Router(
      schema: bare.schema, model: bare.model, calibration: bare.calibration, rule: bare.rule,
      thresholds: bare.thresholds, candidates: bare.candidates,
      probes: ProbeSet.probes(for: bare), metadata: bare.metadata)
  }

  /// A file with `edit` applied and the checksum made right again: only structure can catch it.
  static func forged(_ bytes: [UInt8], _ edit: (inout [UInt8]) -> Void) -> [UInt8] {
    var copy = bytes
    edit(&copy)
    let body = copy.count - 8
    let sum = Checksum().value(copy.span, count: body)
    for i in 0..<8 { copy[body + i] = UInt8(truncatingIfNeeded: sum >> UInt64(8 * i)) }
    return copy
  }

  static func failure(_ bytes: [UInt8]) -> WeightFileError? {
    do {
      _ = try Router(decoding: bytes.span)
      return nil
    } catch {
      return error
    }
  }

  static func offset(of section: Int, in bytes: [UInt8]) -> Int {
    (0..<8).reduce(0) { $0 | Int(bytes[32 + 24 * section + 8 + $1]) << (8 * $1) }
  }

  @Test(arguments: GeneratedKind.allCases)
  func decodingGivesTheRouterThatWasEncoded(kind: GeneratedKind) throws {
    let router = Self.finished(kind)
    let bytes = try encodeWeightFile(router)
    #expect(try Router(decoding: bytes.span) == router)
    #expect(try encodeWeightFile(router) == bytes)
  }

  /// Every kind of promise survives, in the place that the format names; a kind nobody knows is refused.
  @Test func guaranteesAreKeptAndUnknownOnesRefused() throws {
    let plain = Self.finished(.linearFloat)
    for kind: Router.Threshold.Guarantee in [
      .none, .meanLoss, .asymptoticMeanLoss, .lossShare,
    ] {
      let router = Router(
        schema: plain.schema, model: plain.model, calibration: plain.calibration, rule: plain.rule,
        thresholds: plain.thresholds.map { .init(value: $0.value, guarantee: kind) },
        candidates: plain.candidates, probes: plain.probes, metadata: plain.metadata)
      let bytes = try encodeWeightFile(router)
      #expect(try Router(decoding: bytes.span) == router)
      #expect(bytes[Self.offset(of: 4, in: bytes) + 8] == UInt8(kind.rawValue))
    }
    let bytes = try encodeWeightFile(plain)
    let place = Self.offset(of: 4, in: bytes) + 8
    for unknown: UInt8 in [4, 5, 255] {
      let forged = Self.forged(bytes) { $0[place] = unknown }
      guard case .badValue(let section, _, let rule)? = Self.failure(forged) else {
        Issue.record("guarantee \(unknown): \(String(describing: Self.failure(forged)))")
        continue
      }
      #expect(section == .thresholds && rule == .unknownKind)
    }
  }

  @Test(arguments: GeneratedKind.allCases)
  func everySingleBitFlipIsRefused(kind: GeneratedKind) throws {
    var bytes = try encodeWeightFile(Self.finished(kind))
    for bit in 0..<bytes.count * 8 {
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      if Self.failure(bytes) == nil { Issue.record("bit \(bit) flipped, and it decodes") }
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
    }
  }

  @Test(arguments: GeneratedKind.allCases)
  func everyTruncationAndEveryAppendedByteIsRefused(kind: GeneratedKind) throws {
    let bytes = try encodeWeightFile(Self.finished(kind))
    for length in 0..<bytes.count where Self.failure(Array(bytes[..<length])) == nil {
      Issue.record("\(length) bytes decode")
    }
    #expect(
      Self.failure(bytes + [0])
        == .wrongLength(stated: UInt64(bytes.count), actual: bytes.count + 1))
  }

  /// With the checksum repaired after every flip, whatever still decodes must be the same structure with other
  /// values in it, or be caught by the probes: it must not crash.
  @Test(arguments: GeneratedKind.allCases)
  func noForgedFileCrashesTheReader(kind: GeneratedKind) throws {
    let bytes = try encodeWeightFile(Self.finished(kind))
    var random = SplitMix64(seed: 17)
    var refused = 0
    for _ in 0..<3_000 {
      let forged = Self.forged(bytes) { copy in
        for _ in 0...random.below(3) {
          copy[16 + random.below(copy.count - 24)] = UInt8(truncatingIfNeeded: random.next())
        }
      }
      if Self.failure(forged) != nil { refused += 1 }
    }
    #expect(refused > 2_000)
  }

  @Test func anotherVersionIsNamedWithBothNumbers() throws {
    let bytes = try encodeWeightFile(Self.finished(.tree))
    #expect(
      Self.failure(Self.forged(bytes) { $0[8] = 9 })
        == .unsupportedVersion(found: 9, supported: 3))
  }

  /// A router of the first version, three candidates and a tree per step: it opens, and its probes replay.
  @Test func theFirstVersionStaysReadable() throws {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Golden/WeightFiles/version-1-tree.riddle")
    let bytes = [UInt8](try Data(contentsOf: path))
    #expect(bytes[8] == 1)
    let router = try Router(decoding: bytes.span)
    #expect(router.rule == .ladder)
    #expect(router.candidates.count == 3)
    #expect(router.firstFailingProbe() == nil)
    let rewritten = try encodeWeightFile(router)
    #expect(rewritten[8] == 3)
    #expect(try Router(decoding: rewritten.span) == router)
  }

  /// Files of version 2, each learned with features of version 2: their sums are taken in index order, as then.
  @Test(arguments: ["int8", "isotonic", "values", "tree"])
  func theSecondVersionStaysReadable(name: String) throws {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Golden/WeightFiles/version-2-\(name).riddle")
    let bytes = [UInt8](try Data(contentsOf: path))
    #expect(bytes[8] == 2)
    let router = try Router(decoding: bytes.span)
    #expect(router.schema.version == 2)
    #expect(router.probes.count >= 12)
    #expect(router.firstFailingProbe() == nil)
    let rewritten = try encodeWeightFile(router)
    #expect(rewritten[8] == 3)
    #expect(try Router(decoding: rewritten.span) == router)
  }

  @Test func knotsAndPricesThatDoNotIncreaseAreRefused() throws {
    let bytes = try encodeWeightFile(Self.finished(.forest))
    let knots = Self.offset(of: 2, in: bytes) + 24 + 8
    let forged = Self.forged(bytes) { copy in
      for i in 0..<8 { copy[knots + i] = copy[knots + 8 + i] }
    }
    #expect(
      Self.failure(forged)
        == .badValue(section: .calibration, offset: knots + 48, rule: .notIncreasing))
    let rule = Self.offset(of: 3, in: bytes)
    let lastPrice = rule + 16 + 8 * (3 * 2 + 2)
    let flat = Self.forged(bytes) { copy in
      for i in 0..<8 { copy[lastPrice + i] = copy[lastPrice - 8 + i] }
    }
    #expect(
      Self.failure(flat)
        == .badValue(section: .rule, offset: lastPrice + 8, rule: .notIncreasing))
  }

  @Test func anotherFeaturizerIsNamedWithBothNumbers() throws {
    let bytes = try encodeWeightFile(Self.finished(.tree))
    let schema = Self.offset(of: 0, in: bytes)
    #expect(
      Self.failure(Self.forged(bytes) { $0[schema] = 7 })
        == .unsupportedFeatures(found: 7, supported: FeatureSchema.currentVersion))
  }

  @Test func anotherFormatIsNotAWeightFile() {
    #expect(
      Self.failure(Array("PK\u{3}\u{4} and more than forty bytes of something else".utf8))
        == .notAWeightFile)
    #expect(Self.failure([]) == .tooShort(length: 0))
  }

  @Test func aHugeCountIsRefusedBeforeAnythingIsAllocated() throws {
    let bytes = try encodeWeightFile(Self.finished(.tree))
    let model = Self.offset(of: 1, in: bytes)
    let forged = Self.forged(bytes) { for i in 0..<4 { $0[model + 8 + i] = 0xff } }
    #expect(
      Self.failure(forged) == .badValue(section: .model, offset: model + 12, rule: .countOutOfRange)
    )
  }

  @Test func aWeightThatIsNotFiniteIsRefused() throws {
    let bytes = try encodeWeightFile(Self.finished(.linearFloat))
    let intercept = Self.offset(of: 1, in: bytes) + 24
    let forged = Self.forged(bytes) {
      $0[intercept + 6] = 0xf0
      $0[intercept + 7] = 0x7f
    }
    #expect(
      Self.failure(forged)
        == .badValue(section: .model, offset: intercept + 8, rule: .notFinite))
  }

  @Test func aChangedWeightIsCaughtByTheProbes() throws {
    let bytes = try encodeWeightFile(Self.finished(.linearFloat))
    let intercept = Self.offset(of: 1, in: bytes) + 24
    #expect(Self.failure(Self.forged(bytes) { $0[intercept] ^= 1 }) == .probeMismatch(probe: 0))
  }

  @Test func aFallingCalibrationIsRefused() throws {
    let bytes = try encodeWeightFile(Self.finished(.linearFloat))
    let slope = Self.offset(of: 2, in: bytes) + 8
    let forged = Self.forged(bytes) { $0[slope + 7] ^= 0x80 }
    #expect(
      Self.failure(forged)
        == .badValue(section: .calibration, offset: slope + 16, rule: .notIncreasing))
  }

  @Test(arguments: [
    ("a child before its parent", 1, UInt32(0), UInt32(2)), ("a shared child", 0, 1, 1),
    ("a child out of range", 0, 1, 99), ("a cycle to itself", 2, 2, 4),
    ("an unreachable node", 2, 3, 3),
    ("a child in the next tree", 2, 3, 6),
  ])
  func aBadTreeIsRefused(what: String, node: Int, left: UInt32, right: UInt32) throws {
    let bytes = try encodeWeightFile(Self.finished(.tree))
    let nodes = Self.offset(of: 1, in: bytes) + 16 + 8
    let forged = Self.forged(bytes) { copy in
      for (position, value) in [(8, left), (12, right)] {
        for i in 0..<4 {
          copy[nodes + 20 * node + position + i] = UInt8(truncatingIfNeeded: value >> UInt32(8 * i))
        }
      }
    }
    guard case .badValue(section: .model, _, rule: .badTree) = Self.failure(forged) else {
      Issue.record("\(what): \(String(describing: Self.failure(forged)))")
      return
    }
  }

  @Test func aDoubledSectionIsRefused() throws {
    let bytes = try encodeWeightFile(Self.finished(.tree))
    let forged = Self.forged(bytes) { copy in
      for i in 0..<4 { copy[32 + 24 + i] = copy[32 + i] }
    }
    #expect(Self.failure(forged) == .badSectionTable(offset: 32 + 24))
  }

  @Test func int8MovesNoWeightByMoreThanHalfAStep() {
    var random = SplitMix64(seed: 23)
    let weights = (0..<1024).map { _ in (random.unit() - 0.5) * 3 }
    let table = HashedWeights(rounding: weights, bucketBits: 10, headCount: 1, to: .int8)
    guard case .int8(_, let scales) = table.storage else {
      Issue.record("not int8")
      return
    }
    for (i, weight) in weights.enumerated() {
      #expect(abs(Double(table.weight(at: i)) - weight) <= Double(scales[i / 64]) * 0.55)
    }
  }
}
