import Foundation
import RiddleData
import RiddleEvaluation

/// How often promises about a threshold are broken when rows are drawn again and again from a population whose truth is
/// known.
///
/// A query has a score s, uniform in [0, 1]. The strong candidate alone is right with probability 0.45 s², the weak one alone
/// with probability 0.04, both or neither else. Leaving the queries with s ≤ t to the weak candidate loses
/// 0.15 t³ − 0.04 t of quality on average: exactly known for every threshold.
struct PromisePopulation {
  static func trueLoss(_ t: Double) -> Double { 0.15 * t * t * t - 0.04 * t }

  /// Draws labelled rows.
  static func draw(_ rows: Int, _ stream: inout SplitMix64) -> (
    margins: [Double], table: OutcomeTable, keys: [UInt64]
  ) {
    var margins: [Double] = []
    var quality: [Double] = []
    var keys: [UInt64] = []
    for _ in 0..<rows {
      let s = stream.unit()
      let u = stream.unit()
      quality += u < 0.45 * s * s ? [0, 1] : u > 0.96 ? [1, 0] : [1, 1]
      margins.append(s)
      keys.append(stream.next())
    }
    let unknown = [Int64](repeating: OutcomeTable.missingLatency, count: 2 * rows)
    let cost = (0..<2 * rows).map { Int64($0 % 2 == 0 ? 0 : 1_000_000) }
    return (
      margins,
      OutcomeTable(candidates: ["weak", "strong"], quality: quality, cost: cost, latency: unknown),
      keys
    )
  }
}

/// One line of the table.
struct PromiseRecord: Encodable {
  var rows: Int
  var limit: Double
  var method: String
  /// Draws in which the true loss of the chosen threshold exceeds the limit.
  var broken: Int
  var draws: Int
  /// Clopper–Pearson, 95 %.
  var low: Double
  var high: Double
  /// Mean share of queries left to the weak candidate: what the strong one would have cost and is saved.
  var saving: Double
  /// Draws in which no threshold was certified.
  var none: Int
}

/// Violation rates of every method over `--draws` draws (1 000) of `--rows` labelled rows, and of picking the cheapest threshold
/// whose observed loss stays below the limit. The table goes to standard error.
func measurePromises(_ arguments: Arguments) throws -> [PromiseRecord] {
  let draws = try arguments.count("draws", standard: 1000)
  let sizes = try arguments.numbers("rows", standard: [1000, 4000])
  let limits = try arguments.numbers("limits", standard: [0.02, 0.05])
  let confidence = try arguments.number("confidence", standard: 0.95)
  var records: [PromiseRecord] = []
  for size in sizes {
    for limit in limits {
      records += try promiseRecords(
        rows: Int(size), limit: limit, confidence: confidence, draws: draws,
        seed: UInt64(try arguments.count("seed", standard: 1)))
    }
  }
  FileHandle.standardError.write(Data(promiseTable(records, confidence: confidence).utf8))
  return records
}

private func promiseRecords(
  rows: Int, limit: Double, confidence: Double, draws: Int, seed: UInt64
) throws -> [PromiseRecord] {
  guard rows > 0, limit > 0, limit < 1, confidence > 0, confidence < 1, draws > 0 else {
    throw BenchError.usage("--rows, --draws above 0; --limits and --confidence between 0 and 1")
  }
  let grid = (0...200).map { Double($0) / 200 }
  let names = RiskBound.allCases.map(\.rawValue) + ["best on validation"]
  var broken = [Int](repeating: 0, count: names.count)
  var none = broken
  var saving = [Double](repeating: 0, count: names.count)
  var stream = SplitMix64(seed: seed, stream: "promises")
  for _ in 0..<draws {
    let (margins, table, keys) = PromisePopulation.draw(rows, &stream)
    let losses = PairedLosses(table, keys: keys)
    let family = ThresholdFamily(margins: margins, base: [0], offsets: grid)
    func record(_ place: Int, _ threshold: Double?) {
      guard let threshold else {
        none[place] += 1
        return
      }
      saving[place] += threshold
      if PromisePopulation.trueLoss(threshold) > limit { broken[place] += 1 }
    }
    for (place, method) in RiskBound.allCases.enumerated() {
      let found = certifyThreshold(
        family, losses: losses,
        terms: PromiseTerms(maximumLoss: limit, confidence: confidence, method: method))
      record(place, found.offset)
      if place == 0 { record(names.count - 1, found.bestOnValidation) }
    }
  }
  return names.indices.map { place in
    let interval = clopperPearsonInterval(successes: broken[place], trials: draws)
    return PromiseRecord(
      rows: rows, limit: limit, method: names[place], broken: broken[place], draws: draws,
      low: interval.low ?? 0, high: interval.high ?? 1, saving: saving[place] / Double(draws),
      none: none[place])
  }
}

private func promiseTable(_ records: [PromiseRecord], confidence: Double) -> String {
  func percent(_ x: Double) -> String { String(format: "%5.1f", 100 * x) }
  var text =
    "promised: mean quality loss at most the limit, with \(percent(confidence))% confidence: broken in at most \(percent(1 - confidence))% of the draws\n"
  text +=
    "  rows  limit  method              broken %  [95 % interval]  saving %  nothing certified %\n"
  for r in records {
    let name = r.method.padding(toLength: 18, withPad: " ", startingAt: 0)
    text += String(format: "%6d  %5.2f  ", r.rows, r.limit)
    text +=
      "\(name)     \(percent(Double(r.broken) / Double(r.draws)))  [\(percent(r.low)) \(percent(r.high))]     \(percent(r.saving))                \(percent(Double(r.none) / Double(r.draws)))\n"
  }
  return text
}
