import RiddleData

extension Headroom {
  /// What a reader must know about the prices before believing a saving: one sentence each, empty when all is well.
  static func priceFindings(
    _ table: OutcomeTable, settings: HeadroomSettings, resampled: Resampled
  ) -> [String] {
    let n = table.rowCount
    let names = table.candidates
    var findings: [String] = []
    var means: [Double?] = []
    for k in names.indices {
      let costs = (0..<n).map { table.cost($0, k) }
      let missing = costs.count { $0 == nil }
      let free = costs.count { $0 == 0 }
      let distinct = Set(costs.compactMap { $0 })
      means.append(
        missing == 0 ? costs.reduce(0.0) { $0 + Double($1 ?? 0) / 1e9 } / Double(max(1, n)) : nil)
      if missing > 0 {
        findings.append(
          "'\(names[k])' has no cost on \(missing) of \(n) rows: savings count rungs of the ladder, not dollars; give --price \(names[k])=DOLLARS"
        )
      }
      if free > 0 {
        findings.append(
          "'\(names[k])' costs exactly 0 on \(free) of \(n) rows: check that it was free, not unrecorded"
        )
      }
      if missing == 0 && distinct.count == 1 && n >= 20 && free < n {
        findings.append(
          "'\(names[k])' costs the same on every row: token counts look constant, so savings say nothing about long answers"
        )
      }
    }
    for k in names.indices.dropFirst() {
      if let low = means[k - 1], let high = means[k], high < low {
        findings.append(
          "the ladder puts '\(names[k])' above '\(names[k - 1])', but it is cheaper: \(perThousand(high)) against \(perThousand(low)) per 1 000 queries; put the cheaper one first"
        )
      }
    }
    for k in names.indices {
      for j in names.indices where j != k {
        // k is the one higher up the ladder, or the dearer one where both are priced.
        let isDearer =
          if let own = means[k], let other = means[j] { own > other } else { k > j }
        guard isDearer else { continue }
        let differences = (0..<n).map { table.quality($0, k) - table.quality($0, j) }
        let value = differences.reduce(0, +) / Double(max(1, n))
        guard value < 0 else { continue }
        let difference = resampled.mean(differences)
        let isShown = (difference.high ?? 0) < 0
        findings.append(
          "'\(names[k])' is dearer than '\(names[j])' and \(isShown ? "worse" : "not better") (quality \(short((value * 1000).rounded() / 1000))\(isShown ? "" : ", not shown to differ")): leave it out"
        )
      }
    }
    return findings
  }

  private static func perThousand(_ dollars: Double) -> String { "$\(short(dollars * 1000))" }
}
