import RiddleData

/// Arrival times of requests, as load traces publish them: Azure's LLM inference traces (`t_s`) and Mooncake's (`t_ms`).
/// CSV with a header, plain or gzip; columns of token counts and others are ignored.
public enum ArrivalTrace {
  /// Latest arrival accepted, in µs: ten years after the trace's start. Beyond it the unit is wrong.
  static let latest: Int64 = 3_653 * 86_400 * 1_000_000

  /// Reads arrivals in µs since the first of them, ascending. A trace is a set of arrivals: lines may stand in any order.
  ///
  /// - Throws: ``StoreError``; a line that is wrong ends the reading, with line and field.
  public static func read(path: String) throws(StoreError) -> [Int64] {
    let table = try TraceTable(path: path)
    guard let (column, places) = column(table) else {
      let found = table.columns.prefix(20).map { "\"\($0)\"" }.joined(separator: ", ")
      throw .badHeader(
        path: path, line: 1,
        reason:
          "a trace of arrivals has a column t_s (seconds) or t_ms (milliseconds) since its start; found \(found)"
      )
    }
    var arrivals: [Int64] = []
    _ = try table.forEach { record throws(RowError) in
      guard
        let time = try record.microseconds(
          column, places: places, most: latest, mostText: "ten years")
      else { throw RowError(field: table.columns[column], reason: "is missing") }
      arrivals.append(time)
    }
    arrivals.sort()
    guard let first = arrivals.first else {
      throw .badFormat(path: path, reason: "has a header and no arrival; expected one a line")
    }
    return arrivals.map { $0 - first }
  }

  /// The column of arrivals, and the digits between its unit and µs.
  static func column(_ table: TraceTable) -> (index: Int, places: Int)? {
    if let seconds = table.index(of: "t_s") { return (seconds, 6) }
    return table.index(of: "t_ms").map { ($0, 3) }
  }
}
