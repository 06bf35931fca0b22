extension TreeModel {
  /// Whether every walk ends at a leaf inside the array.
  public func isWellFormed(denseCount: Int) -> Bool {
    areWellFormedTrees(nodes, roots: roots, denseCount: denseCount)
  }
}

extension ForestModel {
  /// Whether every walk ends at a leaf inside the array and every tree belongs to a head.
  public func isWellFormed(denseCount: Int) -> Bool {
    treeCounts.count == bases.count && !treeCounts.contains { $0 < 0 }
      && treeCounts.reduce(0, +) == roots.count
      && (roots.isEmpty
        ? nodes.isEmpty : areWellFormedTrees(nodes, roots: roots, denseCount: denseCount))
  }
}

/// Whether every walk ends at a leaf inside the array: roots in increasing order starting at 0, every other
/// node the child of exactly one earlier node of the same tree, features in range, no tree deeper than
/// ``WeightFileLayout/maximumDepth``.
private func areWellFormedTrees(
  _ nodes: [TreeModel.Node], roots: [UInt32], denseCount: Int
) -> Bool {
  guard !roots.isEmpty, !nodes.isEmpty, roots[0] == 0 else { return false }
  var depth = [UInt8](repeating: 0, count: nodes.count)  // 0: not reached yet; a root has depth 1
  for tree in 0..<roots.count {
    let start = Int(roots[tree])
    let end = tree + 1 < roots.count ? Int(roots[tree + 1]) : nodes.count
    if start >= end || end > nodes.count { return false }
    depth[start] = 1
    for i in start..<end {
      let node = nodes[i]
      if depth[i] == 0 || Int(depth[i]) > WeightFileLayout.maximumDepth { return false }
      if node.isLeaf {
        if node.right != 0 || node.feature != 0 || node.threshold.bitPattern != 0 { return false }
        continue
      }
      let left = Int(node.left)
      let right = Int(node.right)
      if Int(node.feature) >= denseCount || left <= i || right <= i || left == right
        || left >= end || right >= end || depth[left] != 0 || depth[right] != 0
      {
        return false
      }
      depth[left] = depth[i] + 1
      depth[right] = depth[i] + 1
    }
  }
  return true
}
