import RiddleData
import RiddleRuntime

/// A bounded, uniform sample of the units of a stream, the same in whatever order the rows arrive.
///
/// Keeps the rows with the smallest hashes of (text, seed), a bottom-k sample (Cohen & Kaplan, 2007,
/// doi:10.1145/1281100.1281133): rows with one text stay or go together. At most ``rowLimit`` rows and
/// ``byteLimit`` bytes of text remain; up to an eighth more are held between two prunings.
struct StreamingSample {
  let rowLimit: Int
  let byteLimit: Int
  private let seed: UInt64
  private var rows: [(hash: UInt64, arrival: Int, query: LoggedQuery)] = []
  private var bytes = 0
  /// Rows offered so far.
  private(set) var offered = 0
  /// Hashes from here on are known not to be among the smallest.
  private var limit = UInt64.max

  init(rowLimit: Int, byteLimit: Int, seed: UInt64) {
    (self.rowLimit, self.byteLimit, self.seed) = (rowLimit, byteLimit, seed)
  }

  /// Offers a row with the fingerprint of its text.
  mutating func offer(_ query: LoggedQuery, fingerprint: UInt64) {
    offered += 1
    let hash = StableHash.mixed(fingerprint ^ StableHash.mixed(seed &+ 2))
    if hash > limit { return }
    rows.append((hash, offered, query))
    bytes += query.text?.utf8.count ?? 0
    if rows.count > rowLimit + rowLimit / 8 || bytes > byteLimit + byteLimit / 8 { prune() }
  }

  /// Hands the sample over, in the order of arrival, and keeps none of it.
  mutating func take() -> [LoggedQuery] {
    prune()
    rows.sort { $0.arrival < $1.arrival }
    let queries = rows.map(\.query)
    rows = []
    bytes = 0
    return queries
  }

  private mutating func prune() {
    rows.sort { $0.hash != $1.hash ? $0.hash < $1.hash : $0.arrival < $1.arrival }
    var kept = 0
    var keptBytes = 0
    while kept < min(rows.count, rowLimit) {
      let size = rows[kept].query.text?.utf8.count ?? 0
      // One row is kept however long it is.
      if kept > 0 && keptBytes + size > byteLimit { break }
      keptBytes += size
      kept += 1
    }
    if kept < rows.count {
      limit = min(limit, rows[kept].hash)
      rows.removeLast(rows.count - kept)
    }
    bytes = keptBytes
  }
}
