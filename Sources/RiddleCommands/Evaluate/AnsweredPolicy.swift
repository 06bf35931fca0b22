import RiddleData
import RiddleEvaluation

/// Turns what another router said of each query into a policy that can be judged.
struct AnsweredPolicy {
  /// The name in tables.
  let name: String
  /// What kind of router it is, in a few words.
  let kind: String
  /// Where the answers come from, for errors.
  let source: String
  /// Thresholds given on the command line; empty when there are none.
  let thresholds: [Double]

  /// The policy on `data`, every row of which has an answer.
  ///
  /// - Returns: the policy, and what a reader must be warned of.
  func policy(_ answers: [String: RouterAnswer], on data: Dataset) throws
    -> (ScoredPolicy, warnings: [String])
  {
    let candidates = data.outcomes.candidates
    var rows: [RouterAnswer] = []
    for id in data.ids {
      guard let answer = answers[id] else {
        throw CommandFailure(.malformedData, "\(source): no answer for query \(id)")
      }
      rows.append(answer)
    }
    let scored = rows.count { !$0.scores.isEmpty }
    let chosen = rows.count { $0.candidate != nil }
    guard scored == 0 || scored == rows.count, chosen == 0 || chosen == rows.count else {
      throw CommandFailure(
        .malformedData,
        "\(source): \(scored) of \(rows.count) answers have a score and \(chosen) a candidate; give the same fields on every line"
      )
    }
    var warnings: [String] = []
    var policy: ScoredPolicy
    if scored > 0 {
      let (cuts, warning) = try cuts(rows, steps: candidates.count - 1, isChosen: chosen > 0)
      if let warning { warnings.append(warning) }
      policy = ScoredPolicy(
        name: name, kind: kind, margins: rows.flatMap { expanded($0.scores, candidates.count - 1) },
        thresholds: cuts)
      if chosen > 0 { policy.picks = try picks(rows, candidates) }
    } else {
      policy = ScoredPolicy(name: name, kind: kind, picks: try picks(rows, candidates))
    }
    let probabilities = rows.compactMap(\.probability)
    if probabilities.count == rows.count {
      policy.probabilities = probabilities
    } else if !probabilities.isEmpty {
      warnings.append(
        "'\(name)': only \(probabilities.count) of \(rows.count) answers have a probability; calibration is not judged"
      )
    }
    try addCosts(rows, data, to: &policy)
    return (policy, warnings)
  }

  /// The score of a pair for every step of a ladder, or the given scores.
  private func expanded(_ scores: [Double], _ steps: Int) -> [Double] {
    scores.count == 1 ? [Double](repeating: scores[0], count: steps) : scores
  }

  private func cuts(_ rows: [RouterAnswer], steps: Int, isChosen: Bool) throws -> (
    [Double], warning: String?
  ) {
    for row in rows where row.scores.count != 1 && row.scores.count != steps {
      throw CommandFailure(
        .malformedData,
        "\(source): query \(row.id) has \(row.scores.count) scores; expected 1 or \(steps), one per step of the ladder"
      )
    }
    if !thresholds.isEmpty {
      guard thresholds.count == 1 || thresholds.count == steps else {
        throw CommandFailure(
          .usage,
          "\(source): \(thresholds.count) thresholds after @ for \(steps) steps of the ladder; give 1 or \(steps), separated by colons"
        )
      }
      return (expanded(thresholds, steps), nil)
    }
    if isChosen { return ([Double](repeating: 0, count: steps), nil) }
    guard rows.allSatisfy({ $0.scores.allSatisfy { $0 >= 0 && $0 <= 1 } }) else {
      throw CommandFailure(
        .usage,
        "\(source): scores outside 0…1 need a threshold; write it after the name, for example \(source)@0.25"
      )
    }
    return (
      [Double](repeating: 0.5, count: steps),
      "'\(name)': no threshold was given, 0.5 is assumed; its operating point means little, its curve does not need one"
    )
  }

  private func picks(_ rows: [RouterAnswer], _ candidates: [String]) throws -> [Int] {
    try rows.map { try position($0.candidate ?? "", candidates, row: $0, field: "candidate") }
  }

  private func position(
    _ name: String, _ candidates: [String], row: RouterAnswer, field: String
  ) throws -> Int {
    guard let position = candidates.firstIndex(of: name) else {
      throw CommandFailure(
        .malformedData,
        "\(source): query \(row.id), field \(field): '\(name.prefix(80))' is not one of the candidates \(candidates.joined(separator: ", "))"
      )
    }
    return position
  }

  /// What was paid, where more than the picked candidate was, and how many were asked.
  private func addCosts(_ rows: [RouterAnswer], _ data: Dataset, to policy: inout ScoredPolicy)
    throws
  {
    guard rows.contains(where: { !$0.asked.isEmpty || $0.cost != nil || $0.routerCost != nil })
    else { return }
    let table = data.outcomes
    var paid: [Int64] = []
    var attempts: [Int] = []
    for (i, row) in rows.enumerated() {
      var asked = try row.asked.map { try position($0, table.candidates, row: row, field: "asked") }
      if !asked.contains(policy.picks[i]) { asked.append(policy.picks[i]) }
      // A router that says its answer cost nothing has not looked: the log's costs stand.
      var sum: Int64? = row.cost?.count == 0 ? nil : row.cost?.count
      if sum == nil {
        sum = asked.reduce(Int64?(0)) { total, k in
          guard let total, let cost = table.cost(i, k) else { return nil }
          return total + cost
        }
      }
      paid.append(sum.map { $0 + (row.routerCost?.count ?? 0) } ?? OutcomeTable.missingCost)
      attempts.append(asked.count)
    }
    policy.paid = paid
    policy.attempts = attempts
  }
}
