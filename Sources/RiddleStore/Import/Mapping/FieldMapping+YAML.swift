import Yams

extension FieldMapping {
  /// Parses a mapping file; `path` names it in errors.
  ///
  /// - Throws: ``StoreError/badMapping(path:field:reason:)`` with the line: not YAML, an unknown or missing key, a value of
  ///   the wrong kind.
  public init(yaml bytes: [UInt8], path: String) throws(StoreError) {
    self.init(path: path)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .badMapping(path: path, field: "the document", reason: "is not valid UTF-8")
    }
    let root: Node?
    do {
      root = try compose(yaml: text)
    } catch {
      throw .badMapping(path: path, field: Self.place(error), reason: "is not YAML")
    }
    guard let mapping = root?.mapping else {
      throw .badMapping(
        path: path, field: "the document", reason: "expected lines such as `query: prompt`")
    }
    for (key, value) in mapping {
      try read(key.scalar?.string ?? "", value)
    }
    try check()
  }

  private mutating func read(_ key: String, _ node: Node) throws(StoreError) {
    switch key {
    case "source": source = try choice(key, node)
    case "table": table = try scalar(key, node)
    case "rows": rows = try scalar(key, node)
    case "delimiter":
      let text = try scalar(key, node)
      guard text.utf8.count == 1, let byte = text.utf8.first, byte < 0x80, byte != 0x22,
        byte > 0x0d
          || byte == 0x09
      else { throw fault(key, node, "expected one ASCII character") }
      delimiter = byte
    case "candidate": candidate = FieldPath(try scalar(key, node))
    case "candidates":
      for (name, fields) in try members(key, node) {
        var outcome: [String: FieldPath] = [:]
        for (field, value) in try members("candidates.\(name)", fields) {
          guard Self.outcomeKeys.contains(field) else {
            throw unknown("candidates.\(name).\(field)", value, Self.outcomeKeys)
          }
          outcome[field] = FieldPath(try scalar("candidates.\(name).\(field)", value))
        }
        candidates.append((name, outcome))
      }
    case "metadata":
      for (name, field) in try members(key, node) {
        metadata.append((name, FieldPath(try scalar("metadata.\(name)", field))))
      }
      metadata.sort { $0.name < $1.name }
      if metadata.count > Metadata.maximumCount {
        throw fault(key, node, "has more than \(Metadata.maximumCount) names")
      }
    case "keep":
      for (field, value) in try members(key, node) {
        keep.append((FieldPath(field), try scalar("keep.\(field)", value)))
      }
    case "quality_range":
      guard let items = node.sequence, items.count == 2,
        let low = items[0].scalar.flatMap({ Double($0.string) }),
        let high = items[1].scalar.flatMap({ Double($0.string) }), low < high, low.isFinite,
        high.isFinite
      else { throw fault(key, node, "expected two numbers, worst and best: [1, 5]") }
      qualityRange = ScoreRule(low: low, high: high)
    case "cost_unit": costUnit = try choice(key, node)
    case "currency": currency = try scalar(key, node)
    case "usd_per_currency":
      let bytes = Array(try scalar(key, node).utf8)
      guard let rate = ExactDecimal(bytes, from: 0, to: bytes.count), rate.double > 0,
        rate.double < 1e6
      else { throw fault(key, node, "expected dollars for one unit of the currency: 1.08") }
      usdPerCurrency = rate
    case "latency_unit": latencyUnit = try choice(key, node)
    case "time_zone":
      guard let offset = Self.offset(try scalar(key, node)) else {
        throw fault(key, node, "expected UTC or an offset such as \"+01:00\"")
      }
      zoneOffset = offset
    case "join":
      guard let value = ["true": true, "false": false][try scalar(key, node)] else {
        throw fault(key, node, "expected true or false")
      }
      joins = value
    case _ where Self.queryKeys.contains(key): query[key] = FieldPath(try scalar(key, node))
    case _ where Self.outcomeKeys.contains(key): outcome[key] = FieldPath(try scalar(key, node))
    default: throw unknown(key, node, Self.queryKeys + Self.outcomeKeys + Self.settings)
    }
  }

  /// What must be there, and what cannot be there together.
  private func check() throws(StoreError) {
    func missing(_ key: String, _ reason: String) -> StoreError {
      .badMapping(path: path, field: key, reason: reason)
    }
    if query["query"] == nil {
      throw missing("query", "is missing: which field holds the query's text?")
    }
    if (candidate == nil) == candidates.isEmpty, query["tier"] == nil || candidate != nil {
      throw missing(
        "candidate",
        "say either `candidate: FIELD`, one answer a record, or `candidates:` with a name each")
    }
    if !candidates.isEmpty && !outcome.isEmpty {
      throw missing(
        outcome.keys.sorted()[0], "stands outside `candidates`, which have their own fields")
    }
    if currency.map({ $0.uppercased() != "USD" }) ?? false && usdPerCurrency == nil {
      throw missing(
        "usd_per_currency", "is missing: costs are kept in US dollars; say what one unit was worth")
    }
  }

  // MARK: values

  private func fault(_ key: String, _ node: Node, _ reason: String) -> StoreError {
    let place = node.mark.map { " (line \($0.line))" } ?? ""
    return .badMapping(path: path, field: key + place, reason: reason)
  }

  private func unknown(_ key: String, _ node: Node, _ known: [String]) -> StoreError {
    fault(key, node, "is no key; keys are \(known.joined(separator: ", "))")
  }

  private func scalar(_ key: String, _ node: Node) throws(StoreError) -> String {
    guard let text = node.scalar?.string, !text.isEmpty else {
      throw fault(key, node, "expected a name")
    }
    return text
  }

  private func members(_ key: String, _ node: Node) throws(StoreError) -> [(String, Node)] {
    guard let mapping = node.mapping, !mapping.isEmpty else {
      throw fault(key, node, "expected names with a field each")
    }
    return mapping.map { ($0.key.scalar?.string ?? "", $0.value) }
  }

  private func choice<T: RawRepresentable<String> & CaseIterable>(_ key: String, _ node: Node)
    throws(StoreError) -> T
  {
    guard let value = T(rawValue: try scalar(key, node)) else {
      let words = T.allCases.map(\.rawValue).joined(separator: ", ")
      throw fault(key, node, "expected one of \(words)")
    }
    return value
  }

  /// Seconds east of Greenwich.
  private static func offset(_ text: String) -> Int? {
    if ["UTC", "Z", "utc"].contains(text) { return 0 }
    let digits = text.dropFirst().split(separator: ":").compactMap { Int($0) }
    guard text.hasPrefix("+") || text.hasPrefix("-"), digits.count == 2, digits[0] <= 14,
      (0..<60).contains(digits[1]), digits[0] >= 0
    else { return nil }
    return (digits[0] * 3600 + digits[1] * 60) * (text.hasPrefix("-") ? -1 : 1)
  }

  private static func place(_ error: any Error) -> String {
    switch error as? YamlError {
    case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _):
      "line \(mark.line)"
    case .duplicatedKeysInMapping(_, let context): "line \(context.mark.line), a key given twice,"
    default: "the document"
    }
  }
}
