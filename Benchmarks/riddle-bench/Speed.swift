import Foundation
import RiddleData
import RiddleEvaluation
import RiddleLearning
import RiddlePipeline
import RiddleRuntime

/// What one run of `speed` measured.
struct SpeedMeasurement: Encodable {
  var mode: String
  var rows = 0
  var featurizeSeconds: Double?
  var fitSeconds: Double?
  var totalSeconds = 0.0
  var processorSeconds = 0.0
  var passes = 0
  var converged = true
  var gradientNorm = 0.0
  /// Resident when the clock starts: for modes other than `file`, the texts.
  var startMegabytes = 0.0
  /// Largest resident memory while the clock runs, what was there before included.
  var peakMegabytes = 0.0
  var progressiveLogLoss: Double?
  var heldOutRows = 0
  var heldOutLogLoss = 0.0
}

/// Featurizes and fits `--data`, JSON lines of `query`, `label` (0 or 1) and `fold`, outside fold `--fold`; scores
/// that fold afterwards. Modes: `dual` and `batch` keep all rows in memory, `stream` learns in one pass.
func measureSpeed(_ arguments: Arguments) throws -> SpeedMeasurement {
  let mode = try arguments.one("mode")
  if mode == "router" { return try measureStreamedRouter(arguments) }
  let penalty = try arguments.number("penalty", standard: 1)
  var rows = SpeedRows()
  try rows.read(try arguments.one("data"), heldOutFold: try arguments.count("fold", standard: 0))
  var result = SpeedMeasurement(mode: mode)
  result.rows = rows.texts.count
  resetPeakMemory()
  result.startMegabytes = memoryMegabytes("VmRSS")
  let processorStart = processorSeconds()
  let start = ContinuousClock.now
  let model: LogisticCoefficients
  switch mode {
  case "dual", "batch":
    let features = FeaturizedRows(
      texts: rows.texts,
      contexts: [RequestContext](repeating: RequestContext(), count: rows.texts.count),
      schema: benchSchema)
    let featurized = ContinuousClock.now
    let fitted: Fitted<LogisticCoefficients>
    if mode == "dual" {
      var estimator = DualLogistic(l2Penalty: penalty)
      estimator.densePenaltyMultiplier = densePenaltyMultiplier
      estimator.tolerance = try arguments.number("tolerance", standard: estimator.tolerance)
      estimator.maximumPasses = try arguments.count("passes", standard: estimator.maximumPasses)
      fitted = try estimator.fit(features.compactRows(targets: rows.targets))
    } else {
      var estimator = benchEstimator(penalty: penalty)
      estimator.tolerance = try arguments.number("tolerance", standard: 2e-4)
      fitted = try estimator.fit(trainingSet(features, targets: rows.targets))
    }
    result.featurizeSeconds = (featurized - start) / .seconds(1)
    result.fitSeconds = (ContinuousClock.now - featurized) / .seconds(1)
    (result.passes, result.converged) = (fitted.report.iterations, fitted.report.converged)
    result.gradientNorm = fitted.report.gradientNorm
    model = fitted.model
  case "stream":
    var settings = StreamingLogistic.Settings()
    settings.hashedRate = try arguments.number("rate", standard: settings.hashedRate)
    settings.denseRate = try arguments.number("dense-rate", standard: settings.denseRate)
    settings.smoothing = try arguments.number("smoothing", standard: settings.smoothing)
    settings.l2Penalty = penalty
    var steps = try StreamingSteps(schema: benchSchema, heads: 1, settings: settings)
    for first in stride(from: 0, to: rows.texts.count, by: 2048) {
      let range = first..<min(first + 2048, rows.texts.count)
      try steps.push(
        texts: Array(rows.texts[range]),
        contexts: [RequestContext](repeating: RequestContext(), count: range.count),
        targets: [Array(rows.targets[range])])
    }
    try steps.finish()
    let learner = steps.learners[0]
    result.progressiveLogLoss = learner.progressiveLoss
    result.passes = 1
    model = try learner.finished().model
  default: throw BenchError.usage("--mode is dual, batch, stream or router, not \(mode)")
  }
  result.totalSeconds = (ContinuousClock.now - start) / .seconds(1)
  result.processorSeconds = processorSeconds() - processorStart
  result.peakMegabytes = memoryMegabytes("VmHWM")

  let judged = FeaturizedRows(
    texts: rows.heldOutTexts,
    contexts: [RequestContext](repeating: RequestContext(), count: rows.heldOutTexts.count),
    schema: benchSchema)
  let judgedRows = try judged.compactRows(targets: rows.heldOutTargets)
  for (margin, target) in zip(model.margins(of: judgedRows), rows.heldOutTargets) {
    result.heldOutLogLoss += logLoss(probability: logistic(margin), label: target)
  }
  result.heldOutRows = rows.heldOutTexts.count
  result.heldOutLogLoss /= Double(max(1, result.heldOutRows))
  return result
}

/// Trains a whole router from `--data` row after row, the file read as it goes: split, fit, calibration, thresholds,
/// export. `label` 1 means that the weak candidate is right.
func measureStreamedRouter(_ arguments: Arguments) throws -> SpeedMeasurement {
  var result = SpeedMeasurement(mode: "router")
  let fold = try arguments.count("fold", standard: 0)
  var judged = SpeedRows()
  let plan = TrainingPlan(features: .text, penalties: [1])
  result.startMegabytes = memoryMegabytes("VmRSS")
  resetPeakMemory()
  let processorStart = processorSeconds()
  let start = ContinuousClock.now
  var training = try StreamingTraining(candidates: ["weak", "strong"], plan: plan)
  try forEachSpeedRow(try arguments.one("data")) { text, label, rowFold in
    if rowFold == fold {
      // Enough to judge by, few enough not to count as memory of the run.
      if judged.heldOutTexts.count < 5000 {
        judged.heldOutTexts.append(text)
        judged.heldOutTargets.append(1 - label)
      }
      return
    }
    result.rows += 1
    try training.add(
      LoggedQuery(
        id: "", text: text,
        outcomes: [
          CandidateOutcome(candidate: "weak", outcome: Outcome(quality: label)),
          CandidateOutcome(candidate: "strong", outcome: Outcome(quality: 1)),
        ]))
  }
  let made = try training.finish()
  result.totalSeconds = (ContinuousClock.now - start) / .seconds(1)
  result.processorSeconds = processorSeconds() - processorStart
  result.peakMegabytes = memoryMegabytes("VmHWM")
  result.passes = 1
  result.progressiveLogLoss = made.progressiveLoss[0]
  var scratch = made.trained.router.makeScratch()
  for (text, target) in zip(judged.heldOutTexts, judged.heldOutTargets) {
    let decision = made.trained.router.decide(
      text.utf8Span.span, context: RequestContext(), scratch: &scratch)
    result.heldOutLogLoss += logLoss(probability: decision.probability, label: target)
  }
  result.heldOutRows = judged.heldOutTexts.count
  result.heldOutLogLoss /= Double(max(1, result.heldOutRows))
  return result
}

/// Rows of a speed run in memory.
struct SpeedRows {
  var texts: [String] = []
  var targets: [Double] = []
  var heldOutTexts: [String] = []
  var heldOutTargets: [Double] = []

  mutating func read(_ path: String, heldOutFold: Int) throws {
    try forEachSpeedRow(path) { text, label, fold in
      if fold == heldOutFold {
        heldOutTexts.append(text)
        heldOutTargets.append(label)
      } else {
        texts.append(text)
        targets.append(label)
      }
    }
  }
}

/// Reads `{"query": …, "label": …, "fold": …}` line by line, one line in memory.
func forEachSpeedRow(_ path: String, _ body: (String, Double, Int) throws -> Void) throws {
  guard let file = fopen(path, "r") else { throw BenchError.input("\(path): cannot be read") }
  defer { fclose(file) }
  var line: UnsafeMutablePointer<CChar>?
  var capacity = 0
  defer { free(line) }
  var number = 0
  while true {
    let length = getline(&line, &capacity, file)
    guard length > 0, let line else { return }
    number += 1
    let data = Data(bytes: line, count: length)
    let object = try JSONSerialization.jsonObject(with: data) as? [String: Any]
    guard let object, let text = object["query"] as? String, let label = object["label"] as? Int,
      let fold = object["fold"] as? Int
    else { throw BenchError.input("\(path), line \(number): needs query, label and fold") }
    try body(text, Double(label), fold)
  }
}

/// User and system time of the process.
func processorSeconds() -> Double {
  var usage = rusage()
  getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
  func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
  return seconds(usage.ru_utime) + seconds(usage.ru_stime)
}

/// A line of /proc/self/status in megabytes: `VmRSS` now, `VmHWM` at most.
func memoryMegabytes(_ name: String) -> Double {
  let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
  for line in status.split(separator: "\n") where line.hasPrefix(name + ":") {
    let digits = line.filter(\.isNumber)
    return (Double(String(digits)) ?? 0) / 1024
  }
  return 0
}

/// Makes `VmHWM` count from now on.
func resetPeakMemory() {
  guard let file = fopen("/proc/self/clear_refs", "w") else { return }
  fputs("5", file)
  fclose(file)
}
