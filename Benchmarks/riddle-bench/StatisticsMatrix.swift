import Foundation
import RiddlePipeline
import RiddleRuntime

/// What `statistics` wrote.
struct StatisticsMatrix: Encodable {
  var rows: Int
  var columns: Int
}

/// Writes the text statistics of `--data`, JSON lines of `query`, `label` and `fold`, outside fold `--fold`: a
/// row-major matrix of 32-bit floats to `--matrix`, one label a row to `--labels`.
func writeStatistics(_ arguments: Arguments) throws -> StatisticsMatrix {
  var rows = SpeedRows()
  try rows.read(try arguments.one("data"), heldOutFold: try arguments.count("fold", standard: 0))
  let features = FeaturizedRows(
    texts: rows.texts,
    contexts: [RequestContext](repeating: RequestContext(), count: rows.texts.count),
    schema: FeatureSchema())
  try write(features.dense, to: try arguments.one("matrix"))
  try write(rows.targets.map { Float($0) }, to: try arguments.one("labels"))
  return StatisticsMatrix(rows: features.count, columns: features.schema.denseCount)
}

private func write(_ values: [Float], to path: String) throws {
  var bytes = Data(capacity: 4 * values.count)
  for value in values {
    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
  }
  try bytes.write(to: URL(fileURLWithPath: path))
}
