/// How a source holds its records.
enum RecordShape: Equatable {
  /// One JSON object a line.
  case lines
  /// One JSON document: an array, or an object that holds one.
  case document
  /// JSON objects one after the other, each spread over several lines.
  case objects
  /// CSV with a header.
  case csv(delimiter: UInt8)

  /// The shape of a file that is to be read as `format`, whatever it was recognised as.
  init(head: [UInt8], format: LogFormat) {
    guard let start = Sniffer.firstByte(head) else {
      self = .lines
      return
    }
    switch head[start] {
    case 0x5b: self = .document
    case 0x7b:
      let line = head.firstNewline(from: start, to: head.count)
      let isSpread =
        line.map { head[(start + 1)..<$0].allSatisfy { $0 == 0x20 || $0 == 0x0d } } ?? false
      let top = JSONKeyScan(head, from: start, to: isSpread ? nil : line).levels[0]
      let holdsRecords =
        format == .promptfoo
        ? top.contains("results") || top.contains("table") : top.contains("data")
      if holdsRecords || (isSpread && [.promptfoo, .openTelemetry].contains(format)) {
        self = .document
      } else {
        self = isSpread ? .objects : .lines
      }
    default: self = .csv(delimiter: Sniffer.delimiter(head, from: start))
    }
  }

  /// The records of `source`.
  func records(of source: ByteSource, targets: [JSONElementScanner.Target], limits: ReadingLimits)
    throws(StoreError) -> any RecordSource
  {
    switch self {
    case .lines: JSONLineRecords(source: source, limits: limits)
    case .document: JSONDocumentRecords(source: source, targets: targets, limits: limits)
    case .objects:
      JSONDocumentRecords(source: source, targets: [.objects], limits: limits)
    case .csv(let delimiter):
      try CSVTableRecords(
        file: try CSVFile(source: source, delimiter: delimiter, limits: limits))
    }
  }

  /// Where documents of most tools hold their records: at the top, or under `data`.
  static let usualTargets: [JSONElementScanner.Target] = [
    .init(path: [], isList: true), .init(path: ["data"], isList: true),
  ]
}
