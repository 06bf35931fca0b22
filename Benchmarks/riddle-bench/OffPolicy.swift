import Foundation
import RiddleData
import RiddleEvaluation

/// How often intervals of off-policy estimates cover the truth, in a world where the truth is known.
struct OffPolicyMeasurement: Encodable {
  struct Line: Encodable {
    var estimator: String
    /// Share of logs whose interval holds the true value.
    var coverage: Double
    /// Mean of the estimates minus the true value.
    var bias: Double
    var rootMeanSquareError: Double
    var meanWidth: Double
  }
  var logs: Int
  var rows: Int
  var replicates: Int
  var confidence: Double
  var truth: Double
  var lines: [Line]
  var seconds: Double
}

/// Simulates logs of three candidates. x is uniform; candidate k is right with probability 0.3 + 0.6 x, 0.6, 0.9 − 0.5 x; the
/// logging policy's propensities are 0.15 + 0.5 x, 0.15, 0.7 − 0.5 x; the target asks candidate 2 below x = ½, else candidate 0.
/// Its value is 0.3875 + 0.375.
func measureOffPolicy(_ arguments: Arguments) throws -> OffPolicyMeasurement {
  let logs = try arguments.count("logs", standard: 2000)
  let rows = try arguments.count("rows", standard: 1000)
  var settings = OffPolicySettings()
  settings.replicates = try arguments.count("replicates", standard: 1000)
  settings.confidence = try arguments.number("confidence", standard: 0.95)
  settings.threads = ProcessInfo.processInfo.activeProcessorCount
  let truth = 0.7625
  let start = Date()
  var found: [String: [(value: Double, low: Double, high: Double)]] = [:]
  for seed in 0..<UInt64(logs) {
    var stream = SplitMix64(seed: seed, stream: "simulated")
    var picks: [Int32] = []
    let decisions = (0..<rows).map { i in
      let x = stream.unit()
      let logging = [0.15 + 0.5 * x, 0.15, 0.7 - 0.5 * x]
      let u = stream.unit()
      let action = u < logging[0] ? 0 : u < logging[0] + logging[1] ? 1 : 2
      let right = [0.3 + 0.6 * x, 0.6, 0.9 - 0.5 * x][action]
      picks.append(x < 0.5 ? 2 : 0)
      return LoggedDecision(
        id: "\(i)", candidate: "c\(action)", quality: stream.unit() < right ? 1 : 0,
        propensity: logging[action])
    }
    let log = try LoggedActions(DecisionLog(decisions: decisions))
    settings.seed = seed
    let report = try evaluateOffPolicy(
      log, targets: [TargetPolicy(name: "t", choice: .picks(picks))], settings: settings)
    for estimate in report.targets[0].estimates {
      guard let value = estimate.value.value, let low = estimate.value.low,
        let high = estimate.value.high
      else { throw BenchError.input("an estimate of log \(seed) is undefined") }
      found[estimate.estimator, default: []].append((value, low, high))
    }
  }
  let lines = settings.estimators.map { estimator in
    let all = found[estimator.name] ?? []
    let n = Double(max(1, all.count))
    return OffPolicyMeasurement.Line(
      estimator: estimator.name,
      coverage: Double(all.count { $0.low <= truth && truth <= $0.high }) / n,
      bias: all.reduce(0) { $0 + $1.value - truth } / n,
      rootMeanSquareError: (all.reduce(0) { $0 + ($1.value - truth) * ($1.value - truth) } / n)
        .squareRoot(),
      meanWidth: all.reduce(0) { $0 + $1.high - $1.low } / n)
  }
  return OffPolicyMeasurement(
    logs: logs, rows: rows, replicates: settings.replicates, confidence: settings.confidence,
    truth: truth, lines: lines, seconds: Date().timeIntervalSince(start))
}
