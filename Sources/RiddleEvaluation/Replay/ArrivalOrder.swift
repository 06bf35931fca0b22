import RiddleData

/// Rows in the order in which they arrive.
struct ArrivalOrder {
  /// Every row: by arrival where all rows have one, else as they stand. Equal arrivals keep the rows' order.
  let all: [Int]
  /// Rows with an arrival, by it.
  let timed: [Int]

  init(_ arrivals: [Int64?], rows n: Int) {
    var timed: [(time: Int64, row: Int)] = []
    for (row, arrival) in arrivals.enumerated() {
      if let arrival { timed.append((arrival, row)) }
    }
    timed.sort { ($0.time, $0.row) < ($1.time, $1.row) }
    self.timed = timed.map(\.row)
    all = timed.count == n ? self.timed : Array(0..<n)
  }

  /// Rows whose position `rank / n` lies in [from, to).
  func rows(from: Double, to: Double) -> [Int] {
    let n = Double(all.count)
    return all.enumerated().compactMap { rank, row in
      let position = Double(rank) / n
      return position >= from && position < to ? row : nil
    }
  }
}

/// When each row arrives, in µs since 1970; nil where unknown.
///
/// Without `arrivals` these are the log's own times. With them every row gets one of the trace, in the rows' order of time
/// (where all have one, else as they stand), from the first row's own time on, or from 1970-01-01T00:00:00Z: the
/// trace's load over the log's queries. A trace shorter than the log is repeated, a mean gap after its last arrival.
///
/// - Parameter arrivals: µs since the trace's first arrival, ascending, none negative; empty for none.
public func rowTimes(of data: Dataset, arrivals: [Int64] = []) -> [Int64?] {
  let own = data.contexts.map { $0.time?.count }
  guard let last = arrivals.last else { return own }
  let order = ArrivalOrder(own, rows: data.count)
  let start = order.timed.count == data.count ? order.timed.first.flatMap { own[$0] } ?? 0 : 0
  let gap = arrivals.count > 1 ? max(1, last / Int64(arrivals.count - 1)) : 1_000_000
  var times = [Int64?](repeating: nil, count: data.count)
  for (rank, row) in order.all.enumerated() {
    let (lap, place) = rank.quotientAndRemainder(dividingBy: arrivals.count)
    times[row] = start + Int64(lap) * (last + gap) + arrivals[place]
  }
  return times
}
