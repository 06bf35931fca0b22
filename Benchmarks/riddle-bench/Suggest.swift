import Foundation
import RiddleData
import RiddleEvaluation
import RiddleLearning
import RiddleLinearAlgebra
import RiddlePipeline
import RiddleRuntime

/// One way of choosing the next labels, averaged over seeds, after every round.
struct SuggestMeasurement: Encodable {
  struct Line: Encodable {
    var strategy: String
    var labels: [Int]
    var auc: [Double]
    var logLoss: [Double]
    /// Mean over seeds of the difference to random picking in the last round, and its standard error: same start, same
    /// held-out rows.
    var aucGain: Double
    var aucGainError: Double
    var logLossGain: Double
    var logLossGainError: Double
    /// The differences averaged over all rounds.
    var aucGainAllRounds: Double
    var logLossGainAllRounds: Double
  }
  var rows: Int
  var heldOut: Int
  var seeds: Int
  var lines: [Line]
  var seconds: Double
}

private struct Strategy {
  var name: String
  var make: (UInt64) -> LabelSuggestion?

  static var all: [Strategy] {
    [
      Strategy(name: "random") { _ in nil },
      Strategy(name: "uncertainty") { suggestion($0, focus: 1, diverse: false, explore: 0) },
      Strategy(name: "uncertainty, focus 4") {
        suggestion($0, focus: 4, diverse: false, explore: 0)
      },
      Strategy(name: "diversity") { suggestion($0, focus: 0, diverse: true, explore: 0) },
      Strategy(name: "diversity, focus 1/4") {
        suggestion($0, focus: 0.25, diverse: true, explore: 0)
      },
      Strategy(name: "diversity, focus 1/2") {
        suggestion($0, focus: 0.5, diverse: true, explore: 0)
      },
      Strategy(name: "diversity, focus 1") { suggestion($0, focus: 1, diverse: true, explore: 0) },
      Strategy(name: "focus 1, a quarter random") {
        suggestion($0, focus: 1, diverse: true, explore: 0.25)
      },
    ]
  }

  private static func suggestion(
    _ seed: UInt64, focus: Double, diverse: Bool, explore: Double
  ) -> LabelSuggestion {
    var suggestion = LabelSuggestion()
    suggestion.seed = seed
    suggestion.focus = focus
    suggestion.isDiverse = diverse
    suggestion.explorationShare = explore
    return suggestion
  }
}

/// Starts with `--start` random labels and adds `--add` in each of `--rounds`, by every strategy, from `--seeds` seeds; a
/// fixed random quarter of the rows is held out. The threshold is the share of positives: the balanced cut.
func measureSuggestion(_ arguments: Arguments) throws -> SuggestMeasurement {
  let begin = ContinuousClock.now
  let data = try BenchRows.dataset(arguments)
  let (start, add) = (
    try arguments.count("start", standard: 500), try arguments.count("add", standard: 500)
  )
  let (rounds, seeds) = (
    try arguments.count("rounds", standard: 5), try arguments.count("seeds", standard: 5)
  )
  let firstSeed = try arguments.count("first-seed", standard: 1)
  let penalty = try arguments.number("penalty", standard: 3)
  let targets = LabelTarget.weakFails.labels(data.outcomes, head: 0, qualityThreshold: 0.5)
  let all = try trainingSet(data.texts, targets: targets)
  guard let hashed = all.hashed else { throw BenchError.input("no hashed features") }
  let sketches = QuerySketch(dense: all.dense, hashed: hashed)
  let strategies = Strategy.all
  var auc = [[[Double]]](
    repeating: [[Double]](repeating: [], count: seeds), count: strategies.count)
  var loss = auc
  for seed in 0..<seeds {
    var generator = SplitMix64(seed: UInt64(firstSeed + seed), stream: "suggest-bench")
    let order = (0..<all.count).shuffled(using: &generator)
    let heldOut = order.prefix(all.count / 4).sorted()
    let pool = Array(order.dropFirst(all.count / 4))
    let test = all.rows(heldOut)
    for (s, strategy) in strategies.enumerated() {
      var labelled = Array(pool.prefix(start))
      for round in 0...rounds {
        let model = try benchEstimator(penalty: penalty).fit(all.rows(labelled)).model
        let p = model.margins(of: test).map(logistic)
        auc[s][seed].append(Discrimination(scores: p, labels: test.targets).auc ?? .nan)
        loss[s][seed].append(
          zip(p, test.targets).reduce(0) { $0 + logLoss(probability: $1.0, label: $1.1) }
            / Double(test.count))
        if round == rounds { break }
        let known = Set(labelled)
        let open = pool.filter { !known.contains($0) }
        if let suggestion = strategy.make(UInt64((firstSeed + seed) * 100 + round)) {
          let share = labelled.reduce(0) { $0 + targets[$1] } / Double(labelled.count)
          let picks = suggestion.pick(
            probabilities: model.margins(of: all.rows(open)).map(logistic), threshold: share,
            sketches: sketches.rows(open), labelled: sketches.rows(labelled), count: add)
          labelled += picks.map { open[$0.row] }
        } else {
          labelled += open.prefix(add)
        }
      }
    }
  }
  let lines = strategies.indices.map { s in
    func mean(_ values: [[Double]], _ round: Int) -> Double {
      values.reduce(0) { $0 + $1[round] } / Double(seeds)
    }
    func gain(_ values: [[[Double]]]) -> (mean: Double, error: Double, all: Double) {
      let last = (0..<seeds).map { values[s][$0][rounds] - values[0][$0][rounds] }
      let m = last.reduce(0, +) / Double(seeds)
      let squares = last.reduce(0) { $0 + ($1 - m) * ($1 - m) }
      let every = (1...rounds).reduce(0) { $0 + mean(values[s], $1) - mean(values[0], $1) }
      return (
        m, (squares / Double(max(1, seeds - 1)) / Double(seeds)).squareRoot(),
        every / Double(rounds)
      )
    }
    let (a, l) = (gain(auc), gain(loss))
    return SuggestMeasurement.Line(
      strategy: strategies[s].name, labels: (0...rounds).map { start + $0 * add },
      auc: (0...rounds).map { mean(auc[s], $0) }, logLoss: (0...rounds).map { mean(loss[s], $0) },
      aucGain: a.mean, aucGainError: a.error, logLossGain: l.mean, logLossGainError: l.error,
      aucGainAllRounds: a.all, logLossGainAllRounds: l.all)
  }
  for line in lines { FileHandle.standardError.write(Data((row(line) + "\n").utf8)) }
  return SuggestMeasurement(
    rows: all.count, heldOut: all.count / 4, seeds: seeds, lines: lines,
    seconds: (ContinuousClock.now - begin) / .seconds(1))
}

/// One line of the table for a person.
private func row(_ line: SuggestMeasurement.Line) -> String {
  func text(_ value: Double) -> String { String(format: "%.4f", value) }
  func signed(_ value: Double) -> String { String(format: "%+.4f", value) }
  let name = line.strategy.padding(toLength: 28, withPad: " ", startingAt: 0)
  return "\(name) AUC \(line.auc.map(text).joined(separator: " "))"
    + "  log loss \(line.logLoss.map(text).joined(separator: " "))"
    + "  last round vs random: AUC \(signed(line.aucGain)) ± \(text(line.aucGainError)),"
    + " log loss \(signed(line.logLossGain)) ± \(text(line.logLossGainError))"
    + "; all rounds \(signed(line.aucGainAllRounds)), \(signed(line.logLossGainAllRounds))"
}
