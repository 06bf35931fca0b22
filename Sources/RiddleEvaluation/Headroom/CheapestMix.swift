import RiddleData

/// The cheapest assignment of rows to candidates whose mean quality is at least always-strongest's, when all outcomes are
/// known: what a perfect router saves at no loss of quality.
///
/// A multiple-choice knapsack, solved by its linear relaxation (Sinha & Zoltners 1979, doi:10.1287/opre.27.3.503): every row starts
/// at its cheapest candidate (the best of equally cheap ones) and climbs the upper convex hull of its (cost, quality) points;
/// steps of all rows are bought in order of falling quality per cost until the quality is reached, the last one in part, so the
/// saving is at most a row's cost above what whole rows achieve. Quality beyond always-strongest's is never paid for: rows that only
/// a cheaper candidate gets right make room for rows that are left to fail.
struct CheapestMix: Sendable {
  private struct Step: Sendable {
    var row: Int32
    var gain: Double
    var cost: Double
  }

  private let steps: [Step]
  private let startQuality: [Double]
  private let startCost: [Double]
  private let wantedQuality: [Double]
  private let fullCost: [Double]

  /// - Parameter cost: price of each cell, row-major like the table's columns, at least 0.
  init(_ table: OutcomeTable, cost: [Double]) {
    let width = table.candidates.count
    var steps: [Step] = []
    var startQuality: [Double] = []
    var startCost: [Double] = []
    var wanted: [Double] = []
    var full: [Double] = []
    for i in 0..<table.rowCount {
      let points = (0..<width).map { (cost: cost[i * width + $0], quality: table.quality(i, $0)) }
        .sorted { ($0.cost, -$0.quality) < ($1.cost, -$1.quality) }
      var hull = [points[0]]
      for point in points.dropFirst() where point.quality > hull[hull.count - 1].quality {
        while hull.count > 1 {
          let (a, b) = (hull[hull.count - 2], hull[hull.count - 1])
          // b lies on or below the line from a to the new point: the new point is the better climb.
          if (b.quality - a.quality) * (point.cost - a.cost)
            > (point.quality - a.quality) * (b.cost - a.cost)
          {
            break
          }
          hull.removeLast()
        }
        hull.append(point)
      }
      startQuality.append(hull[0].quality)
      startCost.append(hull[0].cost)
      wanted.append(points.isEmpty ? 0 : table.quality(i, width - 1))
      full.append(cost[i * width + width - 1])
      for (a, b) in zip(hull, hull.dropFirst()) {
        steps.append(Step(row: Int32(i), gain: b.quality - a.quality, cost: b.cost - a.cost))
      }
    }
    steps.sort { a, b in
      let (left, right) = (a.gain * b.cost, b.gain * a.cost)
      return left != right ? left > right : a.row < b.row
    }
    self.steps = steps
    self.startQuality = startQuality
    self.startCost = startCost
    wantedQuality = wanted
    fullCost = full
  }

  /// 1 − cost of the cheapest mix / cost of always-strongest under row weights; NaN without any cost.
  func saving(_ weights: [Double]) -> Double {
    var missing = 0.0
    var spent = 0.0
    var full = 0.0
    for i in weights.indices {
      missing += weights[i] * (wantedQuality[i] - startQuality[i])
      spent += weights[i] * startCost[i]
      full += weights[i] * fullCost[i]
    }
    for step in steps where missing > 1e-12 {
      let w = weights[Int(step.row)]
      if w == 0 { continue }
      let part = min(1, missing / (w * step.gain))
      missing -= part * w * step.gain
      spent += part * w * step.cost
    }
    return full > 0 ? 1 - spent / full : .nan
  }
}
