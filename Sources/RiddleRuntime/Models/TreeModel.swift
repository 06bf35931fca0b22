/// Binary decision trees over the dense features, one tree per head, in one flat node array.
///
/// A node is a leaf when its `left` is 0 (the root of a tree is never a child). Children stand at higher
/// indices than their parent, so evaluation ends. `x[feature] <= threshold` goes left.
///
/// A class for speed, as ``LinearModel``.
public final class TreeModel: Equatable, Sendable {
  /// One node.
  public struct Node: Equatable, Sendable {
    /// Dense feature compared at this node; 0 at a leaf.
    public var feature: UInt16
    /// Cut: at most this goes left. 0 at a leaf.
    public var threshold: Float
    /// Index of the left child; 0 at a leaf.
    public var left: UInt32
    /// Index of the right child; 0 at a leaf.
    public var right: UInt32
    /// Margin (log-odds) of the training rows at this node; the prediction at a leaf.
    public var value: Float

    /// A node.
    public init(feature: UInt16, threshold: Float, left: UInt32, right: UInt32, value: Float) {
      self.feature = feature
      self.threshold = threshold
      self.left = left
      self.right = right
      self.value = value
    }

    /// Whether the node ends the walk.
    public var isLeaf: Bool { left == 0 }
  }

  /// Nodes of all trees; children are absolute indices.
  public let nodes: [Node]
  /// Index of the root of each head's tree, increasing.
  public let roots: [UInt32]

  private let walk: TreeWalk

  /// Trees over stored nodes.
  public init(nodes: [Node], roots: [UInt32]) {
    self.nodes = nodes
    self.roots = roots
    walk = TreeWalk(nodes, roots: roots)
  }

  /// Whether all nodes are equal.
  public static func == (a: TreeModel, b: TreeModel) -> Bool {
    a.nodes == b.nodes && a.roots == b.roots
  }

  /// Number of heads.
  public var headCount: Int { roots.count }

  /// The leaf value that `dense` reaches in the tree of `head`.
  public func margin(_ dense: [Float], head: Int) -> Double {
    unsafe margin(dense, count: dense.count, head: head)
  }

  /// The same for `count` features at `dense`.
  @_optimize(speed)
  func margin(_ dense: UnsafePointer<Float>, count: Int, head: Int) -> Double {
    precondition(count >= walk.featureCount, "features of another schema")
    // In bounds: no child leads out of the array, and every feature is below `count`.
    return unsafe walk.value(tree: head, dense)
  }
}
