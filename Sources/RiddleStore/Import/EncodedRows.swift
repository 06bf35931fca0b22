import RiddleData

/// One value as it is bound to a statement.
struct BoundValue: Sendable {
  enum Kind: UInt8, Sendable { case null, integer, real, text }

  var kind = Kind.null
  /// Bytes of a text.
  var length: Int32 = 0
  /// The integer, the bits of the double, or where the text begins in ``EncodedRows/texts``.
  var bits: Int64 = 0

  /// The integer, or nil for NULL.
  var integer: Int64? { kind == .null ? nil : bits }
  /// The number, or nil for NULL.
  var real: Double? {
    kind == .null ? nil : Double(bitPattern: UInt64(bitPattern: bits))
  }
}

/// A batch as the store writes it: the values of every row one after the other, the texts in one piece.
///
/// Made on the reading thread. The writing thread, which bounds the speed of an import, then touches no string: it
/// neither counts references, nor frees what another thread allocated, nor looks names up. Measured: half its time.
final class EncodedRows: Sendable {
  /// One item of the batch, in file order.
  enum Item: Sendable {
    /// A row: where its values begin, and how many outcomes follow the query's.
    case row(first: Int, outcomes: Int)
    /// Position in ``rejects``.
    case rejected(Int)
  }

  /// Values of a query, in the order of ``RowWriter``'s statement, less the import's number.
  static let queryWidth = 13
  /// Values of an outcome, likewise, less the query's row: first the number of the candidate.
  static let outcomeWidth = 9

  let items: [Item]
  /// File (a position in ``files``) and line of every item.
  let places: [(file: Int, line: Int)]
  let values: [BoundValue]
  let texts: [UInt8]
  let rejects: [RejectedRow]
  let files: [String]
  /// Candidates met in this source so far, by number.
  let candidates: [String]
  /// Rows with a tier or a vector, by item: these need more than their values.
  let special: [Int: ParsedRow]
  /// The batch without its items.
  let rest: RowBatch

  fileprivate init(_ encoder: RowEncoder, rest: RowBatch) {
    items = encoder.items
    places = encoder.places
    values = encoder.values
    texts = encoder.texts
    rejects = encoder.rejects
    files = encoder.files
    candidates = encoder.candidates
    special = encoder.special
    self.rest = rest
  }

  /// The text at `value`, a copy.
  func text(_ value: BoundValue) -> String? {
    guard value.kind == .text else { return nil }
    let start = Int(value.bits)
    return String(decoding: texts[start..<(start + Int(value.length))], as: UTF8.self)
  }

  /// Id and context of the query whose values begin at `first`, without text and outcomes.
  func facts(at first: Int) -> LoggedQuery {
    var context = QueryContext(
      group: text(values[first + 3]), conversation: text(values[first + 4]),
      turn: values[first + 5].integer.map(Int.init), userTier: text(values[first + 6]),
      taskType: text(values[first + 7]), domain: text(values[first + 8]))
    context.metadata = Metadata.parse(text(values[first + 12])) ?? [:]
    return LoggedQuery(
      id: text(values[first]) ?? "", text: nil, context: context, outcomes: [])
  }

  /// The outcome whose values begin at `first`, without its answer.
  func outcome(at first: Int) -> (candidate: Int, outcome: Outcome) {
    (
      Int(values[first].bits),
      Outcome(
        quality: values[first + 1].real, cost: values[first + 2].integer.map { NanoDollars($0) },
        latency: values[first + 3].integer.map { Microseconds($0) },
        confidence: values[first + 4].real, gateScore: values[first + 5].real,
        inputTokens: values[first + 6].integer, outputTokens: values[first + 7].integer)
    )
  }
}

/// Encodes the batches of one source. Used by one thread at a time.
final class RowEncoder {
  fileprivate var items: [EncodedRows.Item] = []
  fileprivate var places: [(file: Int, line: Int)] = []
  fileprivate var values: [BoundValue] = []
  fileprivate var texts: [UInt8] = []
  fileprivate var rejects: [RejectedRow] = []
  fileprivate var files: [String] = []
  fileprivate var candidates: [String] = []
  fileprivate var special: [Int: ParsedRow] = [:]
  private var numbers: [String: Int] = [:]
  /// Candidates of the row before, which the next row mostly repeats.
  private var lastCandidates: [Int] = []

  /// The batch with its rows encoded.
  func encode(_ batch: RowBatch) -> EncodedRows {
    items.removeAll()
    places.removeAll()
    values.removeAll()
    texts.removeAll()
    rejects.removeAll()
    files.removeAll()
    special.removeAll()
    items.reserveCapacity(batch.items.count)
    places.reserveCapacity(batch.items.count)
    let width = EncodedRows.queryWidth + EncodedRows.outcomeWidth * max(1, lastCandidates.count)
    values.reserveCapacity(batch.items.count * width)
    texts.reserveCapacity(batch.recordBytes / 2)
    for item in batch.items {
      switch item {
      case .rejected(let row):
        place(row.file, row.line)
        items.append(.rejected(rejects.count))
        rejects.append(row)
      case .row(let row):
        place(row.file, row.line)
        items.append(.row(first: values.count, outcomes: row.query.outcomes.count))
        encode(row)
      }
    }
    var rest = batch
    rest.items = []
    return EncodedRows(self, rest: rest)
  }

  private func place(_ file: String, _ line: Int) {
    // Most batches are of one file, the rest of a handful.
    var number = files.count - 1
    while number >= 0 && files[number] != file { number -= 1 }
    if number < 0 {
      number = files.count
      files.append(file)
    }
    places.append((number, line))
  }

  private func encode(_ row: ParsedRow) {
    let query = row.query
    add(query.id)
    add(query.text)
    add(row.textHash.map { Int64(bitPattern: $0) })
    add(query.context.group)
    add(query.context.conversation)
    add(query.context.turn.map(Int64.init))
    add(query.context.userTier)
    add(query.context.taskType)
    add(query.context.domain)
    add(query.context.time?.count)
    add(Int64(bitPattern: row.contentHash))
    add(query.tier)
    add(query.context.metadata.isEmpty ? nil : Metadata.json(query.context.metadata))
    if query.tier != nil || query.embedding != nil { special[items.count - 1] = row }
    for (position, entry) in query.outcomes.enumerated() {
      add(Int64(number(of: entry.candidate, at: position)))
      let outcome = entry.outcome
      add(outcome.quality)
      add(outcome.cost?.count)
      add(outcome.latency?.count)
      add(outcome.confidence)
      add(outcome.gateScore)
      add(outcome.inputTokens)
      add(outcome.outputTokens)
      add(outcome.answer)
    }
  }

  /// The number of the candidate `name`, the row's outcome at `position`.
  private func number(of name: String, at position: Int) -> Int {
    if position < lastCandidates.count, candidates[lastCandidates[position]] == name {
      return lastCandidates[position]
    }
    let number = numbers[name] ?? candidates.count
    if number == candidates.count {
      numbers[name] = number
      candidates.append(name)
    }
    if position < lastCandidates.count {
      lastCandidates[position] = number
    } else if position == lastCandidates.count && position < 64 {
      lastCandidates.append(number)
    }
    return number
  }

  private func add(_ text: String?) {
    guard var text else { return values.append(BoundValue()) }
    let start = texts.count
    // The buffer is the string's own storage and lives for the closure.
    text.withUTF8 { texts.append(contentsOf: $0) }
    values.append(
      BoundValue(kind: .text, length: Int32(texts.count - start), bits: Int64(start)))
  }

  private func add(_ number: Int64?) {
    values.append(number.map { BoundValue(kind: .integer, bits: $0) } ?? BoundValue())
  }

  private func add(_ number: Double?) {
    values.append(
      number.map { BoundValue(kind: .real, bits: Int64(bitPattern: $0.bitPattern)) }
        ?? BoundValue())
  }
}
