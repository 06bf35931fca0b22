import RiddleData

/// Reads feedback: JSON lines or CSV, plain, gzip or zstd; the fields are known by their names.
///
/// | field | also called | meaning |
/// |---|---|---|
/// | `request_id` | `id`, `trace_id` | the request, required |
/// | `satisfaction` | `score` | 0 to 1, or true or false |
/// | `thumbs` | `thumb`, `vote` | up or down, 1 or −1, true or false, 👍 or 👎 |
/// | `rating` | `stars` | a number within `rating_min` and `rating_max`, or the range that the caller states |
/// | `quality` | | 0 to 1: what the answer was worth |
/// | `best_candidate` | `best`, `correct_candidate` | the cheapest candidate that would have been enough |
/// | `source` | | who says so; else the caller's word for it |
/// | `time` | `timestamp`, `created_at` | when it was said |
/// | `comment` | | words, kept |
public struct FeedbackReader: Sendable {
  /// Who says what has no `source` of its own.
  public var source = "user"
  /// Lowest and highest rating of files that do not state them.
  public var ratingRange: ClosedRange<Double>?

  /// A reader of feedback of users.
  public init() {}

  /// What a reading came to.
  public struct Report: Equatable, Sendable {
    /// Rows that are not blank.
    public var rows = 0
    /// Rows that say nothing, or nothing that can be understood.
    public var rejected = 0
    /// The first twenty rejects.
    public var firstRejects: [RejectedRow] = []
    /// What each field was taken for, in the order of the first file's columns.
    public var fields: [String] = []

    /// Nothing yet.
    public init() {}
  }

  /// Hands the feedback in `path` to `body`, in order; `-` is standard input.
  ///
  /// - Throws: ``StoreError`` when the file as a whole cannot be read or has no field of feedback, or what `body` throws.
  public func read(
    path: String, rejects: RejectsWriter? = nil, into report: inout Report,
    _ body: (FeedbackRecord) throws(StoreError) -> Void
  ) throws(StoreError) {
    let source = try ByteSource(path: path)
    let head = try source.peek(Sniffer.headBytes)
    guard let first = Sniffer.firstByte(head) else { throw .emptyInput(path: path) }
    if let (kind, remedy) = Sniffer.foreignFormat(head, path: path) {
      throw .unsupportedInput(path: path, looksLike: kind, remedy: remedy)
    }
    let records: any RecordSource
    if head[first] == 0x7b {
      records = JSONLineRecords(source: source, limits: ReadingLimits())
    } else {
      let file = try CSVFile(
        source: source, delimiter: Sniffer.delimiter(head), limits: ReadingLimits())
      guard file.header.contains(where: { Self.requestNames.contains($0) }) else {
        throw .badFormat(
          path: path,
          reason:
            "no column says which request is meant; expected request_id, and one of satisfaction, thumbs, rating, quality, best_candidate"
        )
      }
      records = try CSVTableRecords(file: file)
    }
    var understood = 0
    let rejectedBefore = report.rejected
    while let batch = try records.next() {
      for record in batch.records {
        report.rows += 1
        let feedback: FeedbackRecord
        do throws(RowError) {
          let value: LogValue
          switch record.content {
          case .success(let content): value = content
          case .failure(let error): throw error
          }
          if report.fields.isEmpty {
            report.fields = value.members.compactMap { member in
              Self.meaning(member.key).map { "\(member.key): \($0)" }
            }
          }
          feedback = try self.feedback(value)
        } catch {
          let row = error.at(file: path, line: record.line)
          report.rejected += 1
          if report.firstRejects.count < DecisionLogFile.keptRejects {
            report.firstRejects.append(row)
          }
          try rejects?.write(row)
          continue
        }
        understood += 1
        try body(feedback)
      }
    }
    if understood == 0, report.rejected > rejectedBefore,
      let first = report.firstRejects.first(where: { $0.file == path })
    {
      throw .badFormat(path: path, reason: "no row is feedback; the first: \(first)")
    }
  }

  private static let requestNames = ["request_id", "id", "trace_id", "requestId"]
  private static let satisfactionNames = ["satisfaction", "score"]
  private static let thumbsNames = ["thumbs", "thumb", "vote"]
  private static let ratingNames = ["rating", "stars"]
  private static let bestNames = ["best_candidate", "best", "correct_candidate"]
  private static let timeNames = ["time", "timestamp", "created_at"]

  private static func meaning(_ key: String) -> String? {
    for (names, meaning) in [
      (requestNames, "request id"), (satisfactionNames, "satisfaction, 0 to 1"),
      (thumbsNames, "thumbs"), (ratingNames, "rating within its range"), (["quality"], "quality"),
      (bestNames, "best candidate"), (timeNames, "time"), (["source"], "source"),
      (["comment"], "comment"),
    ] where names.contains(key) { return meaning }
    return nil
  }

  private static func first(_ row: LogValue, _ names: [String]) -> (LogValue, String) {
    for name in names where !row[name].isBlank { return (row[name], name) }
    return (.null, names[0])
  }

  private func feedback(_ row: LogValue) throws(RowError) -> FeedbackRecord {
    guard case .object = row else { throw RowError(reason: "expected an object") }
    let (request, requestField) = Self.first(row, Self.requestNames)
    guard let id = try request.name(requestField) else {
      throw RowError(field: "request_id", reason: "is missing: which request is meant?")
    }
    let said = try row["source"].name("source")
    var feedback = FeedbackRecord(
      requestID: id, source: said ?? source)
    let (time, timeField) = Self.first(row, Self.timeNames)
    feedback.time = try time.time(timeField)
    feedback.satisfaction = try satisfaction(row)
    if let truth = row["quality"].truth {
      feedback.quality = truth ? 1 : 0
    } else {
      feedback.quality = try row["quality"].number("quality", FieldRules.unitInterval)
    }
    let (best, bestField) = Self.first(row, Self.bestNames)
    feedback.bestCandidate = try best.name(bestField)
    feedback.comment = try row["comment"].text("comment")
    guard
      feedback.satisfaction != nil || feedback.quality != nil || feedback.bestCandidate != nil
    else {
      throw RowError(
        reason:
          "says nothing: expected satisfaction, thumbs, rating, quality or best_candidate")
    }
    return feedback
  }

  private func satisfaction(_ row: LogValue) throws(RowError) -> Double? {
    let (direct, directField) = Self.first(row, Self.satisfactionNames)
    if let truth = direct.truth { return truth ? 1 : 0 }
    if let value = try direct.number(directField, FieldRules.unitInterval) { return value }
    let (thumbs, thumbsField) = Self.first(row, Self.thumbsNames)
    if let text = thumbs.text, !thumbs.isBlank {
      switch text.lowercased() {
      case "up", "1", "+1", "true", "t", "yes", "positive", "good", "like", "\u{1F44D}": return 1
      case "down", "0", "-1", "false", "f", "no", "negative", "bad", "dislike", "\u{1F44E}":
        return 0
      default:
        throw RowError(
          field: thumbsField, reason: "expected up or down, 1 or -1, true or false")
      }
    }
    let (rating, ratingField) = Self.first(row, Self.ratingNames)
    func number(_ value: LogValue, _ field: String) throws(RowError) -> Double? {
      try value.number(field) { number throws(FieldRules.Fault) in
        guard number.double.isFinite else { throw FieldRules.Fault("expected a number") }
        return number.double
      }
    }
    guard let value = try number(rating, ratingField) else { return nil }
    let ownLow = try number(row["rating_min"], "rating_min")
    let ownHigh = try number(row["rating_max"], "rating_max")
    guard let low = ownLow ?? ratingRange?.lowerBound,
      let high = ownHigh ?? ratingRange?.upperBound, low < high, (high - low).isFinite
    else {
      throw RowError(
        field: ratingField,
        reason:
          "needs its range: columns rating_min and rating_max, or --rating-range 1-5")
    }
    guard value >= low, value <= high else {
      throw RowError(field: ratingField, reason: "lies outside \(low) to \(high)")
    }
    return (value - low) / (high - low)
  }
}
