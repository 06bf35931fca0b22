import RiddleData

/// MT-Bench (Zheng et al., 2023, arXiv:2306.05685) as RouteLLM publishes it: two turns a question, and a
/// judge's score from 1 to 10 for what each model answered in each turn.
struct MTBenchTable {
  /// JSON lines with `question_id`, `model`, `turn` and `score`; other keys are not kept.
  var judgements: String
  /// JSON lines with `question_id`, `turns` and perhaps `category`.
  var questions: String
  /// Where the prompts to leave out are listed, if anywhere.
  var contaminated: String?

  /// What a judge writes when it gave no score.
  static let noScore: Int64 = -1
}

/// Reads MT-Bench: one row a question, in the order of the questions. A candidate's quality is the mean of
/// its scores divided by 10.
///
/// A question is left out and counted when any of its turns is listed, and its judgements with it, unread.
/// Rejected are: judgements without a score or a question, a turn judged twice (which score was meant
/// cannot be told), and questions without any score. Everything is held in memory: texts of the questions
/// and sums of the scores.
final class MTBenchRows: RowProducer {
  private let table: MTBenchTable
  private let removedTexts: Set<String>
  private let limits: ReadingLimits
  private var questions: [Question] = []
  private var index: [Int64: Int] = [:]
  private var isRead = false

  init(table: MTBenchTable, removing: Set<String>, limits: ReadingLimits) {
    self.table = table
    removedTexts = removing
    self.limits = limits
  }

  func next() throws(StoreError) -> RowBatch? {
    if isRead { return nil }
    isRead = true
    var batch = RowBatch()
    try readQuestions(&batch)
    try readJudgements(&batch)
    for question in questions {
      if question.isRemoved {
        batch.removed += 1
        batch.recordsWithoutItem += 1
      } else if question.scores.isEmpty {
        batch.items.append(
          .rejected(
            RejectedRow(
              file: table.questions, line: question.line, field: "question_id",
              reason: "question \(question.id) has no score in judgements.jsonl")))
      } else {
        batch.items.append(
          .row(ParsedRow(file: table.questions, line: question.line, query: question.query)))
      }
    }
    return batch
  }

  private func readQuestions(_ batch: inout RowBatch) throws(StoreError) {
    let read = try JSONObjectLines.read(path: table.questions, limits: limits) {
      reader, line throws(RowError) in
      var question = try Question(&reader, line: line)
      if let other = index[question.id] {
        throw RowError(
          field: "question_id",
          reason: "\(question.id) is the question of line \(questions[other].line) already")
      }
      question.isRemoved = question.turns.contains(where: removedTexts.contains)
      index[question.id] = questions.count
      questions.append(question)
    } rejected: { row throws(StoreError) in
      batch.items.append(.rejected(row))
    }
    batch.storedBytesRead += read
    if questions.isEmpty && batch.items.isEmpty { throw .emptyInput(path: table.questions) }
  }

  private func readJudgements(_ batch: inout RowBatch) throws(StoreError) {
    var isEmpty = true
    let read = try JSONObjectLines.read(path: table.judgements, limits: limits) {
      reader, line throws(RowError) in
      isEmpty = false
      let judgement = try Judgement(&reader)
      guard let at = index[judgement.question] else {
        throw RowError(
          field: "question_id", reason: "question.jsonl has no question \(judgement.question)")
      }
      if !questions[at].isRemoved { try questions[at].add(judgement, line: line) }
    } rejected: { row throws(StoreError) in
      isEmpty = false
      batch.items.append(.rejected(row))
    }
    batch.storedBytesRead += read
    if isEmpty { throw .emptyInput(path: table.judgements) }
  }
}

/// One question and the scores given so far.
private struct Question {
  /// A candidate's scores: their sum in units of 10⁻⁹, and the line of each turn's judgement.
  struct Scores {
    var candidate: String
    var sum: Int64 = 0
    var lines: [Int: Int] = [:]
  }

  let line: Int
  let id: Int64
  let turns: [String]
  let category: String?
  var isRemoved = false
  private(set) var scores: [Scores] = []
  private var index: [String: Int] = [:]

  init(_ reader: inout JSONReader, line: Int) throws(RowError) {
    var field: String?
    do throws(JSONError) {
      var id: Int64?
      var turns: [String]?
      var category: String?
      try reader.beginObject()
      while let key = try reader.nextKey() {
        field = key
        switch key {
        case "question_id":
          try reader.once(&id, try reader.integer())
        case "turns":
          var texts: [String] = []
          try reader.beginArray()
          while try reader.nextElement() {
            texts.append(try reader.checked(try reader.string(), FieldRules.text))
          }
          try reader.once(&turns, texts)
        case "category":
          if try reader.takeNull() { continue }
          try reader.once(&category, try reader.checked(try reader.string(), FieldRules.text))
        default: try reader.skipValue()
        }
        field = nil
      }
      try reader.finish()
      field = "question_id"
      guard let id else { throw reader.error("is missing: expected a whole number") }
      field = "turns"
      guard let turns, !turns.isEmpty else {
        throw reader.error("is missing or empty: expected [\"first turn\", \"second turn\"]")
      }
      self.line = line
      self.id = id
      self.turns = turns
      self.category = category
    } catch {
      throw RowError(field: field, column: error.column, reason: error.reason)
    }
  }

  mutating func add(_ judgement: Judgement, line: Int) throws(RowError) {
    guard (1...turns.count).contains(judgement.turn) else {
      throw RowError(
        field: "turn", reason: "expected 1 to \(turns.count), the turns of question \(id)")
    }
    let score = try judgement.checkedScore()
    let at: Int
    if let known = index[judgement.model] {
      at = known
      if let other = scores[at].lines[judgement.turn] {
        throw RowError(
          field: "turn",
          reason: "turn \(judgement.turn) of \(judgement.model) on question \(id) "
            + "is judged on line \(other) already")
      }
    } else {
      guard scores.count < FieldRules.maximumCandidates else {
        throw RowError(
          field: "model",
          reason: "more than \(FieldRules.maximumCandidates) on question \(id)")
      }
      at = scores.count
      index[judgement.model] = at
      scores.append(Scores(candidate: judgement.model))
    }
    scores[at].sum += score
    scores[at].lines[judgement.turn] = line
  }

  /// The row. Sum and divisor are whole numbers, so a quality is rounded once: (9 + 10) / 20 is 0.95.
  var query: LoggedQuery {
    LoggedQuery(
      id: "mt_bench/\(id)", text: turns[0], context: QueryContext(group: category),
      outcomes: scores.map { scores in
        let quality = Double(scores.sum) / Double(10 * Judgement.unit * Int64(scores.lines.count))
        return CandidateOutcome(candidate: scores.candidate, outcome: Outcome(quality: quality))
      })
  }
}

/// What the judge said of one answer.
private struct Judgement {
  /// Scores are kept to nine decimals, as whole numbers of 10⁻⁹.
  static let unit: Int64 = 1_000_000_000

  let question: Int64
  let model: String
  let turn: Int
  /// As written; nil when absent or null.
  private let score: ExactDecimal?

  init(_ reader: inout JSONReader) throws(RowError) {
    var field: String?
    do throws(JSONError) {
      var question: Int64?
      var model: String?
      var turn: Int?
      var score: ExactDecimal?
      try reader.beginObject()
      while let key = try reader.nextKey() {
        field = key
        switch key {
        case "question_id":
          try reader.once(&question, try reader.integer())
        case "model":
          try reader.once(&model, try reader.checked(try reader.string(), FieldRules.name))
        case "turn":
          try reader.once(&turn, try reader.checked(try reader.number(), FieldRules.turn))
        case "score":
          if try reader.takeNull() { continue }
          try reader.once(&score, try reader.number())
        default: try reader.skipValue()
        }
        field = nil
      }
      try reader.finish()
      field = "question_id"
      guard let question else { throw reader.error("is missing: expected a whole number") }
      field = "model"
      guard let model else { throw reader.error("is missing: expected the candidate's name") }
      field = "turn"
      guard let turn else { throw reader.error("is missing: expected 1 or 2") }
      self.question = question
      self.model = model
      self.turn = turn
      self.score = score
    } catch {
      throw RowError(field: field, column: error.column, reason: error.reason)
    }
  }

  /// The score in units of 10⁻⁹.
  func checkedScore() throws(RowError) -> Int64 {
    guard let score, score.integer != MTBenchTable.noScore else {
      throw RowError(
        field: "score",
        reason: "the judge gave none for turn \(turn) of \(model) on question \(question)")
    }
    guard let units = score.scaled(places: 9), units >= Self.unit, units <= 10 * Self.unit else {
      throw RowError(field: "score", reason: "expected a number from 1 to 10")
    }
    return units
  }
}

/// Reads files of JSON lines that are not logs by themselves.
enum JSONObjectLines {
  /// Calls `body` with a reader of each line that is not blank, and the line's number from 1; what it
  /// throws, and lines longer than allowed, go to `rejected`.
  ///
  /// - Returns: bytes of the file, as stored.
  static func read(
    path: String, limits: ReadingLimits,
    _ body: (inout JSONReader, _ line: Int) throws(RowError) -> Void,
    rejected: (RejectedRow) throws(StoreError) -> Void
  ) throws(StoreError) -> Int {
    try read(source: try ByteSource(path: path), limits: limits, body, rejected: rejected)
  }

  /// As above for a source that is open already.
  static func read(
    source: ByteSource, limits: ReadingLimits,
    _ body: (inout JSONReader, _ line: Int) throws(RowError) -> Void,
    rejected: (RejectedRow) throws(StoreError) -> Void
  ) throws(StoreError) -> Int {
    let path = source.path
    let blocks = RecordBlockReader(source: source, boundary: .newline, limits: limits)
    var storedBytes = 0
    while let block = try blocks.next() {
      storedBytes = block.storedBytesRead
      let overlong = RowError(reason: "longer than \(limits.recordBytes) bytes")
      if block.isOverlong { try rejected(overlong.at(file: path, line: block.firstLine)) }
      var start = 0
      var line = block.firstLine
      while start < block.bytes.count {
        let end = block.bytes.firstNewline(from: start, to: block.bytes.count) ?? block.bytes.count
        do throws(RowError) {
          if end - start > limits.recordBytes { throw overlong }
          let isBlank = block.bytes[start..<end].allSatisfy { [0x20, 0x09, 0x0d].contains($0) }
          if !isBlank {
            var reader = JSONReader(block.bytes, from: start, to: end)
            try body(&reader, line)
          }
        } catch {
          try rejected(error.at(file: path, line: line))
        }
        start = end + 1
        line += 1
      }
    }
    return storedBytes
  }
}

extension JSONReader {
  /// Sets `slot`, which must be empty: which of two values was meant cannot be told.
  fileprivate func once<T>(_ slot: inout T?, _ value: T) throws(JSONError) {
    if slot != nil { throw error("is given twice") }
    slot = value
  }

  /// A whole number.
  fileprivate mutating func integer() throws(JSONError) -> Int64 {
    guard let value = try number().integer else { throw error("expected a whole number") }
    return value
  }
}
