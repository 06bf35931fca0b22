import GRDB

extension Store {
  /// Arrival of every query that has a text and a time, microseconds since 1970, in the order of import; and how many queries have a
  /// text and no time.
  public func queryTimes() throws(StoreError) -> (times: [Int64], untimed: Int) {
    try read { db in
      let untimed = try Int.fetchOne(
        db, sql: "SELECT count(*) FROM queries WHERE text_hash IS NOT NULL AND time_us IS NULL")
      let times = try Int64.fetchAll(
        db,
        sql: """
          SELECT time_us FROM queries WHERE text_hash IS NOT NULL AND time_us IS NOT NULL ORDER BY row
          """)
      return (times, untimed ?? 0)
    }
  }
}
