import RiddleData

/// Turns replays into figures with intervals that respect clusters.
public struct ReplayFigures: Sendable {
  private let table: OutcomeTable
  /// Outcomes of fixed candidates in the replayed world.
  private let fixed: OutcomeTable
  private let robust: ClusterRobust

  /// - Parameters:
  ///   - table: outcomes of the replayed rows.
  ///   - fixed: outcomes of fixed candidates where the world has failures (``World/outcomes(_:)``); nil for `table`.
  ///   - clusters: resampling unit of each row; nil takes every row for itself.
  ///   - confidence: coverage, in (0, 1).
  public init(
    table: OutcomeTable, fixed: OutcomeTable? = nil, clusters: [Int]?, confidence: Double
  ) {
    self.table = table
    self.fixed = fixed ?? table
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
        quality: qualities(replay), dollars: dollars(replay), table: fixed, robust: robust),
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

/// Names of what nothing else beats in both cost and quality, cheapest first; of equal ones the first named. What lacks a cost or a
/// quality is left out.
public func paretoFrontier(points: [(name: String, cost: Double?, quality: Double?)]) -> [String] {
  let known = points.compactMap { point -> (name: String, cost: Double, quality: Double)? in
    guard let cost = point.cost, let quality = point.quality else { return nil }
    return (point.name, cost, quality)
  }
  var frontier: [String] = []
  var best = -Double.infinity
  let order = known.enumerated().sorted {
    $0.element.cost != $1.element.cost
      ? $0.element.cost < $1.element.cost
      : $0.element.quality != $1.element.quality
        ? $0.element.quality > $1.element.quality : $0.offset < $1.offset
  }
  for (_, point) in order where point.quality > best {
    frontier.append(point.name)
    best = point.quality
  }
  return frontier
}

/// The frontier of evaluated policies.
public func paretoFrontier(_ policies: [PolicyFigures]) -> [String] {
  paretoFrontier(points: policies.map { ($0.name, $0.costDollars.value, $0.quality.value) })
}

extension SimulationReport {
  /// Policies, fixed candidates and the wall without its oracles by mean cost and quality.
  public var operatingPoints: [(name: String, cost: Double?, quality: Double?)] {
    let isFixed = Set(fixed.isEmpty ? [] : ["always-cheapest", "always-strongest"])
    let wall = evaluation.baselines.filter {
      !$0.name.hasPrefix("oracle") && !isFixed.contains($0.name)
    }
    return evaluation.routers.map { ($0.name, $0.costDollars.value, $0.quality.value) }
      + fixed.map { ($0.replay.name, $0.point.costDollars.value, $0.point.quality.value) }
      + wall.map { ($0.name, $0.costDollars.value, $0.quality.value) }
  }
}
