import RiddleData

/// The cost-quality curve of one policy, thinned for drawing.
struct CostQualityCurve {
  /// Most points of a curve, both ends included.
  static let mostPoints = 200

  /// Groups of a sweep after which a point is drawn, the last group included.
  static func keptGroups(of groups: Int) -> [Int32] {
    let inner = min(groups, mostPoints - 1)
    return inner == 0 ? [] : (1...inner).map { Int32(groups * $0 / inner - 1) }
  }

  /// Points from always-cheapest to always-strongest, evenly spread over the distinct operating points.
  ///
  /// - Parameters:
  ///   - sweep: the policy's sweep.
  ///   - scratch: its cumulative curve with every row counted once.
  static func points(_ sweep: Sweep, _ scratch: SweepScratch, judged: Judged)
    -> [PolicyFigures.CurvePoint]
  {
    let n = Double(judged.rowCount)
    let width = judged.candidateCount
    var weakQuality = 0.0
    var weakDollars = 0.0
    var reach = 0.0
    for i in 0..<judged.rowCount {
      weakQuality += judged.table.quality(i, 0)
      weakDollars += judged.dollars(i, 0)
      reach += judged.axis[(i + 1) * width - 1] - judged.axis[i * width]
    }
    if judged.isPair { reach = n }
    func point(_ share: Double, _ dollars: Double, _ gain: Double) -> PolicyFigures.CurvePoint {
      PolicyFigures.CurvePoint(
        share: share, costDollars: dollars.isFinite ? dollars / n : nil,
        quality: (weakQuality + gain) / n)
    }
    var result = [point(0, weakDollars, 0)]
    var dollars = weakDollars
    var event = 0
    for group in keptGroups(of: sweep.groupEnds.count).map(Int.init) {
      while event < Int(sweep.groupEnds[group]) {
        let (i, k) = (Int(sweep.rows[event]), Int(sweep.rungs[event]))
        dollars += judged.dollars(i, k + 1) - judged.dollars(i, k)
        event += 1
      }
      result.append(
        point(reach != 0 ? scratch.x[group] / reach : 0, dollars, scratch.gain[group]))
    }
    return result
  }
}
