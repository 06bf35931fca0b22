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
  let changed = router.replacing(model: smaller)
  return changed.replacing(probes: ProbeSet.probes(for: changed))
}
