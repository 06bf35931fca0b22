import RiddleData

/// All estimators of one target under bootstrap counts, and the logging policy's own mean.
///
/// Every estimate is linear in the counts once ŵ and the predictions are known, so that ŵ is computed once and a replicate
/// costs one multiplication and one addition per decision and estimator.
struct OffPolicyWork: Sendable {
  private let log: LoggedActions
  private let target: TargetPolicy?
  private let estimators: [OffPolicyEstimator]
  /// ŵ, decisions × estimators.
  private let effective: [Double]
  private let given: [Double]?
  private let means: CrossFittedMeans
  private let clusters: ClusterIndex

  /// Rows that are summed up before their sum is added to the others: rounding grows with √n blocks, not with n rows.
  private static let blockRows = 1024

  /// - Parameters:
  ///   - target: the policy; nil is for the logging policy's mean alone.
  ///   - weights: importance weights, one a decision; empty without a target.
  init(
    log: LoggedActions, target: TargetPolicy?, weights: [Double],
    estimators: [OffPolicyEstimator], model: RewardModel, seed: UInt64
  ) {
    self.log = log
    self.target = target
    self.estimators = estimators
    effective = weights.flatMap { w in estimators.map { $0.effectiveWeight(w) } }
    given = if case .given(let predictions) = model { predictions } else { nil }
    let index = ClusterIndex(log.clusters)
    clusters = index
    let folds = CrossFittedMeans.folds(clusters: index.count, seed: seed)
    means = CrossFittedMeans(
      candidateCount: log.candidates.count, folds: index.ofRow.map { folds[Int($0)] },
      groups: log.groups ?? [Int32](repeating: 0, count: log.count))
  }

  /// The logging policy's mean reward, then value and difference of every estimator, with intervals.
  ///
  /// The replicates depend on the seed alone: those of two targets count the same decisions.
  func figures(_ settings: OffPolicySettings) -> [Figure] {
    let estimate = values([Double](repeating: 1, count: log.count))
    if settings.replicates == 0 { return estimate.map { Figure($0.isFinite ? $0 : nil) } }
    let plan = Resampling(
      clusterCount: clusters.count, replicates: settings.replicates, seed: settings.seed,
      method: settings.method)
    let shardSize = 16
    let shards = inShards((plan.total + shardSize - 1) / shardSize, threads: settings.threads) {
      shard -> [[Double]] in
      var counts = [Double](repeating: 0, count: plan.clusterCount)
      return (shard * shardSize..<min(plan.total, (shard + 1) * shardSize)).map { r in
        plan.draw(r, into: &counts)
        return values(clusters.ofRow.map { counts[Int($0)] })
      }
    }
    let replicates = shards.flatMap { $0 }
    return estimate.indices.map { j in
      let column = replicates.map { $0[j] }
      return settings.method.figure(
        value: estimate[j], replicates: Array(column.prefix(settings.replicates)),
        jackknife: Array(column.dropFirst(settings.replicates)), confidence: settings.confidence)
    }
  }

  /// All values when decision i counts `counts[i]` times, NaN where undefined.
  func values(_ counts: [Double]) -> [Double] {
    let width = estimators.count
    let fitted =
      given == nil && target != nil
      ? means.fit(counts, actions: log.actions, rewards: log.rewards) : nil
    // Per estimator Σ c ŵ v, v = reward or residual; then Σ c ŵ of the self-normalised, Σ c q̄, Σ c r, Σ c.
    var sums = [Double](repeating: 0, count: 2 * width + 3)
    let usesModel = estimators.map(\.usesModel)
    var start = 0
    while start < log.count {
      var block = [Double](repeating: 0, count: sums.count)
      let end = min(start + Self.blockRows, log.count)
      for i in start..<end where counts[i] != 0 {
        let count = counts[i]
        let reward = log.rewards[i]
        block[2 * width + 1] += count * reward
        block[2 * width + 2] += count
        guard let target else { continue }
        let (own, expected) = predictions(i, target, fitted)
        block[2 * width] += count * expected
        let (counted, residual) = (count * reward, count * (reward - own))
        let row = i * width
        for e in 0..<width {
          let weight = effective[row + e]
          block[e] += weight * (usesModel[e] ? residual : counted)
          block[width + e] += weight * count
        }
      }
      for j in sums.indices { sums[j] += block[j] }
      start = end
    }
    let rows = sums[2 * width + 2]
    let logged = sums[2 * width + 1] / rows
    var out = [logged]
    if target == nil { return out }
    for (e, estimator) in estimators.enumerated() {
      let sum = usesModel[e] ? sums[e] + sums[2 * width] : sums[e]
      let value = sum / (estimator.isSelfNormalized ? sums[width + e] : rows)
      out.append(value)
      out.append(value - logged)
    }
    return out
  }

  /// q̂ of the logged candidate, and Σₐ π(a|x) q̂(x, a), of decision `i`.
  ///
  /// Mass on candidates that the log does not have is valued at the mean of the decision's predictions: something must
  /// be said about it, and the report says how much of it there is.
  private func predictions(
    _ i: Int, _ target: TargetPolicy, _ fitted: CrossFittedMeans.Fitted?
  ) -> (own: Double, expected: Double) {
    let width = log.candidates.count
    let row = fitted?.row(i) ?? i * width
    func q(_ k: Int) -> Double {
      if let fitted { return fitted.prediction(row: row, k) }
      return given?[row + k] ?? 0
    }
    let own = q(Int(log.actions[i]))
    if case .picks(let picks) = target.choice, picks[i] >= 0 { return (own, q(Int(picks[i]))) }
    var (sum, mass, mean) = (0.0, 0.0, 0.0)
    for k in 0..<width {
      let p = target.probability(i, k, width: width)
      sum += p * q(k)
      mass += p
      mean += q(k) / Double(width)
    }
    if 1 - mass > TargetPolicy.tolerance { sum += (1 - mass) * mean }
    return (own, sum)
  }
}
