import RiddleData
import RiddleLearning
import RiddleLinearAlgebra
import RiddleRuntime

/// The settings of a trained router, fitted again on parts of the rows: nothing is searched for, features are computed
/// once. What is hardened is refitted plain.
struct Refit: Sendable {
  private let data: Dataset
  private let plan: TrainingPlan
  private let router: Router
  private let reports: [TrainedRouter.HeadReport]
  private let task: LearningTask
  private let rows: FittingRows
  private let schema: FeatureSchema
  /// Whether heads are fitted one by one on features in memory.
  private let isByHead: Bool

  init(
    _ data: Dataset, trained: TrainedRouter, plan: TrainingPlan,
    journal: (any FitJournal)? = nil
  ) throws(PipelineError) {
    var plan = plan
    plan.infersOdds = false
    // Copies would have to follow their rows into every part.
    plan.hardening = []
    plan.calibrationRows = .heldOut
    if let first = trained.heads.first(where: { $0.penalty != nil }) {
      plan.penalties = [first.penalty ?? 1]
    }
    // Folds are asked for where a tree is pruned.
    plan.foldsBy = .text
    self.data = data
    self.plan = plan
    router = trained.router
    reports = trained.heads
    schema = trained.schema.schema
    task = try LearningTask(data.outcomes, plan: plan)
    isByHead = plan.model != .tree && task.classes == nil && plan.form == .heads
    do throws(LearningError) {
      rows = try FittingRows(
        data, FeaturizedRows(data, schema: schema), plan: plan,
        split: Split(unit: .text, seed: plan.seed), journal: journal)
    } catch {
      throw .head(name: task.heads[0].name, error)
    }
  }

  /// Step margins of the judged rows of each split, rows × steps, each from the fit of the other folds. All fits of all
  /// splits are shared among the processors.
  func margins(_ splits: [SplitProtocol]) -> [Result<[Double], PipelineError>] {
    let fits = splits.indices.flatMap { s in (0..<splits[s].foldCount).map { (split: s, fold: $0) }
    }
    let parts = Shards.map(count: fits.count) { index -> Result<[Double], PipelineError> in
      let held = splits[fits[index].split]
      let (training, judged) = (held.training(fits[index].fold), held.heldOut(fits[index].fold))
      do throws(PipelineError) {
        if judged.isEmpty { return .success([]) }
        let margins =
          try isByHead ? headMargins(training, judged) : modelMargins(training, judged)
        return .success(try steps(margins, training: training, count: judged.count))
      } catch {
        return .failure(error)
      }
    }
    let width = data.outcomes.candidates.count - 1
    return splits.indices.map { s in
      do throws(PipelineError) {
        var ofRow: [Int: ArraySlice<Double>] = [:]
        for (fit, part) in zip(fits, parts) where fit.split == s {
          let margins = try part.get()
          for (k, row) in splits[s].heldOut(fit.fold).enumerated() {
            ofRow[row] = margins[(k * width)..<((k + 1) * width)]
          }
        }
        return .success(splits[s].judged.flatMap { ofRow[$0] ?? [] })
      } catch {
        return .failure(error)
      }
    }
  }

  /// Margins of every head, rows × heads, on features in memory.
  private func headMargins(
    _ training: [Int], _ judged: [Int]
  ) throws(PipelineError) -> [Double] {
    var columns: [[Double]] = []
    for (head, report) in zip(task.heads, reports) {
      if let value = ConstantHead.value(of: training.map({ head.targets[$0] })) {
        let margin = ConstantHead.margin(value: value, rows: training.count)
        columns.append([Double](repeating: margin, count: judged.count))
        continue
      }
      do throws(LearningError) {
        columns.append(
          try FitKeeper.numbers(rows.keeper, count: judged.count) { key in
            key.add("refit")
            key.add(settings(of: report))
            key.add(training)
            key.add(judged)
            key.add(head.targets)
          } compute: { () throws(LearningError) in
            try margins(report, head.targets, training, judged)
          })
      } catch {
        throw .head(name: head.name, error)
      }
    }
    return judged.indices.flatMap { i in columns.map { $0[i] } }
  }

  /// The numbers that ``margins(_:_:_:_:)`` takes from a report.
  private func settings(of report: TrainedRouter.HeadReport) -> [Double] {
    var numbers = [
      report.penalty ?? plan.penalties[0], report.smoothing ?? 0, Double(report.trees ?? -1),
    ]
    for part in report.parts ?? [] {
      numbers += [
        part.kind == "linear" ? 0 : 1, part.weight, part.penalty ?? 1, part.smoothing,
        Double(part.trees ?? 1),
      ]
    }
    return numbers
  }

  private func margins(
    _ report: TrainedRouter.HeadReport, _ targets: [Double], _ training: [Int], _ judged: [Int]
  ) throws(LearningError) -> [Double] {
    func linear(_ penalty: Double, _ alpha: Double) throws(LearningError) -> [Double] {
      try LinearPart.heldOutMargins(
        .init(penalty: penalty, alpha: alpha), targets, rows, training: training,
        heldOut: judged, settings: LinearPart.comparisonSettings(rows, plan: plan))
    }
    func boosted(_ trees: Int, _ alpha: Double) throws(LearningError) -> [Double] {
      try BoostedPart.heldOutMargins(
        trees: trees, alpha: alpha, targets, rows, training: training, heldOut: judged, plan: plan)
    }
    if let parts = report.parts {
      var sum = [Double](repeating: 0, count: judged.count)
      for part in parts {
        let own =
          try part.kind == "linear"
          ? linear(part.penalty ?? 1, part.smoothing) : boosted(part.trees ?? 1, part.smoothing)
        for i in sum.indices { sum[i] += part.weight * own[i] }
      }
      return sum
    }
    if let trees = report.trees { return try boosted(trees, report.smoothing ?? 0) }
    return try linear(report.penalty ?? plan.penalties[0], report.smoothing ?? 0)
  }

  /// As ``headMargins(_:_:)`` for heads that are fitted together, and trees.
  private func modelMargins(
    _ training: [Int], _ judged: [Int]
  ) throws(PipelineError) -> [Double] {
    let part = data.rows(training)
    var warnings: [String] = []
    let fits = try fitHeads(
      LearningTask(part.outcomes, plan: plan), part, FeaturizedRows(part, schema: schema),
      plan: plan, split: Split(unit: .text, seed: plan.seed), warnings: &warnings)
    return RiddlePipeline.modelMargins(fits.model, schema: schema, data: data.rows(judged))
  }

  /// Margins of the ladder's steps from the heads', by the rule of the training rows and the router's calibration.
  private func steps(
    _ margins: [Double], training: [Int], count: Int
  ) throws(PipelineError) -> [Double] {
    let rule = try LearningTask(data.outcomes.rows(training), plan: plan).rule
    guard case .values(let values) = rule else { return margins }
    let heads = margins.count / max(1, count)
    var steps: [Double] = []
    var row: InlineArray<64, Double> = InlineArray(repeating: 0)
    for i in 0..<count {
      for head in 0..<heads { row[head] = margins[i * heads + head] }
      router.writeProbabilities(of: row, link: values.link, to: &row)
      values.writeSteps(probabilities: row, headCount: heads, to: &row)
      for step in 1..<values.prices.count { steps.append(row[step - 1]) }
    }
    return steps
  }
}
