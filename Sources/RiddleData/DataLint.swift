/// Looks for what makes figures on a log meaningless before any is computed.
public enum DataLint {
  /// Fewest rows on which a constant is suspicious.
  static let fewestRows = 50

  /// What a reader must be warned of, one sentence each; empty for a log without such marks.
  ///
  /// - Parameter candidates: the ladder, cheapest first.
  public static func warnings(_ log: some Sequence<LoggedQuery>, candidates: [String]) -> [String] {
    var columns = candidates.map { _ in Column() }
    var judges: [String] = []
    for query in log {
      if let judge = query.judge, !judges.contains(judge) { judges.append(judge) }
      for (k, name) in candidates.enumerated() {
        if let outcome = query.outcome(of: name) { columns[k].add(outcome) }
      }
    }
    var warnings: [String] = []
    for (name, column) in zip(candidates, columns) {
      if let tokens = column.outputTokens.constant(fewestRows) {
        warnings.append(
          "every answer of '\(name)' has exactly \(tokens) output tokens: counts like these are filled in, not measured, and so are costs made of them"
        )
      }
      if let cost = column.costs.constant(fewestRows), cost > 0 {
        warnings.append(
          "every answer of '\(name)' costs exactly \(NanoDollars(cost).dollars) dollars: a price per query, not a measured cost; savings ignore how long queries are"
        )
      }
    }
    for (k, (lower, upper)) in zip(columns, columns.dropFirst()).enumerated() {
      guard let below = lower.meanCost, let above = upper.meanCost, above < below else { continue }
      warnings.append(
        "'\(candidates[k + 1])' stands above '\(candidates[k])' on the ladder and is cheaper: check the order of --candidates, or the prices"
      )
    }
    return warnings + judgeWarnings(judges, candidates: candidates)
  }

  /// Warns of judges that judged themselves.
  public static func judgeWarnings(_ judges: [String], candidates: [String]) -> [String] {
    judges.compactMap { judge in
      guard let candidate = candidates.first(where: { plain($0) == plain(judge) }) else {
        return nil
      }
      return
        "the qualities were judged by '\(judge)', which is the candidate '\(candidate)': judges favour their own answers; have another model judge"
    }
  }

  /// The name without its provider and in lower case.
  private static func plain(_ name: String) -> String {
    (name.split(separator: "/").last.map(String.init) ?? name).lowercased()
  }

  private struct Column {
    var outputTokens = Constant()
    var costs = Constant()

    mutating func add(_ outcome: Outcome) {
      if let tokens = outcome.outputTokens { outputTokens.add(tokens) }
      if let cost = outcome.cost { costs.add(cost.count) }
    }

    var meanCost: Double? {
      costs.count > 0 ? costs.sum / Double(costs.count) : nil
    }
  }

  /// Whether all values seen are one.
  private struct Constant {
    var value: Int64?
    var count = 0
    var sum = 0.0
    var isConstant = true

    mutating func add(_ next: Int64) {
      if let value, value != next { isConstant = false }
      value = next
      count += 1
      sum += Double(next)
    }

    func constant(_ fewest: Int) -> Int64? { isConstant && count >= fewest ? value : nil }
  }
}
