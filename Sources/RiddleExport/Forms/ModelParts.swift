import RiddleRuntime

/// A model as its parts: every kind is a linear part, sums of trees, or both.
///
/// margin_h = linear_h, or base_h + Σ leaf values, or the sum of these two.
struct ModelParts {
  /// Number of heads.
  let headCount: Int
  /// The linear part.
  let linear: LinearModel?
  /// Nodes of all trees; empty without trees.
  let nodes: [TreeModel.Node]
  /// Roots of the trees of each head, in the order of the sum; empty without trees.
  let roots: [[Int]]
  /// What each head's sum begins with; nil for a decision tree, whose leaf is the margin.
  let bases: [Double]?

  init(_ model: RouterModel) {
    headCount = model.headCount
    switch model {
    case .linear(let part):
      linear = part
      nodes = []
      roots = []
      bases = nil
    case .tree(let tree):
      linear = nil
      nodes = tree.nodes
      roots = tree.roots.map { [Int($0)] }
      bases = nil
    case .forest(let forest):
      linear = nil
      nodes = forest.nodes
      roots = Self.roots(forest)
      bases = forest.bases
    case .stack(let part, let forest):
      linear = part
      nodes = forest.nodes
      roots = Self.roots(forest)
      bases = forest.bases
    }
  }

  private static func roots(_ forest: ForestModel) -> [[Int]] {
    (0..<forest.headCount).map { head in forest.roots(ofHead: head).map { Int($0) } }
  }

  /// Whether any head sums trees.
  var hasTrees: Bool { !roots.isEmpty }

  /// Indices of the nodes of the tree at `root`: they stand side by side, the root first.
  func indices(ofTreeAt root: Int) -> Range<Int> {
    var end = nodes.count
    for other in roots.joined() where other > root && other < end { end = other }
    return root..<end
  }
}
