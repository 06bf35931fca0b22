/// The last hour in pieces of ten seconds: who was chosen, how long it took, what it cost.
struct LiveHour: Sendable {
  static let slots = 360
  /// Microseconds.
  static let width: Int64 = 10_000_000
  private static let names = LiveTally.mostNames + 1

  /// Which ten seconds since 1970 each slot holds.
  private var ids = [Int64](repeating: -1, count: Self.slots)
  private var counts = [UInt32](repeating: 0, count: Self.slots * Self.names)
  private var deciding = [UInt32](repeating: 0, count: Self.slots * LatencyBins.count)
  private var answering = [UInt32](repeating: 0, count: Self.slots * LatencyBins.count)
  private var expected = [LiveMoney](repeating: LiveMoney(), count: Self.slots)
  private var paid = [LiveMoney](repeating: LiveMoney(), count: Self.slots)

  /// Adds what came in since the last time, at `time` in microseconds since 1970.
  mutating func add(_ tally: LiveTally, at time: Int64) {
    let id = max(0, time) / Self.width
    let slot = Int(id % Int64(Self.slots))
    if ids[slot] != id { begin(slot, id) }
    for name in 0..<Self.names {
      counts[slot * Self.names + name] += tally.decisions[name] + tally.answers[name]
    }
    for bin in 0..<LatencyBins.count {
      deciding[slot * LatencyBins.count + bin] += tally.deciding[bin]
      answering[slot * LatencyBins.count + bin] += tally.answering[bin]
    }
    expected[slot].add(tally.expected)
    paid[slot].add(tally.paid)
  }

  private mutating func begin(_ slot: Int, _ id: Int64) {
    ids[slot] = id
    for name in 0..<Self.names { counts[slot * Self.names + name] = 0 }
    for bin in 0..<LatencyBins.count {
      deciding[slot * LatencyBins.count + bin] = 0
      answering[slot * LatencyBins.count + bin] = 0
    }
    expected[slot] = LiveMoney()
    paid[slot] = LiveMoney()
  }

  /// One slot that somebody was served in.
  struct Piece {
    /// How many slots before the latest one.
    var age: Int
    var counts: ArraySlice<UInt32>
    var deciding: ArraySlice<UInt32>
    var answering: ArraySlice<UInt32>
    var expected: LiveMoney
    var paid: LiveMoney
  }

  /// The slots of the hour before `time` that hold something, oldest first.
  func pieces(at time: Int64) -> [Piece] {
    let now = max(0, time) / Self.width
    var found: [Piece] = []
    for id in max(0, now - Int64(Self.slots) + 1)...now {
      let slot = Int(id % Int64(Self.slots))
      guard ids[slot] == id else { continue }
      let bins = (slot * LatencyBins.count)..<((slot + 1) * LatencyBins.count)
      found.append(
        Piece(
          age: Int(now - id), counts: counts[(slot * Self.names)..<((slot + 1) * Self.names)],
          deciding: deciding[bins], answering: answering[bins], expected: expected[slot],
          paid: paid[slot]))
    }
    return found
  }
}
