import RiddleData

/// Suspicions that a column is in another unit than it was read in, in constant memory.
enum UnitGuards {
  /// Rows from which a suspicion is voiced.
  private static let fewest = 20

  /// What is suspicious about the candidates of an import, in the order of their names.
  static func warnings(_ tallies: [Tally]) -> [String] {
    var warnings = tallies.flatMap { cost($0) + latency($0) }
    let known = tallies.filter { $0.latencies.medianLowerBound != nil }
    let low = known.min { $0.latencies.medianBits < $1.latencies.medianBits }
    let high = known.max { $0.latencies.medianBits < $1.latencies.medianBits }
    if let low, let high, (9...11).contains(high.latencies.medianBits - low.latencies.medianBits) {
      warnings.append(
        "the median latencies of \(low.counts.name) and \(high.counts.name) differ about a "
          + "thousandfold; are both in milliseconds?")
    }
    return warnings
  }

  private static func cost(_ tally: Tally) -> [String] {
    let name = tally.counts.name
    if let cost = tally.costs.medianLowerBound, cost >= 1_000_000_000 {
      return [
        "\(name): the median cost is above 1 US dollar an answer; "
          + "is it in cents, or a price per million tokens?"
      ]
    }
    // A price stays the same whatever the answer's length; a cost does not.
    if tally.counts.priced >= fewest, tally.areTokensDifferent, let cost = tally.onlyCost, cost > 0
    {
      let unit =
        cost < 100_000
        ? "per token" : cost < 100_000_000 ? "per 1,000 tokens" : "per million tokens"
      return [
        "\(name): every answer costs the same, whatever its tokens; is it a price \(unit)? "
          + "A mapping says so with cost_unit"
      ]
    }
    // Nano-dollars per million tokens: list prices lie between a cent and some hundred dollars.
    guard tally.counts.priced >= fewest, let rate = tally.rates.medianLowerBound else { return [] }
    if rate >= 1_000_000_000_000 {
      return [
        "\(name): costs come to more than 1,000 dollars per million tokens; "
          + "are they in cents, or prices per 1,000 or per million tokens?"
      ]
    }
    if rate > 0 && rate < 1_000_000 {
      return [
        "\(name): costs come to less than a tenth of a cent per million tokens; "
          + "are they prices per token, or in thousands?"
      ]
    }
    return []
  }

  private static func latency(_ tally: Tally) -> [String] {
    let name = tally.counts.name
    if tally.counts.timed >= fewest, tally.latencies.hasTwoScales {
      return [
        "\(name): latencies fall into two groups about a thousandfold apart; "
          + "are some in seconds and some in milliseconds?"
      ]
    }
    if let latency = tally.latencies.medianLowerBound, latency < 8_000 {
      return [
        "\(name): the median latency is below 16 ms; "
          + "latency_ms is in milliseconds, is this in seconds?"
      ]
    }
    return []
  }
}

/// Counts of a candidate, and magnitudes of its costs and latencies for the guards of units.
struct Tally {
  var counts: ImportReport.Candidate
  private(set) var costs = Magnitudes()
  private(set) var latencies = Magnitudes()
  /// Costs of a million tokens at each answer's rate.
  private(set) var rates = Magnitudes()
  /// The cost of every answer so far, when it is the same.
  private(set) var onlyCost: Int64?
  private(set) var areTokensDifferent = false
  private var firstTokens: Int64?

  init(name: String) { counts = ImportReport.Candidate(name: name) }

  mutating func add(_ outcome: Outcome) {
    counts.answered += 1
    if outcome.quality != nil { counts.judged += 1 }
    if let cost = outcome.cost {
      onlyCost = counts.priced == 0 || onlyCost == cost.count ? cost.count : nil
      counts.priced += 1
      costs.add(cost.count)
      if let input = outcome.inputTokens, let output = outcome.outputTokens {
        let tokens = input + output
        if let firstTokens, firstTokens != tokens { areTokensDifferent = true }
        firstTokens = firstTokens ?? tokens
        if tokens > 0, cost.count > 0 {
          rates.add(Int64(min(Double(cost.count) / Double(tokens) * 1e6, 9e18)))
        }
      }
    }
    if let latency = outcome.latency {
      counts.timed += 1
      latencies.add(latency.count)
    }
  }
}

/// A histogram by powers of two: a median to within a factor of two in constant memory.
struct Magnitudes {
  private var bins = [Int](repeating: 0, count: 65)
  private var count = 0

  mutating func add(_ value: Int64) {
    bins[64 - value.magnitude.leadingZeroBitCount] += 1
    count += 1
  }

  /// Number of bits of the median; 0 when it is 0.
  var medianBits: Int { Self.medianBits(bins[...], count) }

  private static func medianBits(_ bins: ArraySlice<Int>, _ count: Int) -> Int {
    var below = 0
    for (bits, inBin) in zip(bins.indices, bins) {
      below += inBin
      if 2 * below >= count { return bits }
    }
    return 0
  }

  /// The largest power of two not above the median, 0 for a median of 0; nil without values.
  var medianLowerBound: Int64? {
    guard count > 0 else { return nil }
    return medianBits == 0 ? 0 : 1 << Int64(medianBits - 1)
  }

  /// Whether the values fall into two groups with at least three empty powers of two between them, a tenth of the values in
  /// each, and medians about a thousandfold apart.
  var hasTwoScales: Bool {
    var below = 0
    for split in bins.indices.dropLast(3) {
      below += bins[split]
      guard bins[split] > 0, bins[(split + 1)...(split + 3)].allSatisfy({ $0 == 0 }) else {
        continue
      }
      let above = count - below
      guard below * 10 >= count, above * 10 >= count else { continue }
      let low = Self.medianBits(bins[...split], below)
      let high = Self.medianBits(bins[(split + 1)...], above)
      if (8...12).contains(high - low) { return true }
    }
    return false
  }
}
