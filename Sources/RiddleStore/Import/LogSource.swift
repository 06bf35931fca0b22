import Glibc
import RiddleData

/// One opened log: what it was recognised as, and the reader of its rows.
struct LogSource {
  /// The path as given.
  var path: String
  /// The format, sniffed or as asked for.
  var format: LogFormat
  /// What the format was told by, for people.
  var recognisedBy: String
  /// How the bytes are packed.
  var compression = ByteSource.Compression.none
  /// Size as stored, when known.
  var storedSize: Int?
  /// Which field became which, for people.
  var mapping: [String] = []
  var rows: any RowProducer

  /// Opens `path` (a file, `-`, or a folder in RouteLLM's layout) and recognises its format by content
  /// unless `options` say it. `sides` were read from the other files of the same import.
  init(path: String, options: ImportOptions, sides: SideTables) throws(StoreError) {
    self = try LogSource(opening: path, options: options, sides: sides)
    if options.joinsEqualPrompts, sides.files[path] == nil {
      rows = EqualPrompts(rows, path: path)
    }
  }

  private init(opening path: String, options: ImportOptions, sides: SideTables)
    throws(StoreError)
  {
    self.path = path
    let limits = options.limits
    if Self.isFolder(path) {
      guard options.format == nil || options.format == .routeLLM else {
        throw .badFormat(path: path, reason: "is a folder; --format names the format of a file")
      }
      let tables = try RouteLLMFolder.tables(path: path)
      if tables.isEmpty {
        throw .unknownFolder(path: path, expected: RouteLLMFolder.layout)
      }
      format = .routeLLM
      recognisedBy = "sniffed from a folder with \(tables.count) response tables"
      rows = RouteLLMRows(tables: tables, limits: limits)
      return
    }
    if options.format == .routeLLM {
      throw .badFormat(
        path: path, reason: "routellm is a folder: name `evals` or the folder that holds it")
    }
    if let batch = sides.files[path] {
      format =
        options.format ?? (sides.kinds[path] == .openTelemetryLogs ? .openTelemetry : .langfuse)
      recognisedBy =
        "\(sides.kinds[path]?.rawValue ?? "tables"), read beside the other files"
      rows = SideRows(batch)
      return
    }
    if let fields = options.fields {
      let opened = try MappedSource(path: path, mapping: fields, limits: limits)
      format = .mapped
      recognisedBy = "the mapping \(fields.path)"
      compression = opened.compression
      storedSize = opened.storedSize
      mapping = fields.lines
      rows = MappedRows(
        records: opened.records, mapper: FieldMapper(fields, path: path), prices: options.prices)
      return
    }
    let source = try ByteSource(path: path)
    compression = source.compression
    storedSize = source.storedSize
    let head = try source.peek(Sniffer.headBytes)
    let verdict = try Sniffer.sniff(head, path: path, as: options.format)
    switch verdict {
    case .known(.readable(let sniffed, let names), let shape)
    where options.format == nil && options.mapping == nil:
      format = sniffed
      recognisedBy = "sniffed from its fields \(names)"
      (rows, mapping) = try Self.mapped(sniffed, shape, source, options, sides)
    case .known(.side(let kind), _) where options.format == nil && options.mapping == nil:
      throw .badFormat(
        path: path,
        reason: "holds the \(kind.rawValue), and no calls\n"
          + "  Name it together with the log it belongs to: riddle import CALLS \(ShellText.quoted(path)) --store …"
      )
    default:
      if let wanted = options.format, Self.isOfAnotherTool(wanted) {
        format = wanted
        recognisedBy = "--format"
        (rows, mapping) = try Self.mapped(
          wanted, RecordShape(head: head, format: wanted), source, options, sides)
        return
      }
      (format, recognisedBy, mapping, rows) = try Self.own(
        verdict, head, source, options, sides)
    }
    if let prices = options.prices, !(rows is MappedRows) {
      rows = PricedRows(rows, prices: prices)
    }
  }

  /// Riddle's own formats: JSON lines, and CSV by a mapping or by the names of its columns.
  private static func own(
    _ verdict: Sniffer.Verdict, _ head: [UInt8], _ source: ByteSource, _ options: ImportOptions,
    _ sides: SideTables
  ) throws(StoreError) -> (LogFormat, String, [String], any RowProducer) {
    let path = source.path
    var wanted = options.format ?? options.mapping?.format
    if wanted == nil, case .riddleJSONL = verdict { wanted = .riddleJSONL }
    if wanted == .riddleJSONL {
      if options.mapping != nil {
        throw .badFormat(path: path, reason: "a mapping is for CSV, and this is riddle-jsonl")
      }
      return (
        .riddleJSONL,
        options.format == nil ? "sniffed from its lines, JSON objects" : "--format",
        ["id, query, outcomes, context: as they are called"],
        RiddleJSONLRows(source: source, limits: options.limits)
      )
    }
    if let mapping = options.mapping, let format = options.format, mapping.format != format {
      throw .badFormat(
        path: path,
        reason: "--format \(format.rawValue), but the mapping is for \(mapping.format.rawValue)")
    }
    let delimiter = options.mapping?.delimiter ?? Sniffer.delimiter(head)
    if options.format == nil && options.mapping == nil {
      switch KnownLog(fields: Sniffer.header(head, delimiter)) {
      case .readable(let format, let names):
        let (rows, lines) = try mapped(
          format, .csv(delimiter: delimiter), source, options, sides)
        return (format, "sniffed from its columns \(names)", lines, rows)
      case .side(let kind):
        throw .badFormat(
          path: path,
          reason: "holds the \(kind.rawValue), and no calls\n"
            + "  Name it together with the log it belongs to.")
      case .foreign, nil: break
      }
    }
    let file = try CSVFile(source: source, delimiter: delimiter, limits: options.limits)
    let chosen: CSVMapping
    let recognisedBy: String
    if let mapping = options.mapping {
      chosen = mapping
      recognisedBy = "the mapping"
    } else if let guess = CSVMapping.guess(header: file.header, delimiter: delimiter),
      options.format == nil || guess.format == options.format
        || (guess.format == .routerBench && options.format == .csvWide)
    {
      chosen = guess
      recognisedBy = "sniffed from the names of its columns"
    } else {
      throw .mappingNeeded(
        path: path, columns: file.header, example: CSVMapping.example(header: file.header))
    }
    let reader = try CSVRowReader(mapping: chosen, header: file.header, path: path)
    return (
      chosen.format, recognisedBy, chosen.lines,
      chosen.format == .csvLong
        ? CSVLongRows(file: file, reader: reader) : CSVWideRows(file: file, reader: reader)
    )
  }

  /// Whether `format` is read through a mapper of its own.
  static func isOfAnotherTool(_ format: LogFormat) -> Bool {
    switch format {
    case .liteLLMSpend, .liteLLMPayload, .openTelemetry, .langfuse, .promptfoo, .arena: true
    case .riddleJSONL, .csvWide, .csvLong, .routeLLM, .routerBench, .mapped: false
    }
  }

  /// The reader of a log of another tool, and which field becomes which.
  private static func mapped(
    _ format: LogFormat, _ shape: RecordShape, _ source: ByteSource, _ options: ImportOptions,
    _ sides: SideTables
  ) throws(StoreError) -> (any RowProducer, [String]) {
    let mapper: any RecordMapper
    let lines: [String]
    var targets = RecordShape.usualTargets
    switch format {
    case .liteLLMSpend: (mapper, lines) = (LiteLLMSpendMapper(), LiteLLMSpendMapper.mapping)
    case .liteLLMPayload: (mapper, lines) = (LiteLLMPayloadMapper(), LiteLLMPayloadMapper.mapping)
    case .openTelemetry:
      mapper = OpenTelemetryMapper(rule: options.scores, scores: sides.scores)
      lines = OpenTelemetryMapper.mapping
      targets += OpenTelemetryMapper.targets
    case .langfuse:
      // The first rows may need what later ones tell; a stream cannot be read twice.
      var found: LatencyUnit?
      if options.latencyUnit == nil, source.path != "-", source.storedSize != nil {
        found = try LangfuseMapper.unit(
          of: shape.records(
            of: ByteSource(path: source.path), targets: targets, limits: options.limits))
      }
      mapper = LangfuseMapper(
        scores: sides.scores, traces: sides.traces, unit: options.latencyUnit, foundUnit: found)
      lines = LangfuseMapper.mapping
    case .promptfoo:
      mapper = PromptfooMapper(path: source.path)
      lines = PromptfooMapper.mapping
      targets = PromptfooMapper.targets + RecordShape.usualTargets
    case .arena: (mapper, lines) = (ArenaMapper(), ArenaMapper.mapping)
    case .riddleJSONL, .csvWide, .csvLong, .routeLLM, .routerBench, .mapped:
      throw .defect("\(format.rawValue) has no mapper")
    }
    let records = try shape.records(of: source, targets: targets, limits: options.limits)
    return (MappedRows(records: records, mapper: mapper, prices: options.prices), lines)
  }

  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
