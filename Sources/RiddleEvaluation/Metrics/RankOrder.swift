/// Rows from the highest score to the lowest, tied scores as one group.
struct RankOrder: Equatable, Sendable {
  /// Row numbers, highest score first; ties in row order.
  let rows: [Int32]
  /// End (exclusive) of each group of tied scores in `rows`, ascending.
  let groupEnds: [Int32]

  /// Ranks `scores`, none of them NaN. O(n log n).
  init(descending scores: [Double]) {
    var order = [Int32](0..<Int32(scores.count))
    order.sort {
      let (a, b) = (scores[Int($0)], scores[Int($1)])
      return a != b ? a > b : $0 < $1
    }
    var ends: [Int32] = []
    ends.reserveCapacity(order.count)
    for i in order.indices
    where i + 1 == order.count || scores[Int(order[i])] != scores[Int(order[i + 1])] {
      ends.append(Int32(i + 1))
    }
    rows = order
    groupEnds = ends
  }

  /// Number of distinct scores.
  var groupCount: Int { groupEnds.count }
}
