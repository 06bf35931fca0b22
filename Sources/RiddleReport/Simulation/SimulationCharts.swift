import RiddleEvaluation

/// The replay's own charts: what confidence is worth, and what learning costs.
enum SimulationCharts {
  /// Most curves of one chart.
  private static let mostCurves = 8

  /// Risk by coverage of each signal, and cumulative regret of each bandit; nothing where there is none.
  static func render(_ report: SimulationReport) -> Markup {
    var charts: Markup = ""
    let signals = report.confidence.prefix(mostCurves).compactMap { signal -> LineChart.Series? in
      let points = signal.curve.map { (x: $0.coverage * 100, y: $0.risk) }
      return points.count > 1
        ? LineChart.Series(name: "\(signal.candidate), \(signal.source)", points: points) : nil
    }
    if !signals.isEmpty {
      charts +=
        LineChart(
          id: "risk-coverage", title: "Risk by coverage",
          x: "Share of answers accepted, the most confident first, %",
          y: "Risk: 1 − mean quality of the accepted answers", series: signals
        ).render()
    }
    let regrets = report.policies.filter { $0.regret != nil }.prefix(mostCurves / 2).flatMap {
      policy -> [LineChart.Series] in
      let curve = policy.regret?.curve ?? []
      func series(_ name: String, _ figure: (BanditRegret.Point) -> Figure) -> LineChart.Series {
        LineChart.Series(
          name: "\(policy.name) against \(name)",
          points: curve.compactMap { point in
            figure(point).value.map { (x: Double(point.requests), y: $0) }
          })
      }
      return [
        series("the best fixed candidate") { $0.versusBest },
        series("the oracle") { $0.versusOracle },
      ].filter { $0.points.count > 1 }
    }
    if !regrets.isEmpty {
      charts +=
        LineChart(
          id: "regret", title: "Regret of policies that learn", x: "Requests served",
          y: "Regret so far, in the policy's own reward", series: Array(regrets)
        ).render()
    }
    return charts
  }
}
