/// Everything that can go wrong between a log and the store: what, where, expected and actual, what to do next.
///
/// Messages never contain a query's text; they name files, lines, columns, fields and identifiers.
public enum StoreError: Error, Equatable, Sendable {
  // MARK: inputs

  /// No file at `path`.
  case inputMissing(path: String)
  /// `path` holds no bytes, or nothing but white space.
  case emptyInput(path: String)
  /// `path` is a format that is not read; `remedy` says what to type.
  case unsupportedInput(path: String, looksLike: String, remedy: String)
  /// A gzip stream that ends early or contradicts its checksum, at compressed byte `offset`.
  case damagedGzip(path: String, offset: Int, reason: String)
  /// Zstandard data that end early or contradict their checksum, at compressed byte `offset`.
  case damagedZstd(path: String, offset: Int, reason: String)
  /// A folder without the files of a known layout.
  case unknownFolder(path: String, expected: String)
  /// A CSV header that cannot be understood without a mapping; `example` is one that parses.
  case mappingNeeded(path: String, columns: [String], example: String)
  /// A mapping file that is not what it should be, at `field`.
  case badMapping(path: String, field: String, reason: String)
  /// The mapping names a column that the header lacks.
  case missingColumn(path: String, field: String, column: String, available: [String])
  /// A CSV header that cannot be used at all.
  case badHeader(path: String, line: Int, reason: String)
  /// Files whose formats cannot be read together, or an option that does not fit the format.
  case badFormat(path: String, reason: String)

  // MARK: the store

  /// No store at `path`.
  case storeMissing(path: String)
  /// Something else than a store at `path`.
  case notAStore(path: String, found: String)
  /// A store written by a newer Riddle.
  case newerSchema(path: String, found: Int, supported: Int)
  /// A store of an older schema in a file that cannot be written.
  case olderSchema(path: String, found: Int, supported: Int)
  /// Another process kept the store locked for longer than the busy timeout.
  case storeBusy(path: String)
  /// SQLite found the file damaged.
  case storeDamaged(path: String, detail: String)
  /// A candidate that no logged query has.
  case unknownCandidate(name: String, available: [String])
  /// An embedding model without vectors in the store.
  case unknownEmbeddingModel(name: String, available: [String])
  /// An identifier that no logged query has.
  case unknownQuery(id: String)
  /// A value that the store's constraints refuse.
  case invalidValue(field: String, reason: String)
  /// Words or SQL that a person typed and SQLite cannot read.
  case badExpression(reason: String, remedy: String)

  // MARK: the world

  /// A system call failed.
  case io(path: String, operation: String, reason: String)
  /// The caller's progress closure asked to stop; committed batches stay.
  case interrupted(rowsRead: Int)
  /// A state that the code promises cannot happen.
  case defect(String)
}

extension StoreError {
  /// Exit status of a command that ends with this error: 64 usage, 65 malformed data, 66 input missing, 70 defect,
  /// 74 input or output failed, 130 interrupted.
  public var exitCode: Int32 {
    switch self {
    case .badExpression: 64
    case .inputMissing, .storeMissing: 66
    case .io, .storeBusy: 74
    case .defect: 70
    case .interrupted: 130
    case .emptyInput, .unsupportedInput, .damagedGzip, .damagedZstd, .unknownFolder, .mappingNeeded,
      .badMapping,
      .missingColumn, .badHeader, .badFormat, .notAStore, .newerSchema, .olderSchema, .storeDamaged,
      .unknownCandidate, .unknownEmbeddingModel, .unknownQuery, .invalidValue:
      65
    }
  }
}
