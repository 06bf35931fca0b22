import RiddleData

/// Turns replays into figures with intervals that respect clusters.
public struct ReplayFigures: Sendable {
  private let table: OutcomeTable
  private let robust: ClusterRobust

  /// - Parameters:
  ///   - table: outcomes of the replayed rows.
  ///   - clusters: resampling unit of each row; nil takes every row for itself.
  ///   - confidence: coverage, in (0, 1).
  public init(table: OutcomeTable, clusters: [Int]?, confidence: Double) {
    self.table = table
    robust = ClusterRobust(
      clusters: ClusterIndex(clusters ?? Array(0..<table.rowCount)), confidence: confidence)
  }

  /// What the replay of one policy showed.
  public func policy(_ replay: Replay, name: String, stages: String, learns: Bool)
    -> SimulationReport.PolicyReplay
  {
    SimulationReport.PolicyReplay(
      name: name, stages: stages, latency: latency(replay),
      escalated: robust.share(replay.candidatesPaid.map { $0 > 1 }),
      failed: robust.share(replay.failed),
      flagged: robust.share(replay.flagged), calls: robust.mean(replay.calls.map(Double.init)),
      feesDollars: robust.mean(replay.fees.map { Double($0) / 1e9 }),
      savedAtEqualQuality: equalQualitySavings(
        quality: qualities(replay), dollars: dollars(replay), table: table, robust: robust),
      shares: table.candidates.enumerated().map { k, name in
        .init(
          name: name,
          share: robust.share(
            replay.picks.indices.map { replay.picks[$0] == k && !replay.failed[$0] })
        )
      }, decided: shares(replay.stage, replay.stages),
      started: shares(replay.firstStage, replay.stages), learns: learns, regret: nil)
  }

  /// The figures of a sweep's point.
  public func point(_ replay: Replay, value: Double) -> SimulationReport.SweepPoint {
    let wait = milliseconds(replay)
    return SimulationReport.SweepPoint(
      value: value, quality: robust.mean(qualities(replay)),
      costDollars: robust.mean(dollars(replay)),
      p95: robust.quantile(0.95, of: wait, order: ClusterRobust.sorted(wait)),
      escalated: robust.share(replay.candidatesPaid.map { $0 > 1 }),
      failed: robust.share(replay.failed))
  }

  /// The mean of one value a row, with its interval.
  public func mean(_ values: [Double]) -> Figure { robust.mean(values) }

  /// Quality of what the user got on each row.
  public func qualities(_ replay: Replay) -> [Double] {
    replay.picks.indices.map { replay.failed[$0] ? 0 : table.quality($0, replay.picks[$0]) }
  }

  /// Dollars paid on each row; all NaN when any is unknown, since a mean over known rows alone would flatter.
  public func dollars(_ replay: Replay) -> [Double] {
    if replay.paid.contains(OutcomeTable.missingCost) {
      return [Double](repeating: .nan, count: replay.paid.count)
    }
    return replay.paid.map { Double($0) / 1e9 }
  }

  private func milliseconds(_ replay: Replay) -> [Double] {
    replay.latency.map { $0 == OutcomeTable.missingLatency ? .nan : Double($0) / 1e3 }
  }

  private func latency(_ replay: Replay) -> SimulationReport.LatencyFigures {
    let values = milliseconds(replay)
    let order = ClusterRobust.sorted(values)
    func quantile(_ level: Double) -> Figure { robust.quantile(level, of: values, order: order) }
    return SimulationReport.LatencyFigures(
      mean: robust.mean(values), p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99),
      unknown: values.count - order.count)
  }

  private func shares(_ stage: [Int], _ names: [String]) -> [SimulationReport.NamedShare] {
    var counts = [Int](repeating: 0, count: names.count)
    for index in stage { counts[index] += 1 }
    return names.indices.filter { counts[$0] > 0 }
      .sorted { counts[$0] != counts[$1] ? counts[$0] > counts[$1] : names[$0] < names[$1] }
      .map { index in
        .init(name: names[index], share: robust.share(stage.map { $0 == index }))
      }
  }
}

/// Policies that no other one beats in both cost and quality, cheapest first; of equal ones the first named. Those without a cost or
/// quality are left out.
public func paretoFrontier(_ policies: [PolicyFigures]) -> [String] {
  let known = policies.compactMap { policy -> (name: String, cost: Double, quality: Double)? in
    guard let cost = policy.costDollars.value, let quality = policy.quality.value else {
      return nil
    }
    return (policy.name, cost, quality)
  }
  var frontier: [String] = []
  var best = -Double.infinity
  let order = known.enumerated().sorted {
    $0.element.cost != $1.element.cost
      ? $0.element.cost < $1.element.cost
      : $0.element.quality != $1.element.quality
        ? $0.element.quality > $1.element.quality : $0.offset < $1.offset
  }
  for (_, policy) in order where policy.quality > best {
    frontier.append(policy.name)
    best = policy.quality
  }
  return frontier
}
