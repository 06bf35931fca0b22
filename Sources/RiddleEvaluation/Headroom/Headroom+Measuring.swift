import RiddleData

extension Headroom {
  /// Measures the headroom of `table`.
  ///
  /// - Parameters:
  ///   - segments: one a row, with the name of their field.
  ///   - clusters: resampling unit of each row, with its name.
  public init(
    _ table: OutcomeTable, segments: (field: String, values: [String])? = nil,
    clusters: (name: String, values: [Int])? = nil, settings: HeadroomSettings
  ) {
    let n = table.rowCount
    let width = table.candidates.count
    let resampled = Resampled(table, clusters: clusters?.values, settings: settings)
    let top = width - 1
    let gains = (0..<n).map { table.quality($0, top) - table.quality($0, 0) }
    let known = table.missingCostCount == 0
    let prices = Self.prices(table)
    let picks = settings.oracle.picks(table)
    rows = n
    unit = clusters?.name ?? "query"
    units = clusters.map { Set($0.values).count } ?? n
    candidates = (0..<width).map { k in
      Candidate(
        name: table.candidates[k],
        quality: resampled.mean((0..<n).map { table.quality($0, k) }),
        costDollars: resampled.costMean(k),
        oracleShare: resampled.mean(picks.map { $0 == k ? 1 : 0 }))
    }
    gap = resampled.mean(gains)
    ties = resampled.mean((0..<n).map { Self.isTie(table, $0) ? 1 : 0 })
    strongWins = resampled.mean(gains.map { $0 > 0 ? 1 : 0 })
    weakWins = resampled.mean(gains.map { $0 < 0 ? 1 : 0 })
    let mix = CheapestMix(table, cost: prices)
    oracleSaving = resampled.figure { mix.saving($0) }
    let paid = (0..<n).map { prices[$0 * width + picks[$0]] }
    let full = (0..<n).map { prices[$0 * width + top] }
    adequateSaving = resampled.ratio(zip(full, paid).map { $0 - $1 }, full)
    adequateQuality = resampled.mean((0..<n).map { table.quality($0, picks[$0]) })
    savingsAreDollars = known && full.contains { $0 > 0 }
    randomBand = randomRouterBand(gains: gains, confidence: settings.confidence)
    power = Self.power(table, resampled: resampled, settings: settings)
    segmentField = segments?.field
    self.segments =
      segments.map {
        Self.segments(
          table, values: $0.values, clusters: clusters?.values, prices: prices, settings: settings)
      } ?? []
    priceFindings = Headroom.priceFindings(table, settings: settings, resampled: resampled)
  }

  /// Dollars of every cell; rungs where a cost is missing or nothing costs anything.
  static func prices(_ table: OutcomeTable) -> [Double] {
    let width = table.candidates.count
    let usable = table.missingCostCount == 0 && table.cost.contains { $0 > 0 }
    return table.cost.indices.map {
      usable ? max(0, Double(table.cost[$0]) / 1e9) : Double($0 % width)
    }
  }

  static func isTie(_ table: OutcomeTable, _ row: Int) -> Bool {
    (1..<table.candidates.count).allSatisfy { table.quality(row, $0) == table.quality(row, 0) }
  }

  private static func power(
    _ table: OutcomeTable, resampled: Resampled, settings: HeadroomSettings
  ) -> Power {
    let width = table.candidates.count
    let squares = (0..<table.rowCount).map { i in
      let row = table.quality[(i * width)..<((i + 1) * width)]
      let range = (row.max() ?? 0) - (row.min() ?? 0)
      return range * range
    }
    let spread = resampled.mean(squares)
    let deviation = Figure(
      spread.value.map { $0.squareRoot() }, low: spread.low.map { max(0, $0).squareRoot() },
      high: spread.high.map { $0.squareRoot() })
    func each(_ map: (Double) -> Double) -> Figure {
      Figure(
        deviation.value.map(map), low: deviation.low.map(map), high: deviation.high.map(map))
    }
    let z = settings.confidence
    let isBinary = table.quality.allSatisfy { $0 == 0 || $0 == 1 }
    let top = table.candidates.count - 1
    let n = Double(max(1, table.rowCount))
    let strong = (0..<table.rowCount).reduce(0.0) { $0 + table.quality($1, top) } / n
    let low = strong - settings.difference
    return Power(
      difference: settings.difference, power: 0.8, deviation: deviation,
      pairedRows: each {
        Double(
          pairedSampleSize(difference: settings.difference, deviation: $0, confidence: z))
      },
      separateRows: isBinary && low > 0
        ? twoSampleSize(first: strong, second: low, confidence: z) : nil,
      detectable: each {
        detectableDifference(rows: table.rowCount, deviation: $0, confidence: z)
      })
  }

  /// Largest first, ties by name, at most 60. Their intervals are pointwise.
  private static func segments(
    _ table: OutcomeTable, values: [String], clusters: [Int]?, prices: [Double],
    settings: HeadroomSettings
  ) -> [Segment] {
    let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
    var groups: [ArraySlice<Int>] = []
    var start = 0
    while start < order.count {
      var end = start
      while end < order.count && values[order[end]] == values[order[start]] { end += 1 }
      groups.append(order[start..<end])
      start = end
    }
    groups.sort { $0.count != $1.count ? $0.count > $1.count : $0.startIndex < $1.startIndex }
    let width = table.candidates.count
    return groups.prefix(60).map { group in
      let rows = Array(group)
      let part = table.rows(rows)
      let resampled = Resampled(
        part, clusters: clusters.map { all in rows.map { all[$0] } }, settings: settings)
      let mix = CheapestMix(part, cost: rows.flatMap { prices[($0 * width)..<(($0 + 1) * width)] })
      let top = width - 1
      return Segment(
        name: values[rows[0]], rows: rows.count,
        cheapest: resampled.mean(rows.indices.map { part.quality($0, 0) }),
        strongest: resampled.mean(rows.indices.map { part.quality($0, top) }),
        gap: resampled.mean(rows.indices.map { part.quality($0, top) - part.quality($0, 0) }),
        ties: resampled.mean(rows.indices.map { isTie(part, $0) ? 1 : 0 }),
        oracleSaving: resampled.figure { mix.saving($0) })
    }
  }
}

/// Bootstrap intervals on one table.
struct Resampled {
  let table: OutcomeTable
  let clusters: [Int]?
  let settings: HeadroomSettings

  init(_ table: OutcomeTable, clusters: [Int]?, settings: HeadroomSettings) {
    self.table = table
    self.clusters = clusters
    self.settings = settings
  }

  /// A statistic of row weights with its percentile interval; without replicates the value alone.
  func figure(_ statistic: @Sendable ([Double]) -> Double) -> Figure {
    if settings.replicates == 0 {
      let value = statistic([Double](repeating: 1, count: table.rowCount))
      return value.isFinite ? Figure(value) : .undefined
    }
    return bootstrapInterval(
      rows: table.rowCount, clusters: clusters, replicates: settings.replicates,
      confidence: settings.confidence, seed: settings.seed, threads: settings.threads,
      statistic: statistic)
  }

  /// Σ w a / Σ w b.
  func ratio(_ above: [Double], _ below: [Double]) -> Figure {
    bootstrapRatio(
      above, below, clusters: clusters, replicates: settings.replicates,
      confidence: settings.confidence, seed: settings.seed, threads: settings.threads)
  }

  /// Mean of a column. On independent rows Wilson's interval where all values are 0 or 1, which is right at the ends too, and the
  /// normal one elsewhere.
  func mean(_ values: [Double]) -> Figure {
    if clusters == nil, settings.replicates > 0, !values.isEmpty {
      return values.allSatisfy { $0 == 0 || $0 == 1 }
        ? wilsonInterval(
          successes: values.count { $0 == 1 }, trials: values.count,
          confidence: settings.confidence)
        : normalMeanInterval(values, confidence: settings.confidence)
    }
    return ratio(values, [Double](repeating: 1, count: values.count))
  }

  /// Mean cost of a candidate in dollars; undefined when one is missing.
  func costMean(_ k: Int) -> Figure {
    let costs = (0..<table.rowCount).map { table.cost($0, k) }
    if costs.contains(nil) { return .undefined }
    return mean(costs.map { Double($0 ?? 0) / 1e9 })
  }
}
