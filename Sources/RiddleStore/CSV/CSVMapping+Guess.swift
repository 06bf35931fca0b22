extension CSVMapping {
  /// The mapping that a header's names make obvious, or nil.
  ///
  /// Names compare without case. Long: a column `candidate` or `model` beside `quality`, `score`, `reward` or
  /// `correct`, and an id. Wide: columns `<candidate>|quality`, `<candidate>.quality`, `<candidate>_quality`
  /// or `<candidate>:quality` with their siblings, or a plain column `<candidate>` beside
  /// `<candidate>|total_cost` (RouterBench).
  static func guess(header: [String], delimiter: UInt8) -> CSVMapping? {
    let lower = header.map { $0.lowercased() }
    func column(_ names: [String]) -> String? {
      for name in names { if let i = lower.firstIndex(of: name) { return header[i] } }
      return nil
    }
    var query: [String: String] = [:]
    query["id"] = column(["id", "query_id", "sample_id", "prompt_id", "request_id"])
    query["query"] = column(["query", "prompt", "question", "text", "input"])
    query["group"] = column(["group", "eval_name", "subject", "category"])
    query["conversation"] = column(["conversation", "conversation_id", "session_id"])
    query["turn"] = column(["turn"])
    query["user_tier"] = column(["user_tier"])
    query["task_type"] = column(["task_type"])
    query["domain"] = column(["domain"])
    query["time"] = column(["time", "timestamp", "created_at"])
    query["tier"] = column(["tier"])
    // More columns than a query may have names are left for a mapping file to choose from.
    let metadata = header.filter { $0.hasPrefix(metadataPrefix) && $0 != metadataPrefix }
    if metadata.count <= Metadata.maximumCount {
      for name in metadata where name.utf8.count - metadataPrefix.count <= Metadata.maximumNameBytes
      {
        query[name] = name
      }
    }

    if let candidate = column(["candidate", "model"]), query["id"] != nil,
      let quality = column(["quality", "score", "reward", "correct"])
    {
      var mapping = CSVMapping(format: .csvLong)
      mapping.delimiter = delimiter
      mapping.columns = query
      mapping.candidate = candidate
      var outcome = ["quality": quality]
      outcome["cost_usd"] = column(["cost_usd"])
      for key in outcomeKeys.dropFirst(2) { outcome[key] = column([key]) }
      mapping.outcome = OutcomeColumns(outcome)
      return mapping
    }
    var mapping = CSVMapping(format: .csvWide)
    mapping.delimiter = delimiter
    mapping.columns = query
    mapping.candidates = wideCandidates(header)
    if mapping.candidates.contains(where: {
      $0.columns.columns["cost_usd"] == $0.name + RouterBench.costSuffix
    }) {
      mapping.format = .routerBench
      mapping.isPythonList = true
    }
    return mapping.candidates.isEmpty ? nil : mapping
  }

  private static func wideCandidates(_ header: [String]) -> [CandidateColumns] {
    let names = Set(header)
    var found: Set<String> = []
    var candidates: [CandidateColumns] = []
    for column in header {
      for separator in ["|", ".", ":", "_"] where column.hasSuffix(separator + "quality") {
        let name = String(column.dropLast(separator.count + "quality".count))
        guard !name.isEmpty, found.insert(name).inserted else { continue }
        var columns: [String: String] = [:]
        for key in outcomeKeys where names.contains(name + separator + key) {
          columns[key] = name + separator + key
        }
        candidates.append(CandidateColumns(name: name, columns: OutcomeColumns(columns)))
      }
    }
    if candidates.isEmpty {
      for column in header where names.contains(column + RouterBench.costSuffix) {
        let columns = ["quality": column, "cost_usd": column + RouterBench.costSuffix]
        candidates.append(CandidateColumns(name: column, columns: OutcomeColumns(columns)))
      }
    }
    return candidates
  }

  /// A mapping for `header` that parses, to be corrected by the reader of an error message.
  static func example(header: [String]) -> String {
    let id = header.first { $0.lowercased().contains("id") } ?? header.first ?? "id"
    let query =
      header.first { ["query", "prompt", "question", "text", "input"].contains($0.lowercased()) }
      ?? header.dropFirst().first ?? "query"
    let rest = header.filter { $0 != id && $0 != query }
    let first = rest.first ?? "small_correct"
    let second = rest.dropFirst().first ?? "large_correct"
    return """
      {"format": "csv-wide",
       "id": \(JSONText.quoted(id)), "query": \(JSONText.quoted(query)),
       "candidates": {
         "small": {"quality": \(JSONText.quoted(first))},
         "large": {"quality": \(JSONText.quoted(second))}}}
      """
  }
}
