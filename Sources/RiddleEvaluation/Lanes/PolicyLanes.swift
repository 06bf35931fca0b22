import RiddleData

/// Everything of one policy that needs a pass over its rows, prepared for eight weightings at once.
struct PolicyLanes: Sendable {
  private let sweep: LaneSweep?
  private let ranks: LaneRanks?
  private let massBins: LaneBins?
  private let widthBins: LaneBins?

  init(_ policy: JudgedPolicy, judged: Judged) {
    sweep =
      policy.isMix
      ? nil
      : policy.sweep.map {
        LaneSweep(
          $0, judged: judged, kept: CostQualityCurve.keptGroups(of: $0.groupEnds.count))
      }
    ranks = policy.isPredictor ? policy.ranked.map { LaneRanks($0, units: judged.units) } : nil
    massBins = policy.bins.map { LaneBins($0, ends: $0.massEnds, units: judged.units) }
    widthBins = policy.bins.map { LaneBins($0, ends: $0.widthEnds, units: judged.units) }
  }

  /// What the passes found, lane by lane.
  struct Found {
    var sweep: LaneSweep.Values?
    var ranks: (auc: Lanes, averagePrecision: Lanes)?
    var massBins: LaneBins.Values?
    var widthBins: LaneBins.Values?

    /// Writes the figures of one lane.
    func write(_ lane: Int, into out: inout [Double], at base: Int) {
      func set(_ slot: Slot, _ value: Double) {
        out[base + slot.rawValue] = value.isFinite ? value : .nan
      }
      if let sweep {
        set(.apgr, sweep.apgr[lane])
        set(.cpt50, sweep.cpt50[lane])
        set(.cpt80, sweep.cpt80[lane])
      }
      if let ranks {
        set(.auc, ranks.auc[lane])
        set(.averagePrecision, ranks.averagePrecision[lane])
      }
      if let massBins {
        set(.ece, massBins.error[lane])
        set(.brierReliability, massBins.reliability[lane])
        set(.brierResolution, massBins.resolution[lane])
      }
      if let widthBins { set(.eceEqualWidth, widthBins.error[lane]) }
    }
  }

  /// All passes; `curve` holds the sweep's curve afterwards.
  func evaluate(
    _ counts: Span<Lanes>, rows: Lanes, gap: Lanes, width: Lanes, curve: inout LaneSweep.Curve
  ) -> Found {
    Found(
      sweep: sweep?.evaluate(counts, gap: gap, width: width, curve: &curve),
      ranks: ranks?.evaluate(counts), massBins: massBins?.evaluate(counts, total: rows),
      widthBins: widthBins?.evaluate(counts, total: rows))
  }
}
