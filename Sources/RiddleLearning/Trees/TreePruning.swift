/// Minimal cost-complexity pruning (Breiman, Friedman, Olshen & Stone, 1984, chapter 3).
///
/// R_α(T) = R(T) + α · leaves, with R the leaves' impurity weighted by their share of training weight. Each
/// tree of the sequence minimises R_α from its α up to the next one's.
struct PruningSequence: Sendable {
  /// One step: from `alpha` on, the nodes in `collapsed` are leaves.
  struct Step: Equatable, Sendable {
    var alpha: Double
    /// Internal nodes of the grown tree that have become leaves, by index; nodes below them do not matter.
    var collapsed: [Bool]
    var leafCount: Int
  }

  /// Ascending in alpha, beginning with 0; the last step is the bare root.
  let steps: [Step]

  init(_ tree: GrownTree) {
    let nodes = tree.nodes
    let weight = nodes[0].sums.total
    var collapsed = nodes.map { $0.left == 0 }
    var steps: [Step] = []
    var alpha = 0.0
    while true {
      // Bottom-up: children stand after their parent.
      var risk = [Double](repeating: 0, count: nodes.count)
      var leaves = [Int](repeating: 1, count: nodes.count)
      for i in nodes.indices.reversed() {
        if collapsed[i] {
          risk[i] = nodes[i].sums.impurity(tree.criterion) / weight
        } else {
          risk[i] = risk[nodes[i].left] + risk[nodes[i].right]
          leaves[i] = leaves[nodes[i].left] + leaves[nodes[i].right]
        }
      }
      let reachable = Self.reachable(nodes, collapsed)
      var strengths: [(node: Int, strength: Double)] = []
      for i in nodes.indices where reachable[i] && !collapsed[i] {
        let own = nodes[i].sums.impurity(tree.criterion) / weight
        strengths.append((i, (own - risk[i]) / Double(leaves[i] - 1)))
      }
      let weakest = strengths.map(\.strength).min() ?? .infinity
      // Collapse what costs no more than the current alpha before a step is recorded.
      if weakest > alpha + 1e-15 {
        steps.append(Step(alpha: alpha, collapsed: collapsed, leafCount: leaves[0]))
        if strengths.isEmpty { break }
        alpha = weakest
      }
      for (node, strength) in strengths where strength <= max(alpha, weakest) + 1e-15 {
        collapsed[node] = true
      }
    }
    self.steps = steps
  }

  /// The smallest tree that minimises R_α: the last step whose alpha is at most `alpha`.
  func step(at alpha: Double) -> Step {
    var found = steps[0]
    for step in steps where step.alpha <= alpha { found = step }
    return found
  }

  private static func reachable(_ nodes: [GrownTree.Node], _ collapsed: [Bool]) -> [Bool] {
    var reachable = [Bool](repeating: false, count: nodes.count)
    reachable[0] = true
    for i in nodes.indices where reachable[i] && !collapsed[i] {
      reachable[nodes[i].left] = true
      reachable[nodes[i].right] = true
    }
    return reachable
  }
}
