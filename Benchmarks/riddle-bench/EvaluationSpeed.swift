import Foundation
import RiddleData
import RiddleEvaluation

/// Seconds of one full evaluation on made rows: all metrics, the wall, intervals, curves.
struct EvaluationTiming: Encodable {
  var rows: Int
  var routers: Int
  var replicates: Int
  var threads: Int
  var seconds: Double
  var processorSeconds: Double
  var peakMegabytes: Double
  var apgr: [Double?]
}

/// Evaluates `--routers` made routers on `--rows` made rows of a pair, whose outcomes, costs and scores come from a seed.
/// `--table FILE` writes the rows as 64-bit floats for the peer: weak, strong, weak dollars, strong dollars, length, then a
/// score per router.
func measureEvaluation(_ arguments: Arguments) throws -> EvaluationTiming {
  let rows = Int(try arguments.number("rows", standard: 14_000))
  let routers = Int(try arguments.number("routers", standard: 5))
  let replicates = Int(try arguments.number("replicates", standard: 2000))
  let threads = Int(try arguments.number("threads", standard: 2))
  var stream = SplitMix64(seed: 17)
  var quality: [Double] = []
  var cost: [Int64] = []
  var lengths: [Double] = []
  var keywords: [Double] = []
  var keys: [UInt64] = []
  var segments: [String] = []
  var scores = [[Double]](repeating: [], count: routers)
  for _ in 0..<rows {
    let hardness = stream.unit()
    quality.append(stream.unit() < 0.95 - 0.6 * hardness ? 1 : 0)
    quality.append(stream.unit() < 0.97 - 0.2 * hardness ? 1 : 0)
    let length = (40 + 400 * (0.3 * hardness + 0.7 * stream.unit())).rounded()
    cost.append(Int64(40 * length))
    cost.append(Int64(2000 * length))
    lengths.append(length)
    keywords.append([0, 0.5, 1][stream.below(3)])
    keys.append(stream.next())
    segments.append("segment-\(stream.below(20))")
    for r in 0..<routers {
      let blur = 0.3 + 0.6 * Double(r) / Double(routers)
      scores[r].append((1 - blur) * hardness + blur * stream.unit())
    }
  }
  let table = OutcomeTable(
    candidates: ["weak", "strong"], quality: quality, cost: cost,
    latency: [Int64](repeating: OutcomeTable.missingLatency, count: cost.count))
  if let file = try? arguments.one("table") {
    try writeTable(table, lengths: lengths, scores: scores, to: file)
  }
  let policies = scores.enumerated().map { r, column in
    ScoredPolicy(
      name: "router-\(r + 1)", kind: "made", margins: column, thresholds: [0.5],
      probabilities: column)
  }
  let wall = BaselineInputs(
    lengths: lengths, keywordScores: keywords, rowKeys: keys, segments: segments,
    segmentField: "task_type")
  let start = DispatchTime.now().uptimeNanoseconds
  let before = processorSeconds()
  let report = try evaluate(
    table, routers: policies, wall: wall,
    settings: EvaluationSettings(replicates: replicates, seed: 1, threads: threads))
  return EvaluationTiming(
    rows: rows, routers: routers, replicates: replicates, threads: threads,
    seconds: Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9,
    processorSeconds: processorSeconds() - before, peakMegabytes: memoryMegabytes("VmHWM"),
    apgr: report.routers.map(\.apgr.value))
}

private func writeTable(
  _ table: OutcomeTable, lengths: [Double], scores: [[Double]], to file: String
) throws {
  var values: [Double] = []
  for i in 0..<table.rowCount {
    values += [table.quality(i, 0), table.quality(i, 1)]
    values += [0, 1].map { Double(table.cost(i, $0) ?? 0) / 1e9 }
    values.append(lengths[i])
    values += scores.map { $0[i] }
  }
  try values.withUnsafeBytes { Data($0) }.write(to: URL(fileURLWithPath: file))
}
