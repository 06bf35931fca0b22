import RiddleRuntime

/// Where the boxes of a drawn tree stand: root on the left, one row per leaf, each split halfway between its sides.
struct TreeLayout {
  struct Box {
    var node: Int
    /// Index of the parent's box, nil at the root.
    var parent: Int?
    /// Answer that leads here.
    var answer: String
    /// Splits from the root.
    var depth: Int
    /// Middle, in rows.
    var row = 0.0
    /// First line: the question, or what became of the rows.
    var title: String
    /// Second line, at splits only.
    var detail: String?
    /// Whether a subtree ends here that is not drawn.
    var isFolded: Bool
  }

  /// Parents stand before their children.
  private(set) var boxes: [Box] = []
  private(set) var rowCount = 0
  /// Width of each depth's boxes, in characters.
  private(set) var widths: [Int] = []

  /// Longest text that is drawn; the rest is in the tooltip.
  static let longestText = 44

  init(_ tree: TreeView, maximumDepth: Int) {
    place(tree, tree.root, parent: nil, answer: "", depth: 0, maximumDepth)
    for box in boxes {
      while widths.count <= box.depth { widths.append(0) }
      let width = max(Self.cut(box.title).count, box.detail?.count ?? 0)
      widths[box.depth] = max(widths[box.depth], width)
    }
  }

  static func cut(_ text: String) -> String {
    text.count <= longestText ? text : text.prefix(longestText - 1) + "…"
  }

  /// Returns the middle row of the subtree.
  @discardableResult
  private mutating func place(
    _ tree: TreeView, _ index: Int, parent: Int?, answer: String, depth: Int, _ maximumDepth: Int
  ) -> Double {
    let node = tree.nodes[index]
    let isFolded = !node.isLeaf && depth >= maximumDepth
    let place = boxes.count
    let share = tree.share(index)
    if node.isLeaf || isFolded {
      var title = tree.figure(index)
      if let share { title += ", \(share)" }
      if isFolded { title += " … \(tree.folded(index))" }
      if node.isLeaf, tree.climbs(index) == true { title += " → climb" }
      boxes.append(
        Box(
          node: index, parent: parent, answer: answer, depth: depth, row: Double(rowCount),
          title: title, detail: nil, isFolded: isFolded))
      rowCount += 1
      return boxes[place].row
    }
    let wording = tree.wording(index)
    boxes.append(
      Box(
        node: index, parent: parent, answer: answer, depth: depth, title: wording.question,
        detail: [tree.figure(index), share].compactMap { $0 }.joined(separator: ", "),
        isFolded: false))
    let left = self.place(
      tree, Int(node.left), parent: place, answer: wording.answers.left, depth: depth + 1,
      maximumDepth)
    let right = self.place(
      tree, Int(node.right), parent: place, answer: wording.answers.right, depth: depth + 1,
      maximumDepth)
    boxes[place].row = (left + right) / 2
    return boxes[place].row
  }
}
