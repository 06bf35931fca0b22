/// A tree as it was grown, with what pruning needs: sums of training rows at every node.
struct GrownTree: Sendable {
  struct Node: Sendable {
    var sums: ClassWeightSums
    var split: Split?
    var threshold: Float = 0
    /// Children, or 0 at a leaf.
    var left = 0
    var right = 0
  }

  /// Children stand at higher indices than their parent; the root is 0.
  private(set) var nodes: [Node] = []

  /// Grows greedily, level by level.
  init(_ search: SplitSearch, maximumDepth: Int) {
    var all = ClassWeightSums()
    var rows: [Int32] = []
    for (i, row) in search.rows.enumerated() where row.total > 0 {
      all.add(row)
      rows.append(Int32(i))
    }
    nodes.append(Node(sums: all))
    var level: [(node: Int, rows: [Int32])] = [(0, rows)]
    for _ in 0..<maximumDepth {
      var next: [(node: Int, rows: [Int32])] = []
      for (index, rows) in level {
        guard let split = search.best(rows, sums: nodes[index].sums) else { continue }
        let (left, right) = search.partition(rows, by: split)
        nodes[index].split = split
        nodes[index].threshold = search.bins.cuts[split.feature][split.bin]
        nodes[index].left = nodes.count
        nodes[index].right = nodes.count + 1
        for side in [left, right] {
          next.append((nodes.count, side))
          nodes.append(Node(sums: search.sums(side)))
        }
      }
      level = next
    }
  }
}

extension SplitSearch {
  /// Sums over rows.
  func sums(_ rows: [Int32]) -> ClassWeightSums {
    var sums = ClassWeightSums()
    for row in rows { sums.add(self.rows[Int(row)]) }
    return sums
  }
}
