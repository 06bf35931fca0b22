import RiddleData
import RiddleLearning
import RiddleLinearAlgebra
import RiddleRuntime

extension StreamingTraining {
  /// A streaming run whose split and schema are decided.
  struct Run {
    private let candidates: [String]
    private let plan: TrainingPlan
    private let limits: StreamingLimits
    private let split: Split
    private let schema: NamedSchema
    private let penalty: Double
    private var steps: StreamingSteps
    private var batch: [LoggedQuery] = []
    private var batchBytes = 0
    private var calibration: StreamingSample
    private var test: StreamingSample
    private var counts: [SplitSide: Int] = [:]
    private var fingerprints: [UInt64] = []
    private var omitted = Dataset.Omitted()
    private var samples: StreamingSamples?
    /// Σ cost over training rows, and whether all were known, one a candidate.
    private var costs: [(sum: Int64, isKnown: Bool)]

    init(
      candidates: [String], plan: TrainingPlan, limits: StreamingLimits, split: Split,
      schema: NamedSchema
    ) throws(PipelineError) {
      self.candidates = candidates
      self.plan = plan
      self.limits = limits
      self.split = split
      self.schema = schema
      var settings = StreamingLogistic.Settings()
      penalty = plan.penalties.contains(1) ? 1 : plan.penalties[0]
      settings.l2Penalty = penalty
      do {
        steps = try StreamingSteps(
          schema: schema.schema,
          heads: plan.target == .success ? candidates.count : candidates.count - 1,
          settings: settings)
      } catch {
        throw .unsupported("\(error)")
      }
      let sample = StreamingSample(
        rowLimit: limits.sampleRows, byteLimit: limits.sampleBytes, seed: plan.seed)
      calibration = sample
      test = sample
      costs = candidates.map { _ in (0, true) }
    }

    mutating func add(_ logged: LoggedQuery) throws(PipelineError) {
      // Answers and other candidates' outcomes are not held.
      var query = logged
      query.outcomes.removeAll { !candidates.contains($0.candidate) }
      for k in query.outcomes.indices { query.outcomes[k].outcome.answer = nil }
      let row = Dataset(log: CollectionOfOne(query), candidates: candidates)
      guard row.count == 1, let text = query.text else {
        omitted.withoutText += row.omitted.withoutText
        omitted.withoutCandidate += row.omitted.withoutCandidate
        omitted.withoutQuality += row.omitted.withoutQuality
        return
      }
      let side = split.side(text: text, context: query.context)
      counts[side, default: 0] += 1
      let fingerprint = RowFingerprint.text(text)
      if side != .test {
        fingerprints.append(fingerprint)
        if split.unit != .text {
          fingerprints.append(RowFingerprint.unit(split.unit, text: text, context: query.context))
          // Few units, many rows: repeated units are dropped now and then.
          if fingerprints.count == fingerprints.capacity { TrainingRows.compact(&fingerprints) }
        }
      }
      switch side {
      case .calibrate: calibration.offer(query, fingerprint: fingerprint)
      case .test: test.offer(query, fingerprint: fingerprint)
      case .train:
        for k in candidates.indices {
          if let cost = row.outcomes.cost(0, k) {
            costs[k].sum += cost
          } else {
            costs[k].isKnown = false
          }
        }
        batch.append(query)
        batchBytes += text.utf8.count
        if batch.count >= limits.batchRows || batchBytes >= limits.batchBytes { try learn() }
      }
    }

    /// Takes a row a second time.
    mutating func check(_ query: LoggedQuery) throws(PipelineError) {
      try endLearning()
      guard let text = query.text, split.side(text: text, context: query.context) == .train,
        candidates.allSatisfy({ query.outcome(of: $0)?.quality != nil })
      else { return }
      samples?.meet(text)
    }

    /// Learns what is left and takes the samples.
    private mutating func endLearning() throws(PipelineError) {
      if samples != nil { return }
      if !batch.isEmpty { try learn() }
      // Columns are smaller than rows: these go before anything is made from them.
      batch = []
      samples = StreamingSamples(
        calibration: Dataset(log: calibration.take(), candidates: candidates),
        test: Dataset(log: test.take(), candidates: candidates))
    }

    /// Hands the batch to the heads.
    private mutating func learn() throws(PipelineError) {
      let rows = Dataset(log: batch, candidates: candidates)
      let task = try LearningTask(rows.outcomes, plan: plan)
      do throws(LearningError) {
        try steps.push(
          texts: rows.texts, contexts: rows.contexts.map(requestContext),
          targets: task.heads.map(\.targets))
      } catch {
        throw .head(name: task.heads[0].name, error)
      }
      batch.removeAll(keepingCapacity: true)
      batchBytes = 0
    }

    mutating func finished(
      provenance: [String: String], digest: (([UInt8]) -> String)?
    ) throws(PipelineError) -> StreamedRouter {
      for (name, side) in [("train", SplitSide.train), ("calibrate", .calibrate)] {
        let count = counts[side] ?? 0
        if count < minimumSideRows {
          throw .smallSide(
            side: name, rows: count, needed: minimumSideRows,
            total: counts.values.reduce(0, +), unit: split.unit)
        }
      }
      try endLearning()
      var warnings: [String] = []
      let (calibrationRows, testRows) = try checkedSamples(warnings: &warnings)
      let task = try LearningTask(calibrationRows.outcomes, plan: plan)
      var heads: [FittedHead] = []
      var reports: [TrainedRouter.HeadReport] = []
      for (head, learned) in task.heads.enumerated() {
        do throws(LearningError) {
          if head == 0 { try steps.finish() }
          let fitted = try steps.learners[head].finished()
          heads.append(FittedHead(linear: fitted.model))
          var report = TrainedRouter.HeadReport(fit: fitted.report, crossValidation: [])
          report.name = learned.name
          report.penalty = penalty
          reports.append(report)
        } catch {
          guard task.heads.count > 1, case .singleClass(let positive, let rows) = error else {
            throw .head(name: learned.name, error)
          }
          let value = positive ? 1.0 : 0
          heads.append(
            ConstantHead.head(value: value, rows: rows, kind: .logistic, schema: schema.schema))
          var report = ConstantHead.report(value: value, rows: rows)
          report.name = learned.name
          reports.append(report)
          warnings.append(ConstantHead.warning(learned.name, value: value, rows: rows))
        }
      }
      let model = storedModel(heads, schema.schema, plan.precision)
      if calibrationRows.count < calibration.offered {
        warnings.append(
          "calibrated on \(calibrationRows.count) of the \(calibration.offered) calibration rows")
      }
      let parts = try fitDecisions(
        model: model,
        margins: modelMargins(model, schema: schema.schema, data: calibrationRows),
        schema: schema.schema, data: calibrationRows, task: task, plan: plan, reports: &reports,
        warnings: &warnings)
      let trained = try assembled(
        model, task.rule, parts, reports, warnings, provenance: provenance, digest: digest)
      return StreamedRouter(
        trained: trained, test: testRows,
        progressiveLoss: steps.learners.map(\.progressiveLoss), omitted: omitted)
    }

    /// The samples without near-duplicates of earlier sides.
    private mutating func checkedSamples(
      warnings: inout [String]
    ) throws(PipelineError) -> (Dataset, Dataset) {
      guard let samples else { throw .nothingUnseen(total: 0) }
      self.samples = nil
      let result = samples.checked()
      if !samples.isChecked {
        warnings.append(
          "near-duplicates of training rows were not searched for: figures on rows like them flatter"
        )
      } else if result.calibrationDropped + result.testDropped > 0 {
        warnings.append(
          "left out as near-duplicates of an earlier side: \(result.calibrationDropped) of the sampled calibration rows, \(result.testDropped) of the sampled test rows"
        )
      }
      if result.calibration.count < minimumSideRows {
        throw .smallSide(
          side: "calibrate", rows: result.calibration.count, needed: minimumSideRows,
          total: counts.values.reduce(0, +), unit: split.unit)
      }
      return (result.calibration, result.test)
    }

    private mutating func assembled(
      _ model: RouterModel, _ rule: DecisionRule, _ parts: DecisionParts,
      _ reports: [TrainedRouter.HeadReport],
      _ warnings: [String], provenance: [String: String], digest: (([UInt8]) -> String)?
    ) throws(PipelineError) -> TrainedRouter {
      let trainingRows = TrainingRows(split: split, hashes: fingerprints)
      fingerprints = []
      let trainCount = Int64(max(1, counts[.train] ?? 0))
      let ladder = zip(candidates, costs).map { name, cost in
        Router.Candidate(
          name: Array(name.utf8), meanCost: cost.isKnown ? cost.sum / trainCount : -1)
      }
      let assembly = RouterAssembly(
        plan: plan, split: split, schema: schema, model: model, rule: rule, decisions: parts,
        candidates: ladder, trainingRows: trainingRows, rowCounts: counts,
        columnMeans: steps.learners[0].columnMeans.map { Float($0) })
      let (router, bytes) = try assembly.exported(provenance: provenance, digest: digest)
      return TrainedRouter(
        bytes: bytes, router: router, heads: reports, steps: parts.steps, split: split,
        splitSummary: nil, rows: [:], schema: schema, trainingRows: trainingRows,
        warnings: warnings, streamedCounts: counts)
    }
  }
}
