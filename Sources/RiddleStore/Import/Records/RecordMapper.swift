import RiddleData

/// What a record, or one of the calls in it, came to.
enum MappedItem {
  /// A row; so many of its input tokens were cached.
  case row(LoggedQuery, cachedTokens: Int64 = 0)
  /// No call of a model, or one that was not answered: left out, and counted by `reason`.
  case leftOut(reason: String)
  /// A call whose prompt the log does not hold.
  case withoutPrompt
  case rejected(RowError)
}

/// Turns records of one format into rows of the store: what is particular to a format and nothing else.
protocol RecordMapper {
  /// The rows of one record, in order.
  mutating func items(of record: LogValue, part: String) -> [MappedItem]
  /// Whether rows with the same id are one query with several answers, to be merged.
  var joinsRows: Bool { get }
  /// What to say when the prompts are missing: what the log is, and the setting that makes its tool write them.
  var missingPrompts: (log: String, remedy: String) { get }
  /// Why reading cannot go on; nil when it can. Asked after every batch.
  var fault: String? { get }
  /// What people should know about how values were read. Asked at the end.
  var notes: [String] { get }
}

extension RecordMapper {
  var joinsRows: Bool { false }
  var fault: String? { nil }
  var notes: [String] { [] }

  /// The one item of a record that is one call.
  func item(_ body: () throws(RowError) -> MappedItem) -> [MappedItem] {
    do throws(RowError) {
      return [try body()]
    } catch {
      return [.rejected(error)]
    }
  }
}
