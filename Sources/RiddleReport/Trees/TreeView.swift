import RiddleRuntime

/// One decision tree with what a reader needs to make sense of it.
public struct TreeView: Sendable {
  /// What the values of nodes mean.
  public enum Values: Sendable {
    /// Log-odds; shown as calibrated probabilities. From the margin `threshold` on, the router climbs.
    case margins(CalibrationMap, threshold: Double?)
    /// Log-odds added to those of other trees.
    case addends
  }

  /// Nodes of one or more trees; children are absolute indices.
  public let nodes: [TreeModel.Node]
  /// Index of this tree's root.
  public let root: Int
  /// Name of each dense column.
  public let columnNames: [String]
  /// What the values mean.
  public let values: Values
  /// Share of the training rows at each node, if known.
  public let shares: [Double]?

  /// A tree inside `nodes`.
  ///
  /// - Parameters:
  ///   - nodes: well-formed trees (``RiddleRuntime/TreeModel/isWellFormed(denseCount:)``).
  ///   - root: index of the tree's root.
  ///   - columnNames: names of the dense columns in order; a column beyond them is called by its number.
  ///   - values: what node values mean.
  ///   - shares: one number in [0, 1] a node, or nil.
  public init(
    nodes: [TreeModel.Node], root: Int, columnNames: [String], values: Values,
    shares: [Double]? = nil
  ) {
    self.nodes = nodes
    self.root = root
    self.columnNames = columnNames
    self.values = values
    self.shares = shares
  }

  /// The split at `node`, which is not a leaf.
  func wording(_ node: Int) -> SplitWording {
    let column = Int(nodes[node].feature)
    return SplitWording(
      column: column < columnNames.count ? columnNames[column] : "column \(column)",
      threshold: nodes[node].threshold)
  }

  /// The value at `node` in digits: a probability, or signed log-odds.
  func figure(_ node: Int) -> String {
    let value = Double(nodes[node].value)
    switch values {
    case .margins(let map, _):
      return DecimalText.fixed(map.probability(ofMargin: value), decimals: 2)
    case .addends:
      return (value > 0 ? "+" : "") + DecimalText.fixed(value, decimals: 3)
    }
  }

  /// Whether the router climbs at a leaf; nil when the tree alone does not decide.
  func climbs(_ node: Int) -> Bool? {
    guard case .margins(_, let threshold?) = values else { return nil }
    return Double(nodes[node].value) >= threshold
  }

  /// `42% of rows`, if known.
  func share(_ node: Int) -> String? {
    guard let shares, node < shares.count else { return nil }
    return DecimalText.fixed(shares[node], decimals: shares[node] < 0.0995 ? 1 : 0, scale: 2)
      + "% of rows"
  }

  /// Leaves below `node`, itself if it is one.
  func leaves(_ node: Int) -> [Int] {
    var found: [Int] = []
    var open = [node]
    while let next = open.popLast() {
      if nodes[next].isLeaf {
        found.append(next)
      } else {
        open.append(Int(nodes[next].right))
        open.append(Int(nodes[next].left))
      }
    }
    return found
  }

  /// What a part that is not shown holds: `14 leaves, 0.12 to 0.61`.
  func folded(_ node: Int) -> String {
    let leaves = leaves(node)
    let ordered = leaves.sorted { nodes[$0].value < nodes[$1].value }
    let low = ordered.first.map(figure) ?? ""
    let high = ordered.last.map(figure) ?? ""
    return "\(leaves.count) leaves, \(low == high ? low : "\(low) to \(high)")"
  }
}
