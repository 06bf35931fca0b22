/// Places labels next to points so that they cover neither each other nor, if it can be helped, the curves.
///
/// Greedy: labels are placed in the order given, each at the cheapest of a fixed list of positions. Deterministic.
struct LabelPlacement {
  struct Box {
    var x: Double
    var y: Double
    var width: Double
    var height: Double

    func overlap(_ other: Box) -> Double {
      let w = min(x + width, other.x + other.width) - max(x, other.x)
      let h = min(y + height, other.y + other.height) - max(y, other.y)
      return w > 0 && h > 0 ? w * h : 0
    }

    func contains(_ point: (x: Double, y: Double), margin: Double) -> Bool {
      point.x > x - margin && point.x < x + width + margin && point.y > y - margin
        && point.y < y + height + margin
    }
  }

  /// Where labels may stand.
  let area: Box
  /// Points of curves to keep free.
  let obstacles: [(x: Double, y: Double)]
  private var taken: [Box]

  /// - Parameter markers: centres of all markers; nothing is written over them.
  init(area: Box, obstacles: [(x: Double, y: Double)], markers: [(x: Double, y: Double)]) {
    self.area = area
    self.obstacles = obstacles
    taken = markers.map { Box(x: $0.x - 7, y: $0.y - 7, width: 14, height: 14) }
  }

  /// The box of a label of this size for the marker at `point`; marks it as taken.
  ///
  /// - Returns: the box, and whether it stands so far away that a line should lead to it.
  mutating func place(
    width: Double, height: Double, at point: (x: Double, y: Double)
  ) -> (box: Box, isFar: Bool) {
    var best = Box(x: point.x, y: point.y, width: width, height: height)
    var bestCost = Double.infinity
    var bestRing = 0
    for ring in 0..<4 {
      let gap = 10 + 17 * Double(ring)
      for (index, side) in Self.sides.enumerated() {
        let box = Box(
          x: point.x + side.x * (gap + width / 2) - width / 2,
          y: point.y + side.y * (gap + height / 2) - height / 2, width: width, height: height)
        let cost = cost(box) + Double(ring) * 6 + Double(index) * 0.5
        if cost < bestCost {
          best = box
          bestCost = cost
          bestRing = ring
        }
      }
    }
    taken.append(best)
    return (best, bestRing > 0)
  }

  /// Directions tried, best liked first; the diagonal ones keep the label's corner near the point.
  private static let sides: [(x: Double, y: Double)] = [
    (1, 0), (-1, 0), (0, -1), (0, 1), (1, -1), (1, 1), (-1, -1), (-1, 1),
  ]

  private func cost(_ box: Box) -> Double {
    var cost = 0.0
    let inside = area.overlap(box)
    cost += 50 * (box.width * box.height - inside)
    for other in taken { cost += 20 * other.overlap(box) }
    // A line through the text is worse than a detour, better than another label.
    for obstacle in obstacles where box.contains(obstacle, margin: 2) { cost += 1.5 }
    return cost
  }
}
