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
  /// Whether the bytes are gzip.
  var isGzip: Bool
  /// Size as stored, when known.
  var storedSize: Int?
  var rows: any RowProducer

  /// Opens `path` (a file, `-`, or a folder in RouteLLM's layout) and recognises its format by content
  /// unless `format` says it.
  init(path: String, format: LogFormat?, mapping: CSVMapping?, limits: ReadingLimits)
    throws(StoreError)
  {
    self.path = path
    if Self.isFolder(path) {
      guard format == nil || format == .routeLLM else {
        throw .badFormat(path: path, reason: "is a folder; --format names the format of a file")
      }
      let tables = try RouteLLMFolder.tables(path: path)
      if tables.isEmpty {
        throw .unknownFolder(path: path, expected: RouteLLMFolder.layout)
      }
      self.format = .routeLLM
      recognisedBy = "a folder with \(tables.count) response tables"
      isGzip = false
      rows = RouteLLMRows(tables: tables, limits: limits)
      return
    }
    if format == .routeLLM {
      throw .badFormat(
        path: path, reason: "routellm is a folder: name `evals` or the folder that holds it")
    }
    let source = try ByteSource(path: path)
    isGzip = source.compression == .gzip
    storedSize = source.storedSize
    let head = try source.peek(Sniffer.headBytes)
    let sniffed = try Sniffer.sniff(head, path: path)
    var wanted = format ?? mapping?.format
    if wanted == nil, case .riddleJSONL = sniffed { wanted = .riddleJSONL }
    if wanted == .riddleJSONL {
      if mapping != nil {
        throw .badFormat(path: path, reason: "a mapping is for CSV, and this is riddle-jsonl")
      }
      self.format = .riddleJSONL
      recognisedBy = format == nil ? "its lines, JSON objects" : "--format"
      rows = RiddleJSONLRows(source: source, limits: limits)
      return
    }
    if let mapping, let format, mapping.format != format {
      throw .badFormat(
        path: path,
        reason: "--format \(format.rawValue), but the mapping is for "
          + mapping.format.rawValue)
    }
    var delimiter = Sniffer.delimiter(head)
    if let mapping { delimiter = mapping.delimiter }
    let file = try CSVFile(source: source, delimiter: delimiter, limits: limits)
    let chosen: CSVMapping
    if let mapping {
      chosen = mapping
      recognisedBy = "the mapping"
    } else if let guess = CSVMapping.guess(header: file.header, delimiter: delimiter),
      format == nil || guess.format == format
    {
      chosen = guess
      recognisedBy = "the names of its columns"
    } else {
      throw .mappingNeeded(
        path: path, columns: file.header, example: CSVMapping.example(header: file.header))
    }
    self.format = chosen.format
    let reader = try CSVRowReader(mapping: chosen, header: file.header, path: path)
    rows =
      chosen.format == .csvLong
      ? CSVLongRows(file: file, reader: reader) : CSVWideRows(file: file, reader: reader)
  }

  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
