public import RiddleRuntime

/// A router as one SQL query that SQLite (3.35), PostgreSQL (12) and DuckDB run alike: one expression per head for the
/// margin and a CASE for the candidate. Its parts are materialised: a planner that put one into the other would
/// compute every margin as often as its name occurs.
///
/// It reads the text statistics, turn features and context fields from the columns of a table, as
/// `riddle score --features --csv` writes them. Numbers are written so that they read back as the same bits, and sums
/// stand in the order of the scorer. A margin is NULL, and so is the candidate, where a number is missing.
///
/// - Parameters:
///   - columns: names of the dense columns, for the values of categories.
///   - table: name of the table that is read, after its schema and a dot if it has one.
///   - key: its column that tells rows apart.
/// - Throws: ``FormError`` for routers that hash n-grams or read an embedding.
public func sqlQuery(
  _ router: Router, columns: [String], table: String = "features", key: String = "id"
) throws(FormError) -> String {
  let schema = router.schema
  if schema.usesHashing {
    throw .hashesNGrams(form: "SQL", buckets: 1 << schema.bucketBits)
  }
  if !schema.embeddingMeans.isEmpty {
    throw .readsEmbedding(form: "SQL", columns: schema.embeddingMeans.count)
  }
  for candidate in router.candidates where candidate.name.contains(0) {
    throw .unwritableText(form: "SQL", what: "the name of a candidate")
  }
  return SQLForm(
    router: router,
    margins: SQLMargins(router, columns: TableColumn.columns(of: schema, names: columns)),
    table: table, key: key
  ).query
}

private struct SQLForm {
  let router: Router
  let margins: SQLMargins
  let table: String
  let key: String

  private var heads: Range<Int> { 0..<router.model.headCount }

  private func candidateName(_ index: Int) -> String {
    SQLText.string(String(decoding: router.candidates[index].name, as: UTF8.self))
  }

  var query: String {
    let inputs = margins.inputs.map { "\($0.expression) AS \($0.name)" }
    var parts = [
      part("riddle_inputs", [keyName] + inputs, from: tableName),
      part(
        "riddle_margins", [keyName] + heads.map { "\(margins.margin(head: $0)) AS margin_\($0)" },
        from: "riddle_inputs"),
    ]
    let last: String
    switch router.rule {
    case .ladder: last = ladder
    case .values(let values):
      parts += valueParts(values)
      last = chosen(values)
    }
    return header + "WITH " + parts.joined(separator: ",\n") + "\n" + last + ";\n"
  }

  /// `name AS MATERIALIZED (SELECT columns FROM source)`.
  private func part(_ name: String, _ columns: [String], from source: String) -> String {
    "\(name) AS MATERIALIZED (\n\(select(columns, from: source, indent: "  "))\n)"
  }

  private func select(_ columns: [String], from source: String, indent: String) -> String {
    "\(indent)SELECT\n\(indent)  \(columns.joined(separator: ",\n\(indent)  "))\n\(indent)FROM \(source)"
  }

  /// Comment lines: what the query is, and what it reads.
  private var header: String {
    let names = router.candidates.map { FormText.comment($0.name) }.joined(separator: " -> ")
    var lines = [
      "A router as SQL: \(names). For SQLite, PostgreSQL and DuckDB.",
      "Reads \(FormText.comment(Array(table.utf8))): the columns below, as riddle score --features --csv writes them.",
      "numbers: \(margins.numbers.joined(separator: " "))",
    ]
    if !margins.fields.isEmpty {
      lines.append(
        "text, NULL or empty when unknown: \(margins.fields.joined(separator: " "))")
    }
    if needsExponential {
      lines.append("Needs exp(), which SQLite has where it was built with its math functions.")
    } else if case .ladder = router.rule {
      for (head, map) in router.calibration.enumerated() {
        if case .platt(let slope, let offset) = map {
          lines.append(
            "probability of head \(head): 1 / (1 + exp(-(\(slope) * margin_\(head) + (\(offset)))))"
          )
        }
      }
    }
    return lines.map { "-- \($0)\n" }.joined()
  }

  private var needsExponential: Bool {
    guard case .values(let values) = router.rule else { return false }
    if values.link == .softmax { return true }
    return router.calibration.contains { if case .isotonic = $0 { false } else { true } }
  }

  /// The table, quoted; a dot parts it from its schema.
  private var tableName: String {
    table.split(separator: ".", omittingEmptySubsequences: false).map {
      SQLText.name(String($0))
    }.joined(separator: ".")
  }

  private var keyName: String { SQLText.name(key) }

  private var marginNames: [String] { heads.map { "margin_\($0)" } }

  /// The first step whose margin is below its threshold, else the dearest candidate.
  private var ladder: String {
    var cases = ""
    for (step, threshold) in router.thresholds.enumerated() {
      cases +=
        "\n    WHEN margin_\(step) < \(SQLText.number(threshold.value)) THEN \(candidateName(step))"
    }
    let missing = marginNames.map { "\($0) IS NULL" }.joined(separator: " OR ")
    let choice =
      "CASE WHEN \(missing) THEN NULL\(cases)\n    ELSE \(candidateName(router.candidates.count - 1))\n  END AS candidate"
    return select([keyName] + marginNames + [choice], from: "riddle_margins", indent: "")
  }

  // MARK: values of outcomes

  /// Parts above the margins: odds where the link is a softmax, then a probability per head, then a value per
  /// candidate.
  private func valueParts(_ values: OutcomeValues) -> [String] {
    let carried = [keyName] + marginNames
    var parts: [String] = []
    var source = "riddle_margins"
    let probabilities: [String]
    switch values.link {
    case .independent: probabilities = heads.map(independentProbability)
    case .softmax:
      parts.append(
        part("riddle_odds", carried + heads.map { "\(odds(of: $0)) AS odds_\($0)" }, from: source))
      source = "riddle_odds"
      probabilities = heads.map(softmaxProbability)
    }
    let names = heads.map { "probability_\($0)" }
    parts.append(
      part(
        "riddle_probabilities", carried + zip(probabilities, names).map { "\($0) AS \($1)" },
        from: source))
    let sums = (0..<values.candidateCount).map { candidate in
      let terms = heads.map { head in
        "probability_\(head) * \(SQLText.number(values.worth[candidate * heads.count + head]))"
      }
      return "\(SQLText.sum([SQLText.double("0e0")] + terms)) AS value_\(candidate)"
    }
    parts.append(part("riddle_worth", carried + names + sums, from: "riddle_probabilities"))
    return parts
  }

  private func odds(of head: Int) -> String {
    if case .platt(let slope, let offset) = router.calibration[head] {
      return "margin_\(head) * \(SQLText.number(slope)) + \(SQLText.number(offset))"
    }
    return "margin_\(head)"
  }

  /// 1 / Σ_j e^(odds_j − odds_h). PostgreSQL refuses exponentials that overflow, so exponents stay within ±700.
  private func softmaxProbability(_ head: Int) -> String {
    let terms = heads.map { other -> String in
      if other == head { return "1e0" }
      let difference = "odds_\(other) - odds_\(head)"
      return
        "CASE WHEN \(difference) > 700e0 THEN 1e304 WHEN \(difference) < (-700e0) THEN 0e0 ELSE EXP(\(difference)) END"
    }
    return "1e0 / (\(SQLText.sum([SQLText.double("0e0")] + terms)))"
  }

  private func independentProbability(_ head: Int) -> String {
    if case .isotonic(let knots) = router.calibration[head] {
      return interpolation("margin_\(head)", knots)
    }
    let x = odds(of: head)
    return
      "CASE WHEN \(x) < (-700e0) THEN 0e0 WHEN \(x) > 700e0 THEN 1e0 ELSE 1e0 / (1e0 + EXP(-(\(x)))) END"
  }

  /// Linear between knots, flat outside.
  private func interpolation(_ margin: String, _ map: IsotonicMap) -> String {
    let last = map.margins.count - 1
    var cases =
      " WHEN \(margin) IS NULL THEN NULL WHEN \(margin) <= \(SQLText.number(map.margins[0])) THEN \(SQLText.number(map.probabilities[0]))"
    for i in 0..<last {
      let width = SQLText.number(map.margins[i + 1] - map.margins[i])
      let rise = SQLText.number(map.probabilities[i + 1] - map.probabilities[i])
      cases +=
        " WHEN \(margin) < \(SQLText.number(map.margins[i + 1])) THEN \(SQLText.number(map.probabilities[i])) + (\(margin) - \(SQLText.number(map.margins[i]))) / \(width) * \(rise)"
    }
    return "CASE\(cases) ELSE \(SQLText.number(map.probabilities[last])) END"
  }

  /// Step k is climbed when some dearer candidate offers at least its threshold more value per unit of price.
  private func chosen(_ values: OutcomeValues) -> String {
    let count = values.candidateCount
    var cases = ""
    for (step, threshold) in router.thresholds.enumerated() {
      let offers = ((step + 1)..<count).map { dearer in
        "(value_\(dearer) - value_\(step)) / \(SQLText.number(values.prices[dearer] - values.prices[step])) >= \(SQLText.number(threshold.value))"
      }
      cases +=
        "\n    WHEN NOT (\(offers.joined(separator: " OR "))) THEN \(candidateName(step))"
    }
    let missing = marginNames.map { "\($0) IS NULL" }.joined(separator: " OR ")
    let choice =
      "CASE WHEN \(missing) THEN NULL\(cases)\n    ELSE \(candidateName(count - 1))\n  END AS candidate"
    let names =
      heads.map { "probability_\($0)" } + (0..<count).map { "value_\($0)" }
    return select([keyName] + marginNames + names + [choice], from: "riddle_worth", indent: "")
  }
}
