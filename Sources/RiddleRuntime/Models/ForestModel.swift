/// Sums of trees over the dense features, one sum per head: margin_h = base_h + Σ leaf values of the head's trees.
///
/// Nodes are those of ``TreeModel``. The trees of a head stand side by side, those of head 0 first; the sum is taken
/// in `Double`, base first, in that order.
///
/// A class for speed, as ``LinearModel``.
public final class ForestModel: Equatable, Sendable {
  /// Nodes of all trees; children are absolute indices behind their parent.
  public let nodes: [TreeModel.Node]
  /// Index of the root of every tree, increasing.
  public let roots: [UInt32]
  /// Number of trees of each head; they add up to the number of roots.
  public let treeCounts: [Int]
  /// What each head's sum begins with.
  public let bases: [Double]
  private let walk: TreeWalk

  /// A forest over stored nodes.
  public init(nodes: [TreeModel.Node], roots: [UInt32], treeCounts: [Int], bases: [Double]) {
    self.nodes = nodes
    self.roots = roots
    self.treeCounts = treeCounts
    self.bases = bases
    walk = TreeWalk(nodes, roots: roots)
  }

  /// Whether all trees are equal.
  public static func == (a: ForestModel, b: ForestModel) -> Bool {
    a.nodes == b.nodes && a.roots == b.roots && a.treeCounts == b.treeCounts && a.bases == b.bases
  }

  /// Number of heads.
  public var headCount: Int { bases.count }

  /// Roots of the trees of `head`.
  public func roots(ofHead head: Int) -> ArraySlice<UInt32> {
    let first = firstTree(ofHead: head)
    return roots[first..<(first + treeCounts[head])]
  }

  private func firstTree(ofHead head: Int) -> Int {
    var first = 0
    for earlier in 0..<head { first += treeCounts[earlier] }
    return first
  }

  /// Margin of `head`.
  public func margin(_ dense: [Float], head: Int) -> Double {
    unsafe margin(dense, count: dense.count, head: head)
  }

  /// The same for `count` features at `dense`.
  @_optimize(speed)
  func margin(_ dense: UnsafePointer<Float>, count: Int, head: Int) -> Double {
    precondition(count >= walk.featureCount, "features of another schema")
    let first = firstTree(ofHead: head)
    // In bounds: no child leads out of the arrays, every feature is below `count`, every tree has a root and a depth.
    return unsafe walk.sum(
      from: bases[head], trees: first..<(first + treeCounts[head]), dense)
  }
}
