import Foundation
import RiddleData
import RiddleExport
import RiddleRuntime
import RiddleTestSupport
import Testing

/// Files of every version of the format that was ever written, in Tests/Golden/WeightFiles: they open, their probes replay,
/// and they decide as they did when they were recorded, to the last bit.
///
/// `RIDDLE_RECORD=1` adds files of the current version where there are none, and their decisions; what stands there stays.
@Suite struct FormatVersionsTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Golden/WeightFiles")
  static let decisionsFile = folder.appending(path: "decisions.json")
  static let isRecording = ProcessInfo.processInfo.environment["RIDDLE_RECORD"] == "1"

  static func files() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".riddle") }.sorted()
  }

  /// "candidate margin probability" per text, numbers as the hexadecimal digits of their bits.
  static func decisions(_ router: Router) -> [String] {
    var random = SplitMix64(seed: 29)
    var scratch = router.makeScratch()
    let embedding = (0..<router.schema.embeddingMeans.count).map { 0.25 * Float($0) - 1 }
    return generatedTexts(40, seed: 31).map { text in
      let decision = router.decide(
        text.span, context: generatedContext(&random), embedding: embedding.span, scratch: &scratch)
      let bits = [decision.margin.bitPattern, decision.probability.bitPattern].map {
        String($0, radix: 16)
      }
      return "\(decision.candidate) \(bits.joined(separator: " "))"
    }
  }

  static func recorded() throws -> [String: [String]] {
    guard let data = try? Data(contentsOf: decisionsFile) else { return [:] }
    return try JSONDecoder().decode([String: [String]].self, from: data)
  }

  /// Runs before the comparison below when recording; else it checks that no version was forgotten.
  @Test func everyVersionHasItsFiles() throws {
    if Self.isRecording { try Self.record() }
    let files = try Self.files()
    for version in WeightFileLayout.firstVersion...WeightFileLayout.version {
      let own = files.filter { $0.hasPrefix("version-\(version)-") }
      #expect(!own.isEmpty, "no file of version \(version)")
      for name in own {
        let bytes = [UInt8](try Data(contentsOf: Self.folder.appending(path: name)))
        #expect(number(in: bytes, at: 8, size: 4) == UInt64(version), "\(name)")
      }
      if version == WeightFileLayout.version {
        for kind in GeneratedKind.allCases {
          #expect(own.contains("version-\(version)-small-\(kind).riddle"), "\(kind): record it")
        }
      }
    }
    let recorded = try Self.recorded()
    #expect(recorded.keys.sorted() == files)
    for name in files {
      let bytes = [UInt8](try Data(contentsOf: Self.folder.appending(path: name)))
      let router = try Router(decoding: bytes.span)
      #expect(router.firstFailingProbe() == nil)
      #expect(Self.decisions(router) == recorded[name], "\(name) decides differently")
      // Written again it is a file of the current version, with the same router in it.
      let again = try encodeWeightFile(router)
      #expect(number(in: again, at: 8, size: 4) == UInt64(WeightFileLayout.version))
      #expect(try Router(decoding: again.span) == router, "\(name)")
    }
  }

  private static func record() throws {
    for kind in GeneratedKind.allCases {
      let url = folder.appending(path: "version-\(WeightFileLayout.version)-small-\(kind).riddle")
      if FileManager.default.fileExists(atPath: url.path) { continue }
      try Data(encodeWeightFile(WeightFileTests.finished(kind))).write(to: url)
    }
    var decisions = try recorded()
    for name in try files() where decisions[name] == nil {
      let bytes = [UInt8](try Data(contentsOf: folder.appending(path: name)))
      decisions[name] = Self.decisions(try Router(decoding: bytes.span))
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    try (encoder.encode(decisions) + Data("\n".utf8)).write(to: decisionsFile)
  }
}
