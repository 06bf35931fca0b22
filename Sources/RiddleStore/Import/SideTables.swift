/// What files beside a log say about its rows, read before it: scores and traces of Langfuse, evaluations of
/// OpenTelemetry. Held in memory: an identifier and a number for each.
struct SideTables {
  /// What a file beside a log is.
  enum Kind: String {
    case langfuseScores = "scores of a Langfuse export"
    case langfuseTraces = "traces of a Langfuse export"
    case openTelemetryLogs = "log records of an OpenTelemetry export"
  }

  /// Scores by observation and trace, or by span and response; nil without a file of scores.
  private(set) var scores: ScoreTable?
  /// Traces by id.
  private(set) var traces: [String: LangfuseMapper.Trace] = [:]
  /// Files that were read for this, with what they gave.
  private(set) var files: [String: RowBatch] = [:]
  /// What those files are.
  private(set) var kinds: [String: Kind] = [:]

  /// Nothing.
  init() {}

  /// Looks through `paths` for files that belong beside the others, and reads those.
  ///
  /// - Throws: ``StoreError`` when such a file cannot be read. What is wrong with others is said when they are read.
  init(paths: [String], options: ImportOptions) throws(StoreError) {
    guard paths.count > 1, [nil, .langfuse, .openTelemetry].contains(options.format) else { return }
    for path in paths where path != "-" {
      guard let (kind, shape) = Self.kind(of: path) else { continue }
      try read(path, kind, shape, options)
    }
    if let fault = scores?.fault { throw .badFormat(path: files.keys.sorted()[0], reason: fault) }
  }

  private static func kind(of path: String) -> (Kind, RecordShape)? {
    do throws(StoreError) {
      let head = try ByteSource(path: path).peek(Sniffer.headBytes)
      switch try Sniffer.sniff(head, path: path) {
      case .known(.side(let kind), let shape): return (kind, shape)
      case .csv(let delimiter):
        guard case .side(let kind)? = KnownLog(fields: Sniffer.header(head, delimiter)) else {
          return nil
        }
        return (kind, .csv(delimiter: delimiter))
      default: return nil
      }
    } catch {
      return nil
    }
  }

  private mutating func read(
    _ path: String, _ kind: Kind, _ shape: RecordShape, _ options: ImportOptions
  ) throws(StoreError) {
    let records = try shape.records(
      of: try ByteSource(path: path),
      targets: kind == .openTelemetryLogs
        ? OpenTelemetryMapper.targets : RecordShape.usualTargets, limits: options.limits)
    var table = scores ?? ScoreTable(options.scores)
    var batch = RowBatch()
    let before = table.taken
    while let (block, _) = try records.next() {
      for record in block {
        switch record.content {
        case .failure(let error):
          batch.items.append(.rejected(error.at(file: path, line: record.line)))
        case .success(let value):
          batch.recordsWithoutItem += 1
          batch.leftOut["\(kind.rawValue), joined to its calls", default: 0] += 1
          switch kind {
          case .langfuseScores: LangfuseScores.add(value, to: &table)
          case .langfuseTraces: LangfuseScores.add(value, to: &traces)
          case .openTelemetryLogs: OpenTelemetryMapper.scores(in: value, to: &table)
          }
        }
      }
    }
    batch.storedBytesRead = records.storedBytesRead
    if kind != .langfuseTraces {
      scores = table
      batch.notes.append("\(table.taken - before) scores of \(path)")
      batch.notes += table.notes
    }
    files[path] = batch
    kinds[path] = kind
  }
}

/// The rows of a file that was read beforehand: none, but its rejects and notes.
final class SideRows: RowProducer {
  private var batch: RowBatch?

  init(_ batch: RowBatch) { self.batch = batch }

  func next() throws(StoreError) -> RowBatch? {
    defer { batch = nil }
    return batch
  }
}
