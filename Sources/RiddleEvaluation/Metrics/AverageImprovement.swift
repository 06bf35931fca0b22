/// The upper, non-decreasing convex hull of (cost, quality) points: what can be had by mixing operating points.
///
/// After RouterBench (arXiv 2403.12031, §3): it ends at the best point, and stays flat from there to a common maximal cost
/// when one is given.
public struct CostQualityHull: Equatable, Sendable {
  /// Corners by rising cost; qualities never fall.
  public let corners: [(cost: Double, quality: Double)]

  /// Whether both hulls have the same corners.
  public static func == (a: CostQualityHull, b: CostQualityHull) -> Bool {
    a.corners.elementsEqual(b.corners) { $0 == $1 }
  }

  /// The hull of finite points; nil without any. O(n log n).
  ///
  /// - Parameter maximalCost: cost to which the hull is extended flat, so that policies are compared over one range;
  ///   nil or a smaller one ends the hull at its best point.
  public init?(points: [(cost: Double, quality: Double)], maximalCost: Double? = nil) {
    let sorted = points.filter { $0.cost.isFinite && $0.quality.isFinite }
      .sorted { $0.cost != $1.cost ? $0.cost < $1.cost : $0.quality > $1.quality }
    if sorted.isEmpty { return nil }
    var hull: [(cost: Double, quality: Double)] = []
    for point in sorted {
      if let top = hull.last, point.quality <= top.quality { continue }  // dearer and no better
      if let top = hull.last, point.cost == top.cost { continue }
      while hull.count >= 2 {
        let (a, b) = (hull[hull.count - 2], hull[hull.count - 1])
        let turn =
          (b.quality - a.quality) * (point.cost - a.cost)
          - (point.quality - a.quality) * (b.cost - a.cost)
        if turn > 0 { break }
        hull.removeLast()
      }
      hull.append(point)
    }
    if let end = maximalCost, let top = hull.last, top.cost < end {
      hull.append((end, top.quality))
    }
    corners = hull
  }

  /// Best quality at mean cost `cost`; nil below the cheapest point.
  public func quality(atCost cost: Double) -> Double? {
    guard let first = corners.first, cost >= first.cost else { return nil }
    for i in 1..<max(1, corners.count) where cost <= corners[i].cost {
      let (a, b) = (corners[i - 1], corners[i])
      return a.quality + (b.quality - a.quality) * (cost - a.cost) / (b.cost - a.cost)
    }
    return corners[corners.count - 1].quality
  }

  /// ∫ quality d cost over the hull, by trapezoids.
  private var area: Double {
    var sum = 0.0
    for i in 1..<max(1, corners.count) {
      sum +=
        (corners[i].cost - corners[i - 1].cost) * (corners[i].quality + corners[i - 1].quality) / 2
    }
    return sum
  }

  /// AIQ = ∫ hull over [c_min, c_max] / (c_max − c_min); nil when all costs are equal.
  public var averageImprovement: Double? {
    let value = area / (corners[corners.count - 1].cost - corners[0].cost)
    return value.isFinite ? value : nil
  }

  /// AIQ as RouterBench's code computes it: ∫ hull over [c_first, c_max] / c_max; nil when c_max is 0.
  public var averageImprovementRouterBench: Double? {
    let value = area / corners[corners.count - 1].cost
    return value.isFinite ? value : nil
  }
}
