import RiddleData
import RiddleRuntime

extension EmbeddingColumn {
  /// Mean of every dimension over the rows that have a vector, summed in `Double` in row order.
  var means: [Float] {
    var sums = [Double](repeating: 0, count: dimension)
    for i in 0..<count where isPresent[i] {
      let start = i * dimension
      for j in 0..<dimension { sums[j] += Double(values[start + j]) }
    }
    let rows = Double(max(1, presentCount))
    return sums.map { Float($0 / rows) }
  }
}

extension Featurizer {
  /// The features of row `row`, with its embedding where the schema reads one and the row has one of its length.
  func featurize(
    _ text: String, context: RequestContext, embeddings: EmbeddingColumn?, row: Int,
    into features: inout FeatureVector
  ) {
    guard let embeddings, embeddings.isPresent[row],
      embeddings.dimension == schema.embeddingMeans.count
    else {
      featurize(text.utf8Span.span, context: context, into: &features)
      return
    }
    featurize(
      text.utf8Span.span, context: context, embedding: embeddings[row].span, into: &features)
  }
}

/// Refuses embeddings that no router can read; says where some are missing.
func checkTrainingEmbeddings(
  _ data: Dataset, warnings: inout [String]
) throws(PipelineError) {
  guard let embeddings = data.embeddings else { return }
  let limit = WeightFileLayout.maximumEmbedding
  if embeddings.dimension > limit {
    throw .unsupported(
      "embeddings of model \"\(embeddings.model)\" have \(embeddings.dimension) dimensions, a weight file holds at most \(limit); ask the model for fewer"
    )
  }
  let present = embeddings.presentCount
  if present == 0 {
    throw .unsupported(
      "no training row has an embedding of model \"\(embeddings.model)\"; make them with `riddle embed`"
    )
  }
  if present < data.count {
    warnings.append(
      "\(data.count - present) of \(data.count) training rows have no embedding of model \"\(embeddings.model)\": the mean stands for it"
    )
  }
}

/// Refuses to judge a router that reads embeddings on rows without them, or with others.
///
/// - Returns: a warning where some rows have none.
func checkedEmbeddings(
  _ data: Dataset, router: Router, name: String
) throws(PipelineError) -> [String] {
  let expected = router.schema.embeddingMeans.count
  if expected == 0 { return [] }
  guard let embeddings = data.embeddings else {
    throw .unsupported(
      "\(name) reads embeddings of \(expected) dimensions and the data have none; name their model with --embedding-model, or make them with `riddle embed`"
    )
  }
  guard embeddings.dimension == expected else {
    throw .unsupported(
      "\(name) reads embeddings of \(expected) dimensions, those of model \"\(embeddings.model)\" have \(embeddings.dimension)"
    )
  }
  let absent = data.count - embeddings.presentCount
  return absent == 0
    ? []
    : ["\(absent) of \(data.count) judged rows have no embedding: \(name) takes the mean for it"]
}
