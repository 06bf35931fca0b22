import RiddleRuntime

/// Decision trees as indented text.
public enum TreeText {
  /// One line per node: the condition that leads to it, its probability, and at leaves whether the router climbs.
  ///
  /// - Parameter maximumDepth: parts below this many splits are replaced by the number and range of their leaves.
  /// - Returns: lines joined by line feeds, without one at the end.
  public static func render(_ tree: TreeView, maximumDepth: Int = 8) -> String {
    var lines = ["all rows: \(summary(tree, tree.root, isFolded: false))"]
    append(tree, tree.root, indent: "", depth: 0, maximumDepth, to: &lines)
    return lines.joined(separator: "\n")
  }

  private static func append(
    _ tree: TreeView, _ index: Int, indent: String, depth: Int, _ maximumDepth: Int,
    to lines: inout [String]
  ) {
    let node = tree.nodes[index]
    if node.isLeaf || depth >= maximumDepth { return }
    let conditions = tree.wording(index).conditions
    for (child, condition, isLast) in [
      (Int(node.left), conditions.left, false), (Int(node.right), conditions.right, true),
    ] {
      let isFolded = depth + 1 >= maximumDepth && !tree.nodes[child].isLeaf
      lines.append(
        indent + (isLast ? "└─ " : "├─ ") + condition + ": "
          + summary(tree, child, isFolded: isFolded))
      append(
        tree, child, indent: indent + (isLast ? "   " : "│  "), depth: depth + 1, maximumDepth,
        to: &lines)
    }
  }

  private static func summary(_ tree: TreeView, _ node: Int, isFolded: Bool) -> String {
    var text = tree.figure(node)
    if let share = tree.share(node) { text += ", \(share)" }
    if isFolded { return text + " … \(tree.folded(node))" }
    if tree.nodes[node].isLeaf, tree.climbs(node) == true { text += " → climb" }
    return text
  }

  /// What a head's sum of trees uses, and its first trees.
  ///
  /// Importance is judged from the trees alone, since weight files do not keep gains: how often a column is split,
  /// and how far its splits part the values of their two sides, added up.
  ///
  /// - Parameters:
  ///   - forest: one or more heads.
  ///   - head: the head to show.
  ///   - columnNames: names of the dense columns, in order.
  ///   - trees: how many trees to print in full.
  ///   - maximumDepth: as in ``render(_:maximumDepth:)``.
  public static func render(
    _ forest: ForestModel, head: Int, columnNames: [String], trees: Int = 3, maximumDepth: Int = 6
  ) -> String {
    let roots = forest.roots(ofHead: head).map { Int($0) }
    let views = roots.map {
      TreeView(nodes: forest.nodes, root: $0, columnNames: columnNames, values: .addends)
    }
    let leaves = views.reduce(0) { $0 + $1.leaves($1.root).count }
    var lines = [
      "\(roots.count) trees, \(leaves) leaves; log-odds are \(DecimalText.fixed(forest.bases[head], decimals: 3)) plus one leaf of every tree"
    ]
    let columns = ColumnUse.of(forest, roots: roots)
    let splits = columns.reduce(0) { $0 + $1.splits }
    if splits > 0 {
      lines.append("columns by how far their splits move the log-odds:")
      let total = columns.reduce(0) { $0 + $1.reach }
      for use in columns.prefix(20) {
        let name =
          use.column < columnNames.count ? columnNames[use.column] : "column \(use.column)"
        lines.append(
          "  \(DecimalText.fixed(total > 0 ? use.reach / total : 0, decimals: 1, scale: 2))%  \(SplitWording.readable(name)) (\(use.splits) of \(splits) splits)"
        )
      }
      if columns.count > 20 { lines.append("  and \(columns.count - 20) more") }
    }
    for (i, view) in views.prefix(trees).enumerated() {
      lines.append("tree \(i + 1) of \(roots.count), log-odds added:")
      lines.append(render(view, maximumDepth: maximumDepth))
    }
    return lines.joined(separator: "\n")
  }
}

/// How a column is used by trees.
struct ColumnUse: Equatable {
  var column: Int
  var splits = 0
  /// Σ |value of the left child − value of the right child|.
  var reach = 0.0

  /// Every column that is split, the furthest-reaching first, ties by column.
  static func of(_ forest: ForestModel, roots: [Int]) -> [ColumnUse] {
    var uses: [Int: ColumnUse] = [:]
    var open = roots
    while let index = open.popLast() {
      let node = forest.nodes[index]
      if node.isLeaf { continue }
      let column = Int(node.feature)
      var use = uses[column] ?? ColumnUse(column: column)
      use.splits += 1
      let left = forest.nodes[Int(node.left)].value
      let right = forest.nodes[Int(node.right)].value
      use.reach += abs(Double(left) - Double(right))
      uses[column] = use
      open.append(Int(node.left))
      open.append(Int(node.right))
    }
    return uses.values.sorted { $0.reach != $1.reach ? $0.reach > $1.reach : $0.column < $1.column }
  }
}
