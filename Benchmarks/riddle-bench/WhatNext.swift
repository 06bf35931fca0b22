import RiddleData
import RiddleEvaluation
import RiddleLearning
import RiddlePipeline
import RiddleRuntime

/// What `duplicates` measured.
struct DuplicatesMeasurement: Encodable {
  var rows: Int
  var clusters: Int
  var rowsWithDuplicate: Int
  var noise: LabelNoise?
  var sentence: String?
  var seconds: Double
}

/// Clusters the texts, `--repeat` times over: copies get words of their own in the middle of every 20, so that most are
/// near-duplicates of nothing.
func measureDuplicates(_ arguments: Arguments) throws -> DuplicatesMeasurement {
  let data = try BenchRows.dataset(arguments)
  var texts = data.texts
  for copy in 1..<max(1, try arguments.count("repeat", standard: 1)) {
    for text in data.texts {
      var words = text.split(separator: " ")
      let own = "copy\(copy)"
      for i in stride(from: 2, to: words.count, by: 5) { words[i] = own[...] }
      texts.append(words.joined(separator: " "))
    }
  }
  let start = ContinuousClock.now
  let clusters = NearDuplicates.clusters(texts: texts)
  let seconds = (ContinuousClock.now - start) / .seconds(1)
  var sizes: [Int: Int] = [:]
  for cluster in clusters { sizes[cluster, default: 0] += 1 }
  let noise = LabelNoise(
    clusters: Array(clusters.prefix(data.count)),
    labels: LabelTarget.weakFails.labels(data.outcomes, head: 0, qualityThreshold: 0.5),
    tieShare: LabelNoise.tieShare(of: data.outcomes))
  return DuplicatesMeasurement(
    rows: texts.count, clusters: sizes.count,
    rowsWithDuplicate: sizes.values.reduce(0) { $0 + ($1 > 1 ? $1 : 0) }, noise: noise,
    sentence: noise?.description, seconds: seconds)
}

/// What `curve` measured.
struct CurveMeasurement: Encodable {
  var report: LearningCurveReport
  var sentences: [String]
  var seconds: Double
}

/// The learning curve of a logistic regression; a random quarter of the rows is held out.
func measureCurve(_ arguments: Arguments) throws -> CurveMeasurement {
  let start = ContinuousClock.now
  let data = try BenchRows.dataset(arguments)
  let targets = LabelTarget.weakFails.labels(data.outcomes, head: 0, qualityThreshold: 0.5)
  let all = try trainingSet(data.texts, targets: targets)
  var generator = SplitMix64(seed: 1, stream: "curve-bench")
  let order = (0..<all.count).shuffled(using: &generator)
  let test = all.rows(order.prefix(all.count / 4).sorted())
  let training = all.rows(order.dropFirst(all.count / 4).sorted())
  let penalty = try arguments.number("penalty", standard: 3)
  var curve = LearningCurve()
  curve.orders = try arguments.count("orders", standard: 3)
  let report = try curve.measure(rowCount: training.count) { rows in
    let model = try benchEstimator(penalty: penalty).fit(training.rows(rows)).model
    let p = model.margins(of: test).map(logistic)
    return LearningCurve.Score(
      auc: Discrimination(scores: p, labels: test.targets).auc ?? .nan,
      logLoss: zip(p, test.targets).reduce(0) { $0 + logLoss(probability: $1.0, label: $1.1) }
        / Double(test.count))
  }
  return CurveMeasurement(
    report: report, sentences: report.auc.sentences + report.logLoss.sentences,
    seconds: (ContinuousClock.now - start) / .seconds(1))
}
