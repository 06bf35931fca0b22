import RiddleData
import RiddlePolicies
import RiddleRuntime

extension PolicyBench {
  /// Fills ``Request/predictions`` of every row with what was fitted on the other parts.
  func predict(
    _ predictor: PolicyPlan.Predictor, router: Router?, name: String, into requests: inout [Request]
  ) throws(PipelineError) {
    switch predictor {
    case .segments(let field, let shrink):
      let segments = data.contexts.map { $0.value(of: field) }
      guard segments.contains(where: { $0 != nil }) else {
        throw .policy(
          name: name,
          reason: "predict: no row has the field '\(field)'; name another one with by: FIELD")
      }
      for fold in 0..<Self.foldCount {
        let others = folds.indices.filter { folds[$0] != fold }
        let table = SegmentTable.fit(
          segments: others.map { segments[$0] ?? "" }, qualities: qualities(of: others),
          candidateCount: width, shrink: shrink.map { .fixed($0) } ?? .estimated)
        for i in folds.indices where folds[i] == fold {
          requests[i].predictions = table.predictions(for: segments[i] ?? "")
        }
      }
    case .neighbours(let count):
      guard let embeddings = data.embeddings else {
        throw .policy(
          name: name,
          reason:
            "predict: these rows carry no embeddings; make some with `riddle embed`, and name the model with --embedding-model"
        )
      }
      for fold in 0..<Self.foldCount {
        let others = folds.indices.filter { folds[$0] != fold && embeddings.isPresent[$0] }
        let own = folds.indices.filter { folds[$0] == fold && embeddings.isPresent[$0] }
        if own.isEmpty { continue }
        let found = NearestNeighbours(
          embeddings: others.flatMap { embeddings[$0] }, dimension: embeddings.dimension,
          qualities: qualities(of: others), candidateCount: width, neighbours: count
        ).predictions(for: own.flatMap { embeddings[$0] })
        for (position, i) in own.enumerated() {
          requests[i].predictions = Array(found[(position * width)..<((position + 1) * width)])
        }
      }
    case .router:
      guard let router else {
        throw .policy(name: name, reason: "predict: {with: router} needs a router: FILE")
      }
      guard case .values(let values) = router.rule, values.link == .independent,
        router.calibration.count == width
      else {
        throw .policy(
          name: name,
          reason:
            "predict: the router does not predict each candidate's success; train one with --target success"
        )
      }
      let found = successProbabilities(router, on: data)
      for i in requests.indices {
        requests[i].predictions = found[(i * width)..<((i + 1) * width)].map {
          Prediction(quality: $0)
        }
      }
    }
  }

  private func qualities(of rows: [Int]) -> [Double] {
    rows.flatMap { i in (0..<width).map { data.outcomes.quality(i, $0) } }
  }
}

/// Calibrated probability of each head of a router with a head per candidate, row-major.
private func successProbabilities(_ router: Router, on data: Dataset) -> [Double] {
  let heads = router.calibration.count
  let contexts = data.contexts.map(requestContext)
  return parallelShards(of: data.count, FeaturizedRows.shardCount) { range in
    let featurizer = Featurizer(schema: router.schema)
    var features = router.makeScratch()
    var found: [Double] = []
    for i in range {
      featurizer.featurize(
        data.texts[i], context: contexts[i], embeddings: data.embeddings, row: i, into: &features)
      for head in 0..<heads {
        found.append(
          router.calibration[head].probability(
            ofMargin: router.model.margin(features, head: head)))
      }
    }
    return found
  }.flatMap { $0 }
}
