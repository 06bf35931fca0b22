extension StoreError: CustomStringConvertible {
  /// A message for a person: what was wrong, where, what was expected, what to do next.
  public var description: String {
    switch self {
    case .inputMissing(let path):
      "no such file: \(path)\n  Check the path; `-` reads standard input."
    case .emptyInput(let path):
      "\(path) is empty: expected at least one row\n  Check the export that wrote it."
    case .unsupportedInput(let path, let looksLike, let remedy):
      "\(path) looks like \(looksLike), which is not read\n  \(remedy)"
    case .damagedGzip(let path, let offset, let reason):
      "\(path) is a damaged gzip file at compressed byte \(offset): \(reason)\n"
        + "  Fetch it again, or check it with `gzip -t`."
    case .damagedZstd(let path, let offset, let reason):
      "\(path) is damaged Zstandard data at compressed byte \(offset): \(reason)\n"
        + "  Fetch it again, or check it with `zstd -t`."
    case .unknownFolder(let path, let expected):
      "\(path) is a folder, but not one whose layout is known\n  Expected \(expected)."
    case .mappingNeeded(let path, let columns, let example):
      "\(path): which columns mean what cannot be told from its header\n"
        + "  Columns: \(Self.list(columns))\n"
        + "  Write a mapping such as this one to mapping.json and give it as --mapping mapping.json,\n"
        + "  or have one suggested: riddle import --suggest-mapping \(ShellText.quoted(path)) > mapping.yaml\n"
        + example.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n")
    case .badMapping(let path, let field, let reason):
      "mapping \(path): \(field): \(reason)"
    case .missingColumn(let path, let field, let column, let available):
      "\(path) has no column \"\(column)\", which the mapping names for \(field)\n"
        + "  Columns: \(Self.list(available))"
    case .badHeader(let path, let line, let reason):
      "\(path), line \(line): \(reason)"
    case .badFormat(let path, let reason):
      "\(path): \(reason)"
    case .storeMissing(let path):
      "no store at \(path)\n  Make one with `riddle import`."
    case .notAStore(let path, let found):
      "not a Riddle store: \(path) is \(found)\n"
        + "  Name another file, or make a store with `riddle import`."
    case .newerSchema(let path, let found, let supported):
      "\(path) has schema version \(found); this Riddle reads up to version \(supported)\n"
        + "  Use the Riddle that wrote it or a newer one. Nothing was changed."
    case .olderSchema(let path, let found, let supported):
      "\(path) has schema version \(found), older than version \(supported), and cannot be written\n"
        + "  Copy it to a place where it can, and use the copy: it is brought up to date when it is opened."
    case .storeBusy(let path):
      "\(path) is locked by another process\n  Wait until that process ends, then try again."
    case .storeDamaged(let path, let detail):
      "\(path) is damaged: \(detail)\n  Restore a copy, or import the logs into a new store."
    case .unknownCandidate(let name, let available):
      "no logged outcome is of candidate \"\(name)\"\n  Candidates: \(Self.list(available))"
    case .unknownEmbeddingModel(let name, let available):
      "the store has no vectors of model \"\(name)\"\n  Models: \(Self.list(available))"
        + "\n  Add vectors with `riddle embed`."
    case .unknownQuery(let id):
      "no logged query has the id \"\(id)\"\n  Use the store that holds this log."
    case .invalidValue(let field, let reason):
      "\(field): \(reason)"
    case .badExpression(let reason, let remedy):
      "\(reason)\n  \(remedy)"
    case .io(let path, let operation, let reason):
      "cannot \(operation) \(path): \(reason)"
    case .interrupted(let rowsRead):
      "stopped after \(rowsRead) rows\n  Committed batches stay; the same import completes them."
    case .defect(let detail):
      "defect in Riddle: \(detail)\n  Please report this message."
    }
  }

  /// At most twenty names, quoted.
  private static func list(_ names: [String]) -> String {
    guard !names.isEmpty else { return "(none)" }
    let shown = names.prefix(20).map { "\"\($0)\"" }.joined(separator: ", ")
    return names.count > 20 ? "\(shown) and \(names.count - 20) more" : shown
  }
}
