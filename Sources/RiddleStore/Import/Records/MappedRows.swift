import RiddleData

/// Reads the rows of any source of records with any mapper.
///
/// Memory: one batch, unless the format spreads a query over several records (``RecordMapper/joinsRows``): those are merged
/// wherever they stand, so all of them are held.
final class MappedRows: RowProducer {
  private let records: any RecordSource
  private var mapper: any RecordMapper
  private var filler: PriceFiller
  private var merger = QueryMerger()
  private var withPrompt = 0
  private var withoutPrompt = 0
  private var isRead = false

  /// Calls without a prompt, and none with one, after which a log is taken to keep none.
  private static let patience = 10_000

  init(records: any RecordSource, mapper: any RecordMapper, prices: TokenPrices?) {
    self.records = records
    self.mapper = mapper
    filler = PriceFiller(prices)
  }

  func next() throws(StoreError) -> RowBatch? {
    if isRead {
      guard var batch = merger.next(file: records.path) else { return nil }
      batch.storedBytesRead = records.storedBytesRead
      return batch
    }
    var batch = RowBatch()
    if let (block, bytes) = try records.next() {
      batch.recordBytes = max(bytes, 1 << 10)
      for record in block { take(record, &batch) }
      try merger.checkSize(path: records.path)
      if let fault = mapper.fault { throw .badFormat(path: records.path, reason: fault) }
      // A log that never keeps prompts is told early; reading on would reject row by row.
      if withPrompt == 0, withoutPrompt >= Self.patience { throw promptsMissing }
    } else {
      isRead = true
      if withPrompt == 0, withoutPrompt > 0 { throw promptsMissing }
      batch.notes = mapper.notes + filler.notes
    }
    batch.storedBytesRead = records.storedBytesRead
    return batch
  }

  private func take(_ record: LogRecord, _ batch: inout RowBatch) {
    let value: LogValue
    switch record.content {
    case .failure(let error):
      batch.items.append(.rejected(error.at(file: records.path, record)))
      return
    case .success(let content): value = content
    }
    for item in mapper.items(of: value, part: record.part) {
      switch item {
      case .row(var query, let cachedTokens):
        withPrompt += 1
        filler.fill(&query, cached: cachedTokens)
        guard mapper.joinsRows else {
          batch.items.append(
            .row(ParsedRow(file: records.path, line: record.line, query: query)))
          continue
        }
        do throws(RowError) {
          if try merger.add(query, line: record.line) { batch.recordsWithoutItem += 1 }
        } catch {
          batch.items.append(.rejected(error.at(file: records.path, record)))
        }
      case .leftOut(let reason):
        batch.recordsWithoutItem += 1
        batch.leftOut[reason, default: 0] += 1
      case .withoutPrompt:
        withoutPrompt += 1
        batch.items.append(
          .rejected(
            RowError(
              field: "prompt",
              reason:
                "no user's text: the prompt was not kept, was struck out, or is an image alone. \(mapper.missingPrompts.remedy)"
            ).at(file: records.path, record)))
      case .rejected(let error):
        batch.items.append(.rejected(error.at(file: records.path, record)))
      }
    }
  }

  private var promptsMissing: StoreError {
    let (log, remedy) = mapper.missingPrompts
    return .unsupportedInput(
      path: records.path, looksLike: "\(log) without prompts", remedy: remedy)
  }
}
