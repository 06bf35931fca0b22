import RiddleExport
import RiddleRuntime

/// The router with its hashed table in another precision and probes to match.
func requantised(_ router: Router, to precision: StoredPrecision) -> Router {
  func rounded(_ model: LinearModel) -> LinearModel {
    if model.hashed.count == 0 { return model }
    let weights = (0..<model.hashed.count).map { Double(model.hashed.weight(at: $0)) }
    return LinearModel(
      headCount: model.headCount, intercepts: model.intercepts, dense: model.dense,
      hashed: HashedWeights(
        rounding: weights, bucketBits: model.hashed.bucketBits, headCount: model.headCount,
        to: precision))
  }
  let smaller: RouterModel
  switch router.model {
  case .linear(let linear): smaller = .linear(rounded(linear))
  case .stack(let linear, let forest): smaller = .stack(rounded(linear), forest)
  case .tree, .forest: return router
  }
  func with(_ probes: [Probe]) -> Router {
    Router(
      schema: router.schema, model: smaller, calibration: router.calibration,
      rule: router.rule, thresholds: router.thresholds, candidates: router.candidates,
      probes: probes,
      metadata: router.metadata)
  }
  return with(ProbeSet.probes(for: with([])))
}
