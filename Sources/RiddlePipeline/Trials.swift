import RiddleData
import RiddleEvaluation
import RiddleLearning
import RiddlePolicies
import RiddleRuntime

/// Plans that were tried on the same rows and judged on others.
///
/// Each plan trains on three quarters of the train side and calibrates on the last quarter; the calibrate side judges.
/// The test side, which judges the router in the end, is not looked at.
public struct TrialTable: Equatable, Sendable, Codable {
  /// One plan.
  public struct Line: Equatable, Sendable, Codable {
    /// What the plan does differently.
    public var name: String
    /// ``TrialTable/metric`` on the judging rows.
    public var value: Figure
    /// AUC of "must climb above the cheapest", where the router has a score for it.
    public var auc: Figure
    /// Value less that of the reference, on the same bootstrap rows; nil for the reference itself.
    public var difference: Figure?
    /// Why the plan could not be trained.
    public var failure: String?
  }

  /// "apgr": exact average share of the quality gap recovered over all call shares; "utility": mean quality − λ · dollars
  /// at the router's thresholds.
  public var metric: String
  /// Rows that judged.
  public var rows: Int
  /// Name of the line that the others are compared with.
  public var reference: String
  /// The plans in the order they were tried.
  public var lines: [Line]
}

extension TrialTable {
  /// Tries plans.
  ///
  /// - Parameters:
  ///   - reference: index of the plan that the others are compared with; nil takes the best.
  ///   - journal: keeps finished fits; see ``FitJournal``.
  /// - Throws: ``PipelineError`` when no plan can be trained or the rows are too few.
  public init(
    _ data: Dataset, plans: [(name: String, plan: TrainingPlan)], reference: Int? = nil,
    replicates: Int = 400, journal: (any FitJournal)? = nil
  ) throws(PipelineError) {
    let first = plans[0].plan
    let data = data.withDuplicateKeys()
    let assignment = TrialTable.trialSides(data, split: try first.split(for: data.contexts))
    let judged = data.rows(assignment.rows(.test))
    var policies: [(line: Int, policy: ScoredPolicy)] = []
    var lines: [Line] = []
    var lastError: PipelineError?
    for (index, trial) in plans.enumerated() {
      var line = Line(name: trial.name, value: .undefined, auc: .undefined)
      do throws(PipelineError) {
        let trained = try trainRouter(data, assignment, plan: trial.plan, journal: journal)
        policies.append((index, scoredPolicy(trained.router, name: trial.name, on: judged)))
      } catch {
        line.failure = "\(error)"
        lastError = error
      }
      lines.append(line)
    }
    guard !policies.isEmpty else {
      throw lastError ?? .nothingUnseen(total: data.count)
    }
    let price = first.costWeight
    metric = price > 0 ? "utility" : "apgr"
    let report = try TrialTable.report(
      policies.map(\.policy), on: judged, plan: first, replicates: replicates)
    for (position, entry) in policies.enumerated() {
      let figures = report.routers[position]
      lines[entry.line].auc = figures.auc
      lines[entry.line].value = price > 0 ? .undefined : figures.apgr
      if price > 0 {
        lines[entry.line].value = Figure(
          TrialTable.meanUtility(entry.policy, judged.outcomes, price: price))
      }
    }
    rows = judged.count
    let chosen = reference ?? TrialTable.best(lines)
    self.reference = lines[chosen].name
    for comparison in report.comparisons where comparison.metric == metric {
      if comparison.baseline == self.reference {
        guard let line = lines.firstIndex(where: { $0.name == comparison.router }) else { continue }
        lines[line].difference = comparison.difference
      } else if comparison.router == self.reference,
        let line = lines.firstIndex(where: { $0.name == comparison.baseline })
      {
        let figure = comparison.difference
        lines[line].difference = Figure(
          figure.value.map { -$0 }, low: figure.high.map { -$0 }, high: figure.low.map { -$0 })
      }
    }
    self.lines = lines
  }

  /// The line with the greatest value, the earlier one of equals.
  private static func best(_ lines: [Line]) -> Int {
    var best = lines.firstIndex { $0.failure == nil } ?? 0
    for i in lines.indices {
      if let value = lines[i].value.value, value > lines[best].value.value ?? -.infinity {
        best = i
      }
    }
    return best
  }

  /// Calibrate judges; a quarter of the train side, by another seed of the same hash, calibrates; test rows are left out.
  private static func trialSides(_ data: Dataset, split: Split) -> SplitAssignment {
    let outer = split.assignment(of: data)
    let inner = Split(unit: split.unit, seed: StableHash.mixed(split.seed &+ 0x7472_6961_6c))
    let units = SplitUnits(data, unit: split.unit).keys
    let sides = outer.sides.indices.map { i -> SplitSide? in
      switch outer.sides[i] {
      case .calibrate: .test
      case .test, nil: nil
      // A side of 20 % and the quarter of the rest make a fifth to a quarter.
      case .train: inner.side(ofKey: units[i]) == .calibrate ? .calibrate : .train
      }
    }
    return SplitAssignment(split: split, sides: sides, summary: outer.summary)
  }

  private static func report(
    _ policies: [ScoredPolicy], on judged: Dataset, plan: TrainingPlan, replicates: Int
  ) throws(PipelineError) -> EvaluationReport {
    do {
      return try evaluate(
        judged.outcomes, routers: policies, wall: BaselineInputs(texts: judged.texts),
        settings: EvaluationSettings(
          oracle: plan.oracle, target: plan.target.judged,
          qualityThreshold: plan.qualityThreshold, pricePerQuality: plan.costWeight,
          replicates: replicates, seed: plan.seed))
    } catch {
      throw .evaluation(error)
    }
  }

  private static func meanUtility(
    _ policy: ScoredPolicy, _ table: OutcomeTable, price: Double
  ) -> Double? {
    let picks = Ladder(thresholds: policy.thresholds).picks(margins: policy.margins)
    var sum = 0.0
    for (i, k) in picks.enumerated() {
      guard let cost = table.cost(i, k) else { return nil }
      sum += table.quality(i, k) - price * NanoDollars(cost).dollars
    }
    return sum / Double(max(1, picks.count))
  }
}

extension TrainingPlan {
  /// One plan for every label target that suits the data.
  public func forEveryTarget(candidates: Int) -> [(name: String, plan: TrainingPlan)] {
    LabelTarget.allCases.filter { $0 != .fourWay || candidates == 2 }.map { target in
      var plan = self
      plan.target = target
      if target != .weakFails && target != .strongWins { plan.form = .heads }
      return (target.rawValue, plan)
    }
  }

  /// The plan, then one plan for every block of features that it can do without, and one for a block it could add.
  public func ablations(for data: Dataset) -> [(name: String, plan: TrainingPlan)] {
    let schema = NamedSchema(plan: self, contexts: data.contexts).schema
    var plans = [("all features", self)]
    func add(_ name: String, _ change: (inout TrainingPlan) -> Void) {
      var plan = self
      change(&plan)
      plans.append((name, plan))
    }
    if schema.usesTurn || !schema.categories.isEmpty {
      add("without context fields") { $0.features = .text }
    }
    if schema.usesHashing {
      add("without text statistics") { $0.usesStatistics = false }
    }
    add("without marked words and shape") { $0.featurizerVersion = 1 }
    if schema.usesHashing {
      add("without n-grams") {
        $0.wordOrders = 0
        $0.characters = nil
      }
      if wordOrders > 1 { add("without word pairs") { $0.wordOrders = 1 } }
      if characters != nil {
        add("without character n-grams") { $0.characters = nil }
      } else {
        add("with character 3–5-grams") { $0.characters = 3...5 }
      }
    }
    return plans
  }
}
