import RiddleEvaluation

/// How far the margins of the last hour have moved from the first ones of a router.
///
/// A weight file stores no distribution of margins, so the first ``wanted`` decisions after a load are what later ones are held against.
struct ScoreDrift: Sendable {
  /// Margins from −16 to 16 log-odds, sixteen bins to a unit; what lies outside is in the first and the last.
  static let bins = 512
  /// Decisions that make the reference.
  static let wanted = 1000
  /// Fewest decisions of five minutes that have an index of their own.
  static let fewest = 100
  private static let slots = 12
  private static let width: Int64 = 300_000_000

  private(set) var reference = [Int](repeating: 0, count: Self.bins)
  /// Decisions in the reference; those of the second in which it became full are all in it.
  private(set) var referenceCount = 0
  private var counts = [UInt32](repeating: 0, count: Self.slots * Self.bins)
  /// Which five minutes since 1970 each slot holds.
  private var ids = [Int64](repeating: -1, count: Self.slots)

  /// The bin of a finite margin.
  static func bin(_ margin: Double) -> Int {
    Int(min(Double(bins - 1), max(0, (margin * 16).rounded(.down) + Double(bins / 2))))
  }

  /// Takes margins by bin; `time` in microseconds since 1970.
  mutating func add(_ margins: [UInt32], at time: Int64) {
    precondition(margins.count == Self.bins, "\(Self.bins) bins expected, got \(margins.count)")
    if referenceCount < Self.wanted {
      for (bin, count) in margins.enumerated() where count > 0 {
        reference[bin] += Int(count)
        referenceCount += Int(count)
      }
      return
    }
    let id = max(0, time) / Self.width
    let slot = Int(id % Int64(Self.slots))
    if ids[slot] != id {
      ids[slot] = id
      for bin in 0..<Self.bins { counts[slot * Self.bins + bin] = 0 }
    }
    for (bin, count) in margins.enumerated() where count > 0 {
      counts[slot * Self.bins + bin] += count
    }
  }

  /// The index of the last hour, and of its parts.
  struct Reading: Sendable {
    /// PSI of the hour; nil before there is something to compare.
    var index: Double?
    /// What it reaches by chance in one of a hundred hours with as many decisions.
    var noise: Double?
    /// Decisions that were compared.
    var compared = 0
    /// Starts of five minutes, in microseconds since 1970, with their own index.
    var parts: [(start: Int64, index: Double)] = []
  }

  /// What there is to say at `time`.
  func reading(at time: Int64) -> Reading {
    var reading = Reading()
    guard referenceCount >= Self.wanted else { return reading }
    let stability = PopulationStability(reference: reference)
    let now = max(0, time) / Self.width
    var hour = [Int](repeating: 0, count: Self.bins)
    for id in max(0, now - Int64(Self.slots) + 1)...now {
      let slot = Int(id % Int64(Self.slots))
      guard ids[slot] == id else { continue }
      let own = counts[(slot * Self.bins)..<((slot + 1) * Self.bins)].map { Int($0) }
      let total = own.reduce(0, +)
      reading.compared += total
      for bin in 0..<Self.bins { hour[bin] += own[bin] }
      if total >= Self.fewest, let index = stability.index(of: own) {
        reading.parts.append((id * Self.width, index))
      }
    }
    if reading.compared >= Self.fewest {
      reading.index = stability.index(of: hour)
      reading.noise = stability.noise(count: reading.compared)
    }
    return reading
  }
}
