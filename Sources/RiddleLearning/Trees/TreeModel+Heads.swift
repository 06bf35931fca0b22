import RiddleRuntime

extension TreeModel {
  /// One model of several heads' trees: node arrays end to end, child indices moved along.
  ///
  /// - Parameter heads: models whose trees become the heads, in order.
  public convenience init(heads: [TreeModel]) {
    var nodes: [Node] = []
    var roots: [UInt32] = []
    for head in heads {
      let offset = UInt32(nodes.count)
      roots.append(contentsOf: head.roots.map { $0 + offset })
      for node in head.nodes {
        var moved = node
        if !node.isLeaf {
          moved.left += offset
          moved.right += offset
        }
        nodes.append(moved)
      }
    }
    self.init(nodes: nodes, roots: roots)
  }
}
