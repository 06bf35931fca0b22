import Foundation
import RiddleExport
import RiddleRuntime
import RiddleTestSupport
import Testing

/// The inputs that fuzzing found worth keeping (Tests/Fuzz), replayed: each is refused, or is a router like any other.
///
/// `RIDDLE_RECORD=1` writes the seeds anew: one router of each generated kind, with its probes and without.
@Suite struct FuzzCorpusTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Fuzz/corpus")

  /// Seeds by name. Small tables, so that a mutation hits structure more often than a weight.
  static func seeds() throws -> [(name: String, bytes: [UInt8])] {
    var seeds: [(String, [UInt8])] = []
    for kind in GeneratedKind.allCases {
      let bare = generatedRouter(kind: kind, seed: 5, bucketBits: 4)
      func with(_ probes: [Probe]) throws -> [UInt8] {
        try encodeWeightFile(
          Router(
            schema: bare.schema, model: bare.model, calibration: bare.calibration, rule: bare.rule,
            thresholds: bare.thresholds, candidates: bare.candidates, policy: bare.policy,
            probes: probes,
            metadata: bare.metadata))
      }
      let probes = ProbeSet.probes(for: bare)
      seeds.append(("seed-\(kind)-probes.riddle", try with(Array(probes.prefix(3)))))
      seeds.append(("seed-\(kind)-bare.riddle", try with([])))
    }
    return seeds
  }

  @Test func seedsAreOneRouterOfEachKind() throws {
    for (name, bytes) in try Self.seeds() {
      let url = Self.folder.appending(path: name)
      if ProcessInfo.processInfo.environment["RIDDLE_RECORD"] == "1" {
        try Data(bytes).write(to: url)
      }
      #expect(try [UInt8](Data(contentsOf: url)) == bytes, "\(name)")
    }
  }

  @Test func everyInputIsRefusedOrARouterLikeAnyOther() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path).sorted()
    #expect(names.count > 20)
    var size = 0
    var accepted = 0
    for name in names {
      let bytes = try [UInt8](Data(contentsOf: Self.folder.appending(path: name)))
      size += bytes.count
      let router: Router
      do throws(WeightFileError) {
        router = try Router(decoding: bytes.span)
      } catch {
        continue
      }
      accepted += 1
      let again = try encodeWeightFile(router)
      if number(in: bytes, at: 8, size: 4) == UInt64(WeightFileLayout.version) {
        #expect(again == bytes, "\(name)")
      }
      var scratch = router.makeScratch()
      for text in generatedTexts(5, seed: 8) {
        let decision = router.decide(text.span, context: RequestContext(), scratch: &scratch)
        #expect(!decision.margin.isNaN && decision.probability >= 0 && decision.probability <= 1)
      }
    }
    #expect(accepted >= 2 * GeneratedKind.allCases.count)
    #expect(size < 300_000)
  }
}
