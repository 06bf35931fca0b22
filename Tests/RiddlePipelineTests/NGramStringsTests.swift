import RiddleData
import RiddleRuntime
import Testing

@testable import RiddlePipeline

/// The strings kept beside a run: right counts, right weights, and nobody's own words.
@Suite struct NGramStringsTests {
  static func row(_ id: String, _ text: String, conversation: String? = nil, isHard: Bool)
    -> LoggedQuery
  {
    LoggedQuery(
      id: id, text: text, context: QueryContext(conversation: conversation),
      outcomes: [
        CandidateOutcome(candidate: "tiny", outcome: Outcome(quality: isHard ? 0 : 1)),
        CandidateOutcome(candidate: "huge", outcome: Outcome(quality: 1)),
      ])
  }

  /// A router whose buckets all weigh something, and the data it is asked about.
  static func router(words: Int = 2) -> Router {
    let schema = FeatureSchema(usesTurn: false, bucketBits: 14, wordOrders: words)
    var random = SplitMix64(seed: 4)
    let weights = (0..<(1 << 14)).map { _ in Float(random.unit() + 0.5) }
    return Router(
      schema: schema,
      model: .linear(
        LinearModel(
          headCount: 1, intercepts: [0], dense: [Float](repeating: 0, count: schema.denseCount),
          hashed: HashedWeights(bucketBits: 14, headCount: 1, storage: .float32(weights)))),
      calibration: [.identity], thresholds: [.init(value: 0)],
      candidates: [
        .init(name: Array("tiny".utf8), meanCost: -1),
        .init(name: Array("huge".utf8), meanCost: -1),
      ])
  }

  /// Gives the n-grams of `texts` the largest weights of the router, so that they are looked at.
  static func router(favouring texts: [String]) -> Router {
    let plain = router()
    guard case .linear(let model) = plain.model,
      case .float32(var weights) = model.hashed.storage
    else { return plain }
    for text in texts {
      for ngram in Featurizer(schema: plain.schema).wordNGrams(text.utf8Span.span) {
        weights[Int(ngram.key >> 1)] += 100
      }
    }
    return Router(
      schema: plain.schema,
      model: .linear(
        LinearModel(
          headCount: 1, intercepts: [0], dense: model.dense,
          hashed: HashedWeights(bucketBits: 14, headCount: 1, storage: .float32(weights)))),
      calibration: plain.calibration, thresholds: plain.thresholds, candidates: plain.candidates)
  }

  static func names(_ log: [LoggedQuery], favouring texts: [String]) throws -> [String: Int] {
    let data = Dataset(log: log, candidates: ["tiny", "huge"])
    let found = try #require(
      NGramStrings(Self.router(favouring: texts), heads: ["above tiny"], data: data))
    return Dictionary(
      found.heads[0].buckets.flatMap(\.strings).map { ($0.text, $0.rows) },
      uniquingKeysWith: { first, _ in first })
  }

  @Test func anNGramOfFourTextsHasNoNameAndOfFiveHas() throws {
    let log =
      (0..<5).map { Self.row("a\($0)", "Common Word n\($0)", isHard: true) }
      + (0..<4).map { Self.row("b\($0)", "secret thing n\($0)", isHard: true) }
    let found = try Self.names(log, favouring: ["common word", "secret thing"])
    #expect(found["common"] == 5)
    #expect(found["common word"] == 5)
    #expect(found["secret"] == nil && found["secret thing"] == nil)
  }

  @Test func repeatsOfOneTextCountOnce() throws {
    let log = (0..<30).map {
      Self.row("a\($0)", $0 % 2 == 0 ? "my secret" : "MY  secret ", isHard: true)
    }
    #expect(try Self.names(log, favouring: ["my secret"]).isEmpty)
  }

  @Test func aConversationCountsOnceHoweverLong() throws {
    let log =
      (0..<30).map {
        Self.row("a\($0)", "my secret n\($0)", conversation: "c\($0 % 4)", isHard: true)
      }
      + (0..<30).map {
        Self.row("b\($0)", "an invoice n\($0)", conversation: "d\($0 % 6)", isHard: true)
      }
    let found = try Self.names(log, favouring: ["my secret", "an invoice"])
    #expect(found["secret"] == nil)
    #expect(found["invoice"] == 6)
  }

  @Test func weightsAndSignsAreThoseOfTheFeaturizer() throws {
    let data = World.dataset(400)
    let trained = try trainRouter(data, plan: World.plan())
    let found = try #require(
      NGramStrings(
        trained.router, heads: ["above tiny"], data: data.rows(trained.rows[.train] ?? [])))
    #expect(found.belongs(to: trained.router))
    let model = try #require(trained.router.model.linear)
    let featurizer = Featurizer(schema: trained.router.schema)
    var last = Double.infinity
    for bucket in found.heads[0].buckets {
      #expect(abs(bucket.weight) <= last)
      last = abs(bucket.weight)
      #expect(Double(model.hashed.weight(at: bucket.bucket)) == bucket.weight)
      #expect((1...NGramStrings.maximumStrings).contains(bucket.strings.count))
      #expect(zip(bucket.strings, bucket.strings.dropFirst()).allSatisfy { $0.rows >= $1.rows })
      for string in bucket.strings {
        let ngram = try #require(featurizer.wordNGrams(string.text.utf8Span.span).last)
        #expect(Int(ngram.key >> 1) == bucket.bucket)
        #expect(string.weight == (ngram.key & 1 == 1 ? -bucket.weight : bucket.weight))
        #expect(string.rows >= NGramStrings.anonymityRows)
      }
    }
    let hard = found.strongest(head: 0, positive: true, limit: 5).map(\.text)
    #expect(hard.contains { ["prove", "deadlock", "integral", "migrate"].contains($0) }, "\(hard)")
  }

  @Test func anotherRouterIsRecognised() throws {
    let data = World.dataset(300)
    let first = try trainRouter(data, plan: World.plan())
    let second = try trainRouter(data, plan: World.plan(seed: 9))
    let tree = try trainRouter(data, plan: World.plan(.tree))
    let found = try #require(NGramStrings(first.router, heads: [], data: data))
    #expect(found.belongs(to: first.router))
    #expect(!found.belongs(to: second.router))
    #expect(!found.belongs(to: tree.router))
    #expect(NGramStrings(tree.router, heads: [], data: data) == nil)
  }
}
