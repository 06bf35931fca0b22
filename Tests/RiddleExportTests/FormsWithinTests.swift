import RiddleRuntime
import RiddleTestSupport
import Testing

@testable import RiddleExport

/// Forms within a limit, what they say of themselves, and what takes the room.
@Suite struct FormsWithinTests {
  static let router = WeightFileTests.finished(.linearFloat, seed: 9)

  @Test func everyFormFitsAndNoneComesTwice() throws {
    let shrinking = try #require(RouterShrinking(Self.router))
    let whole = try shrinking.smallestWhole(.float32).bytes.count
    let least = try shrinking.smallestPossible()
    for limit in [whole + 1, whole - 1, (whole + least) / 2, least] {
      let forms = try shrinking.forms(StoredPrecision.allCases, within: limit)
      #expect(!forms.isEmpty)
      #expect(forms.allSatisfy { $0.bytes.count <= limit })
      let names = Set(forms.map { "\($0.precision) \($0.keptBuckets)" })
      #expect(names.count == forms.count)
      #expect(forms.map(\.bytes.count) == forms.map(\.bytes.count).sorted(by: >))
      // A lossless form is offered exactly when it fits.
      let lossless = forms.contains {
        $0.precision == .float32 && $0.keptBuckets >= shrinking.usedBuckets
      }
      #expect(lossless == (whole <= limit))
    }
    #expect(try shrinking.forms(StoredPrecision.allCases, within: least - 1).isEmpty)
  }

  @Test func formsSayWhatTheyWereMadeFrom() throws {
    let shrinking = try #require(RouterShrinking(Self.router, origin: "abc"))
    let form = try shrinking.form(.float16, keeping: 5)
    func value(_ router: Router, _ key: String) -> String? {
      router.metadata.first { $0.key == Array(key.utf8) }
        .map { String(decoding: $0.value, as: UTF8.self) }
    }
    #expect(value(form.router, RouterShrinking.originKey) == "abc")
    #expect(value(form.router, RouterShrinking.precisionKey) == "float16")
    #expect(value(form.router, RouterShrinking.bucketsKey) == "5 of \(shrinking.allBuckets)")
    // Made again from the result, the file names the result and nothing twice.
    let again = try #require(RouterShrinking(form.router, origin: "def")).form(.int8, keeping: 3)
    #expect(value(again.router, RouterShrinking.originKey) == "def")
    #expect(again.router.metadata.count == form.router.metadata.count)
    #expect(
      try RouterShrinking(Self.router, origin: "abc")?.form(.float16, keeping: 5).bytes
        == form.bytes)
  }

  @Test(arguments: GeneratedKind.allCases)
  func thePartsAreTheWholeFile(kind: GeneratedKind) throws {
    let router = WeightFileTests.finished(kind)
    let parts = FileParts(router).parts
    #expect(parts.reduce(0) { $0 + $1.bytes } == (try encodeWeightFile(router)).count)
    #expect(parts.allSatisfy { $0.bytes > 0 })
    #expect(parts.map(\.bytes) == parts.map(\.bytes).sorted(by: >))
  }
}
