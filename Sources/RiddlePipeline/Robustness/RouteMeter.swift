import RiddleData
import RiddleEvaluation
import RiddleRuntime

/// Decides the same queries again and again under other texts. Contexts stay as they are; so do embeddings, because nobody
/// has those of the new texts.
struct RouteMeter: Sendable {
  let router: Router
  let texts: [[UInt8]]
  let contexts: [RequestContext]
  let embeddings: EmbeddingColumn?

  init(_ router: Router, _ data: Dataset) {
    self.router = router
    texts = data.texts.map { Array($0.utf8) }
    contexts = data.contexts.map(requestContext)
    embeddings = router.schema.embeddingMeans.isEmpty ? nil : data.embeddings
  }

  /// The rung of every row under the text that `text` gives; nil where it gives none, because nothing changed.
  func routes(_ text: @Sendable (Int) -> [UInt8]?) -> [Int?] {
    parallelShards(of: texts.count, FeaturizedRows.shardCount) { range in
      var features = router.makeScratch()
      return range.map { i -> Int? in
        guard let bytes = text(i) else { return nil }
        return decide(bytes, row: i, &features).candidate
      }
    }.flatMap { $0 }
  }

  /// The rungs of `rows` with `prefix` before their texts.
  func routes(prefix: [UInt8], rows: [Int]) -> [Int] {
    parallelShards(of: rows.count, FeaturizedRows.shardCount) { range in
      var features = router.makeScratch()
      var bytes: [UInt8] = []
      return range.map { i -> Int in
        bytes.removeAll(keepingCapacity: true)
        bytes += prefix
        bytes += texts[rows[i]]
        return decide(bytes, row: rows[i], &features).candidate
      }
    }.flatMap { $0 }
  }

  /// Mean over `rows` of the summed margins of all steps, for each of several prefixes: what a gadget pushes. Prefixes are
  /// shared among the processors, rows are summed in their order.
  func meanMargins(prefixes: [[UInt8]], rows: [Int]) -> [Double] {
    let steps = router.thresholds.count
    return parallelShards(of: prefixes.count, FeaturizedRows.shardCount) { range in
      let featurizer = Featurizer(schema: router.schema)
      var features = router.makeScratch()
      var margins: InlineArray<64, Double> = InlineArray(repeating: 0)
      var bytes: [UInt8] = []
      return range.map { p -> Double in
        var sum = 0.0
        for row in rows {
          bytes.removeAll(keepingCapacity: true)
          bytes += prefixes[p]
          bytes += texts[row]
          featurize(bytes, row: row, featurizer, &features)
          router.writeStepMargins(features, to: &margins)
          for step in 0..<steps { sum += margins[step] }
        }
        return sum / Double(max(1, rows.count))
      }
    }.flatMap { $0 }
  }

  private func decide(_ bytes: [UInt8], row: Int, _ features: inout FeatureVector) -> Decision {
    featurize(bytes, row: row, Featurizer(schema: router.schema), &features)
    return router.decide(features)
  }

  private func featurize(
    _ bytes: [UInt8], row: Int, _ featurizer: Featurizer, _ features: inout FeatureVector
  ) {
    guard let embeddings, embeddings.isPresent[row],
      embeddings.dimension == router.schema.embeddingMeans.count
    else {
      featurizer.featurize(bytes.span, context: contexts[row], into: &features)
      return
    }
    featurizer.featurize(
      bytes.span, context: contexts[row], embedding: embeddings[row].span, into: &features)
  }
}
