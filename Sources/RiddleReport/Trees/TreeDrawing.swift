import RiddleRuntime

/// Decision trees as a self-contained SVG picture.
public enum TreeDrawing {
  /// Draws trees below one another, each under its title, root on the left.
  ///
  /// Light or dark as the reader's system asks. Leaves are the fuller the higher their probability; those where the
  /// router climbs have a strong border. Text that is cut short is whole in a tooltip.
  ///
  /// - Parameters:
  ///   - trees: titles and trees, at least one.
  ///   - maximumDepth: parts below this many splits are drawn as one box with the number of their leaves.
  /// - Returns: an SVG document in UTF-8, with a line feed at the end.
  public static func svg(
    _ trees: [(title: String, tree: TreeView)], maximumDepth: Int = 6
  ) -> String {
    var body: Markup = ""
    var width = 320.0
    var top = margin
    for (title, tree) in trees {
      let layout = TreeLayout(tree, maximumDepth: maximumDepth)
      let panel = Panel(tree: tree, layout: layout, top: top + titleHeight)
      body += """
        <text class="title" x="\(Markup.coordinate(margin))" y="\(Markup.coordinate(top + 16))">\(title)</text>
        \(panel.edges)\(panel.boxes)
        """
      // A title must fit too, at about 8 units a character.
      width = max(width, panel.right + margin, 2 * margin + 8 * Double(title.count))
      top = panel.bottom + gap
    }
    let height = top - gap + margin
    let size: Markup = "\(Markup.coordinate(width)) \(Markup.coordinate(height))"
    let document: Markup = """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(size)" width="\(Markup.coordinate(width))" \
      height="\(Markup.coordinate(height))" role="img">
      <title>\(trees.map(\.title).joined(separator: "; "))</title>
      <style>\(Markup(stringLiteral: sheet))</style>
      <rect class="page" width="100%" height="100%"/>
      \(body)</svg>

      """
    return document.html
  }

  static let margin = 20.0
  static let titleHeight = 34.0
  static let gap = 36.0

  private static let sheet = """
    :root{color-scheme:light dark;--bg:#fcfbf8;--ink:#1f2328;--soft:#5a616b;--line:#b9b5ab;--box:#f3f1eb;--accent:#0b6a72}
    @media(prefers-color-scheme:dark){:root{--bg:#15181b;--ink:#e6e4de;--soft:#a3a9b1;--line:#4a525a;--box:#1d2125;--accent:#62c6c9}}
    text{font:13px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","DejaVu Sans",Arial,sans-serif;fill:var(--ink);font-variant-numeric:tabular-nums}
    .page{fill:var(--bg)}.title{font-size:15px;font-weight:600}.soft{fill:var(--soft);font-size:12px}.answer{fill:var(--soft);font-size:11px}
    .split{fill:var(--box);stroke:var(--line)}.leaf{fill:var(--accent);stroke:var(--accent);stroke-opacity:.35}
    .climb{stroke-opacity:1;stroke-width:2}.folded{stroke-dasharray:4 3;stroke-opacity:1}.edge{fill:none;stroke:var(--line);stroke-width:1.25}
    .under{fill:var(--bg)}
    """
}

/// One tree of a picture, in SVG units.
private struct Panel {
  let tree: TreeView
  let layout: TreeLayout
  let top: Double
  private let lefts: [Double]

  private static let rowHeight = 34.0
  private static let splitHeight = 42.0
  private static let leafHeight = 26.0
  private static let characterWidth = 7.2
  private static let padding = 10.0
  /// Between columns: room for "yes" above the line.
  private static let columnGap = 56.0

  init(tree: TreeView, layout: TreeLayout, top: Double) {
    self.tree = tree
    self.layout = layout
    self.top = top
    var lefts: [Double] = []
    var x = TreeDrawing.margin
    for width in layout.widths {
      lefts.append(x)
      x += Self.width(width) + Self.columnGap
    }
    self.lefts = lefts
  }

  private static func width(_ characters: Int) -> Double {
    Double(characters) * characterWidth + 2 * padding
  }

  var bottom: Double { top + Double(max(layout.rowCount, 1)) * Self.rowHeight + 8 }
  var right: Double {
    (lefts.last ?? 0) + Self.width(layout.widths.last ?? 0)
  }

  private func middle(_ box: TreeLayout.Box) -> Double {
    top + (box.row + 0.5) * Self.rowHeight + 4
  }

  private func boxWidth(_ box: TreeLayout.Box) -> Double {
    Self.width(max(TreeLayout.cut(box.title).count, box.detail?.count ?? 0))
  }

  var edges: Markup {
    var edges: Markup = ""
    for box in layout.boxes {
      guard let parent = box.parent.map({ layout.boxes[$0] }) else { continue }
      let start = lefts[parent.depth] + boxWidth(parent)
      let end = lefts[box.depth]
      let bend = end - Self.columnGap + 16
      let y = middle(box)
      edges += """
        <path class="edge" d="M\(Markup.coordinate(start)) \(Markup.coordinate(middle(parent)))H\(Markup.coordinate(bend))\
        V\(Markup.coordinate(y))H\(Markup.coordinate(end))"/>
        <text class="answer" x="\(Markup.coordinate(bend + 6))" y="\(Markup.coordinate(y - 4))">\(box.answer)</text>

        """
    }
    return edges
  }

  var boxes: Markup {
    var boxes: Markup = ""
    for box in layout.boxes {
      let x = lefts[box.depth]
      let y = middle(box)
      let textX = Markup.coordinate(x + Self.padding)
      if let detail = box.detail {
        let height = Self.splitHeight
        boxes += """
          <g><title>\(box.title)</title>\(rectangle("split", x, y, boxWidth(box), height))
          <text x="\(textX)" y="\(Markup.coordinate(y - 3))">\(TreeLayout.cut(box.title))</text>
          <text class="soft" x="\(textX)" y="\(Markup.coordinate(y + 13))">\(detail)</text></g>

          """
      } else {
        let kind =
          "leaf" + (box.isFolded ? " folded" : "")
          + (!box.isFolded && tree.climbs(box.node) == true ? " climb" : "")
        boxes += """
          <g><title>\(box.title)</title>\(rectangle("under", x, y, boxWidth(box), Self.leafHeight))\
          \(rectangle(kind, x, y, boxWidth(box), Self.leafHeight, opacity: fullness(box.node)))
          <text x="\(textX)" y="\(Markup.coordinate(y + 4.5))">\(TreeLayout.cut(box.title))</text></g>

          """
      }
    }
    return boxes
  }

  private func rectangle(
    _ kind: String, _ x: Double, _ middle: Double, _ width: Double, _ height: Double,
    opacity: Double? = nil
  ) -> Markup {
    let fill: Markup =
      opacity.map { " fill-opacity=\"\(Markup.machine(($0 * 100).rounded() / 100))\"" } ?? ""
    return """
      <rect class="\(kind)" x="\(Markup.coordinate(x))" y="\(Markup.coordinate(middle - height / 2))" \
      width="\(Markup.coordinate(width))" height="\(Markup.coordinate(height))" rx="5"\(fill)/>
      """
  }

  /// 0 … 0.4, so that text stays legible on it: the probability, or for addends the logistic of the log-odds.
  private func fullness(_ node: Int) -> Double {
    let value = Double(tree.nodes[node].value)
    let p: Double =
      switch tree.values {
      case .margins(let map, _): map.probability(ofMargin: value)
      case .addends: logistic(8 * value)
      }
    return 0.4 * min(max(p, 0), 1)
  }
}
