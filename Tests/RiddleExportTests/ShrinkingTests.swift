import RiddleRuntime
import RiddleTestSupport
import Testing

@testable import RiddleExport

/// Smaller forms of one router.
@Suite struct ShrinkingTests {
  static let router = WeightFileTests.finished(.linearFloat, seed: 9)

  @Test(arguments: StoredPrecision.allCases)
  func theLargestFormFitsAndOneBucketMoreDoesNot(precision: StoredPrecision) throws {
    let shrinking = try #require(RouterShrinking(Self.router))
    let whole = try shrinking.form(precision, keeping: shrinking.usedBuckets)
    let empty = try shrinking.form(precision, keeping: 0)
    for share in [0.3, 0.6, 0.9] {
      let limit =
        empty.bytes.count + Int(share * Double(whole.bytes.count - empty.bytes.count))
      let form = try #require(try shrinking.largestForm(precision, within: limit))
      #expect(form.bytes.count <= limit)
      #expect(form.keptBuckets < shrinking.usedBuckets)
      let more = try shrinking.form(precision, keeping: form.keptBuckets + 1)
      #expect(more.bytes.count > limit)
      #expect(try Router(decoding: form.bytes.span) == form.router)
      #expect(form.router.firstFailingProbe() == nil)
    }
  }

  @Test func heavyBucketsStay() throws {
    let shrinking = try #require(RouterShrinking(Self.router))
    let form = try shrinking.form(.float32, keeping: 10)
    guard case .linear(let before) = Self.router.model, case .linear(let after) = form.router.model
    else {
      Issue.record("not linear")
      return
    }
    func magnitude(_ model: LinearModel, _ bucket: Int) -> Float {
      (0..<model.headCount).reduce(0) {
        max($0, abs(model.hashed.weight(at: bucket * model.headCount + $1)))
      }
    }
    let kept = try #require(after.hashed.keptBuckets).map { Int($0) }
    let lightest = kept.map { magnitude(before, $0) }.min() ?? 0
    for bucket in 0..<64 where !kept.contains(bucket) {
      #expect(magnitude(before, bucket) <= lightest)
      #expect(magnitude(after, bucket) == 0)
    }
    for bucket in kept { #expect(magnitude(before, bucket) == magnitude(after, bucket)) }
  }

  @Test func nothingFitsInTooLittle() throws {
    let shrinking = try #require(RouterShrinking(Self.router))
    #expect(try shrinking.largestForm(.int8, within: 100) == nil)
    #expect(RouterShrinking(WeightFileTests.finished(.tree)) == nil)
  }
}
