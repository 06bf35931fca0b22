/// Sums of trees over the dense features, one sum per head: margin_h = base_h + Σ leaf values of the head's trees.
///
/// Nodes are those of ``TreeModel``. The trees of a head stand side by side, those of head 0 first; the sum is taken
/// in `Double`, base first, in that order.
public struct ForestModel: Equatable, Sendable {
  /// Nodes of all trees; children are absolute indices behind their parent.
  public let nodes: [TreeModel.Node]
  /// Index of the root of every tree, increasing.
  public let roots: [UInt32]
  /// Number of trees of each head; they add up to the number of roots.
  public let treeCounts: [Int]
  /// What each head's sum begins with.
  public let bases: [Double]

  /// A forest over stored nodes.
  public init(nodes: [TreeModel.Node], roots: [UInt32], treeCounts: [Int], bases: [Double]) {
    self.nodes = nodes
    self.roots = roots
    self.treeCounts = treeCounts
    self.bases = bases
  }

  /// Number of heads.
  public var headCount: Int { bases.count }

  /// Roots of the trees of `head`.
  public func roots(ofHead head: Int) -> ArraySlice<UInt32> {
    var first = 0
    for earlier in 0..<head { first += treeCounts[earlier] }
    return roots[first..<(first + treeCounts[head])]
  }

  /// Margin of `head`.
  public func margin(_ dense: [Float], head: Int) -> Double {
    var sum = bases[head]
    for root in roots(ofHead: head) { sum += Double(leafValue(in: nodes, from: root, dense)) }
    return sum
  }
}

/// The value of the leaf that `dense` reaches from the node at `root`.
@inline(__always)
func leafValue(in nodes: [TreeModel.Node], from root: UInt32, _ dense: [Float]) -> Float {
  var index = Int(root)
  while true {
    let node = nodes[index]
    if node.isLeaf { return node.value }
    index = Int(dense[Int(node.feature)] <= node.threshold ? node.left : node.right)
  }
}
