import RiddleData
import RiddleRuntime

/// What the heads of one router learn, compiled from outcomes.
struct LearningTask: Sendable {
  /// One head: its name in reports and its target on every row.
  struct Head: Sendable {
    /// What the head says, in a few words.
    var name: String
    /// Target of every row, in [0, 1].
    var targets: [Double]
  }

  /// The heads that are learned.
  var heads: [Head]
  /// Class of every row, when heads are classes that exclude one another.
  var classes: [Int]?
  /// How the heads become a choice.
  var rule: DecisionRule

  /// Compiles the task of `plan` on `table`.
  init(_ table: OutcomeTable, plan: TrainingPlan) throws(PipelineError) {
    let names = table.candidates
    let steps = names.count - 1
    if plan.target == .fourWay && names.count != 2 {
      throw .unsupported(
        "target four-way compares two candidates, found \(names.count); use strong-wins or success")
    }
    if plan.form != .heads {
      if plan.target != .weakFails && plan.target != .strongWins {
        throw .unsupported(
          "--form \(plan.form.rawValue) orders the candidates by who is needed: use target weak-fails or strong-wins"
        )
      }
      if plan.model != .logistic {
        throw .unsupported("--form \(plan.form.rawValue) is a form of --model logistic")
      }
    }
    switch (plan.target, plan.form) {
    case (.success, _):
      heads = names.indices.map { k in
        Head(
          name: "quality of \(names[k])",
          targets: (0..<table.rowCount).map { table.quality($0, k) })
      }
      classes = nil
      rule = .values(
        OutcomeValues(
          link: .independent,
          worth: (0..<names.count * names.count).map {
            $0 / names.count == $0 % names.count ? 1 : 0
          },
          prices: Self.prices(table)))
    case (.fourWay, _):
      let classes = (0..<table.rowCount).map { i -> Int in
        let weak = table.quality(i, 0)
        let strong = table.quality(i, 1)
        if strong != weak { return strong > weak ? 0 : 3 }
        return strong < plan.qualityThreshold ? 1 : 2
      }
      self.classes = classes
      let titles = ["\(names[1]) better", "both bad", "both good", "\(names[0]) better"]
      heads = Self.classHeads(titles, classes)
      rule = .values(
        Self.meanWorth(
          table, classes: classes, classCount: 4,
          link: plan.model == .logistic ? .softmax : .independent))
    case (_, .multinomial):
      let classes = (0..<table.rowCount).map { i in
        (0..<steps).count {
          plan.target.isPositive(
            table, row: i, head: $0, qualityThreshold: plan.qualityThreshold)
        }
      }
      self.classes = classes
      heads = Self.classHeads(names.map { "needs \($0)" }, classes)
      rule = .values(
        Self.meanWorth(table, classes: classes, classCount: names.count, link: .softmax))
    default:
      classes = nil
      rule = .ladder
      heads = (0..<steps).map { head in
        let targets =
          plan.target == .utilityGap
          ? Self.utilityTargets(table, head: head, costWeight: plan.costWeight)
          : plan.target.labels(table, head: head, qualityThreshold: plan.qualityThreshold)
        return Head(name: "above \(names[head])", targets: targets)
      }
    }
  }

  private static func classHeads(_ names: [String], _ classes: [Int]) -> [Head] {
    names.enumerated().map { k, name in
      Head(name: name, targets: classes.map { $0 == k ? 1 : 0 })
    }
  }

  /// Worth of a candidate in a class: its mean quality over the rows of the class, 0 for a class without rows.
  private static func meanWorth(
    _ table: OutcomeTable, classes: [Int], classCount: Int, link: OutcomeValues.Link
  ) -> OutcomeValues {
    let width = table.candidates.count
    var sums = [Double](repeating: 0, count: width * classCount)
    var counts = [Double](repeating: 0, count: classCount)
    for (i, k) in classes.enumerated() {
      counts[k] += 1
      for c in 0..<width { sums[c * classCount + k] += table.quality(i, c) }
    }
    return OutcomeValues(
      link: link, worth: sums.indices.map { sums[$0] / max(1, counts[$0 % classCount]) },
      prices: prices(table))
  }

  /// Mean cost of each candidate as a share of the way from the cheapest to the dearest; the rank's share when a cost is
  /// missing or does not increase along the ladder.
  private static func prices(_ table: OutcomeTable) -> [Double] {
    let width = table.candidates.count
    let ranks = (0..<width).map { Double($0) / Double(width - 1) }
    var sums = [Double](repeating: 0, count: width)
    for i in 0..<table.rowCount {
      for c in 0..<width {
        guard let cost = table.cost(i, c) else { return ranks }
        sums[c] += Double(cost)
      }
    }
    let range = sums[width - 1] - sums[0]
    let prices = sums.map { ($0 - sums[0]) / range }
    return range > 0 && zip(prices, prices.dropFirst()).allSatisfy { $0 < $1 } ? prices : ranks
  }

  /// (1 + gap) / 2 of every row; see ``LabelTarget/utilityGap``. A missing cost counts as none.
  private static func utilityTargets(
    _ table: OutcomeTable, head: Int, costWeight: Double
  ) -> [Double] {
    (0..<table.rowCount).map { i in
      let utilities = table.candidates.indices.map { c in
        table.quality(i, c)
          - (costWeight == 0 ? 0 : costWeight * NanoDollars(table.cost(i, c) ?? 0).dollars)
      }
      let below = utilities[...head].max() ?? 0
      let above = utilities[(head + 1)...].max() ?? 0
      return (1 + min(1, max(-1, above - below))) / 2
    }
  }
}
