import Foundation
import RiddleLearning
import RiddleLinearAlgebra
import RiddleRuntime

/// What one run of `boosting` or `cart` measured.
struct TreeMeasurement: Encodable {
  var rows: Int
  var columns: Int
  /// Wall-clock and CPU seconds of every repeat, binning included.
  var wallSeconds: [Double] = []
  var cpuSeconds: [Double] = []
  /// Trees of the forest, or nodes of the tree.
  var size = 0
  /// Mean training log loss, or weighted Gini impurity of the leaves.
  var objective = 0.0
}

/// Fits boosted trees to a matrix in a file.
func measureBoosting(_ arguments: Arguments) throws -> TreeMeasurement {
  var settings = GradientBoosting()
  settings.maximumTrees = try arguments.count("trees", standard: 100)
  settings.maximumLeaves = try arguments.count("leaves", standard: 31)
  settings.learningRate = try arguments.number("rate", standard: 0.1)
  settings.minimumLeafRows = try arguments.count("leaf-rows", standard: 20)
  let estimator = settings
  return try measure(arguments) { data in
    let fitted = try estimator.fit(data)
    return (fitted.report.iterations, fitted.report.objective)
  }
}

/// Grows one tree on a matrix in a file.
func measureTree(_ arguments: Arguments) throws -> TreeMeasurement {
  var settings = DecisionTree()
  settings.maximumDepth = try arguments.count("depth", standard: 8)
  settings.minimumLeafWeight = try arguments.number("leaf-rows", standard: 150)
  let estimator = settings
  return try measure(arguments) { data in
    let fitted = try estimator.fit(data)
    return (fitted.model.nodes.count, fitted.report.objective)
  }
}

private func measure(
  _ arguments: Arguments, _ fit: (TrainingSet) throws -> (Int, Double)
) throws -> TreeMeasurement {
  let data = try matrixData(arguments)
  var result = TreeMeasurement(rows: data.count, columns: data.dense.columnCount)
  for _ in 0..<max(1, try arguments.count("repeats", standard: 3)) {
    let cpu = clock()
    let start = ContinuousClock.now
    (result.size, result.objective) = try fit(data)
    result.wallSeconds.append((ContinuousClock.now - start) / .seconds(1))
    result.cpuSeconds.append(Double(clock() - cpu) / Double(CLOCKS_PER_SEC))
  }
  return result
}

/// The rows of `--matrix` and `--labels`.
func matrixData(_ arguments: Arguments) throws -> TrainingSet {
  let targets = try floats(arguments.one("labels")).map { Double($0) }
  let values = try floats(arguments.one("matrix"))
  if targets.isEmpty || values.count % targets.count != 0 {
    throw BenchError.input("\(values.count) values do not make \(targets.count) rows")
  }
  let dense = Matrix(
    rowCount: targets.count, columnCount: values.count / targets.count, widening: values)
  return try TrainingSet(dense: dense, targets: targets)
}

/// A file of little-endian 32-bit floats.
private func floats(_ path: String) throws -> [Float] {
  let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
  if bytes.count % 4 != 0 { throw BenchError.input("\(path): not a whole number of floats") }
  return (0..<(bytes.count / 4)).map { i in
    let at = bytes.startIndex + 4 * i
    let bits =
      UInt32(bytes[at]) | UInt32(bytes[at + 1]) << 8 | UInt32(bytes[at + 2]) << 16
      | UInt32(bytes[at + 3]) << 24
    return Float(bitPattern: bits)
  }
}
