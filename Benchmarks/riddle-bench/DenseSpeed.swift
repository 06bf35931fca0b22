import Foundation
import RiddleLearning
import RiddleLinearAlgebra

/// What one run of `dense` measured.
struct DenseMeasurement: Encodable {
  var rows: Int
  var columns: Int
  /// Wall-clock and CPU seconds of every repeat.
  var wallSeconds: [Double] = []
  var cpuSeconds: [Double] = []
  var solver = ""
  var iterations = 0
  var converged = false
  /// ‖∇f‖₂ / rows.
  var gradientNorm = 0.0
  /// Σ loss + ½λ‖w‖², intercept free.
  var objective = 0.0
  /// Resident with the matrix in memory, and the most while fitting.
  var startMegabytes = 0.0
  var peakMegabytes = 0.0
}

/// Fits a dense logistic regression to a matrix in a file, columns as they are, and writes the weights, intercept
/// last, as 64-bit floats to `--coefficients`.
func measureDense(_ arguments: Arguments) throws -> DenseMeasurement {
  let data = try matrixData(arguments)
  var estimator = LogisticRegression(l2Penalty: try arguments.number("penalty", standard: 1))
  estimator.standardizesDense = false
  estimator.tolerance = try arguments.number("tolerance", standard: 1e-9)
  let name = try arguments.text("solver", standard: "automatic")
  guard let solver = LogisticRegression.Solver(rawValue: name) else {
    throw BenchError.usage("--solver \(name) is unknown")
  }
  estimator.solver = solver
  var result = DenseMeasurement(rows: data.count, columns: data.dense.columnCount)
  resetPeakMemory()
  result.startMegabytes = memoryMegabytes("VmRSS")
  for _ in 0..<max(1, try arguments.count("repeats", standard: 1)) {
    let cpu = processorSeconds()
    let start = ContinuousClock.now
    let fitted = try estimator.fit(data)
    result.wallSeconds.append((ContinuousClock.now - start) / .seconds(1))
    result.cpuSeconds.append(processorSeconds() - cpu)
    result.solver = fitted.report.solver
    result.iterations = fitted.report.iterations
    result.converged = fitted.report.converged
    result.gradientNorm = fitted.report.gradientNorm
    result.objective = fitted.report.objective
    var bytes = Data()
    for weight in fitted.model.dense + [fitted.model.intercept] {
      withUnsafeBytes(of: weight.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }
    try bytes.write(to: URL(fileURLWithPath: try arguments.one("coefficients")))
  }
  result.peakMegabytes = memoryMegabytes("VmHWM")
  return result
}
