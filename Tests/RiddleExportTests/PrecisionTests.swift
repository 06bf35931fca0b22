import RiddleData
import RiddleRuntime
import RiddleTestSupport
import Testing

@testable import RiddleExport

/// Stored precisions and pruned tables.
@Suite struct PrecisionTests {
  /// Every finite binary16 number is read exactly and written back as itself.
  @Test func everyHalfSurvives() {
    for bits in UInt16(0)...UInt16.max where bits & 0x7c00 != 0x7c00 {
      let value = float(ofHalf: bits)
      #expect(value.isFinite && value.magnitude <= 65504)
      #expect(halfBits(Double(value)) == bits)
    }
    #expect(float(ofHalf: 0x3c00) == 1)
    #expect(float(ofHalf: 0x0001) == Float(sign: .plus, exponent: -24, significand: 1))
    #expect(float(ofHalf: 0xfbff) == -65504)
  }

  @Test func halvesAreTheNearestOnes() {
    var random = SplitMix64(seed: 3)
    for _ in 0..<20_000 {
      let value = (random.unit() - 0.5) * (random.below(2) == 0 ? 8 : 1e-5)
      let bits = halfBits(value)
      let error = abs(Double(float(ofHalf: bits)) - value)
      for neighbour in [bits &- 1, bits &+ 1] where neighbour & 0x7c00 != 0x7c00 {
        #expect(error <= abs(Double(float(ofHalf: neighbour)) - value))
      }
    }
  }

  @Test(arguments: StoredPrecision.allCases, [0, 3, 9, 40])
  func aPrunedTableHasTheWeightsOfTheKeptBuckets(precision: StoredPrecision, step: Int) throws {
    var random = SplitMix64(seed: 8)
    let bits = 9
    let heads = 2
    let weights = (0..<(heads << bits)).map { _ in random.unit() - 0.5 }
    let kept: [UInt32]? =
      step == 0 ? nil : (0..<(1 << UInt32(bits))).filter { Int($0) % step == 1 }
    let table = HashedWeights(
      rounding: weights, bucketBits: bits, headCount: heads, to: precision, keptBuckets: kept)
    let worst = precision == .int8 ? 0.5 / 127 / 2 * 1.01 : precision == .float16 ? 2e-4 : 1e-7
    for index in weights.indices {
      let isKept = kept?.contains(UInt32(index / heads)) ?? true
      #expect(
        abs(Double(table.weight(at: index)) - (isKept ? weights[index] : 0)) <= worst)
    }
    #expect(table.count == weights.count)
  }

  /// Dropping buckets whose weights are 0 changes no margin by a bit, whatever way they are stored.
  @Test func droppingZerosChangesNothing() {
    var random = SplitMix64(seed: 12)
    let schema = FeatureSchema(bucketBits: 8, characterMinimum: 3, characterMaximum: 5)
    let kept = (UInt32(0)..<256).filter { _ in random.below(3) == 0 }
    var weights = [Double](repeating: 0, count: 256)
    for bucket in kept { weights[Int(bucket)] = random.unit() - 0.5 }
    func model(_ kept: [UInt32]?) -> LinearModel {
      LinearModel(
        headCount: 1, intercepts: [0.25],
        dense: [Float](repeating: 0.125, count: schema.denseCount),
        hashed: HashedWeights(
          rounding: weights, bucketBits: 8, headCount: 1, to: .float32, keptBuckets: kept))
    }
    var features = FeatureVector(schema: schema)
    let (whole, pruned) = (model(nil), model(kept))
    for text in generatedTexts(100, seed: 2) {
      Featurizer(schema: schema).featurize(
        text.span, context: RequestContext(), into: &features)
      #expect(whole.margin(features, head: 0) == pruned.margin(features, head: 0))
    }
  }

  /// The fixed-point sum is what a plain sum of the stored weights gives, to rounding.
  @Test(arguments: GeneratedKind.allCases)
  func marginsAreThePlainSums(kind: GeneratedKind) throws {
    let router = generatedRouter(kind: kind, seed: 21)
    guard case .linear(let model) = router.model else { return }
    var features = router.makeScratch()
    for text in generatedTexts(60, seed: 4) {
      Featurizer(schema: router.schema).featurize(
        text.span, context: RequestContext(), into: &features)
      let dense = features.dense
      for head in 0..<model.headCount {
        var sum = model.intercepts[head]
        for j in dense.indices {
          sum += Double(dense[j]) * Double(model.dense[head * dense.count + j])
        }
        for (i, key) in features.keys.enumerated() {
          let scale = i < features.wordKeyCount ? features.wordScale : features.characterScale
          let weight = Double(model.hashed.weight(at: Int(key >> 1) * model.headCount + head))
          sum += Double(scale) * (key & 1 == 1 ? -weight : weight)
        }
        #expect(abs(sum - model.margin(features, head: head)) < 1e-7)
      }
    }
  }
}
